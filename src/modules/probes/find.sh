# DEPTH FOLLOW FOLDER...: what is below folders, each after `//` as `look` has it, with its name; DEPTH 0 has no end.
printf '%s\0%s\0' "$(umask)" "$(date +%s.%N)"
depth=$1 follow=$2
shift 2
deep=
[ "$depth" -eq 0 ] || deep="-maxdepth $depth"
for i; do
  expand "$i"
  printf '%s\0' "$name"
  kind=folder
  if [ ! -d "$path" ]; then kind=none; elif [ ! -r "$path" ] || [ ! -x "$path" ]; then kind=closed; fi
  printf '%s\0' "$kind"
  e=
  if [ "$kind" = folder ]; then
    { e=$( (cd "$path" && exec find $follow . $deep ! -name . -exec stat -c "//$FIELDS|%n" {} +) 2>&1 >&3 3>&-); } 3>&1
  fi
  printf '\0%s\0' "$e"
done
printf 'end\0'
