# WHAT PATH MODE OWNER GROUP CONTEXT FLAGS SOURCE MTIME ATIME: makes PATH what it is to be.
what=$1
expand "$2"
mode=$3 owner=$4 group=$5 context=$6 flags=$7 source=$8
shift 8
mtime=$1 atime=$2
tmp=${path%/*}/.opsctl-$$
case $what in
absent) e=$(rm -rf "$path" 2>&1) || die "rmtree failed: $e" ;;
directory) make_directories "$path" "$mode" "$owner" "$group" "$context" "$flags" ;;
touch)
  [ -e "$path" ] || { e=$( (: >>"$path") 2>&1) || die "Error, could not touch target. ${e##*: }"; } ;;
link)
  if [ ! -h "$path" ] && [ -d "$path" ]; then e=$(rmdir "$path" 2>&1) || die "Error while replacing: $e"; fi
  e=$(ln -s "$source" "$tmp" 2>&1) || die "Error while linking: $e"
  mv -fT "$tmp" "$path" 2>/dev/null || {
    rm -f "$tmp"
    e=$(ln -sfn "$source" "$path" 2>&1) || die "Error while linking: $e"
  } ;;
hard)
  shown=$name saved=$path
  expand "$source"
  source=$path name=$shown path=$saved
  e=$(ln "$source" "$tmp" 2>&1) || die "Error while linking: $e"
  mv -f "$tmp" "$path" || { rm -f "$tmp"; exit 1; } ;;
esac
target=$path
if [ "$what" = link ] && [ -e "$path" ]; then target=$(readlink -f "$path"; echo .) target=${target%??}; fi
[ "$what" = absent ] || [ "$what" = directory ] || apply "$target" "$mode" "$owner" "$group" "$context" "$flags"
if [ "$mtime" = now ] && [ "$atime" = now ]; then touch "$path" || exit
else
  case $mtime in '') ;; now) touch -m "$path" ;; *) touch -m -t "$mtime" "$path" ;; esac || exit
  case $atime in '') ;; now) touch -a "$path" ;; *) touch -a -t "$atime" "$path" ;; esac || exit
fi
printf '\0\0'
look '' ''
