# All services, by whatever manages services here.
SYSTEMD_COLORS=0 SYSTEMD_PAGER=
export SYSTEMD_COLORS SYSTEMD_PAGER
here() { command -v "$1" >/dev/null; }
if here service && ! here chkconfig && ! here rc-status; then
  said sysv service --status-all
  [ -e /etc/init.d ] || said noinit echo yes
fi
if here initctl && ! here chkconfig; then said upstart initctl list
elif here chkconfig; then
  said chkconfig chkconfig
  case $(chkconfig 2>&1) in
  *:on* | *:off*) ;;
  *--list*) said chkconfig chkconfig --list ;;
  *) said chkconfig chkconfig -l --allservices ;;
  esac
  for script in /etc/init.d/*; do
    [ ! -x "$script" ] || said "status ${script##*/}" service "${script##*/}" status
  done
elif here rc-status && here rc-update; then
  said openrc rc-status -a -s -m
  said runlevels rc-update show -v
fi
here systemctl && { [ -d /run/systemd/system ] || [ -d /dev/.run/systemd ] || [ -d /dev/.systemd ]; } || exit 0
said units systemctl list-units --no-pager --type service --all --plain
said files systemctl list-unit-files --no-pager --type service --all
units=" $(systemctl list-units --no-pager --no-legend --type service --all --plain | while read -r name rest; do printf '%s ' "$name"; done)"
set --
for name in $(systemctl list-unit-files --no-pager --no-legend --type service --all | while read -r name rest; do echo "$name"; done); do
  case $name in *@.service) continue ;; esac
  case $units in *" $name "*) ;; *) set -- "$@" "$name" ;; esac
done
[ $# -gt 0 ] || exit 0
said others echo "$@"
said states systemctl show --property=ActiveState "$@"
