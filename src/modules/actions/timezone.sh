# Sets the time zone $1 and what the hardware clock shows, $2: UTC or local; either may be empty.
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
running=
[ -d /run/systemd/system ] && command -v timedatectl >/dev/null && running=yes
if [ -n "$1" ]; then
    if [ -z "$running" ] || ! timedatectl set-timezone "$1"; then
        ln -sf "/usr/share/zoneinfo/$1" /etc/localtime || exit 1
    fi
    if [ -e /etc/timezone ]; then printf '%s\n' "$1" >/etc/timezone || exit 1; fi
fi
case $2 in
'') exit 0 ;;
local) yes=1 word=LOCAL ;;
*) yes=0 word=UTC ;;
esac
if [ -z "$running" ] || ! timedatectl set-local-rtc "$yes"; then
    [ -e /etc/adjtime ] || printf '0.0 0 0.0\n0\nUTC\n' >/etc/adjtime
    sed "3s/.*/$word/" /etc/adjtime >/etc/adjtime.new && mv /etc/adjtime.new /etc/adjtime
fi
