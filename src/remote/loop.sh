# The remote half of the persistent shell. POSIX sh; runs under dash, bash, busybox ash, ksh and mksh.
# $N is the marker nonce, $s the frame's script, $A that of a first command and $R its order. Comments and indentation are stripped before it is sent.
exec 4>&2 2>/dev/null
w=
mark() {
  echo "$N $*" && echo "$N $*" >&4
}
# No `--` before the group: some shells know it only after `-s`, some not at all.
send() {
  kill "-$1" "-$c" || kill "-$1" "$c"
  # A member that only root may signal: the command used sudo, so try what it did.
  [ "$o" ] && sudo -n /bin/sh -c 'kill "$1" "$2"' sh "-$1" "-$c" >/dev/null
}
# Whether a process of the group is alive. Zombies are not; the processes of other users are, and set $o.
alive() {
  o=
  [ -r /proc/self/stat ] || {
    kill -0 "-$c"
    return
  }
  for p in /proc/[0-9]*/stat; do
    y=
    read -r y <"$p"
    y=${y##*") "}
    case $y in
    [ZX]*) ;;
    ?" "*" $c "*)
      y=${y#* }
      y=${y#* }
      [ "${y%% *}" = "$c" ] || continue
      p=${p#/proc/}
      kill -0 "${p%/stat}" || o=1
      return 0
      ;;
    esac
  done
  return 1
}
# A sleep that knows no fractions fails with 1; one that a signal ended does not.
pause() {
  sleep 0.1
  [ "$?" = 1 ] && sleep 1
  :
}
# TERM, grace, KILL; leaves the verdict in $f. A second order while one is at work changes nothing.
# The grace is a sleep, not a count of pauses: those take much longer where the load is high.
stop() {
  [ "$g" ] && return
  g=1 n=0
  alive
  send TERM
  sleep "$G" >/dev/null 4>&- &
  k=$!
  while kill -0 "$k" && pause && alive; do :; done
  kill "$k"
  while alive && [ "$n" -lt 20 ]; do
    send KILL
    pause
    n=$((n + 1))
  done
  f=killed
  alive && f=survived
}
# Arms the time limit: the host keeps it even when it is cut off.
arm() {
  $x sh -c 'trap "kill -9 \$!; exit" TERM; sleep "$1" & wait "$!"; while kill -s USR1 "$PPID"; do sleep 1; done' - "$D" >/dev/null 4>&- &
  d=$!
}
# Only KILL is never lost: a shell that was just forked swallows others until it has become the program.
disarm() {
  [ "$d" ] || return
  [ "$x" ] || {
    kill "$d"
    return
  }
  kill -9 "-$d" || {
    kill -9 "$d"
    kill -9 "-$d"
  }
}
# Supervises the group of $c: sets $e to the order that ended it, $r to its code.
guard() {
  [ "$D" ] && arm
  [ "$e" ] && stop
  wait "$1"
  r=$?
  [ "$e" ] && {
    stop
    wait "$1"
    y=$?
    [ "$y" = 127 ] || r=$y
  }
  disarm
}
order() {
  e=${e:-$1}
  [ "$c" ] && stop
  [ "$h" ] && kill "$h"
}
orders() {
  c= d= e= f=ended g= h= o= r=
  trap 'order cancel' TERM
  trap 'order timeout' USR1
}
# The frame's script sets up the command in a shell of its own, where it can touch no variable of ours.
start() {
  [ "$x" ] || {
    f=nosetsid
    return
  }
  [ "$e" ] && return
  (
    exec </dev/null 2>&4 4>&-
    eval "$s" && exec "$@"
  ) &
  c=$!
  guard "$c"
}
# Runs one command in a session of its own. Orders are taken from the `begin` mark on; before it, TERM ends us.
run() {
  orders
  SHLVL=1
  export SHLVL
  mark begin "$i"
  start
  # Nobody takes the news: the command may have ended because its reader is gone, so the rest of its group goes too.
  trap '' PIPE
  mark end "$i" "${r:-0}" "${e:-exit}" "$f" || {
    [ "$c" ] && stop
  }
}
# Watches a group that lives on another channel.
watch() {
  orders
  trap 'disarm; kill "$h"; exit' USR2
  sleep 2147483 >/dev/null 4>&- &
  h=$!
  c=$P
  mark watching "$i"
  guard "$h"
  kill "$h"
  mark end "$i" "${r:-0}" "${e:-exit}" "$f"
}
frame() {
  s=
  while IFS= read -r l; do
    [ "$l" = . ] && return
    s=$s$l$n0
  done
  return 1
}
n0='
'
# A program's path, since the command's own PATH may not lead there; found without another process where that is usual.
x=/usr/bin/setsid
[ -x "$x" ] || x=$(command -v setsid)
mark ready "$$"
# The first command came ahead of the input.
[ "$A" ] && {
  set -- $R
  i=$1 G=$2 D=${3-} s=$A
  run </dev/null &
  w=$!
}
while IFS= read -r l; do
  case $l in
  # This program and the first command's frame once more: nobody knew that they had come ahead.
  N=*) frame && frame ;;
  # keep NAME, then a text that later frames use
  keep*)
    set -- $l
    frame && eval "$2=\$s"
    ;;
  # run ID GRACE [LIMIT], then the frame
  run*)
    set -- $l
    i=$2 G=$3 D=${4-}
    frame && {
      run </dev/null &
      w=$!
    }
    ;;
  # watch ID GROUP GRACE [LIMIT]
  watch*)
    set -- $l
    i=$2 P=$3 G=$4 D=${5-}
    watch </dev/null &
    w=$!
    ;;
  kill) [ "$w" ] && kill -s TERM "$w" ;;
  # A command that ended leaves nothing to signal; its number may already be another process's.
  done) w= ;;
  unwatch)
    [ "$w" ] && kill -s USR2 "$w"
    w=
    ;;
  # Is the command still guarded? `jobs` makes the shell notice a guard that was killed.
  ping)
    jobs >/dev/null
    [ "$w" ] && { kill -0 "$w" || mark gone "$i"; }
    ;;
  exit) break ;;
  esac
done
# The end of input, too: the controller is gone, and so must be what it started.
while [ "$w" ] && kill -s TERM "$w"; do sleep 1; done
