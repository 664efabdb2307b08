# FSTAB WRITE KEEP PATH WHAT STRICT COUNT WORD...: with WRITE, FSTAB becomes standard input; KEEP keeps the old one and
# says where. Then WHAT happens at PATH: `mount`, `remount`, `unmount`, `remove`, or nothing. The first COUNT words are
# mount's, the rest are for mounting anew; STRICT: where that fails, nothing else is tried.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH LC_ALL=C
fstab=$1 write=$2 keep=$3 target=$4 what=$5 strict=$6 count=$7
shift 7
die() { printf '%s\n' "$2" >&2; exit "$1"; }
line= place=1
while [ "$place" -le "$count" ]; do line="$line \"\${$place}\"" place=$((place + 1)); done
mount_it() { eval "mount $line" 2>&1; }
made=
if [ "$what" = mount ] && [ ! -e "$target" ]; then
  rest=$target current=
  case $rest in /*) current=/ ;; esac
  while [ "$rest" ]; do
    part=${rest%%/*}
    case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
    [ "$part" ] || continue
    current=$current$part
    if [ ! -e "$current" ]; then
      e=$(mkdir -- "$current" 2>&1) || [ -d "$current" ] || die 14 "Error making dir $target: $e"
      made="$current
$made"
    fi
    current=$current/
  done
fi
old=
if [ "$write" ]; then
  case $fstab in */*) folder=${fstab%/*} ;; *) folder=. ;; esac
  [ -d "${folder:-/}" ] || mkdir -p "$folder" || exit 15
  if [ -e "$fstab" ]; then
    old=$fstab.$$.$(date +%Y-%m-%d@%H:%M:%S~)
    cp -p "$fstab" "$old" || exit 15
  fi
  new=${folder:-}/.opsctl-$$
  trap 'rm -f "$new"' EXIT
  trap 'exit 143' HUP INT TERM
  if [ "$old" ]; then cp -p "$fstab" "$new" || exit 15; fi
  cat >"$new" || exit 15
  # Where a file is mounted at the place, it can only be written to.
  mv -f "$new" "$fstab" 2>/dev/null || cat "$new" >"$fstab" || exit 15
fi
restore() {
  if [ "$write" ]; then
    if [ "$old" ]; then cat "$old" >"$fstab"; else : >"$fstab"; fi
  fi
  printf '%s' "$made" | while IFS= read -r folder; do rmdir -- "$folder" 2>/dev/null; done
}
forget() { [ -z "$old" ] || [ "$keep" ] || rm -f "$old"; }
case $what in
mount) e=$(mount_it "$@") || { restore; forget; die 10 "$e"; } ;;
remount)
  if ! e=$(shift "$count"; mount "$@" 2>&1); then
    [ -z "$strict" ] || { forget; die 13 "$e"; }
    e=$(umount -- "$target" 2>&1) && e=$(mount_it "$@") || { restore; forget; die 10 "$e"; }
  fi ;;
unmount) e=$(umount -- "$target" 2>&1) || { forget; die 11 "$e"; } ;;
remove)
  if [ "$strict" ]; then e=$(umount -- "$target" 2>&1) || { forget; die 11 "$e"; }; fi
  if [ -e "$target" ]; then e=$(rmdir -- "$target" 2>&1) || { forget; die 12 "$e"; }; fi ;;
esac
forget
[ -z "$keep" ] || printf '%s' "$old"
exit 0
