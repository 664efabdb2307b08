# What brew knows of packages. $1: directories to look in for brew   $2 and on: names, and `--formula`
find_brew "$1"
[ "$brew" ] || no_brew
shift
HOMEBREW_NO_AUTO_UPDATE=1
export HOMEBREW_NO_AUTO_UPDATE
exec "$brew" info --json=v2 "$@" </dev/null
