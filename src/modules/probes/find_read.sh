# CHECKSUM READ PATH...: the checksum of each file, with READ its size and content as well; `-` for one that cannot be
# read.
checksum=$1 read=$2
shift 2
for path; do
  case $path in /*) ;; *) path=./$path ;; esac
  s=
  [ -z "$checksum" ] || { s=$("$checksum" <"$path" 2>/dev/null) && s=${s%% *} || s=; }
  printf '%s\0' "$s"
  [ "$read" ] || continue
  if [ -f "$path" ] && [ -r "$path" ]; then
    n=$(stat -L -c %s "$path")
    printf '%s\0' "$n"
    head -c "$n" "$path"
  else
    printf -- '-\0'
  fi
done
printf 'end\0'
