# The host's time zone, what its hardware clock shows, and whether it knows the zone $1.
link=$(readlink -f /etc/localtime 2>/dev/null)
case $link in
*/zoneinfo/*) zone=${link##*/zoneinfo/} ;;
*) zone=$(head -n 1 /etc/timezone 2>/dev/null) ;;
esac
# A name that links to another one counts as itself.
named=$(readlink /etc/localtime 2>/dev/null)
case $named in */zoneinfo/*) zone=${named##*/zoneinfo/} ;; esac
echo "zone $zone"
if [ "$(sed -n 3p /etc/adjtime 2>/dev/null)" = LOCAL ]; then echo "clock local"; else echo "clock UTC"; fi
[ -n "$1" ] && [ -f "/usr/share/zoneinfo/$1" ] && echo "there yes"
exit 0
