# Sets or resets a key of dconf on the user's session bus, or on one that lasts as long. $1: write or reset   $2 and on: its words
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C LANGUAGE=C
export PATH LC_ALL LANGUAGE
# Whether there is a bus at an address.
answers() {
  if command -v dbus-send >/dev/null; then
    dbus-send --address="$1" --type=signal / com.example.test </dev/null >/dev/null 2>&1 && return
  fi
  command -v busctl >/dev/null && busctl --address="$1" list </dev/null >/dev/null 2>&1
}
find_bus() {
  if [ "${DBUS_SESSION_BUS_ADDRESS:-}" ] && answers "$DBUS_SESSION_BUS_ADDRESS"; then return; fi
  user=$(id -u)
  DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/$user/bus
  [ -S "/run/user/$user/bus" ] && answers "$DBUS_SESSION_BUS_ADDRESS" && return
  for environ in $(grep -l DBUS_SESSION_BUS_ADDRESS= /proc/[0-9]*/environ 2>/dev/null); do
    [ -O "$environ" ] || continue
    DBUS_SESSION_BUS_ADDRESS=$(tr '\0' '\n' <"$environ" 2>/dev/null | sed -n 's/^DBUS_SESSION_BUS_ADDRESS=//p' | head -n 1)
    [ "$DBUS_SESSION_BUS_ADDRESS" ] && answers "$DBUS_SESSION_BUS_ADDRESS" && return
  done
  return 1
}
if find_bus; then
  export DBUS_SESSION_BUS_ADDRESS
  exec dconf "$@" </dev/null
fi
unset DBUS_SESSION_BUS_ADDRESS
exec dbus-run-session dconf "$@" </dev/null
