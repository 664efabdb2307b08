# Sets the host's name. $1: the name   $2: auto, systemd, or anything else for /etc/hostname
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
if [ "$2" = systemd ] || { [ "$2" = auto ] && [ -d /run/systemd/system ] && command -v hostnamectl >/dev/null; }; then
    hostnamectl --transient set-hostname "$1" && hostnamectl --static set-hostname "$1" && exit 0
    [ "$2" = auto ] || exit 1
fi
if [ "$2" = redhat ] && [ ! -e /etc/hostname ]; then
    grep -v '^HOSTNAME=' /etc/sysconfig/network >/etc/sysconfig/network.new 2>/dev/null
    echo "HOSTNAME=$1" >>/etc/sysconfig/network.new && mv /etc/sysconfig/network.new /etc/sysconfig/network || exit 1
else
    printf '%s\n' "$1" >/etc/hostname || exit 1
fi
if command -v hostname >/dev/null; then hostname "$1"
else printf '%s' "$1" >/proc/sys/kernel/hostname
fi
