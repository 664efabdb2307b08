# shellcheck shell=bash
# What the benchmark scripts share; sourced by bash, not run. Needs GNU time.

set -euo pipefail
export LC_ALL=C.UTF-8
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scratch=$(mktemp -d)
processes=()

clean_up() {
  trap - EXIT
  ((${#processes[@]} == 0)) || kill "${processes[@]}" 2>/dev/null || :
  wait
  rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# The binary under test; `OPSCTL=path` names another one.
opsctl=$(realpath -m "${OPSCTL:-$here/../target/release/opsctl}")
[ -x "$opsctl" ] || {
  echo "no release binary at $opsctl: run cargo build --release first" >&2
  exit 2
}
[ -x /usr/bin/time ] || {
  echo "GNU time is missing: apt-get install time" >&2
  exit 2
}

installed() {
  command -v "$1" >/dev/null && return
  echo "skipped: $1 is not installed" >&2
  return 1
}

# Runs a command and adds a line `wall cpu kB` to the results of NAME. CPU is user + system of the whole process tree;
# kB is the peak of its largest process. Its output is left in NAME.out and NAME.err.
measure() {
  local name=$1 TIMEFORMAT='%3R %3U %3S' code=0
  shift
  # bash's own times are ten times finer than those of GNU time, which alone knows of memory.
  { time /usr/bin/time -q -o "$scratch/memory" -f %M "$@" >"$scratch/$name.out" 2>"$scratch/$name.err" </dev/null; } \
    2>"$scratch/times" || code=$?
  if ((code != 0)); then
    echo "$name failed with $code; the end of what it said:" >&2
    tail -n 5 "$scratch/$name.out" "$scratch/$name.err" >&2
    return 1
  fi
  awk -v kb="$(tail -n 1 "$scratch/memory")" 'NF == 3 { print $1, $2 + $3, kb }' "$scratch/times" >>"$scratch/$name.results"
}

# The median of COLUMN (1 wall, 2 CPU, 3 kB) of the results of NAME.
median() {
  cut -d ' ' -f "$2" "$scratch/$1.results" | sort -n | awk '{ v[NR] = $1 }
    END { m = int((NR + 1) / 2); print NR % 2 ? v[m] : (v[m] + v[m + 1]) / 2 }'
}

# Prints one row a name, with ratios to the first one; CPU is also shown a host where `hosts` is set.
table() {
  local base=$1 base_wall base_cpu name
  base_wall=$(median "$base" 1)
  base_cpu=$(median "$base" 2)
  echo "| program | wall, s | CPU, s | CPU a host, ms | peak, MB | wall / $base | CPU / $base |"
  echo '|---|---|---|---|---|---|---|'
  for name in "$@"; do
    awk -v name="$name" -v wall="$(median "$name" 1)" -v cpu="$(median "$name" 2)" -v kb="$(median "$name" 3)" \
      -v base_wall="$base_wall" -v base_cpu="$base_cpu" -v hosts="${hosts:-0}" 'BEGIN {
        each = hosts > 0 ? sprintf("%.2f", cpu / hosts * 1000) : "-"
        printf "| %s | %.2f | %.2f | %s | %.0f | %s | %s |\n", name, wall, cpu, each, kb / 1024, ratio(wall, base_wall), ratio(cpu, base_cpu)
      }
      function ratio(value, base) { return base > 0 ? sprintf("%.3f", value / base) : "-" }'
  done
  echo
  machine
}

machine() {
  echo "load average at the end: $(cut -d ' ' -f 1-3 /proc/loadavg 2>/dev/null || uptime); $(nproc) processors"
}

# Says whether VALUE is at most LIMIT: `goal "peak memory, MB" 120 150`.
goal() {
  awk -v what="$1" -v value="$2" -v limit="$3" \
    'BEGIN { printf "%s: %.3f (goal: at most %s) %s\n", what, value, limit, value <= limit + 0 ? "met" : "MISSED" }'
}

# The ratio of NAME's median of COLUMN to PEER's, against a limit; nothing where one of them was not measured.
ratio_goal() {
  local what=$1 column=$2 name=$3 peer=$4 limit=$5
  [ -s "$scratch/$name.results" ] && [ -s "$scratch/$peer.results" ] || return 0
  goal "$name: $what / $peer" \
    "$(awk -v a="$(median "$name" "$column")" -v b="$(median "$peer" "$column")" 'BEGIN { if (b > 0) print a / b }')" "$limit"
}
