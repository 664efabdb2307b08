# DIR LIMIT UMASK INPUT SETSID BOOT WORD…: keeps one job: runs it, ends it at its limit, and writes down its end.
d=$1 l=$2 u=$3 i=$4 s=$5 b=$6
shift 6
trap '' HUP
t=0
# Ends the whole group where there is one, the command alone otherwise. Not all shells know `-s` with a group.
end() {
  kill "-$1" "-$c" || kill "-$1" "$c"
}
# Sends USR1 after so many seconds. KILL in its trap: a shell that was just forked takes TERM for its parent's.
arm() {
  sh -c 'trap "kill -9 \$!; exit" TERM; sleep "$1" & wait "$!"; kill -s USR1 "$PPID"' opsctl "$1" &
  w=$!
}
# TERM, grace, KILL.
over() {
  t=$((t + 1))
  if [ "$t" = 1 ]; then
    end TERM
    arm 5
  else
    end KILL
  fi
}
trap over USR1
(
  umask "$u"
  exec $s /bin/sh -c 'exec "$@"' sh "$@"
) <"$i" >"$d/stdout" 2>"$d/stderr" &
c=$!
arm "$l"
echo "$$ $(date +%s) $b" >"$d/new" && mv "$d/new" "$d/begun"
# A signal ends the waiting, too; the shell then still has the code, or else has told it already.
while :; do
  wait "$c"
  r=$?
  kill -0 "$c" || break
done
wait "$c"
x=$?
[ "$x" = 127 ] || r=$x
[ "$t" = 0 ] || end KILL
kill "$w"
[ "$r" -gt 256 ] && r=$((r - 128))
echo "$r $t $(date +%s)" >"$d/new" && mv "$d/new" "$d/ended"
