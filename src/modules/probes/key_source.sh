# The keys that stand in a file or behind an address. $1: `file://PATH` or the address. $2: `no` where certificates are
# not looked at.
case $1 in
file:*)
  path=${1#file:}
  case $path in //*) path=/${path#//*/} ;; esac
  [ -e "$path" ] || { echo "Path to a key file not found: $path" >&2; exit 3; }
  [ -f "$path" ] || { echo "Path to a key is a directory and must be a file: $path" >&2; exit 3; }
  cat "$path"
  exit ;;
esac
if command -v curl >/dev/null 2>&1; then
  curl -fsSL --max-time 30 $([ "$2" = no ] && echo -k) -- "$1" </dev/null
elif command -v wget >/dev/null 2>&1; then
  wget -q -O - -T 30 $([ "$2" = no ] && echo --no-check-certificate) -- "$1" </dev/null
else
  echo "the host has neither curl nor wget" >&2
  exit 4
fi
