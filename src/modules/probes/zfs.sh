# What a file system, volume or snapshot of ZFS is. $1: its name   $2: its pool
said zpool zpool get version "$2"
said list zfs list -t all "$1"
said properties zfs get -H -p -o property,value,source all "$1"
