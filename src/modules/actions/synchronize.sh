# MODE WAY HOST USER PORT KEY ARGS PROGRAM FLAGS REMOTE COUNT PLACE... OPTION...: runs rsync between the first of the
# places that is there and REMOTE, and prints its words first. MODE: `push` or `pull`. WAY: `target` for the host that
# the environment tells, `given` for HOST, `here` for no other. FLAGS: `a` the host's own arguments for ssh, `m` a shared
# connection, `r` the options name a remote shell, `u` the user stands in the address.
mode=$1 way=$2 host=$3 user=$4 port=$5 key=$6 args=$7 program=$8 flags=$9 remote=${10} count=${11}
shift 11
has() { case $flags in *$1*) ;; *) return 1 ;; esac; }
place=$1 found=
while [ "$count" -gt 0 ]; do
  if [ -z "$found" ] && [ -e "$1" ]; then found=$1; fi
  shift
  count=$((count - 1))
done
place=${found:-$place}
case $place in '~'/*) place=$HOME${place#'~'} ;; esac
ssh=ssh
if [ "$way" = target ]; then
  if [ "$OPSCTL_TARGET_LOCAL" ]; then way=here; fi
  host=$OPSCTL_TARGET_ADDRESS user=$OPSCTL_TARGET_USER
  port=${port:-$OPSCTL_TARGET_PORT} key=${key:-$OPSCTL_TARGET_KEY} ssh=${OPSCTL_TARGET_SSH:-ssh}
  if has a; then args="$OPSCTL_TARGET_ARGS $args"; fi
  if [ -z "$program" ] && [ "$OPSCTL_TARGET_BECOME" ]; then program="sudo -u $OPSCTL_TARGET_BECOME rsync"; fi
fi
# Leaves $1 as one word for rsync.
word() { case $1 in *[\ \'\"]*) w=\"$1\" ;; *) w=$1 ;; esac; }
case $remote in rsync://*) way=here ;; esac
if [ "$way" = here ]; then
  case $remote in '~'/*) remote=$HOME${remote#'~'} ;; esac
else
  case $host in *:*) host="[$host]" ;; esac
  if has u && [ "$user" ]; then host=$user@$host; fi
  remote=$host:$remote
  if ! has r; then
    word "$ssh"
    shell=$w
    has m || shell="$shell -S none"
    shell="$shell -o BatchMode=yes"
    if [ "$key" ]; then word "$key"; shell="$shell -i $w"; fi
    if [ "$port" ]; then shell="$shell -o Port=$port"; fi
    if [ "$args" ]; then shell="$shell $args"; fi
    set -- "--rsh=$shell" "$@"
  fi
  if [ "$program" ]; then set -- "--rsync-path=$program" "$@"; fi
fi
if [ "$mode" = push ]; then set -- "$@" "$place" "$remote"; else set -- "$@" "$remote" "$place"; fi
printf 'rsync'
for one; do printf ' %s' "$one"; done
printf '\0'
command -v rsync >/dev/null 2>&1 || { echo 'Failed to find required executable "rsync" in paths' >&2; exit 127; }
exec rsync "$@" </dev/null
