# What npm has. $1: the directory   $2: the package, or nothing   $3: `yes` to ask what is outdated   $4: how many words
# the call of npm has, these, then its options. `path` holds the directory where something else is there.
folder=$1 package=$2 outdated=$3 count=$4
shift 4
if [ "$folder" ]; then
  expand "$folder"
  if [ -e "$path" ] && [ ! -d "$path" ]; then said path printf %s "$name"; exit 0; fi
  cd "$path" 2>/dev/null || { command -v "$1" >/dev/null 2>&1 || said list "$1"; exit 0; }
fi
# NAME VERB: asks with the words of the verb between the call and the options.
ask() {
  line='' place=1
  while [ "$place" -le "$words" ]; do
    line="$line \"\${$place}\""
    [ "$place" != "$count" ] || line="$line $verb"
    place=$((place + 1))
  done
  printf %s "$line"
}
words=$#
verb='list --json --long'
eval "said list $(ask)"
[ "$outdated" ] || exit 0
verb=outdated
eval "said outdated $(ask)" ${package:+'"$package"'}
