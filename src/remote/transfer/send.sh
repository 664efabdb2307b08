# SRC KIND: sends the file or an archive of the tree; standard error then carries the checksum of what was sent.
expand "$1"
[ "$2" = tree ] || {
  z=$(status "$d")
  quick "${z#* }"
}
exec 4>&2 5>&1
send() {
  case $2 in
  tree) cd "$d" && tar -cf - . ;;
  *) cat "$d" ;;
  esac
}
# Only descriptors 0 to 2 have a name everywhere, so the copy for the checksum goes through 2. There may be no such names,
# and a pipe of ksh93 cannot be opened by name: then all is read twice.
if [ "$(echo y | { { tee /dev/fd/2 >/dev/null; } 2>&1; } | cat)" = y ]; then
  h=$({ send "$@" 2>&4 || echo "opsctl-failed $?" >&4; } | { { tee /dev/fd/2 >&5; } 2>&1; } | sums)
else
  h=$(send "$@" 2>/dev/null | sums)
  send "$@" || echo "opsctl-failed $?" >&4
fi
echo "opsctl-sum $h" >&4
