# KIND SRC SIMPLE OPTIONS CONTEXT and the words of an archive: unpacks what is not there. KIND is `path`, `sent` for standard input, or
# `web` for a server's.
kind=$1 src=$2 simple=$3 options=$4 context=$5
shift 5
read_words "$@"
[ -d "$dest" ] || die "dest '$shown_dest' must be an existing dir"
case $dest in /*) ;; *) dest=$PWD/$dest ;; esac
if [ "$kind" = path ]; then
  expand "$src"
  src=$path
  case $src in /*) ;; *) src=$PWD/${src#./} ;; esac
else
  folder=$(umask 077; mktemp -d) || exit
  trap 'rm -rf "$folder"' EXIT
  trap 'exit 1' HUP INT TERM
  if [ "$kind" = sent ]; then
    cat >"$folder/source" || exit
    src=$folder/source
  else
    base=${src%%[?#]*} base=${base##*/}
    : >"$folder/heads"
    said=$(ask_web "$folder" '' "$simple" "$options" '' 2>"$folder/errors")
    rc=$?
    case $said in
    '
none '*) exit 92 ;;
    *'
curl 2'* | *'
curl 0'*) [ $rc = 0 ] || die "Failure downloading, $(tail -n 1 "$folder/errors")" ;;
    *) [ $rc = 0 ] || die "Failure downloading, $(tail -n 1 "$folder/errors")"
      case $said in *'
curl '*) die "Failure downloading, HTTP Error ${said##*curl }" ;; esac ;;
    esac
    mv "$folder/body" "$folder/${base:-source}" && src=$folder/${base:-source}
  fi
fi
open_archive
rc=0 out='' err='' state=same
if ( differs ); then
  state=changed
  if [ $handler = ZipArchive ]; then
    eval "out=\$(unzip -o $opts \"\$src\" $taken ${left:+-x$left} -d \"\$dest\" 2>&1 </dev/null)"
    rc=$?
  else
    LC_ALL=C
    export LC_ALL
    eval "out=\$(cd \"\$dest\" && $tar --extract -C \"\$dest\" ${owner:+--owner=\"\$owner\"} ${group:+--group=\"\$group\"} $common -f \"\$src\" $taken 2>&1 </dev/null)"
    rc=$?
  fi
  err=$out
fi
if [ $rc = 0 ] && [ "$owner$group$mode$context" ]; then
  before=$(attributes_of)
  if [ "$kind" = path ]; then folder=$(mktemp -d) || exit; fi
  trap 'rm -rf "$folder"' EXIT
  paths_of | xargs -0 sh -c 'for one; do [ -h "$one" ] || [ ! -e "$one" ] || printf "%s\0" "$one"; done' sh >"$folder/plain"
  if [ "$owner$group" ]; then e=$(paths_of | xargs -0 chown -h "$owner${group:+:$group}" 2>&1) || die "chown failed: $e"; fi
  if [ "$mode" ]; then e=$(xargs -0 chmod "$mode" <"$folder/plain" 2>&1) || die "chmod failed: $e"; fi
  if [ "$context" ]; then paths_of | while read -r one; do apply "$one" '' '' '' "$context" ''; done; fi
  [ "$before" = "$(attributes_of)" ] || state=changed
fi
printf '%s\0%s\0%s\0%s\0%s\0%s' $state "$handler" "$src" $rc "$err" "$files"
