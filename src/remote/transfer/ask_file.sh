# DEST NAME PARENTS MODE SHA256 CKSUM SIZE: compares. Leaves in $same whether the content is the same, in $m the mode.
resolve "$1" file "$2"
[ -d "$d" ] && fail "$d: is a directory"
[ -e "$d" ] && [ ! -f "$d" ] && fail "$d: is neither a file nor a directory, and is left alone"
[ "$3" ] || parent ''
e=$5
[ "$A" = cksum ] && e=$6
same=0
m=$(status "$d")
# Content of another length need not be read.
if [ -f "$d" ] && [ ! -L "$d" ] && [ -r "$d" ] && [ "${m#* }" = "$7" ]; then
  quick "$7"
  [ "$(sums <"$d")" = "$e" ] && same=1
fi
m=${m%% *}
echo "$A $same $m"
