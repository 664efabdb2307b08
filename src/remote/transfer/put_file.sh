# DEST NAME PARENTS MODE SHA256 CKSUM SIZE TOKEN: what `content` prints becomes the file, at once and whole, or not at
# all.
resolve "$1" file "$2"
parent "$3"
[ -w "$w" ] || fail "$w: permission denied"
t=${w%/}/.opsctl-$8
trap 'rm -f "$t"' EXIT
trap 'exit 143' HUP INT PIPE TERM
set -C
content >"$t" || exit 1
set +C
e=$5
[ "$A" = cksum ] && e=$6
quick "$7"
[ "$(sums <"$t")" = "$e" ] || fail "$d: checksum differs after the transfer; was the file changed while it was copied?"
[ -d "$d" ] && fail "$d: is a directory"
m=$4
if [ -f "$d" ] && [ ! -L "$d" ]; then
  # The owner stays, as far as this user may give files away.
  set -- $(ls -ldn "$d")
  chown "$3:$4" "$t" 2>/dev/null
fi
chmod "$m" "$t" || exit 1
trap '' HUP INT PIPE TERM
mv -f "$t" "$d" && echo put
