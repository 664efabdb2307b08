# The capabilities of a file. $1: its path. Ends with 127 where getcap or setcap is missing.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH LC_ALL=C
command -v getcap >/dev/null 2>&1 && command -v setcap >/dev/null 2>&1 || exit 127
exec getcap -v "$1" </dev/null
