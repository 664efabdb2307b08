# PATH COUNT WORD...: what a command would change, of which the first COUNT words are; then, after a NUL, what the
# command of the other words says of PATH. Ends with 3 where nothing is at PATH, with 127 where a program is missing.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH LC_ALL=C
expand "$1"
count=$2
shift 2
[ -e "$path" ] || exit 3
line= place=1
while [ "$place" -le "$count" ]; do line="$line \"\${$place}\"" place=$((place + 1)); done
if [ "$count" -gt 0 ]; then
  command -v "$1" >/dev/null 2>&1 || { echo "$1" >&2; exit 127; }
  eval "$line \"\$path\"" </dev/null || exit
fi
printf '\0'
shift "$count"
command -v "$1" >/dev/null 2>&1 || { echo "$1" >&2; exit 127; }
exec "$@" "$path" </dev/null
