# What openssl says of a file, in text. $1: the file   $2: `pkey`, `dhparam`, …   $3 and on: options
PATH=$PATH:/usr/sbin:/sbin:/usr/local/bin
LC_ALL=C
export PATH LC_ALL
command -v openssl >/dev/null || { echo "openssl is not installed on the host" >&2; exit 127; }
expand "$1"
verb=$2
shift 2
[ -e "$path" ] || exit 0
# What is secret of a key stays on the host.
text=-text
[ "$verb" = pkey ] && text=-text_pub
openssl "$verb" -in "$path" -noout "$text" "$@" 2>&1 </dev/null
# What openssl cannot read is told by what it says.
exit 0
