# DEST NAME PARENTS MODE SHA256 CKSUM: compares; sets the mode where only that differs.
resolve "$1" file "$2"
[ -d "$d" ] && fail "$d: is a directory"
[ -e "$d" ] && [ ! -f "$d" ] && fail "$d: is neither a file nor a directory, and is left alone"
[ "$3" ] || parent ''
if [ -f "$d" ] && [ ! -L "$d" ] && [ -r "$d" ]; then
  [ "$A" = cksum ] && shift
  [ "$(sums <"$d")" = "$5" ] && same=1
fi
echo "$A ${same:-0} $(ls -ldn "$d" 2>/dev/null | { read -r m x; echo "$m"; })"
