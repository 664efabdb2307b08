# How a kernel parameter is. $1: its name   $2: the file that sets it
expand "$2"
said current sysctl -e -n "$1"
[ ! -f "$path" ] || said file cat "$path"
