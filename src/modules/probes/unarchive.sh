# SRC and the words of an archive: `same` when all of it is there, with its handler, then its names.
die() { printf '%s\n' "$*" >&2; exit 1; }
src=$1
shift
read_words "$@"
expand "$src"
src=$path
case $src in /*) ;; *) src=$PWD/${src#./} ;; esac
[ -d "$dest" ] || die "dest '$shown_dest' must be an existing dir"
open_archive
state=differs
( differs ) || state=same
if [ $state = same ] && [ "$owner$group$mode" ]; then
  case $mode in '' | *[!0-7]*) [ -z "$mode" ] || state=unsure ;; *) mode=${mode#"${mode%%[!0]*}"} ;; esac
  if attributes_of | ( while read -r a u g un gn kind; do
    [ -z "$owner" ] || [ "$owner" = "$un" ] || [ "$owner" = "$u" ] || exit 1
    [ -z "$group" ] || [ "$group" = "$gn" ] || [ "$group" = "$g" ] || exit 1
    [ -z "$mode" ] || [ "${kind%???}" = a ] || [ "$mode" = "$a" ] || exit 1
  done ); then :; else state=differs; fi
fi
printf '%s\0%s\0%s\0%s' $state "$handler" "$src" "$files"
