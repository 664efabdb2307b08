# Writes a file beside its place and renames it there. $1: its path   $2: mode for a new one, or nothing
# $3: keep to keep the old one under a dated name, and say it   $4: always to set the mode of an old one too
# Standard input: its text.
place() (
    path=$1 mode=$2
    case $path in */*) ;; *) path=./$path ;; esac
    if [ -L "$path" ]; then path=$(readlink -f "$path") || exit 1; fi
    folder=${path%/*}
    [ -d "${folder:-/}" ] || mkdir -p "$folder" || exit 1
    temporary=$(mktemp "${folder:-}/.${path##*/}.XXXXXX") || exit 1
    trap 'rm -f "$temporary"' EXIT
    trap 'exit 143' HUP INT TERM
    cat >"$temporary" || exit 1
    if [ -e "$path" ]; then
        if [ "$3" = keep ]; then
            old="$path.$$.$(date +%Y-%m-%d@%H:%M:%S)~"
            cp -p "$path" "$old" && echo "$old" || exit 1
        fi
        chmod "$(stat -c %a "$path")" "$temporary" && chown "$(stat -c %u:%g "$path")" "$temporary" || exit 1
        [ -z "$mode" ] || [ "$4" != always ] || chmod "$mode" "$temporary" || exit 1
    else
        chmod "${mode:-0644}" "$temporary" || exit 1
    fi
    sync "$temporary" 2>/dev/null
    mv -f "$temporary" "$path" || exit 1
    trap - EXIT
    [ ! -x /sbin/restorecon ] || /sbin/restorecon "$path" 2>/dev/null
    exit 0
)
