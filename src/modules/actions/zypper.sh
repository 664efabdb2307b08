# Runs zypper. $1: `yes` where failed scripts of packages do not count   $2: how many words the refresh of the lists has,
# or 0; these, and then those of what is done, if anything is. Answers `refresh`, `run`, and `again` where zypper had to
# run once more.
skip=$1 count=$2
shift 2
if [ "$count" -gt 0 ]; then
  line= place=1
  while [ "$place" -le "$count" ]; do line="$line \"\${$place}\"" place=$((place + 1)); done
  eval "zypper_says refresh $line"
  [ "$said_rc" = 0 ] || exit 0
  shift "$count"
fi
[ $# -gt 0 ] || exit 0
zypper_says run "$@"
case $said_rc,$skip in 103,* | 107,yes) zypper_says again "$@" ;; esac
exit 0
