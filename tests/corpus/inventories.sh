#!/bin/sh
# Compares `opsctl inventory list` with `ansible-inventory --list` on every inventory found in a folder of repositories.
#
#   tests/corpus/inventories.sh FOLDER [OPSCTL]
#
# FOLDER holds one directory a repository. Prints each difference, then the counts. Only the order of keys is
# normalised. Programs among the inventories are never run: they come from strangers.
set -eu

folder=${1:?usage: $0 FOLDER [OPSCTL]}
opsctl=${2:-target/release/opsctl}
here=$(dirname "$0")

command -v ansible-inventory >/dev/null || { echo "ansible-inventory is not installed" >&2; exit 2; }
[ -x "$opsctl" ] || { echo "$opsctl is not built" >&2; exit 2; }

exec python3 "$here/inventories.py" "$folder" "$opsctl"
