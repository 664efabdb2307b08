# What an archive is, and whether all of it is there. Sets: $src $dest $keep_newer $owner $group $mode, the options in
# $opts, and what is left out or taken in $left and $taken, each a list of quoted words.
# DEST KEEP_NEWER OWNER GROUP MODE, then three lists: how many words, the words. Leaves the rest in $rest_words.
read_words() {
  expand "$1"
  shown_dest=$1 dest=$path keep_newer=$2 owner=$3 group=$4 mode=$5
  shift 5
  for list in opts left taken; do
    n=$1 words=
    shift
    while [ "$n" -gt 0 ]; do
      words=$words$(quote "$1")
      shift
      n=$((n - 1))
    done
    eval "$list=\$words"
  done
}
no_handler() {
  printf 'Failed to find handler for "%s". Make sure the required command to extract the file is installed.\n%s\n' "$src" "$1" >&2
  exit 1
}
# Sets $handler and $files, a text of names.
open_archive() {
  [ -e "$src" ] || die "Source '$src' does not exist"
  [ -r "$src" ] || die "Source '$src' not readable"
  [ -s "$src" ] || die "Invalid archive '$src', the file is 0 bytes"
  case $(head -c 6 "$src" | od -An -tx1 | tr -d ' \n') in
  504b*) handler=ZipArchive program=unzip ;;
  1f8b* | 1f9d*) handler=TgzArchive program=gzip ;;
  425a68*) handler=TarBzipArchive program=bzip2 ;;
  fd377a585a00) handler=TarXzArchive program=xz ;;
  28b52ffd*) handler=TarZstdArchive program=zstd ;;
  *) handler=TarArchive program=tar ;;
  esac
  command -v $program >/dev/null 2>&1 || no_handler "Unable to find required '$program' binary in the path."
  if [ $handler = ZipArchive ]; then
    unzip -Z1 "$src" >/dev/null 2>&1 || no_handler "Command \"unzip\" could not handle archive."
    eval "files=\$(unzip -Z1 \"\$src\" $taken ${left:+-x$left} 2>/dev/null)"
    return
  fi
  tar=tar
  ! command -v gtar >/dev/null 2>&1 || tar=gtar
  command -v $tar >/dev/null 2>&1 || no_handler "Unable to find required 'gtar' or 'tar' binary in the path"
  case $($tar --version 2>/dev/null) in
  *'GNU tar'*) ;;
  *) no_handler "Command \"$tar\" is no GNU tar. GNU tar required." ;;
  esac
  common=
  [ -z "$opts" ] || common=" --show-transformed-names$opts"
  [ "$keep_newer" != true ] || common="$common --keep-newer-files"
  eval "for one in $left; do common=\$common\$(quote \"--exclude=\${one%/}\"); done"
  e=$(eval "$tar --list --quoting-style=literal -C \"\$dest\" $common -f \"\$src\" $taken" 2>&1 >/dev/null </dev/null) ||
    no_handler "Command \"$tar\" could not handle archive: $e"
  files=$(eval "$tar --list --quoting-style=literal -C \"\$dest\" $common -f \"\$src\" $taken" 2>/dev/null </dev/null)
  [ "$files" ] || no_handler "Command \"$tar\" found no files in archive. Empty archive files are not supported."
}
# Whether something of it is not there, or is another.
differs() {
  if [ $handler = ZipArchive ]; then zip_differs; return; fi
  owners='Uid differs$|Gid differs$'
  [ "$(id -u)" = 0 ] || owners='no such line'
  [ -z "$owner" ] || [ "$owners" = 'no such line' ] || owners='Gid differs$'
  if [ "$group" ] && [ "$owners" != 'no such line' ]; then
    if [ "$owner" ]; then owners='no such line'; else owners='Uid differs$'; fi
  fi
  modes='|Mode differs$'
  [ -z "$mode" ] || modes=
  eval "$tar --diff -C \"\$dest\" $common -f \"\$src\" $taken" 2>&1 </dev/null |
    grep -v ': : Warning: Cannot stat: No such file or directory$' | grep -Eq "$owners$modes|Mod time differs\$|Warning: Cannot stat: No such file or directory|Symlink differs\$|Contents differ\$|Size differs\$|Invalid (owner|group)|Cannot open: No such file"
}
zip_differs() {
  user=${owner:-$(id -un)} team=${group:-$(id -gn)}
  eval "unzip -Z -T -s \"\$src\" $taken ${left:+-x$left}" 2>/dev/null | {
    while read -r bits v os size t c time member; do
      case $bits in [-dl?][-rwxstah]*) ;; *) continue ;; esac
      case $time in ????????.??????) ;; *) continue ;; esac
      at=$dest/$member
      case $bits in d*) kind=directory ;; l*) kind='symbolic link' ;; *) kind=regular ;; esac
      case $member in */) kind=directory ;; esac
      is=$(stat -c '%F,%a,%s,%U,%G' "${at%/}" 2>/dev/null) || { echo //differs; exit; }
      case $is in "$kind"*) ;; *) echo //differs; exit ;; esac
      is=${is#*,}
      has=${is%%,*} is=${is#*,}
      has_size=${is%%,*} is=${is#*,}
      [ "${is%%,*}" = "$user" ] && [ "${is#*,}" = "$team" ] || { echo //differs; exit; }
      [ "$kind" != 'symbolic link' ] || continue
      if [ "$kind" = regular ]; then
        here=$(date -r "$at" +%Y%m%d.%H%M%S)
        if [ "$keep_newer" = true ]; then
          case $here in "$time") ;; *) [ "$(printf '%s\n%s\n' "$here" "$time" | sort | head -n 1)" = "$time" ] || { echo //differs; exit; }; continue ;; esac
        else
          [ "$here" = "$time" ] || { echo //differs; exit; }
        fi
        [ "$has_size" = "$size" ] || { echo //differs; exit; }
      fi
      if [ -z "$mode" ] && [ ${#bits} = 10 ]; then [ "$has" = "$(octal "${bits#?}")" ] || { echo //differs; exit; }; fi
      [ "$kind" != regular ] || printf '%s\n' "$member"
    done
  } | zip_contents
}
# Compares what names on standard input hold, here and in the archive, all at once; a last name that starts with two
# slashes says that something differs.
zip_contents() {
  list=$(cat)
  case $list in '') return 1 ;; *//differs) return 0 ;; esac
  there=$(printf '%s\n' "$list" | while IFS= read -r member; do cat "$dest/$member"; done | cksum)
  set -f
  IFS='
'
  packed=$(unzip -p "$src" $(printf '%s\n' "$list" | sed 's/[][*?\\]/\\&/g') | cksum)
  [ "$there" != "$packed" ]
}
# rwxr-xr-x as a number, without the bits that unzip does not set.
octal() {
  r=$1 o=
  while [ "$r" ]; do
    d=0
    case $r in r*) d=$((d + 4)) ;; esac
    case $r in ?w*) d=$((d + 2)) ;; esac
    case $r in ??[xst]*) d=$((d + 1)) ;; esac
    o=$o$d r=${r#???}
  done
  printf %s "$o"
}
# Names as paths, each ended by NUL: what must have the attributes, with the directories above.
paths_of() {
  {
    printf '%s\n' "$files"
    printf '%s\n' "$files" | sed -n 's/^\/*\([^/][^/]*\)\/.*/\1/p' | sort -u
  } | sed 's/^\/*//; /^$/d' | while IFS= read -r one; do printf '%s/%s\0' "$dest" "${one%/}"; done
}
attributes_of() { paths_of | xargs -0 stat -c '%a %u %g %U %G %f' 2>/dev/null; }
