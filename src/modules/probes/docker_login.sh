# The file in which docker keeps what it logged in with; nothing when there is none. $1: the file, or nothing for the usual
file=${1:-${DOCKER_CONFIG:-$HOME/.docker}/config.json}
[ ! -e "$file" ] || cat -- "$file"
