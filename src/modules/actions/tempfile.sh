# KIND PATH PREFIX SUFFIX: makes a temporary file or directory and prints its path.
path=${TMPDIR:-/tmp}
[ -z "$2" ] || expand "$2"
option=
[ "$1" != directory ] || option=-d
umask 077
mktemp $option "$path/${3}XXXXXXXX$4"
