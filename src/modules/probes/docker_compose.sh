# What docker compose would do. $1: the directory, or nothing   $2 and on: its words
PATH=$PATH:/usr/sbin:/sbin:/usr/local/bin
LC_ALL=C
export PATH LC_ALL
command -v docker >/dev/null || { echo "docker is not installed on the host" >&2; exit 127; }
if [ -n "$1" ]; then
    expand "$1"
    cd -- "$name" || exit
fi
shift
printf '%s' "$DEFINITION" | docker compose "$@" 2>&1
