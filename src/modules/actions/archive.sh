# MODE OWNER GROUP CONTEXT FLAGS REMOVE and the words of an archive: packs it beside its place, takes what went in away
# with REMOVE, and says how many names went in, these, and what the archive is then.
mode=$1 owner=$2 group=$3 context=$4 flags=$5 remove=$6
shift 6
read_archiving "$@"
[ "$must" ] || case $format in tar | zip) must=1 ;; esac
kind=$format
case $format in tar | zip) ;; zstd) kind=tar.zst ;; *) kind=tar.$format ;; esac
bad() {
  if [ "$must" ]; then die "Error when writing $kind archive at $shown_dest: $1"; fi
  die "Unable to write to compressed file: $1"
}
[ ! -d "$dest" ] || bad 'it is a directory'
folder=${dest%/*}
[ -d "${folder:-/}" ] || bad 'no such directory'
own=$(umask 077; mktemp -d) || exit
tmp=$folder/.opsctl-$$
[ $format != zip ] || tmp=$tmp.zip
trap 'rm -rf "$own" "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
names >"$own/names" 2>"$own/unread"
e=$( (set -C; : >"$tmp") 2>&1) || bad "${e##*: }"
rc=0
if [ -z "$must" ]; then
  eval "set -- $paths"
  printf '%s\0' "${1#"$root"}" >"$own/names"
  compress <"$1" >"$tmp" 2>"$own/errors" || rc=$?
elif [ $format = zip ]; then
  rm -f "$tmp"
  if [ -s "$own/names" ]; then
    (cd "${root:-.}" && tr '\0' '\n' <"$own/names" | zip -q -X -@ "$tmp") >"$own/errors" 2>&1 || rc=$?
  else
    printf 'PK\005\006\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' >"$tmp" 2>"$own/errors" || rc=$?
  fi
else
  rc=$({ { tar_stream <"$own/names" 2>"$own/errors"; echo $? >&3; } | compress >"$tmp" || echo 9 >&3; } 3>&1)
  # A file that grows while it is read is packed all the same.
  case $rc in 0) ;; 1) case $(cat "$own/errors") in *changed\ as\ we\ read\ it*) rc=0 ;; esac ;; esac
fi
[ "$rc" = 0 ] || bad "$(cat "$own/errors")"
if [ -f "$dest" ]; then
  chown "$(stat -c %u:%g "$dest")" "$tmp" 2>/dev/null
  chmod "$(stat -c %a "$dest")" "$tmp"
else
  chmod "$(printf %o $((0666 & ~0$(umask))))" "$tmp"
fi || exit
dd if=/dev/null of="$tmp" conv=notrunc,fsync 2>/dev/null || sync
e=$(mv -f "$tmp" "$dest" 2>&1 </dev/null) || bad "$e"
[ ! -e /sys/fs/selinux/enforce ] || restorecon "$dest" 2>/dev/null
apply "$dest" "$mode" "$owner" "$group" "$context" "$flags"
shown <"$own/names" >"$own/shown"
if [ "$remove" ]; then
  [ ! -s "$own/unread" ] || die "Error deleting some source files: not all of them could be read"
  eval "set -- $paths"
  for one; do
    if [ -h "$one" ] && [ -d "$one" ]; then die "Error deleting some source files: $one is a link"
    elif [ -d "$one" ]; then e=$(rm -rf "$one" 2>&1) || die "Error deleting some source files: $e"
    elif [ -e "$one" ] && { tr '\0' '\n' <"$own/names" | grep -Fqx -e "${one#"$root"}"; }; then
      e=$(rm -f "$one" 2>&1) || die "Error deleting some source files: $e"
    fi
  done
fi
tr -cd '\0' <"$own/shown" | wc -c | tr -d ' \n'
printf '\0'
cat "$own/shown"
name=$shown_dest path=$dest
look '' ''
