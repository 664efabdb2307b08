# Speaks SMTP with a server. $1: the server   $2: its port   $3: `never`, `try`, `starttls` or `always`   $4: seconds for
# each answer   $5: what this host calls itself, or nothing   $6: the sender   $7: the domain of the message's id   $8: how
# many receivers, these, then for each attachment the number of its file's lines in the message's pieces and its path,
# and at last the number of lines of the last piece. The message stands on standard input; $OPSCTL_PLAIN, $OPSCTL_USER and
# $OPSCTL_WORD are what a login says. Answers, each with NUL at its end: how it ended, what was said, what is to be
# warned of, and for each receiver that was refused its address and why.
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
host=$1 port=$2 secure=$3 limit=$4 ehlo=$5 sender=$6 domain=$7 count=$8
shift 8
cr=$(printf '\r')
newline='
'
own=$(umask 077; mktemp -d) || exit
pid= warning= refused=
trap 'close_link; rm -rf "$own"' EXIT
trap 'exit 1' HUP INT TERM
trap '' PIPE
ends() { printf '%s\0%s\0%s\0' "$1" "$2" "$warning"; [ ! -f "$own/refused" ] || cat "$own/refused"; exit 0; }
[ "$ehlo" ] || ehlo=$(hostname -f 2>/dev/null) || ehlo=$(uname -n)
case $ehlo in *.*) ;; *) ehlo='[127.0.0.1]' ;; esac
bracket=$host
case $host in *:*) bracket="[$host]" ;; esac
has() { command -v "$1" >/dev/null 2>&1; }
plain_link() {
  if has nc; then exec nc "$host" "$port"; fi
  has bash || { echo 'neither nc nor bash is here to connect' >&2; exit 127; }
  exec bash -c 'exec 5<>"/dev/tcp/$1/$2" || exit 1; cat <&5 & cat >&5; wait' bash "$host" "$port"
}
# Opens a connection: `plain`, `tls`, or `starttls`.
open_link() {
  rm -f "$own/to" "$own/from"
  mkfifo "$own/to" "$own/from" || exit
  case $1 in
  plain) (plain_link) <"$own/to" >"$own/from" 2>"$own/errors" & ;;
  tls) openssl s_client -quiet -connect "$bracket:$port" <"$own/to" >"$own/from" 2>"$own/errors" & ;;
  starttls) openssl s_client -quiet -starttls smtp -name "$ehlo" -connect "$bracket:$port" <"$own/to" >"$own/from" 2>"$own/errors" & ;;
  esac
  pid=$!
  exec 3>"$own/to" 4<"$own/from"
}
close_link() {
  [ "$pid" ] || return 0
  exec 3>&- 4<&-
  kill "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
  pid=
}
# A line of what the server says, within the limit.
line() {
  if has timeout; then answer=$(timeout "$limit" sh -c 'IFS= read -r a && printf "%s\n" "$a"' <&4)
  else IFS= read -r answer <&4
  fi
}
# Leaves the code in $code and what was said in $lines.
reply() {
  code='' lines=''
  while line; do
    answer=${answer%"$cr"}
    code=${answer%"${answer#???}"}
    lines=$lines${lines:+$newline}${answer#????}
    case $answer in ???-*) ;; *) return 0 ;; esac
  done
  code=
  return 1
}
# A here-document, so that no process list has what a login says.
say() {
  cat >&3 2>/dev/null <<END
$1$cr
END
}
ask() { say "$1"; reply; }
hello() {
  ask "EHLO $ehlo" && [ "$code" = 250 ] && return 0
  ask "HELO $ehlo" && [ "$code" = 250 ] || ends helo "$lines"
}
offers() { printf '%s\n' "$lines" | grep -qi "^$1\( \|=\|\$\)"; }

place=1
for each; do
  place=$((place + 1))
  [ "$place" -gt $((count + 1)) ] || continue
  [ $(((place - count) % 2)) = 1 ] || continue
  expand "$each"
  [ -f "$path" ] && [ -r "$path" ] || ends attach "$name"
done
has base64 || has openssl || [ $# -le $((count + 1)) ] || ends client base64
cat >"$own/message" || exit
tls=
if [ "$secure" != never ] && has openssl; then
  open_link tls
  if reply && [ "$code" = 220 ]; then tls=1
  else
    close_link
    [ "$secure" != always ] || ends tls "$(tail -n 1 "$own/errors")"
  fi
elif [ "$secure" = always ]; then ends client openssl
fi
if [ -z "$tls" ]; then
  open_link plain
  reply && [ "$code" = 220 ] || ends connect "$lines$(cat "$own/errors" 2>/dev/null)"
fi
hello
if [ -z "$tls" ] && [ "$secure" != never ]; then
  if ! offers STARTTLS; then [ "$secure" != starttls ] || ends nostarttls ''
  elif has openssl; then
    ask QUIT
    close_link
    open_link starttls
    ask "EHLO $ehlo" && [ "$code" = 250 ] || ends tls "$(tail -n 1 "$own/errors")"
    tls=1
  elif [ "$secure" = starttls ] || [ "$OPSCTL_USER" ]; then ends client openssl
  else warning='the message was sent without encryption: openssl is not here'
  fi
fi
if [ "$OPSCTL_USER" ]; then
  offers AUTH || ends noauth ''
  ways=" $(printf '%s\n' "$lines" | tr '[:lower:]=' '[:upper:] ' | sed -n 's/^AUTH //p' | tr '\n' ' ') "
  case $ways in
  *' PLAIN '*) ask "AUTH PLAIN $OPSCTL_PLAIN" ;;
  *' LOGIN '*) ask 'AUTH LOGIN' && [ "$code" = 334 ] && ask "$OPSCTL_USER" && [ "$code" = 334 ] && ask "$OPSCTL_WORD" ;;
  *) ends nomechanism '' ;;
  esac
  [ "$code" = 235 ] || ends auth "$lines"
  [ "$tls" ] || warning='Username and Password was sent without encryption'
fi
ask "MAIL FROM:<$sender>"
[ "$code" = 250 ] || ends refused "$code $lines"
left=$count accepted=0
for each; do
  [ "$left" -gt 0 ] || break
  left=$((left - 1))
  ask "RCPT TO:<$each>"
  case $code in 25[01]) accepted=$((accepted + 1)) ;; *) printf '%s\0%s %s\0' "$each" "$code" "$lines" >>"$own/refused" ;; esac
done
[ "$accepted" -gt 0 ] || ends refused 'all receivers were refused'
ask DATA
[ "$code" = 354 ] || ends refused "$code $lines"
shift "$count"
crlf() { sed "s/\$/$cr/" >&3; }
{
  date '+Date: %a, %d %b %Y %H:%M:%S %z'
  printf 'Message-ID: <%s.%s.%s@%s>\n' "$(date +%Y%m%d%H%M%S)" "$$" "$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')" "$domain"
} | crlf
start=1
while [ $# -gt 0 ]; do
  end=$((start + $1 - 1))
  [ "$1" = 0 ] || sed -n "$start,${end}p" "$own/message" | crlf
  start=$((end + 1))
  shift
  [ $# -gt 0 ] || break
  expand "$1"
  { if has base64; then base64 <"$path"; else openssl base64 <"$path"; fi; } | crlf
  shift
done
ask .
[ "$code" = 250 ] || ends refused "$code $lines"
ask QUIT
ends sent ''
