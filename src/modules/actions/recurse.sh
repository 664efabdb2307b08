# PATH OWNER GROUP FOLLOW [KIND OLD NEW]...: sets owner, group and modes of everything below PATH.
expand "$1"
top=$path owner=$2 group=$3 follow=$4
shift 4
if [ "$owner$group" ]; then
  e=$(find "$top" -exec chown -h "$owner${group:+:$group}" {} + 2>&1) || die "chown failed: $e"
  if [ "$follow" ]; then
    e=$(find -L "$top" ! -type l -exec chown "$owner${group:+:$group}" {} + 2>&1) || die "chown failed: $e"
  fi
fi
while [ $# -gt 0 ]; do
  e=$(find $follow "$top" -type "$1" -perm "$2" -exec chmod "$3" {} + 2>&1) || die "chmod failed: $e"
  shift 3
done
printf '\0\0'
look '' ''
