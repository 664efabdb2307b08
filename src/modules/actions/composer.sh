# Runs composer. $1: PHP   $2: composer   $3: the directory, or nothing   $4 and on: its words. Says in `same` whether the
# files of its settings are as before.
find_composer "$1" "$2"
where_to "$3"
shift 3
if [ "$1" = config ]; then
  folder=$path
  [ "$where" != global ] || folder=$("$php" "$composer" config --global --no-interaction home 2>/dev/null </dev/null)
  sums() { cksum "$folder/composer.json" "$folder/auth.json" 2>/dev/null; }
  before=$(sums)
fi
said run "$php" "$composer" "$where" "$@"
if [ "$1" = config ] && [ "$before" = "$(sums)" ]; then said same echo yes; fi
exit 0
