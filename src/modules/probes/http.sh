# Asks a web server with curl or wget, whose settings stand in $HTTP_CURL and $HTTP_WGET, the address for wget in
# $HTTP_URL. FOLDER takes the headers and the body; without, they are printed. Only what is newer than the file SINCE is
# wanted. SIMPLE is an address without secrets that any wget may have on its command line, after OPTIONS. BODY says
# that standard input is sent. Printed at the end: a line that says who asked.
ask_web() {
  LC_ALL=C
  export LC_ALL
  c=$HTTP_CURL w=$HTTP_WGET a=$HTTP_URL folder=$1 since='' simple=$3 options=$4 body=$5
  unset HTTP_CURL HTTP_WGET HTTP_URL
  if [ "$2" ]; then
    expand "$2"
    [ ! -f "$path" ] || since=$(date -u -r "$path" '+%a, %d %b %Y %H:%M:%S GMT' 2>/dev/null)
  fi
  if command -v curl >/dev/null 2>&1; then
    [ -z "$since" ] || c="$c
header = \"If-Modified-Since: $since\""
    if [ "$folder" ]; then set -- -D "$folder/heads" -o "$folder/body"; else set -- -i; fi
    [ "$body" ] || exec </dev/null
    curl -q -K /dev/fd/4 "$@" 4<<END
$c
END
    return
  fi
  out=-
  [ -z "$folder" ] || out=$folder/body
  case $(wget --version 2>/dev/null) in
  *'GNU Wget 1'*)
    [ -z "$since" ] || w="$w
header = If-Modified-Since: $since"
    # It reads its settings from nothing but files; this one is gone before it is used.
    sent='' private=$(mktemp) || return
    if [ "$body" ]; then
      sent=$(mktemp) && cat >"$sent" || return
      w="$w
body_file = $sent"
    fi
    printf '%s\n' "$w" >"$private"
    exec 4<"$private"
    rm -f "$private"
    wget --config=/dev/fd/4 -nv -S -i /dev/fd/5 -O "$out" 5<<END </dev/null
$a
END
    r=$?
    exec 4<&-
    [ -z "$sent" ] || rm -f "$sent"
    printf '\nwget %s 0 -' "$r"
    return $r ;;
  esac
  if [ "$simple" ] && command -v wget >/dev/null 2>&1; then
    wget -S $options -O "$out" ${since:+--header} ${since:+"If-Modified-Since: $since"} "$simple" </dev/null
    r=$?
    printf '\nwget %s 0 -' "$r"
    return $r
  fi
  # Nobody else can ask what only this host reaches: bash can.
  case $simple in
  http://127.* | http://localhost | http://localhost[:/]*)
    if [ -z "$folder" ] && command -v bash >/dev/null 2>&1; then
      h=${simple#http://} p=/ n=80 m=GET
      case $h in */*) p=/${h#*/} h=${h%%/*} ;; esac
      case $h in *:*) n=${h##*:} h=${h%:*} ;; esac
      [ -z "$options" ] || m=HEAD
      bash -c 'exec 3<>"/dev/tcp/$1/$2" || exit 7
        printf "%s HTTP/1.0\r\nHost: %s\r\nAccept: */*\r\nConnection: close\r\n\r\n" "$3" "$1:$2" >&3
        IFS= read -r -t 30 line <&3 || exit 28
        case $line in HTTP/*" 3"*) exit 9 ;; esac
        printf "%s\n" "$line"
        exec cat <&3' bash "$h" "$n" "$m $p" </dev/null
      r=$?
      # Redirections are followed by nobody here.
      [ "$r" = 9 ] || { printf '\ncurl 000 1 %s' "$simple"; return "$r"; }
    fi ;;
  esac
  printf '\nnone 0 0 -'
}
