# Says how a pair of SSH keys is. $path: the private key's.
ssh_key_knows() {
  [ ! -e "$path" ] || echo there
  [ ! -e "$path.pub" ] || echo there-pub
  if [ -e "$path" ]; then
    if e=$(ssh-keygen -l -f "$path" 2>/dev/null </dev/null); then printf 'private %s\n' "$e"; fi
    if e=$(ssh-keygen -P '' -y -f "$path" 2>/dev/null </dev/null); then printf 'public %s\n' "$e"; fi
  fi
  if [ -r "$path.pub" ]; then printf 'stored %s\n' "$(head -n 1 "$path.pub")"; fi
}
