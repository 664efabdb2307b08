# Replaces /etc/locale.gen by standard input and makes the locales that it names; says which there are then.
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
command -v locale-gen >/dev/null || { echo 'Failed to find required executable "locale-gen"' >&2; exit 127; }
file=/etc/locale.gen
temporary=$(mktemp "$file.XXXXXX") || exit 1
trap 'rm -f "$temporary"' EXIT
trap 'exit 143' HUP INT TERM
cat >"$temporary" && chmod "$(stat -c %a "$file")" "$temporary" && chown "$(stat -c %u:%g "$file")" "$temporary" &&
    mv -f "$temporary" "$file" || exit 1
locale-gen >&2 </dev/null || exit
exec locale -a 2>/dev/null
