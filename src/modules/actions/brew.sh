# Runs brew. $1: directories to look in for it   $2: yes: it may update itself before   $3 and on: its words
find_brew "$1"
[ "$brew" ] || no_brew
if [ "$2" != yes ]; then
  HOMEBREW_NO_AUTO_UPDATE=1
  export HOMEBREW_NO_AUTO_UPDATE
fi
shift 2
exec "$brew" "$@" </dev/null
