# One command on a channel of its own, whose standard input is the channel's: for broadcast input, and for hosts
# without setsid. The loop on the first channel watches this process group and ends it when it must.
exec 4>&2 2>/dev/null
mark() {
  echo "$N $*"
  echo "$N $*" >&4
}
s=
while IFS= read -r l || exit; do
  [ "$l" = . ] && break
  s=$s$l$n
done
p=$$
if [ -r "/proc/$$/stat" ]; then
  read -r x <"/proc/$$/stat"
  x=${x##*") "}
  x=${x#* }
  x=${x#* }
  p=${x%% *}
else
  x=$(ps -o pgid= -p "$$") && p=$((x))
fi
mark group "$p"
# Nothing starts before the watcher stands.
IFS= read -r l
[ "$l" = go ] || exit
SHLVL=1
export SHLVL
mark begin "$I"
x=
(
  exec 2>&4 4>&-
  eval "$s" && exec "$@"
)
mark end "$I" "$?" exit ended
