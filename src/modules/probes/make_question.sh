# Whether make would do something: its exit code. $1: the directory   $2: make, or nothing   $3 and on: its arguments
# First it says which make it is.
expand "$1"
cd "$path" || exit 3
make=$2
shift 2
LC_ALL=C
export LC_ALL
[ -n "$make" ] || make=$(command -v gmake) || make=$(command -v make) || {
    echo 'Failed to find required executable "make"' >&2
    exit 127
}
echo "$make"
exec "$make" "$@" -q </dev/null
