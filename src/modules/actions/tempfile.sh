# KIND PATH PREFIX SUFFIX: makes a temporary file or directory and says how it is then.
path=${TMPDIR:-/tmp}
[ -z "$2" ] || expand "$2"
option=
[ "$1" != directory ] || option=-d
umask 077
path=$(mktemp $option "$path/${3}XXXXXXXX$4"; s=$?; echo .; exit "$s") || exit
path=${path%??} name=$path
printf '\0\0'
look '' ''
