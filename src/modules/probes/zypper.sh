# What zypper has, or would do. $1: how many words the first command has, or 0; these, and then those of the second.
# Answers `search` and `plan`.
count=$1
shift
line= place=1
while [ "$place" -le "$count" ]; do line="$line \"\${$place}\"" place=$((place + 1)); done
read_only() { case " $* " in *' search '* | *' --dry-run '*) ;; *) return 1 ;; esac; }
[ "$count" = 0 ] || eval "read_only $line && said search $line"
shift "$count"
if [ $# -gt 0 ] && read_only "$@"; then zypper_says plan "$@"; fi
exit 0
