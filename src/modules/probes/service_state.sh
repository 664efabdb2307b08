# How a service is, by whatever manages services here.
# $1: the manager, or auto   $2: the service   $3: pattern of its process, or nothing   $4: arguments   $5: runlevel
manager=$1 name=$2 pattern=$3 arguments=$4 runlevel=$5
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
case $manager in
auto | service)
    if [ -d /run/systemd/system ] && command -v systemctl >/dev/null; then manager=systemd
    elif command -v rc-service >/dev/null; then manager=openrc
    elif command -v service >/dev/null || [ -d /etc/init.d ]; then manager=sysvinit
    elif command -v systemctl >/dev/null; then manager=systemd
    else manager=none
    fi
    ;;
esac
echo "@manager $manager"
case $manager in
systemd) systemd_knows system "$name"; exit 0 ;;
openrc)
    [ -e "/etc/init.d/$name" ] && echo "@found yes"
    rc-update show "$runlevel" 2>/dev/null | while read -r service rest; do
        [ "$service" != "$name" ] || echo "@enabled enabled"
    done
    echo "@status"
    rc-service "$name" status $arguments 2>&1
    echo "@rc $?"
    ;;
sysvinit)
    [ -e "/etc/init.d/$name" ] && echo "@found yes"
    for link in /etc/rc[2-5].d/S??"$name"; do
        [ ! -e "$link" ] || { echo "@enabled enabled"; break; }
    done
    echo "@status"
    if command -v service >/dev/null; then service "$name" status $arguments 2>&1 </dev/null
    else "/etc/init.d/$name" status $arguments 2>&1 </dev/null
    fi
    echo "@rc $?"
    ;;
esac
[ -z "$pattern" ] || ! ps -A -o args= 2>/dev/null | grep -v "service_state" | grep -F -q -e "$pattern" || echo "@pattern yes"
exit 0
