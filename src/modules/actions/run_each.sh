# Runs commands until one fails. $1: how many words the first has, then these words, then the next.
PATH=$PATH:/usr/sbin:/sbin
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
    eval "$line" </dev/null || exit $?
    shift "$count"
done
