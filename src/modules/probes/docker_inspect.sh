# What docker knows of things, a line each: `@ {json}`, or `@` for what is not there; first the home and the working
# directory. $1: kind (container, image, network, volume)   $2: name   and on in pairs
PATH=$PATH:/usr/sbin:/sbin:/usr/local/bin
LC_ALL=C
export PATH LC_ALL
command -v docker >/dev/null || { echo "docker is not installed on the host" >&2; exit 127; }
printf '@ %s\n@ %s\n' "$HOME" "$PWD"
while [ $# -gt 1 ]; do
    if [ -z "$2" ]; then echo @
    elif text=$(docker "$1" inspect --format '{{json .}}' "$2" 2>/dev/null </dev/null) && [ -n "$text" ]; then
        printf '@ %s\n' "$text"
    else
        text=$(docker "$1" inspect "$2" 2>&1 >/dev/null </dev/null)
        case $text in
        '' | *[Nn]"o such"* | *"not found"*) echo @ ;;
        *)
            printf '%s\n' "$text" >&2
            exit 1
            ;;
        esac
    fi
    shift 2
done
