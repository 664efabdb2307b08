# The snaps of the host. $1: how many names are looked up, then these; then the snaps whose options are asked for.
# Answers `version`, `list`, `info`, and `get:NAME` for each.
count=$1
shift
said version snap version
said list snap list
if [ "$count" -gt 0 ]; then
  line= place=1
  while [ "$place" -le "$count" ]; do line="$line \"\${$place}\"" place=$((place + 1)); done
  eval "said info snap info $line"
  shift "$count"
fi
for one; do said "get:$one" snap get -d "$one"; done
exit 0
