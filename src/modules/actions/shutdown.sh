# Turns the host off. $1: `now` to do it once this script has ended   $2 and on: the command
PATH=$PATH:/usr/sbin:/sbin
export PATH
when=$1
shift
[ "$when" = now ] || exec "$@" </dev/null
detach sh -c 'sleep 1; exec "$@"' sh "$@"
exit 0
