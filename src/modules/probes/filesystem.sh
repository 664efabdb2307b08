# What a device holds. $1: the device   $2: the kind of file system whose size is asked for, or nothing
expand "$1"
[ -e "$path" ] || exit 0
said blkid blkid -c /dev/null -o value -s TYPE "$path"
[ -n "$2" ] || exit 0
if [ -b "$path" ]; then said size blockdev --getsize64 "$path"
else said size stat -L -c %s "$path"
fi
mounted=$(findmnt --mtab --noheadings --output TARGET --source "$path" 2>/dev/null | head -n 1)
[ -z "$mounted" ] || said mounted echo "$mounted"
case $2 in
ext*) said info tune2fs -l "$path" ;;
xfs) said info xfs_info "${mounted:-$path}" ;;
btrfs) [ -z "$mounted" ] || said info btrfs filesystem usage -b "$mounted" ;;
lvm) said info pvs --noheadings --nosuffix --units b -o pv_size "$path" ;;
esac
