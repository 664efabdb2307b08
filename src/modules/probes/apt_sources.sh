# apt's sources: after a line `@file PATH` the text of each file, then `@codename NAME`.
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -f "$file" ] || continue
    echo "@file $file"
    cat -- "$file"
    echo
done
echo "@codename $(. /etc/os-release 2>/dev/null; echo "${VERSION_CODENAME:-}")"
