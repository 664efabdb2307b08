# What composer knows of a verb, and whether there is a project. $1: PHP   $2: composer   $3: the directory, or nothing
# $4: the verb   $5: `yes` to run it too, only to say what it would do; $6 and on: its options. Answers `help`, `project`, `run`.
find_composer "$1" "$2"
where_to "$3"
verb=$4 run=$5
shift 5
if [ "$run" ]; then
  case " $* " in *' --dry-run '*) said run "$php" "$composer" "$where" "$verb" "$@" ;; esac
  exit 0
fi
[ "$where" = global ] || [ ! -e "$path/composer.json" ] || said project echo yes
said help "$php" "$composer" "$where" help "$verb" --no-interaction --format=json
exit 0
