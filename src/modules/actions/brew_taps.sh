# Adds or removes repositories of brew, and has it trust them or not.
# $1: directories to look in for brew   $2: tap or untap   $3: address of the repository
# $4: trust, untrust or nothing   $5: how many of the following that is about   then: those, and those to add or remove
# Lines: `@done NAME` for each that was added or removed, `@failed NAME` for one that was not, at the end `@trusted` and
# which are trusted then.
find_brew "$1"
[ "$brew" ] || no_brew
verb=$2 address=$3 trust=$4 count=$5
shift 5
HOMEBREW_NO_AUTO_UPDATE=1
export HOMEBREW_NO_AUTO_UPDATE
trusting=
place=1
while [ "$place" -le "$count" ]; do
  trusting="$trusting \"\${$place}\""
  place=$((place + 1))
done
trust() { [ "$count" = 0 ] || eval "\"\$brew\" \"\$trust\" --tap $trusting" </dev/null >/dev/null; }
alter() {
  shift "$count"
  for tap; do
    if [ "$verb" = untap ]; then
      "$brew" untap "$tap" </dev/null >/dev/null
    else
      "$brew" tap "$tap" ${address:+"$address"} </dev/null >/dev/null
    fi || { echo "@failed $tap"; exit 1; }
    echo "@done $tap"
  done
}
if [ "$verb" = untap ]; then trust "$@"; alter "$@"; else alter "$@"; trust "$@"; fi
if [ "$count" != 0 ]; then
  echo @trusted
  "$brew" trust --json v1 </dev/null
fi
