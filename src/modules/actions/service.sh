# Alters a service that systemd does not manage. $1: openrc or sysvinit   $2: the service   $3: arguments
# $4: seconds between stop and start   $5: runlevel   $6 and on: start, stop, restart, reload, enable, disable
manager=$1 name=$2 arguments=$3 pause=$4 runlevel=$5
shift 5
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
order() {
    if [ "$manager" = openrc ]; then rc-service "$name" "$1" $arguments
    elif command -v service >/dev/null; then service "$name" "$1" $arguments
    else "/etc/init.d/$name" "$1" $arguments
    fi
}
register() {
    case $manager:$1 in
    openrc:enable) rc-update add "$name" "$runlevel" ;;
    openrc:disable) rc-update del "$name" "$runlevel" ;;
    *)
        if command -v update-rc.d >/dev/null; then
            update-rc.d "$name" defaults && update-rc.d "$name" "$1"
        elif command -v chkconfig >/dev/null; then
            chkconfig --add "$name"
            case $1 in enable) chkconfig "$name" on ;; *) chkconfig "$name" off ;; esac
        elif command -v insserv >/dev/null; then
            case $1 in enable) insserv "$name" ;; *) insserv -r "$name" ;; esac
        else
            echo "neither update-rc.d, chkconfig nor insserv is here" >&2
            return 1
        fi
        ;;
    esac
}
for verb in "$@"; do
    case $verb in
    enable | disable) register "$verb" ;;
    restart)
        if [ "$pause" -gt 0 ]; then
            order stop
            sleep "$pause"
            order start
        else order restart
        fi
        ;;
    *) order "$verb" ;;
    esac </dev/null || { rc=$?; echo "@failed $verb"; exit "$rc"; }
done
