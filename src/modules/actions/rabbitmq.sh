# Runs commands until one fails; each reads $PASSWORD from its input. $1: how many words the first has, these words, …
PATH=$PATH:/usr/sbin:/sbin:/usr/lib/rabbitmq/bin
LC_ALL=C
export PATH LC_ALL
while [ $# -gt 0 ]; do
    count=$1
    shift
    line= place=1
    while [ "$place" -le "$count" ]; do
        line="$line \"\${$place}\""
        place=$((place + 1))
    done
    printf '%s\n' "$PASSWORD" | { unset PASSWORD; eval "$line"; } || exit $?
    shift "$count"
done
