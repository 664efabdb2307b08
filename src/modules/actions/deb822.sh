# Writes a source of apt and its key, or sets their modes. $1: the source   $2: its mode, or nothing to leave it
# $3: how many bytes its text has; - to leave it   $4: the key   $5: how many bytes it has; - to leave it
# $6: its mode, or nothing to leave it   Standard input: the key, then the text
LC_ALL=C
export LC_ALL
trap 'exit 143' HUP INT TERM
take() {
    [ "$2" != - ] || return 0
    temporary=$(mktemp "${1%/*}/.${1##*/}.XXXXXX") || exit 1
    trap 'rm -f "$temporary"' EXIT
    dd bs=1 count="$2" of="$temporary" 2>/dev/null && chmod "${3:-0644}" "$temporary" && mv -f "$temporary" "$1" || exit 1
    trap - EXIT
}
folder=${4%/*}
if [ "$5" != - ]; then
    [ -d "$folder" ] || mkdir "$folder" || exit 1
    chmod 0755 "$folder" && chown root:root "$folder" || exit 1
fi
take "$4" "$5" "$6"
take "$1" "$3" "$2"
[ "$3" != - ] || [ -z "$2" ] || chmod "$2" "$1" || exit 1
[ "$5" != - ] || [ -z "$6" ] || chmod "$6" "$4" || exit 1
