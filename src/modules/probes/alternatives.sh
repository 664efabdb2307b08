# What is known of a group of alternatives. $1: its name   $2: a path, or nothing: `@there` when it exists
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C LANGUAGE=C
export PATH LC_ALL LANGUAGE
command -v update-alternatives >/dev/null || {
    echo 'Failed to find required executable "update-alternatives"' >&2
    exit 127
}
[ -z "$2" ] || [ ! -e "$2" ] || echo @there
update-alternatives --display "$1" 2>/dev/null
exit 0
