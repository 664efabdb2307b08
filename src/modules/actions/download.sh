# DEST KIND NAMING SCRATCH ALGORITHM WANTED SINCE STATUSES CONTENT SIMPLE OPTIONS BODY, five attributes for a file that is as it is to be, and the
# words of `write`: gets a file from a web server. KIND is `dir` where DEST is a directory, and the file's name is the
# server's to say. Printed: what the server said, what became of it, the checksums, then as `write` does.
dest=$1 kind=$2 naming=$3 scratch=$4 algorithm=$5 wanted=$6
shift 6
since=$1 statuses=$2 content=$3 simple=$4 options=$5 body=$6
shift 6
same_mode=$1 same_owner=$2 same_group=$3 same_context=$4 same_flags=$5
shift 5
expand "$dest"
dest=$path
if [ "$scratch" ]; then
  expand "$scratch"
  scratch=$path
  [ ! -e "$scratch" ] || [ -d "$scratch" ] || die "$scratch is a file but should be a directory."
  [ -d "$scratch" ] || die "$scratch directory does not exist."
else
  scratch=$dest
  [ "$kind" = dir ] || case $dest in */*) scratch=${dest%/*} scratch=${scratch:-/} ;; esac
fi
[ -w "$scratch" ] || scratch=${TMPDIR:-/tmp}
scratch=$(umask 077; mktemp -d "${scratch%/}/.opsctl-XXXXXX") || exit
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
: >"$scratch/body" >"$scratch/heads"
said=$(ask_web "$scratch" "$since" "$simple" "$options" "$body" 2>"$scratch/errors")
rc=$?
size=$(stat -c %s "$scratch/body") || size=0
case $said in
*'
curl '*)
  url=${said##*
curl } status=${url%% *} url=${url#* } url=${url#* }
  [ "$rc" = 0 ] || status=failed ;;
*)
  status=$(sed -n 's/^  HTTP\/[0-9.]* \([0-9]*\).*/\1/p' "$scratch/errors" | tail -n 1)
  url=$(sed -n 's/^.* URL: *\(.*\) \[.*\] -> .*/\1/p' "$scratch/errors" | tail -n 1)
  cp "$scratch/errors" "$scratch/heads" ;;
esac
report() {
  printf '%s\0%s\0' "$said" "$rc"
  tr -d '\0' <"$scratch/heads"
  printf '\0'
  tr -d '\0' <"$scratch/errors"
  printf '\0'
  for field; do printf '%s\0' "$field"; done
}
sum() { s=$("$1" <"$2" 2>/dev/null) && printf %s "${s%% *}"; }
answered=
for one in $statuses; do [ "$one" != "$status" ] || answered=1; done
[ "$statuses" != any ] || [ "$rc" != 0 ] || answered=1
if [ -z "$answered" ] || [ "$status" = 304 ]; then
  report refused '' '' '' '' '' '' "$size"
  head -c 1048576 "$scratch/body"
  exit 0
fi
if [ "$kind" = dir ]; then
  n=$(tr -d '\r' <"$scratch/heads" | sed -n 's/^ *[Cc][Oo][Nn][Tt][Ee][Nn][Tt]-[Dd][Ii][Ss][Pp][Oo][Ss][Ii][Tt][Ii][Oo][Nn]:.*filename="\{0,1\}\([^";]*\).*/\1/p' | tail -n 1)
  n=${n##*/}
  if [ -z "$n" ]; then
    n=${url%%[?#]*}
    n=${n#*://}
    [ "$naming" != uri ] || n=${n%/}
    case $n in */*) n=${n##*/} ;; *) n='' ;; esac
  fi
  case $n in '' | . | ..) n=index.html ;; esac
  if [ "$1" != "${dest%/}/$n" ]; then
    path=${dest%/}/$n
    guard=$(stat -c '%d %i %s %y' "$path" 2>/dev/null) || guard=
    shift 2
    set -- "$path" "$guard" "$@"
  fi
fi
expand "$1"
target=$path
new=$(sum sha1sum "$scratch/body") old=''
[ ! -f "$target" ] || old=$(sum sha1sum "$target")
md5=$(sum md5sum "$scratch/body")
digest=
if [ "$wanted" ]; then
  digest=$(sum "${algorithm}sum" "$scratch/body") || die "the host has no ${algorithm}sum"
  if [ "$digest" != "$wanted" ]; then
    report mismatch "$new" "$old" "$md5" "$digest" "$name" "$scratch/body" 0
    exit 0
  fi
fi
shown=0
[ -z "$content" ] || [ "$size" -gt 16777216 ] || shown=$size
if [ "$new" = "$old" ]; then result=same; else result=new; fi
report $result "$new" "$old" "$md5" "$digest" "$name" "$scratch/body" "$shown"
[ "$shown" = 0 ] || cat "$scratch/body"
if [ $result = same ]; then
  apply "$target" "$same_mode" "$same_owner" "$same_group" "$same_context" "$same_flags"
  name=$1 path=$target
  printf '\0\0'
  look '' ''
  exit 0
fi
exec <"$scratch/body" || exit
rm -rf "$scratch"
