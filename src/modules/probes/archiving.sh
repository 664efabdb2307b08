# What goes into an archive, and how it is packed.
# FORMAT DEST FORCE LEFT, how many paths, the paths, then what is not taken. LEFT is a pattern of the shell for names that
# are left out. Sets: $all and $barred, what the paths and the others match, and $paths, what is taken, each a list of
# quoted words; $root, where names begin; $must, when more than one file is packed.
read_archiving() {
  format=$1 force=$3 left=$4 listed='' several=
  [ "$5" -lt 2 ] || several=1
  expand "$2"
  dest=$path shown_dest=$name
  case $dest in /*) ;; *) dest=$PWD/${dest#./} ;; esac
  [ ! -h "$dest" ] || dest=$(readlink -f "$dest") || dest=
  z=$5
  shift 5
  while [ "$z" -gt 0 ]; do
    quoted "$1"
    listed="$listed $q" z=$((z - 1))
    shift
  done
  match "$@"
  barred=$matched
  eval "match $listed"
  all=$matched must=$force paths='' root='' first=1
  [ -z "$globs" ] || must=1
  eval "take $all"
}
# Leaves what the words match in $matched, and in $globs whether one was a pattern.
match() {
  matched='' globs=
  for word; do
    expand "$word"
    case $name in
    *[*?]*)
      globs=1 several=1 fields=$IFS
      IFS=
      for one in $name; do
        if [ -e "$one" ] || [ -h "$one" ]; then
          quoted "$one"
          matched="$matched $q"
        fi
      done
      IFS=$fields ;;
    *)
      quoted "$name"
      matched="$matched $q" ;;
    esac
  done
}
take() {
  for one; do
    quoted "$one"
    case "$barred " in *" $q "*) continue ;; esac
    [ -z "$several" ] || case "$paths " in *" $q "*) continue ;; esac
    paths="$paths $q" above=
    case $one in */*) above=${one%/*}/ ;; esac
    if [ "$first" ]; then
      root=$above first=
      [ ! -d "$one" ] || must=1
      continue
    fi
    must=1
    while :; do
      case $above in "$root"*) break ;; esac
      root=${root%/}
      case $root in */*) root=${root%/*}/ ;; *) root= ;; esac
    done
  done
}
# Prints the names that go in, without $root in front, each with NUL at its end, sorted. $1: a path that does not go in
names() {
  keep='top=$1 root=$2 format=$3 dest=$4 own=$5
shift 5
for one; do
  [ "$one" != "$top" ] && [ "$one" != "$dest" ] && [ ! -S "$one" ] || continue
  [ -z "$own" ] || case $one in "$own" | "$own"/*) continue ;; esac
  name=${one#"$root"}
  if [ $format = zip ]; then shown=$one; else shown=${name#/}; fi
  case $shown in
  '${left:-"''"}') ;;
  *) printf "%s\0" "$name" ;;
  esac
done'
  eval "each_name $paths" | if printf 'a\0' | sort -z >/dev/null 2>&1; then sort -z; else cat; fi
}
each_name() {
  for each; do
    if [ -d "$each" ]; then
      find -H "$each" -exec sh -c "$keep" sh "$each" "$root" "$format" "$dest" "$own" {} + || echo find >&4
    elif [ -e "$each" ] || [ -h "$each" ]; then kept "$each"
    fi
  done 4>&2 2>/dev/null
}
kept() { set -- '' "$root" "$format" "$dest" "$own" "$1"; eval "$keep"; }
# The names on standard input that results tell: of a zip, no directories.
shown() {
  if [ $format != zip ]; then cat; return; fi
  tr '\0' '\n' | while IFS= read -r one; do [ -d "$root$one" ] || printf '%s\0' "$one"; done
}
# Says what the host lacks to pack, if it lacks something.
lacks() {
  case $format in gz) program=gzip ;; bz2) program=bzip2 ;; tar) program= ;; *) program=$format ;; esac
  for each in $program; do command -v $each >/dev/null 2>&1 || { echo $each; return 0; }; done
  [ $format != zip ] || return 1
  [ "$must" ] || [ $format = tar ] || return 1
  # Names come one by one, and with any byte: not all tars can read such.
  ! tar --null --version >/dev/null 2>&1 && echo 'GNU tar'
}
# A stream of tar with the names on standard input.
tar_stream() { cd "${root:-.}" && tar --null --no-recursion -cf - -T -; }
compress() { case $format in gz) gzip -c ;; bz2) bzip2 -c ;; xz) xz -c ;; zstd) zstd -q -c ;; *) cat ;; esac; }
plain() { case $format in gz) gzip -dc ;; bz2) bzip2 -dc ;; xz) xz -dc ;; zstd) zstd -q -dc ;; *) cat ;; esac; }
