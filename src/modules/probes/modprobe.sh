# How a kernel module is. $1: its name   $2: `load` or `unload` asks what modprobe would do   $3 and on: parameters
name=$1 dry=$2
shift 2
said tool command -v modprobe
underlined=$(printf '%s' "$name" | tr - _)
builtin=/lib/modules/$(uname -r)/modules.builtin
loaded=
if [ -r /proc/modules ]; then
  while read -r module rest; do [ "$module" != "$underlined" ] || loaded=yes; done </proc/modules
else said unreadable echo /proc/modules
fi
if [ -z "$loaded" ] && [ -r /proc/modules ]; then
  if [ -r "$builtin" ]; then
    while read -r line; do case $line in */"$name".ko) loaded=yes ;; esac; done <"$builtin"
  else said unreadable echo "$builtin"
  fi
fi
[ -z "$loaded" ] || said loaded echo yes
case $dry$loaded in
load) said dry modprobe -n "$name" "$@" ;;
unloadyes) said dry modprobe -r "$name" -n ;;
esac
for file in /etc/modules-load.d/* /etc/modprobe.d/*; do
  [ ! -f "$file" ] || said "$file" cat "$file"
done
