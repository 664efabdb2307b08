# Whether the host's own files change in transactions alone.
is_transactional() {
  [ -e /usr/sbin/transactional-update ] || return 1
  while read -r device at kind options rest; do
    [ "$at" = / ] || continue
    case $kind,$options, in btrfs,ro, | btrfs,ro,* | btrfs,*,ro,*) return 0 ;; esac
    return 1
  done </proc/mounts
  return 1
}
# NAME COMMAND...: runs zypper, in a transaction where the host wants one, and says what it says under NAME.
zypper_says() {
  name=$1
  shift
  if is_transactional; then set -- transactional-update --continue --drop-if-no-change --quiet run "$@"; fi
  said "$name" "$@"
}
