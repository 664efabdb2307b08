# Runs a command in a directory. $1: the directory, or nothing   $2: the umask, or nothing
# $3: a directory that stands in front of PATH, or nothing   $4 and on: the command
if [ "$1" ]; then expand "$1"; cd "$path" || exit 3; fi
[ -z "$2" ] || umask "$2"
PATH=$PATH:/usr/sbin:/sbin
if [ "$3" ]; then expand "$3"; PATH=$name:$PATH; fi
LC_ALL=C
export PATH LC_ALL
shift 3
exec "$@" </dev/null
