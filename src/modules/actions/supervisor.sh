# PROGRAM UPDATE NAME COUNT OPTION... [WORD SUBJECT SAID]...: runs supervisorctl with the COUNT options and each WORD and
# SUBJECT; each must say `SAID`. With UPDATE, updates first, then does WORD (of the one triple) to all that NAME means:
# a program, a group with `:` at its end, or `all`. Says what it was done to.
PATH=$PATH:/usr/local/bin
export PATH LC_ALL=C
program=$1 update=$2 name=$3 count=$4
shift 4
supervisor_is_there || exit 127
options= place=1
while [ "$place" -le "$count" ]; do options="$options \"\${$place}\"" place=$((place + 1)); done
call() { wanted=$1 subject=$2; shift 2; eval "supervisor $options \$wanted \${subject:+\"\$subject\"}"; }
act() {
  word=$1 one=$2 said=$3
  shift 3
  e=$(call "$word" "$one" "$@" 2>&1) || [ "$said" ] || { printf '%s\n' "$e" >&2; exit 1; }
  case $e in *"$said"*) ;; *) printf '%s\n' "$e" >&2; exit 1 ;; esac
}
if [ "$update" ]; then
  e=$(call update '' "$@" 2>&1) || { printf '%s\n' "$e" >&2; exit 1; }
  found=$(call status '' "$@" | awk -v name="$name" '
    name == "all" { print $1; next }
    name ~ /:$/ { if (index($1, name) == 1) print $1; next }
    $1 == name { print $1 }')
  [ "$found" ] || { echo 'ERROR (no such process)' >&2; exit 1; }
  if [ "$name" = all ]; then act restart all '' "$@"; else
    for one in $found; do act restart "$one" "$one: started" "$@"; done
  fi
  printf '%s\n' "$found"
  exit 0
fi
left=$#
while [ "$left" -gt "$count" ]; do
  eval "word=\${$((count + 1))} one=\${$((count + 2))} said=\${$((count + 3))}"
  act "$word" "$one" "$said" "$@"
  # Takes the triple away, and keeps the options.
  z=$count
  while [ "$z" -gt 0 ]; do w=$1; shift; set -- "$@" "$w"; z=$((z - 1)); done
  shift 3
  z=$((left - count - 3))
  while [ "$z" -gt 0 ]; do w=$1; shift; set -- "$@" "$w"; z=$((z - 1)); done
  left=$#
done
exit 0
