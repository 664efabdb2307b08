# Which repositories brew has. $1: directories to look in for brew   $2: yes: and which of them it trusts
find_brew "$1"
[ "$brew" ] || no_brew
HOMEBREW_NO_AUTO_UPDATE=1
export HOMEBREW_NO_AUTO_UPDATE
said taps "$brew" tap
if [ "$2" = yes ]; then said trusted "$brew" trust --json v1; fi
