# What parted says of a disk. $1: the disk   $2: the unit
said version parted --version
said print parted -s -m "$1" -- unit "$2" print
exit 0
