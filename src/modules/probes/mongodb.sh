# What a server of MongoDB says to $SCRIPT. $1: a path; `@there` says that it is there
if [ "$1" ]; then
  expand "$1"
  if [ -e "$path" ]; then
    echo @there
    exit 0
  fi
fi
mongodb_call
