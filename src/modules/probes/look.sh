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
printf '%s\0%s\0%s\0%s\0%s\0' "$(umask)" "$login" "$uid" "$gid" "$e"
first=
for i; do
  expand "$i"
  look "$checksum" "$options"
  [ "$first" ] || [ ! -f "$path" ] || first=$path
done
path=$first
[ "$limit" -gt 0 ] && [ "$path" ] || { printf '0\0'; exit 0; }
size=$(stat -L -c %s "$path") || exit
[ "$size" -le "$limit" ] || { printf '0\0'; exit 0; }
[ -r "$path" ] || { printf '0\0'; exit 0; }
printf '1\0'
cat "$path"
