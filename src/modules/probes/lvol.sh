# The volumes of a group. $1: the unit of sizes   $2: the group
said version lvm version
said vgs vgs --noheadings --nosuffix --units "$1" --separator ';' -o vg_name,size,free,vg_extent_size "$2"
said lvs lvs -a --noheadings --nosuffix --units "$1" --separator ';' -o lv_name,size,lv_attr "$2"
exit 0
