# What a key is and which keys rpm has. $1: an address, a file or the number of a key   $2: no: certificates are not checked
key=$1
said rpm command -v rpm
gpg=gpg
command -v gpg >/dev/null || gpg=gpg2
said gpg command -v "$gpg"
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 143' HUP INT TERM
fetch() {
  insecure=
  if command -v curl >/dev/null; then
    [ "$2" != no ] || insecure=--insecure
    curl -fsSL $insecure -o "$folder/key" -- "$1"
  elif command -v wget >/dev/null; then
    [ "$2" != no ] || insecure=--no-check-certificate
    wget -q $insecure -O "$folder/key" -- "$1"
  else
    echo "neither curl nor wget is here" >&2
    return 1
  fi
}
case $key in
*://*)
  said fetched fetch "$key" "$2"
  file=$folder/key
  ;;
*)
  expand "$key"
  file=$path
  ;;
esac
list="$gpg --homedir $folder --no-tty --batch --with-colons --fixed-list-mode"
if [ -f "$file" ]; then
  said key cat "$file"
  said parts $list --import --import-options show-only --dry-run "$file"
fi
known() { rpm -q gpg-pubkey --qf '%{description}\n' | $list --import --import-options show-only --dry-run -; }
if rpm -q gpg-pubkey >/dev/null 2>&1; then said known known; fi
exit 0
