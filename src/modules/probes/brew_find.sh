# Leaves the program brew in $brew, empty when there is none. $1: directories to look in first, between colons
find_brew() {
  PATH=$1:$PATH:/usr/sbin:/sbin
  LC_ALL=C LANGUAGE=C
  export PATH LC_ALL LANGUAGE
  brew=$(command -v brew) || brew=
}
no_brew() {
  echo 'Failed to find required executable "brew" in paths' >&2
  exit 127
}
# A command for casks: `brew VERB --cask …`, which brew before 2.6 calls `brew cask VERB …`.
casks() {
  case $("$brew" --version </dev/null 2>/dev/null | sed -n 's/^Homebrew *//p') in
  0.* | 1.* | 2.[0-5] | 2.[0-5].* | 2.[0-5]-*) "$brew" cask "$@" ;;
  *) verb=$1; shift; "$brew" "$verb" --cask "$@" ;;
  esac
}
