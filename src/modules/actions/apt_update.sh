# Fetches apt's lists, then says what apt knows: as the probe does.
# $1: tries   $2: the longest pause between them in seconds   $3: how long to wait for a lock, in seconds
# $4 and on: the words of the probe
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C DEBIAN_FRONTEND=noninteractive
export PATH LC_ALL DEBIAN_FRONTEND
tries=$1 longest=$2 limit=$3 try=0 pause=1 waited=0
shift 3
while :; do
    said=$(apt-get -q -o DPkg::Lock::Timeout="$limit" update 2>&1 </dev/null) && break
    case $said in
    *"Could not get lock"* | *"Unable to lock"*)
        if [ "$waited" -lt "$limit" ]; then
            sleep 1
            waited=$((waited + 1))
            continue
        fi
        ;;
    esac
    try=$((try + 1))
    if [ "$try" -ge "$tries" ]; then
        printf '%s\n' "$said" | grep -E '^[EW]:' >&2
        exit 100
    fi
    [ "$pause" -le "$longest" ] || pause=$longest
    sleep "$pause"
    pause=$((pause * 2))
done
apt_knows "$@"
