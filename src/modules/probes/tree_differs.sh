# SOURCE DEST LINKS OWNER GROUP: `same` where the directory SOURCE stands at DEST already, and all of it is that
# owner's and group's; else `differs`. With a slash at its end SOURCE is what is in it.
follow=$3 owner=$4 group=$5
expand "$1"
source=$path whole=1
case $source in */) whole= ;; esac
[ -d "$source" ] || { echo none; exit 0; }
expand "$2"
dest=$path
if [ "$whole" ]; then dest=${dest%/}/${source##*/}; fi
case $dest in /*) ;; *) dest=$PWD/$dest ;; esac
[ -d "$dest" ] || { echo differs; exit 0; }
cd "$source" || exit
found=$(find $follow . ! -name . -exec sh -c '
  dest=$1 follow=$2
  shift 2
  for one; do
    other=$dest/${one#./}
    if [ -h "$one" ] && [ ! "$follow" ]; then
      [ -h "$other" ] && [ "$(readlink "$one")" = "$(readlink "$other")" ] && continue
    elif [ -d "$one" ]; then
      [ -d "$other" ] && continue
    elif [ -f "$one" ]; then
      [ -f "$other" ] && cmp -s "$one" "$other" && continue
    else
      continue
    fi
    echo differs
    exit
  done' sh "$dest" "$follow" {} + | head -n 1)
if [ ! "$found" ] && [ "$owner" ]; then found=$(find "$dest" ! -user "$owner" -print 2>/dev/null | head -n 1); fi
if [ ! "$found" ] && [ "$group" ]; then found=$(find "$dest" ! -group "$group" -print 2>/dev/null | head -n 1); fi
if [ "$found" ]; then echo differs; else echo same; fi
