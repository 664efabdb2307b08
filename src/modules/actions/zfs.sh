# Sets properties of ZFS one after another and says how all of them are then. $1: the name   $2 and on: `PROPERTY=VALUE`
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
LC_ALL=C LANGUAGE=C
export PATH LC_ALL LANGUAGE
name=$1
shift
for property; do
  zfs set "$property" "$name" </dev/null >&2 || exit $?
done
exec zfs get -H -p -o property,value,source all "$name" </dev/null
