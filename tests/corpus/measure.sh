#!/bin/sh
# Measures how much of the playbooks and roles in a folder of repositories `opsctl deploy --syntax-check` loads.
#
#   tests/corpus/measure.sh FOLDER [OPSCTL]
#
# FOLDER holds one directory a repository. Prints the counts, the share of tasks with nothing refused, the share of
# plays and roles that load whole, the share of template files (*.j2) that parse with no unknown name, and what is
# refused, most frequent cause first. Nothing is run, and no program of
# the repositories is started: of their ansible.cfg only the paths of roles and collections count.
# MEASURE_EXAMPLES=N shows N places of each cause, MEASURE_CAUSES=N the first N causes (60), and
# MEASURE_REPOSITORIES=1 a line for each repository.
set -eu

folder=${1:?usage: $0 FOLDER [OPSCTL]}
opsctl=${2:-target/release/opsctl}
here=$(dirname "$0")

command -v python3 >/dev/null || { echo "python3 is not installed" >&2; exit 2; }
[ -x "$opsctl" ] || { echo "$opsctl is not built" >&2; exit 2; }

exec python3 "$here/measure.py" "$folder" "$opsctl"
