# Writes or deletes a file of apt's sources; without success in fetching the lists the old one comes back.
# $1: its path   $2: mode of a new one   $3: write or delete   $4: tries of apt-get update; 0 for none
# $5: the longest pause between them   Standard input: its text
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C DEBIAN_FRONTEND=noninteractive
export PATH LC_ALL DEBIAN_FRONTEND
path=$1 tries=$4 longest=$5 try=0 pause=1
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 143' HUP INT TERM
cat >"$folder/new" || exit 1
[ ! -e "$path" ] || cp -p "$path" "$folder/old" || exit 1
put() {
    temporary=$(mktemp "${path%/*}/.${path##*/}.XXXXXX") && cat "$1" >"$temporary" && chmod "$2" "$temporary" &&
        mv -f "$temporary" "$path"
}
if [ "$3" = delete ]; then rm -f "$path" || exit 1
else
    mode=$2
    [ -n "$mode" ] || mode=$(stat -c %a "$path" 2>/dev/null) || mode=0644
    put "$folder/new" "$mode" || exit 1
fi
while [ "$tries" -gt "$try" ]; do
    said=$(apt-get -q -o DPkg::Lock::Timeout=60 update 2>&1 </dev/null) && exit 0
    try=$((try + 1))
    [ "$pause" -le "$longest" ] || pause=$longest
    [ "$try" -ge "$tries" ] || sleep "$pause"
    pause=$((pause * 2))
done
[ "$tries" -eq 0 ] && exit 0
if [ -e "$folder/old" ]; then cp -p "$folder/old" "$path"; else rm -f "$path"; fi
echo "Failed to update apt cache after $tries retries: $(printf '%s\n' "$said" | grep -E '^[EW]:')" >&2
exit 100
