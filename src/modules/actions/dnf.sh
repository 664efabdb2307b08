# Runs dnf or yum, its words from $1 on, and says which packages came (`@+`) and went (`@-`).
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 143' HUP INT TERM
rpm -qa | sort >"$folder/before"
"$@" </dev/null
rc=$?
rpm -qa | sort >"$folder/after"
awk 'NR == FNR { old[$0] = 1; next } !($0 in old) { print "@+ " $0 }' "$folder/before" "$folder/after"
awk 'NR == FNR { new[$0] = 1; next } !($0 in new) { print "@- " $0 }' "$folder/after" "$folder/before"
exit "$rc"
