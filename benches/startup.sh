#!/usr/bin/env bash
# How long `opsctl --version` takes, and how large the release binary is. Goals: 10 ms, 15 MB.
. "$(dirname "$0")/common.sh"

if installed hyperfine; then
  hyperfine --shell none --warmup 10 --runs "${RUNS:-200}" "'$opsctl' --version"
else
  runs=${RUNS:-200}
  measure loop sh -c 'i=0; while [ "$i" -lt "$2" ]; do "$1" --version; i=$((i + 1)); done' - "$opsctl" "$runs"
  awk -v wall="$(median loop 1)" -v cpu="$(median loop 2)" -v runs="$runs" \
    'BEGIN { printf "opsctl --version: %.2f ms wall, %.2f ms CPU (mean of %d)\n", wall / runs * 1000, cpu / runs * 1000, runs }'
fi
wc -c <"$opsctl" | awk '{ printf "release binary: %.1f MB\n", $1 / 1e6 }'
