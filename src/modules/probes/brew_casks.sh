# Which casks are there, and which are old. $1: directories to look in for brew   $2: `--greedy` or nothing   $3 and on: casks
find_brew "$1"
[ "$brew" ] || no_brew
greedy=$2
shift 2
HOMEBREW_NO_AUTO_UPDATE=1
export HOMEBREW_NO_AUTO_UPDATE
for cask; do
  said "list $cask" casks list "$cask"
  said "outdated $cask" casks outdated $greedy "$cask"
done
