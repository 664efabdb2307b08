# DIRECTORY ...: makes a directory that is missing and goes there; nothing stands for where we are. Goes on with the words
# after it.
if [ "$1" ]; then
  expand "$1"
  mkdir -p "$path" && cd "$path" || exit
fi
shift
