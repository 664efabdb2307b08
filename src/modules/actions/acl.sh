# PATH MUST COUNT WORD...: runs a command, of which the first COUNT words are, on PATH; without MUST it may fail. Then
# the command of the other words says how PATH is.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH LC_ALL=C
expand "$1"
must=$2 count=$3
shift 3
line= place=1
while [ "$place" -le "$count" ]; do line="$line \"\${$place}\"" place=$((place + 1)); done
eval "$line \"\$path\"" </dev/null >&2 || [ ! "$must" ] || exit
shift "$count"
exec "$@" "$path" </dev/null
