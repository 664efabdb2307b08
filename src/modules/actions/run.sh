# Runs a command: $1 and on.
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
exec "$@" </dev/null
