# Runs brew for casks. $1: directories to look in for it   $2: the cask, empty for all   $3 and on: the words of brew
# Says then whether the cask is there: `@there` or `@gone`. $SUDO_PASSWORD, if any, is what sudo is to be told.
find_brew "$1"
[ "$brew" ] || no_brew
cask=$2
shift 2
if [ "${SUDO_PASSWORD:-}" ]; then
  folder=$(umask 077 && mktemp -d) || exit 1
  trap 'rm -rf "$folder"' EXIT
  trap 'exit 143' HUP INT TERM
  umask=$(umask)
  umask 077
  printf '%s\n' "$SUDO_PASSWORD" >"$folder/word"
  printf '#!/bin/sh\nexec cat "%s/word"\n' "$folder" >"$folder/ask"
  chmod 700 "$folder/ask"
  umask "$umask"
  SUDO_ASKPASS=$folder/ask
  export SUDO_ASKPASS
fi
unset SUDO_PASSWORD
casks "$@" </dev/null
rc=$?
if [ "$cask" ]; then
  if casks list "$cask" </dev/null >/dev/null 2>&1; then echo @there; else echo @gone; fi
fi
exit $rc
