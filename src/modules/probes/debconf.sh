# The answers that debconf has for a package. $1: the package   $2: a question whose answer is a password, or nothing
# $OPSCTL_ANSWER: the password that is to be compared; it is told by `@same` alone.
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
command -v debconf-show >/dev/null || { echo "Failed to find required executable \"debconf-show\"" >&2; exit 127; }
debconf-show "$1" || exit
[ -n "$2" ] || exit 0
said=$(echo "GET $2" | debconf-communicate "$1" 2>/dev/null)
[ "$said" != "0 $OPSCTL_ANSWER" ] || echo @same
exit 0
