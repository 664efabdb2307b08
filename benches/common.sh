# What the benchmark scripts share; sourced, not run. Needs GNU time.

export LC_ALL=C.UTF-8
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
cleanup=:
trap 'eval "$cleanup"; rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM HUP

# The binary under test; `OPSCTL=path` names another one.
opsctl=$(realpath -m "${OPSCTL:-$here/../target/release/opsctl}")
[ -x "$opsctl" ] || {
  echo "no release binary at $opsctl: run cargo build --release first" >&2
  exit 2
}

installed() {
  command -v "$1" >/dev/null && return
  echo "skipped: $1 is not installed" >&2
  return 1
}

# Runs a command and adds a line `wall cpu kB` to the results of NAME. CPU is user + system of the whole process tree;
# kB is the peak of its largest process.
measure() {
  name=$1
  shift
  if ! /usr/bin/time -o "$scratch/time" -f '%e %U %S %M' "$@" >"$scratch/$name.out" 2>"$scratch/$name.err" </dev/null
  then
    echo "$name failed; the end of what it said:" >&2
    tail -n 5 "$scratch/$name.out" "$scratch/$name.err" >&2
    exit 1
  fi
  awk 'NF == 4 { print $1, $2 + $3, $4 }' "$scratch/time" >>"$scratch/$name.results"
}

# The median of COLUMN (1 wall, 2 CPU, 3 kB) of the results of NAME.
median() {
  cut -d ' ' -f "$2" "$scratch/$1.results" | sort -n | awk '{ v[NR] = $1 }
    END { m = int((NR + 1) / 2); print NR % 2 ? v[m] : (v[m] + v[m + 1]) / 2 }'
}

# Prints one row a name, with ratios to the first one.
table() {
  base=$1
  base_wall=$(median "$base" 1)
  base_cpu=$(median "$base" 2)
  echo "| program | wall, s | CPU, s | peak, MB | wall / $base | CPU / $base |"
  echo '|---|---|---|---|---|---|'
  for name in "$@"; do
    awk -v name="$name" -v wall="$(median "$name" 1)" -v cpu="$(median "$name" 2)" -v kb="$(median "$name" 3)" \
      -v base_wall="$base_wall" -v base_cpu="$base_cpu" 'BEGIN {
        printf "| %s | %.2f | %.2f | %.0f | %s | %s |\n", name, wall, cpu, kb / 1024, ratio(wall, base_wall), ratio(cpu, base_cpu)
      }
      function ratio(value, base) { return base > 0 ? sprintf("%.3f", value / base) : "-" }'
  done
  echo
  echo "load average at the end: $(cut -d ' ' -f 1-3 /proc/loadavg 2>/dev/null || uptime); $(nproc) processors"
}
