# What apt and dpkg know: how old the lists are, and of each package whether it is installed and what could be.
# $1: when to ask apt-cache: never, missing (when one is not installed), always   $2: release or nothing
# $3: regular expressions of names, one a line, or nothing   $4 and on: names
apt_knows() {
    when=$1 release=$2 patterns=$3
    shift 3
    PATH=$PATH:/usr/sbin:/sbin
    LC_ALL=C
    export PATH LC_ALL
    stamp=/var/lib/apt/periodic/update-success-stamp
    [ -e "$stamp" ] || stamp=/var/lib/apt/lists
    echo "now $(date +%s)"
    echo "updated $(stat -c %Y "$stamp" 2>/dev/null || echo 0)"
    command -v apt-get >/dev/null || { echo "no apt-get"; return 0; }
    if [ -n "$patterns" ]; then
        found=$(apt-cache pkgnames | grep -E -e "$patterns")
        [ -z "$found" ] || printf '%s\n' "$found" | sed 's/^/glob /'
        set -f
        set -- "$@" $found
        set +f
    fi
    [ $# -gt 0 ] || return 0
    dpkg-query -W -f 'dpkg ${Package} ${Architecture} ${db:Status-Status} ${Version}\n' -- "$@" 2>/dev/null
    if [ "$when" = missing ]; then
        installed=" $(dpkg-query -W -f '${db:Status-Status}:${Package} ' -- "$@" 2>/dev/null)"
        for name in "$@"; do
            case $installed in
            *" installed:${name%%:*} "*) ;;
            *) when=always ;;
            esac
        done
    fi
    names=" $* " awk '
        /^Package:/ { name = $2 }
        /^Auto-Installed: 1/ && index(ENVIRON["names"], " " name " ") { print "auto " name }
    ' /var/lib/apt/extended_states 2>/dev/null
    [ "$when" = always ] || return 0
    policy=$(apt-cache ${release:+-t "$release"} policy -- "$@" 2>/dev/null)
    printf '%s\n' "policy" "$policy"
    set -f
    set -- $(printf '%s\n' "$policy" | awk '
        /^[^ ].*:$/ { name = substr($0, 1, length($0) - 1) }
        /^  Candidate: \(none\)/ { print name }
    ')
    [ $# -eq 0 ] || { echo provides; apt-cache showpkg -- "$@" 2>/dev/null; }
}
