# JID LIMIT CONTENT KEEPER WORD…: starts the words so that they outlive the connection. Standard input is what CONTENT
# says: their input, or the script that takes the place of the first. Prints the directory that holds what is known.
u=$(umask)
umask 077
mkdir -p "$HOME/.ansible_async" || exit
d=$HOME/.ansible_async/$1
mkdir "$d" || exit
fail() {
  rm -rf "$d"
  exit 1
}
i=/dev/null
case $3 in
input)
  i=$d/input
  cat >"$i" || fail
  ;;
script) { cat >"$d/script" && chmod 700 "$d/script"; } || fail ;;
esac
l=$2 c=$3 k=$4
shift 4
[ "$c" = script ] && {
  shift
  set -- "$d/script" "$@"
}
s=/usr/bin/setsid
[ -x "$s" ] || s=$(command -v setsid)
b=
[ -r /proc/sys/kernel/random/boot_id ] && read -r b </proc/sys/kernel/random/boot_id
$s /bin/sh -c "$k" opsctl "$d" "$l" "$u" "$i" "$s" "$b" "$@" </dev/null >/dev/null 2>&1 &
# Whoever asks next shall find it begun.
n=0
until [ -s "$d/begun" ]; do
  n=$((n + 1))
  [ "$n" -gt 300 ] && {
    echo 'the job did not begin' >&2
    exit 1
  }
  sleep 0.02 2>/dev/null || sleep 1
done
echo "$d"
