# Runs apt-get, dpkg or apt-mark once the lock is free.
# $1: how many seconds to wait for it   $2: what /usr/sbin/policy-rc.d answers meanwhile, or nothing
# $3 and on: the command; the word @deb stands for the file fetched from $OPSCTL_DEB,
# which counts for nothing without it: the host's environment may have one
limit=$1 policy=$2
shift 2
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C LANG=C DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical
export PATH LC_ALL LANG DEBIAN_FRONTEND DEBIAN_PRIORITY
folder=$(mktemp -d) || exit 1
denial=/usr/sbin/policy-rc.d
clean() {
    if [ -n "$policy" ]; then
        rm -f "$denial"
        [ ! -e "$folder/policy-rc.d" ] || mv "$folder/policy-rc.d" "$denial"
    fi
    rm -rf "$folder"
}
trap 'clean; exit 143' HUP INT TERM
if [ -n "$policy" ]; then
    [ ! -e "$denial" ] || mv "$denial" "$folder/policy-rc.d" || exit 1
    printf '#!/bin/sh\nexit %d\n' "$policy" >"$denial" && chmod 755 "$denial"
fi
for word in "$@"; do
    shift
    if [ "$word" = @deb ]; then
        /usr/lib/apt/apt-helper -q download-file "$OPSCTL_DEB" "$folder/package.deb" >&2 || { clean; exit 100; }
        chmod 755 "$folder"
        word=$folder/package.deb
    fi
    set -- "$@" "$word"
done

# The process that holds one of apt's locks: from the kernel's list of locks, by inode.
holder() {
    for lock in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock; do
        inode=$(stat -c %i "$lock" 2>/dev/null) || continue
        pid=$(awk -v inode="$inode" '$2 != "->" { n = split($6, part, ":"); if (part[n] == inode) { print $5; exit } }' \
            /proc/locks 2>/dev/null)
        [ -z "$pid" ] || { echo "$lock is held by process $pid ($(cat "/proc/$pid/comm" 2>/dev/null || echo unknown))"; return; }
    done
}

waited=0
while :; do
    "$@" </dev/null >"$folder/out" 2>"$folder/err"
    rc=$?
    [ "$rc" -ne 0 ] || break
    grep -qE '(Could not get|Unable to (acquire|lock)|is locked by another|lock .*held by)' "$folder/err" || break
    who=$(holder)
    if [ "$waited" -ge "$limit" ]; then
        echo "waited $waited s for the lock of apt: ${who:-its holder is unknown}" >>"$folder/err"
        break
    fi
    sleep 1
    waited=$((waited + 1))
done
cat "$folder/out"
cat "$folder/err" >&2
clean
exit "$rc"
