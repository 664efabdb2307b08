# Has the host start anew, once this script has ended. $1: seconds before   $2: what users are told
# $3: a command instead of shutdown, or nothing   $4: where shutdown is looked for
PATH=$4:$PATH
export PATH
if [ -z "$3" ] && ! command -v shutdown >/dev/null && ! command -v reboot >/dev/null; then
    echo "unable to find command \"shutdown\" in $4" >&2
    exit 1
fi
# It must outlive this script and its session.
order='
sleep "$1"
if [ -n "$3" ]; then exec sh -c "$3"; fi
command -v shutdown >/dev/null && shutdown -r now "$2" && exit 0
exec reboot
'
pause=$1
[ "$pause" -ge 1 ] || pause=1
detach sh -c "$order" sh "$pause" "$2" "$3"
exit 0
