# CHECKSUM OPTIONS LIMIT OWNER GROUP PATH...: what the paths are, then the content of the first file of them, up to LIMIT bytes.
checksum=$1 options=$2 limit=$3 owner=$4 group=$5
shift 5
case $owner in '' | *[!0-9]*) ;; *) uid=$owner ;; esac
[ -z "$owner" ] || uid=${uid:-$(id -u "$owner" 2>/dev/null)}
case $group in '' | *[!0-9]*) ;; *) gid=$group ;; esac
if [ "$group" ] && [ -z "$gid" ]; then
  gid=$(getent group "$group" 2>/dev/null | cut -d: -f3)
  if [ -z "$gid" ]; then
    while IFS=: read -r n x i rest; do [ "$n" = "$group" ] && gid=$i; done </etc/group
  fi
fi
e=''; [ -e /sys/fs/selinux/enforce ] && e=1
login=
[ -z "$owner$group" ] || login="$(id -u) $(id -g)"
umask
printf '\0%s\0%s\0%s\0%s\0' "$login" "$uid" "$gid" "$e"
first=
for asked; do
  expand "$asked"
  look "$checksum" "$options"
  [ "$first" ] || [ ! -f "$path" ] || first=$path known=${f:-$a}
done
path=$first
[ "$limit" -gt 0 ] && [ "$path" ] || { printf '0\0'; exit 0; }
# The size is the fourth of its fields.
set -f
set -- $known
[ "$4" ] || exit
[ "$4" -le "$limit" ] || { printf '0\0'; exit 0; }
[ -r "$path" ] || { printf '0\0'; exit 0; }
printf '1\0'
cat "$path"
