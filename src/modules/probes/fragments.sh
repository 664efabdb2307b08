# FOLDER: the files of a directory: the name, the size and the content of each.
expand "$1"
[ -e "$path" ] || { printf 'Source (%s) does not exist\n' "$name" >&2; exit 91; }
[ -d "$path" ] || { printf 'Source (%s) is not a directory\n' "$name" >&2; exit 91; }
cd "$path" || exit
for one in * .[!.]* ..?*; do
  [ -f "./$one" ] || continue
  size=$(stat -L -c %s "./$one") || exit
  [ -r "./$one" ] || { printf 'Permission denied: %s/%s\n' "${name%/}" "$one" >&2; exit 91; }
  printf '%s\0%s\0' "$one" "$size"
  head -c "$size" "./$one"
done
