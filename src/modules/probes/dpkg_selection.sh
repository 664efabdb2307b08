# What dpkg is to do with a package. $1: the package
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
command -v dpkg >/dev/null || { echo "Failed to find required executable \"dpkg\"" >&2; exit 127; }
exec dpkg --get-selections -- "$1"
