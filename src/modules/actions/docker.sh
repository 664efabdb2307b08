# Runs docker until it fails: $1: the directory, or nothing   then how many words the first call has, these words, the
# next. Before what a call says stands a line with `@` and its number. Calls of `logs` and `compose` say what both their
# outputs say. Standard input: what one of the calls reads: an environment, a password, a project.
PATH=$PATH:/usr/sbin:/sbin:/usr/local/bin
LC_ALL=C
export PATH LC_ALL
command -v docker >/dev/null || { echo "docker is not installed on the host" >&2; exit 127; }
if [ -n "$1" ]; then
    expand "$1"
    cd -- "$name" || exit
fi
shift
call() {
    case $1 in
    logs | compose) docker "$@" 2>&1 ;;
    *) docker "$@" ;;
    esac
}
# A pipe, so that /dev/stdin can be opened whatever the input is.
cat | {
    number=0
    while [ $# -gt 0 ]; do
        count=$1 number=$((number + 1))
        shift
        line=call place=1
        while [ "$place" -le "$count" ]; do
            line="$line \"\${$place}\""
            place=$((place + 1))
        done
        printf '@%s\n' "$number"
        eval "$line" || exit $?
        shift "$count"
    done
}
