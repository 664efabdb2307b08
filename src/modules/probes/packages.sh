# The packages that are installed. $1: first or all   $2 and on: apk, apt, pacman, rpm, in the order they are tried.
# Before each manager's lines stands `@manager NAME`, after what went wrong with one `@failed NAME WHY`.
which=$1
shift
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
# Fields: name, version, architecture, section; then where each version came from.
packages_of_apt() {
    command -v dpkg-query >/dev/null || return 0
    native=$(dpkg --print-architecture)
    list=$(dpkg-query -W -f '${db:Status-Status}\t${binary:Package}\t${Version}\t${Architecture}\t${Section}\n') || return
    list=$(printf '%s\n' "$list" | awk -F '\t' -v native=":$native" '
        $1 != "not-installed" && $1 != "config-files" {
            n = length($2) - length(native)
            if (n > 0 && substr($2, n + 1) == native) $2 = substr($2, 1, n)
            print "@package\t" $2 "\t" $3 "\t" $4 "\t" $5
        }')
    printf '%s\n' "$list"
    command -v apt-cache >/dev/null || return 0
    apt-cache policy | awk '
        /^ *-?[0-9]+ / { sub(/^ *-?[0-9]+ /, ""); file = $0 }
        /^ +release / { sub(/^ +release /, ""); print "@file\t" file "\t" $0 }'
    set -f
    apt-cache policy -- $(printf '%s\n' "$list" | cut -f 2) 2>/dev/null | awk '
        /^[^ ].*:$/ { name = substr($0, 1, length($0) - 1); wanted = 0; next }
        /^ \*\*\* / { wanted = 1; next }
        wanted { sub(/^ *-?[0-9]+ /, ""); print "@from\t" name "\t" $0; wanted = 0 }'
    set +f
}
for manager in "$@"; do
    case $manager in
    apt) set -- apt-get packages_of_apt ;;
    rpm) set -- rpm rpm -qa --qf '%{NAME}\t%{VERSION}\t%{RELEASE}\t%{EPOCH}\t%{ARCH}\n' ;;
    apk) set -- apk apk info -v ;;
    pacman) set -- pacman pacman -Qi ;;
    esac
    command -v "$1" >/dev/null || { echo "@missing $manager"; continue; }
    shift
    echo "@manager $manager"
    if found=$("$@" 2>/dev/null) && [ -n "$found" ]; then
        printf '%s\n' "$found"
        [ "$which" = all ] || break
    else
        echo "@failed $manager $("$@" 2>&1 >/dev/null | head -n 3 | tr '\n' ' ')"
    fi
done
exit 0
