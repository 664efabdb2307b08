# DEST NAME PARENTS STATE TOKEN: standard input is an archive of the script `s` and the tree `p`.
resolve "$1" tree "$2"
parent "$3"
case $4 in
missing)
  [ -e "$d" ] || [ -L "$d" ] && fail "$d: appeared during the transfer"
  t=${w%/}/.opsctl-$5
  ;;
*) t=${d%/}/.opsctl-$5 ;;
esac
[ -w "${t%/*}/" ] || fail "${t%/*}/: permission denied"
trap 'rm -rf "$t" 2>/dev/null || { chmod -R u+rwx "$t"; rm -rf "$t"; }' EXIT
trap 'exit 143' HUP INT PIPE TERM
# SUMS FILE…: what arrived is what was sent.
v() {
  e=$1
  shift
  case $# in
  1) x=$(sums <"$1") ;;
  *) x=$(sums "$@") ;;
  esac
  [ "$x" = "$e" ] || fail "$d: checksums differ after the transfer; were files changed while they were copied?"
}
# OWNER FILE…: replaced files keep theirs, as far as this user may give files away.
o() {
  chown "$@" 2>/dev/null
}
c() {
  chmod "$@" || exit 1
}
# MODE NAME…: the same for what stands at its destination.
q() {
  x=$1
  shift
  for f; do
    chmod "$x" "$d/$f" || exit 1
  done
}
# DIRECTORY NAME…: moves what was staged to its destination.
m() {
  x=$d/$1
  shift
  mv -f "$@" "$x/" || exit 1
}
mkdir "$t" && cd "$t" || exit 1
tar -xomf - || fail "$d: the archive could not be unpacked"
[ -f "$t/s" ] || fail "$d: the archive did not arrive"
. "$t/s"
cd /
