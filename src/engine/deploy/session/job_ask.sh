# JID: one line with the job's state, then what it printed.
d=$HOME/.ansible_async/$1
p= s= b= r= t= e=
[ -d "$d" ] || {
  echo missing
  exit
}
[ -f "$d/begun" ] && read -r p s b <"$d/begun"
alive() {
  [ "$p" ] || return
  x=
  [ -r /proc/sys/kernel/random/boot_id ] && read -r x </proc/sys/kernel/random/boot_id
  [ "$x" = "$b" ] || return
  [ -d "/proc/$p" ] || kill -0 "$p" 2>/dev/null
}
g=
alive && g=1
# Looked at after its keeper, which writes it last.
[ -f "$d/ended" ] && read -r r t e <"$d/ended"
if [ "$r" ]; then
  echo "ended $r $t $s $e"
  cat "$d/stdout"
  cat "$d/stderr" >&2
elif [ "$g" ]; then
  echo running
else
  echo lost
fi
