# Runs parted and says how the disk is then. $1: the disk   $2: the unit   $3 and on: the call of parted
disk=$1 unit=$2
shift 2
said run "$@"
[ "$said_rc" = 0 ] || exit 0
if command -v udevadm >/dev/null 2>&1; then udevadm settle --timeout=10 >/dev/null 2>&1; fi
said print parted -s -m "$disk" -- unit "$unit" print
exit 0
