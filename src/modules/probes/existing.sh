# CHDIR CREATES REMOVES: `created` when the pattern CREATES matches a path, `removed` when REMOVES matches none.
if [ "$1" ]; then expand "$1"; cd "$path" || exit 3; fi
matches() {
  expand "$1"
  [ -e "$path" ] && return 0
  case $path in *'*'* | *'?'* | *'['*) ;; *) return 1 ;; esac
  IFS=
  set +f
  for found in $path; do
    if [ -e "$found" ] || [ -h "$found" ]; then return 0; fi
  done
  return 1
}
if [ "$2" ] && matches "$2"; then echo created; exit 0; fi
if [ "$3" ] && ! matches "$3"; then echo removed; fi
exit 0
