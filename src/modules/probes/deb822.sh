# What stands where a source of apt and its key belong. $1: the source   $2: the key without its end
# $3: the key: a file on the host, an address, or neither   Paths are followed by their modes.
# Fields, each with NUL at its end: the mode of the source, of KEY.asc, of KEY.gpg, of their directory; whether the key
# is `file`, `url` or nothing; the size of the source; then the source, then KEY.asc or KEY.gpg as what was fetched is,
# with its size before it, then what was fetched.
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
mode() { stat -c %a "$1" 2>/dev/null; printf '\0'; }
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 143' HUP INT TERM
kind=
if [ "$3" ] && [ -f "$3" ]; then kind=file
else
    case $3 in
    [a-z]*://*)
        kind=url
        download "$3" "$folder/key" || exit 90
        ;;
    esac
fi
for path in "$1" "$2.asc" "$2.gpg" "${2%/*}"; do mode "$path"; done
printf '%s\0' "$kind"
part() {
    if [ -f "$1" ]; then
        printf '%s\0' "$(stat -L -c %s "$1")"
        cat "$1"
    else
        printf '%s\0' -
    fi
}
part "$1"
[ "$kind" = url ] || exit 0
if grep -q -e '-----BEGIN PGP PUBLIC KEY BLOCK-----' "$folder/key"; then part "$2.asc"; else part "$2.gpg"; fi
part "$folder/key"
