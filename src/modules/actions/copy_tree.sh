# SOURCE DEST LINKS OWNER GROUP DIRMODE TARGET MODE OWNER GROUP CONTEXT FLAGS: copies the directory SOURCE to DEST, with
# a slash at its end what is in it. What differs is written, nothing is deleted. Then TARGET gets its attributes.
follow=$3 owner=$4 group=$5 dirmode=$6 target=$7
expand "$1"
source=$path whole=1
case $source in */) whole= ;; esac
expand "$2"
dest=$path shown=$name
shift 7
case $shown in */) make_directories "$dest" "$dirmode" "$owner" "$group" '' '' ;; esac
if [ "$whole" ]; then dest=${dest%/}/${source##*/}; fi
case $dest in /*) ;; *) dest=$PWD/$dest ;; esac
here=$PWD
[ -d "$dest" ] || {
  e=$(mkdir -p "$dest" 2>&1) || die "Failed to create $shown: $e"
  chmod "$(stat -L -c %a "$source")" "$dest" || exit
}
cd "$source" || exit
find $follow . ! -name . -exec sh -c '
  dest=$1 follow=$2
  shift 2
  for one; do
    other=$dest/${one#./}
    if [ -h "$one" ] && [ ! "$follow" ]; then
      link=$(readlink "$one"; echo .) link=${link%??}
      if [ -h "$other" ] && [ "$(readlink "$other")" = "$link" ]; then continue; fi
      ln -sfn "$link" "$other" || exit
    elif [ -d "$one" ]; then
      if [ -d "$other" ]; then continue; fi
      mkdir "$other" && chmod "$(stat -L -c %a "$one")" "$other" || exit
    elif [ -f "$one" ]; then
      if [ -f "$other" ]; then
        if cmp -s "$one" "$other"; then continue; fi
        cat "$one" >"$other" || exit
      else
        new=${other%/*}/.opsctl-$$
        # Never through a link that waits there.
        (set -C; cat "$one" >"$new") && mv -f "$new" "$other" || { rm -f "$new"; exit 1; }
      fi
      chmod "$(stat -L -c %a "$one")" "$other" || exit
    fi
  done' sh "$dest" "$follow" {} + || exit
if [ "$owner$group" ]; then
  e=$(find "$dest" -exec chown -h "$owner${group:+:$group}" {} + 2>&1) || die "chown failed: $e"
fi
cd "$here" || exit
expand "$target"
apply "$path" "$1" "$2" "$3" "$4" "$5"
printf '\0\0'
look '' ''
