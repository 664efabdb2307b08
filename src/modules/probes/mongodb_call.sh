# mongodb_call: runs $SCRIPT in the shell of MongoDB.
PATH=$PATH:/usr/local/bin:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
mongodb_call() {
  for client in mongosh mongo ''; do
    if [ -z "$client" ]; then
      echo "the client mongosh is not installed on the host" >&2
      exit 127
    fi
    command -v "$client" >/dev/null && break
  done
  # No process list shows what stands in a file.
  folder=$(umask 077 && mktemp -d) || exit 1
  trap 'rm -rf "$folder"' EXIT
  trap 'exit 143' HUP INT TERM
  (umask 077 && printf '%s\n' "$SCRIPT" >"$folder/script.js") || exit 1
  unset SCRIPT
  "$client" --nodb --quiet --norc "$folder/script.js" </dev/null
}
