# What apt-key knows, and which key would be added. $1: the keyring, or nothing
# $2: url, file or data to look at $3 for its keys; nothing for not   $4: `insecure` to trust any certificate
# Lines `@key` with each key that is in it; after `@data` what was fetched.
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
for program in apt-key gpg; do
    command -v "$program" >/dev/null || { echo "Failed to find required executable \"$program\"" >&2; exit 127; }
done
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 143' HUP INT TERM
case $2 in
url) download "$3" "$folder/key" "$4" || exit 90 ;;
file) expand "$3"; ln -s "$path" "$folder/key" ;;
data) printf '%s\n' "$3" >"$folder/key" || exit 1 ;;
esac
if [ "$2" ]; then
    mkdir -m 700 "$folder/home"
    keys=$(gpg --homedir "$folder/home" --batch --no-tty --with-colons "$folder/key" 2>"$folder/err") ||
        { cat "$folder/err" >&2; exit 91; }
    printf '%s\n' "$keys" | sed -n '/^pub/s/^/@key /p;/^sub/s/^/@key /p'
fi
apt_keys "$1" || exit 92
[ "$2" = url ] || exit 0
echo @data
cat "$folder/key"
