# A crontab, after a line with 0 when it is there. $1: file, or nothing for a user's   $2: the user, or nothing
if [ -n "$1" ]; then
    [ -e "$1" ] || { echo 1; exit 0; }
    echo 0
    exec cat -- "$1"
fi
PATH=$PATH:/usr/sbin:/sbin
command -v crontab >/dev/null || { echo "crontab is not installed on the host" >&2; exit 1; }
if [ -z "$2" ] || [ "$2" = "$(id -un)" ]; then text=$(LC_ALL=C crontab -l 2>&1; echo "x$?")
else text=$(LC_ALL=C crontab -l -u "$2" 2>&1; echo "x$?")
fi
rc=${text##*x}
text=${text%x*}
case $rc:$text in
0:*) printf '0\n%s' "$text" ;;
*:*"no crontab for"* | *:*"can't open"*) echo 1 ;;
*)
    printf '%s' "$text" >&2
    exit 1
    ;;
esac
