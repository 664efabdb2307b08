# PATH WHAT TYPE SIZE COMMENT COMMENTED, then twice MODE OWNER GROUP CONTEXT FLAGS: makes a pair of SSH keys (`generate`),
# its public key (`public`), or removes it (`remove`); sets the attributes of both files; says how the pair is then.
export LC_ALL=C
expand "$1"
what=$2 type=$3 size=$4 comment=$5 commented=$6
shift 6
case $path in */*) folder=${path%/*} ;; *) folder=. ;; esac
new=${folder:-}/.opsctl-$$
umask 077
trap 'rm -f "$new" "$new.pub"' EXIT
trap 'exit 143' HUP INT TERM
# What is replaced keeps its owner and mode.
put() {
  if [ -e "$2" ]; then chmod "$(stat -L -c %a "$2")" "$1" && chown "$(stat -L -c %u:%g "$2")" "$1" || exit; fi
  mv -f "$1" "$2" || exit
}
case $what in
generate)
  e=$(ssh-keygen -q -N '' -b "$size" -t "$type" -C "$comment" -f "$new" 2>&1 </dev/null) || die "$e"
  chmod 644 "$new.pub"
  put "$new" "$path"
  put "$new.pub" "$path.pub" ;;
public)
  # Never through a link that waits there.
  (set -C; ssh-keygen -P '' -y -f "$path" >"$new.pub") 2>/dev/null </dev/null ||
    die "The public key is missing or does not match the private key. Unable to regenerate the public key."
  chmod 644 "$new.pub"
  put "$new.pub" "$path.pub"
  if [ "$commented" ]; then
    e=$(ssh-keygen -q -P '' -c -C "$comment" -f "$path" 2>&1 </dev/null) || die "$e"
  fi ;;
remove) rm -f "$path" "$path.pub" || exit ;;
esac
if [ "$what" != remove ]; then
  apply "$path" "$1" "$2" "$3" "$4" "$5"
  apply "$path.pub" "$6" "$7" "$8" "$9" "${10}"
fi
ssh_key_knows
