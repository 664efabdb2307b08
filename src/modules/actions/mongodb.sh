# Gives a server of MongoDB $SCRIPT. $1: a file that is made when it took all of it
said=$(mongodb_call) || exit $?
printf '%s\n' "$said"
case $said in *'"ok":0'* | *'@said {'*) exit 0 ;; esac
if [ "$1" ]; then
  expand "$1"
  : >>"$path" || echo @untouched
fi
