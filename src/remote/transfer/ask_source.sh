# SRC: what it is; for a file its mode and checksum.
expand "$1"
if [ -d "$d" ]; then
  command -v tar >/dev/null 2>&1 || fail "the host has no tar, which a directory needs; fetch its files one by one"
  [ -r "$d" ] && [ -x "$d" ] || fail "$1: permission denied"
  echo "tree $A"
elif [ -f "$d" ]; then
  [ -r "$d" ] || fail "$1: permission denied"
  m=$(status "$d")
  quick "${m#* }"
  echo "file $A $(sums <"$d") ${m%% *}"
elif [ -e "$d" ]; then
  fail "$1: is neither a file nor a directory"
elif [ -L "$d" ]; then
  fail "$1: is a symlink that leads nowhere"
else
  fail "$1: no such file or directory"
fi
