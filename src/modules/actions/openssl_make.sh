# COUNT WORD…: words of openssl; what it writes becomes the standard input of what follows.
PATH=$PATH:/usr/sbin:/sbin:/usr/local/bin
export PATH
count=$1
shift
line='openssl' place=1
while [ "$place" -le "$count" ]; do
  line="$line \"\${$place}\""
  place=$((place + 1))
done
made=$(umask 077; mktemp) || exit
{ eval "$line" >"$made" 2>"$made.err" </dev/null; } || { cat "$made.err" >&2; rm -f "$made" "$made.err"; exit 92; }
shift "$count"
exec <"$made"
rm -f "$made" "$made.err"
