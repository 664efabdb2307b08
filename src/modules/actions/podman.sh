# Runs commands of podman until one fails, and says what each and in the end the container is. $1: podman
# $2: the container   then: how many words the first command has, these words, then the next.
podman=$1 container=$2
shift 2
number=0
# As `said` does, and leaves the exit code in $rc.
run() {
  printf '%s\0' "$number"
  { errors=$("$@" 2>&1 >&3 3>&- </dev/null); } 3>&1
  rc=$?
  printf '\0%s\0%s\0' "$rc" "$errors"
}
while [ $# -gt 0 ]; do
  count=$1
  shift
  line= place=1
  while [ "$place" -le "$count" ]; do
    line="$line \"\${$place}\""
    place=$((place + 1))
  done
  number=$((number + 1))
  eval "run \"\$podman\" $line"
  shift "$count"
  [ "$rc" = 0 ] || exit 0
done
said container "$podman" container inspect "$container"
