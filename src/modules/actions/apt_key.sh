# Adds or removes a key of apt, then says which keys there are. $1: the keyring, or nothing
# $2: data (on standard input), file, url, keyserver, remove   $3: the file, the address, the server, the key
# $4: with keyserver the key; with url `insecure` to trust any certificate
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
keyring=$1
key() { apt-key ${keyring:+--keyring "$keyring"} "$@"; }
case $2 in
data) key add - >&2 || exit ;;
file) expand "$3"; key add "$path" >&2 </dev/null || exit ;;
url)
    folder=$(mktemp -d) || exit 1
    trap 'rm -rf "$folder"' EXIT
    trap 'exit 143' HUP INT TERM
    download "$3" "$folder/key" "$4" || exit 90
    key add "$folder/key" >&2 </dev/null || exit
    ;;
remove) key del "$3" >&2 </dev/null || exit ;;
keyserver)
    proxy=
    for name in "$HTTPS_PROXY" "$https_proxy" "$HTTP_PROXY" "$http_proxy"; do proxy=${proxy:-$name}; done
    tries=0
    until said=$(key adv --no-tty --keyserver "$3" ${proxy:+--keyserver-options "http-proxy=$proxy"} --recv "$4" \
        2>&1 </dev/null); do
        rc=$? tries=$((tries + 1))
        [ "$tries" -lt 5 ] || { printf '%s\n' "$said" >&2; exit "$rc"; }
    done
    ;;
esac
apt_keys "$keyring"
