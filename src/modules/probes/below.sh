# PATH OWNER GROUP FOLLOW: `differs` when something below PATH is not of that owner and group, then each kind and mode
# of files and directories there.
expand "$1"
top=$path
set -- "$2" "$3" "$4"
other() {
  if [ "$1" ] && [ "$2" ]; then find $3 "$top" \( ! -user "$1" -o ! -group "$2" \) -print
  elif [ "$1" ]; then find $3 "$top" ! -user "$1" -print
  elif [ "$2" ]; then find $3 "$top" ! -group "$2" -print
  fi 2>/dev/null | head -n 1
}
[ -d "$top" ] || exit 0
found=$(other "$1" "$2" '')
[ "$found" ] || [ -z "$3" ] || found=$(other "$1" "$2" "$3")
if [ "$found" ]; then echo differs; else echo same; fi
find $3 "$top" \( -type f -o -type d \) -exec stat $3 -c %f {} + 2>/dev/null | sort -u
