# DEST NAME PARENTS: tells about the tree's root; the calls of f and l that follow ask about what is in it.
resolve "$1" tree "$2"
T=none
command -v tar >/dev/null 2>&1 && T=tar
if [ -d "$d" ]; then
  cd "$d" || exit 1
  echo "dir $A $T"
elif [ -e "$d" ] || [ -L "$d" ]; then
  fail "$d: exists and is not a directory"
else
  [ "$3" ] || parent ''
  echo "missing $A $T"
  exit 0
fi
# NAME…: one line with a letter for each; then checksums, then modes and owners, of those that are readable files.
f() {
  k=
  for f; do
    shift
    if [ -L "$f" ]; then
      k=${k}l
    elif [ -f "$f" ] && [ -r "$f" ]; then
      k=${k}f
      set -- "$@" "$f"
    elif [ -f "$f" ]; then
      k=${k}u
    elif [ -d "$f" ]; then
      k=${k}d
    elif [ -e "$f" ]; then
      k=${k}s
    else
      k=${k}-
    fi
  done
  echo "$k"
  case $# in
  0) ;;
  1)
    sums <"$1"
    ls -ldn "$1" | {
      read -r m x u g x
      echo "$m $u:$g"
    }
    ;;
  *)
    sums "$@"
    ls -ldn "$@" | while read -r m x u g x; do echo "$m $u:$g"; done
    ;;
  esac
}
# NAME TARGET: a letter for what stands where the symlink shall be; = when it is there already.
l() {
  if [ -L "$1" ]; then
    k=l
    [ "$(readlink "$1" && echo .)" = "$2$n." ] && k='='
  elif [ -d "$1" ]; then
    k=d
  elif [ -f "$1" ]; then
    k=u
  elif [ -e "$1" ]; then
    k=s
  else
    k=-
  fi
  echo "$k"
}
