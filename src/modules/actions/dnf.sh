# Runs dnf or yum, the tool in $1 and its words from $3 on, and says which packages came (`@+`) and went (`@-`).
# $2: root of the system
find_tool "$1"
if [ -z "$tool" ]; then
  echo "neither dnf nor yum is here" >&2
  exit 127
fi
root=$2
shift 2
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 143' HUP INT TERM
all() { rpm --root "$root" -qa --qf "$nevra" | sed -e '/^gpg-pubkey-/d' -e 's/-0:/-/' | sort; }
all >"$folder/before" 2>/dev/null
"$tool" "$@" </dev/null
rc=$?
all >"$folder/after" 2>/dev/null
comm -13 "$folder/before" "$folder/after" | sed 's/^/@+ /'
comm -23 "$folder/before" "$folder/after" | sed 's/^/@- /'
exit "$rc"
