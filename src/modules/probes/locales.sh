# The locales of the host: after `@made` those that are there, after `@known` those of the names $1 and on that could be,
# after `@gen` the text of /etc/locale.gen.
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
[ -e /etc/locale.gen ] || { echo '/etc/locale.gen is missing. Is the package "locales" installed?' >&2; exit 1; }
echo @made
locale -a 2>/dev/null
echo @known
for name in "$@"; do
    cat /usr/share/i18n/SUPPORTED /usr/local/share/i18n/SUPPORTED 2>/dev/null | awk -v name="$name" '
        { line = $0; sub(/^[ \t]*#?[ \t]*/, "", line); n = split(line, part, " ") }
        n == 2 && part[1] == name { print line; exit }'
done
echo @gen
cat /etc/locale.gen
