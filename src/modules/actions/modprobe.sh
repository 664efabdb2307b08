# Loads or unloads a kernel module, then writes files. $1: load, unload, or nothing   $2: the module
# $3: how many parameters it has, then they, then pairs of a path and a text. Says `loaded` when it is there then.
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
verb=$1 name=$2 count=$3
shift 3
line= place=1
while [ "$place" -le "$count" ]; do
    line="$line \"\${$place}\""
    place=$((place + 1))
done
case $verb in
load)
    eval "modprobe \"\$name\" $line" </dev/null || exit
    underlined=$(printf '%s' "$name" | tr - _)
    while read -r module rest; do [ "$module" != "$underlined" ] || echo loaded; done </proc/modules
    ;;
unload) modprobe -r "$name" </dev/null || exit ;;
esac
shift "$count"
while [ $# -gt 1 ]; do
    printf '%s' "$2" | place "$1" 0644 || exit
    shift 2
done
exit 0
