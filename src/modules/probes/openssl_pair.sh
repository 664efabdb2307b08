# What openssl says of a request or a certificate, in text, then a line for each other file that it agrees with:
# `=key`, `=request`, `=authority`. $PASSPHRASE: of the key
# $1: the file   $2: `req` or `x509`   $3: a private key   $4: a request   $5: the authority's certificate
PATH=$PATH:/usr/sbin:/sbin:/usr/local/bin
LC_ALL=C
export PATH LC_ALL
command -v openssl >/dev/null || { echo "openssl is not installed on the host" >&2; exit 127; }
file_of() { # leaves the path in $path, nothing for nothing
  path=
  [ -z "$1" ] || expand "$1"
}
file_of "$3"; key=$path
file_of "$4"; request=$path
file_of "$5"; authority=$path
[ -z "$key" ] || [ -r "$key" ] || { echo "The private key file ${key#./} does not exist" >&2; exit 1; }
[ -z "$request" ] || [ -r "$request" ] || { echo "The certificate signing request file ${request#./} does not exist" >&2; exit 1; }
[ -z "$authority" ] || [ -r "$authority" ] || { echo "The CA certificate file ${authority#./} does not exist" >&2; exit 1; }
file_of "$1"
[ -e "$path" ] || exit 0
openssl "$2" -in "$path" -noout -text -nameopt sep_multiline,sname,utf8 2>&1 </dev/null
own=$(openssl "$2" -in "$path" -noout -pubkey 2>/dev/null </dev/null)
if [ -n "$key" ] && [ -n "$own" ]; then
  other=$(openssl pkey -in "$key" -pubout -passin env:PASSPHRASE 2>/dev/null </dev/null)
  [ "$own" != "$other" ] || echo "=key"
fi
facts() { # VERB FILE: the key, the subject and the names
  openssl "$1" -in "$2" -noout -pubkey 2>/dev/null </dev/null
  openssl "$1" -in "$2" -noout -subject -nameopt RFC2253 2>/dev/null </dev/null
  openssl "$1" -in "$2" -noout -text 2>/dev/null </dev/null | sed -n '/Subject Alternative Name/{n;s/^ *//;p;}'
}
if [ -n "$request" ] && [ "$(facts x509 "$path")" = "$(facts req "$request")" ]; then echo "=request"; fi
if [ -n "$authority" ] && openssl verify -partial_chain -no_check_time -trusted "$authority" "$path" >/dev/null 2>&1 </dev/null; then
  echo "=authority"
fi
exit 0
