#!/usr/bin/env bash
# Much data: 1 GB of output from one host through opsctl and through `ssh`, and 100 MB to 20 hosts with `opsctl copy` and
# with as many `scp` at once.
#
# How to read it: both sides speak the same cipher (CIPHER), since the server offers no other. CPU is the client's; on a
# machine that also runs the server, wall time is both together. `passthrough` hands the bytes on as they are; `exec` keeps
# the beginning and the end of them for its report and its record. Memory is to be flat: as much for 1 GB as for
# 10 MB, but for what is kept (4 MiB).
#
# ROUNDS (3), MEGABYTES (1000), COPY_MEGABYTES (100), HOSTS (20), CIPHER (chacha20-poly1305@openssh.com) and PORT (22022) may be
# set. Data lie in the scratch directory: TMPDIR=/dev/shm keeps the disk out of it. Each host is a user of its own, which
# takes root; others leave the copies out.
. "$(dirname "$0")/common.sh"
. "$here/lab.sh"

rounds=${ROUNDS:-3}
megabytes=${MEGABYTES:-1000}
copy_megabytes=${COPY_MEGABYTES:-100}
copies=${HOSTS:-20}
hosts=
cipher=${CIPHER:-chacha20-poly1305@openssh.com}

# What is printed: zeros, bytes that do not compress, or lines.
source_of() {
  case $1 in
  zeros) echo "head -c ${megabytes}000000 /dev/zero" ;;
  *) echo "i=0; while [ \$i -lt $((megabytes / 10)) ]; do cat $scratch/$1; i=\$((i + 1)); done" ;;
  esac
}

# `stream PROGRAM DATA`
stream() {
  local name="$1, $2" line
  line=$(source_of "$2")
  case $1 in
  ssh) measure "$name" sh -c 'exec "$@" >/dev/null' - ssh -F "$ssh_config" 127.0.1.1 "$line" ;;
  passthrough-*) opsctl_to_nowhere "$name" "${1#*-}" exec --passthrough 127.0.1.1 -- "$line" ;;
  exec-*) opsctl_to_nowhere "$name" "${1#*-}" exec 127.0.1.1 -- "$line" ;;
  esac
}

opsctl_to_nowhere() {
  local name=$1 transport=$2
  shift 2
  measure "$name" sh -c 'exec "$@" >/dev/null' - "$opsctl" "$1" -i "$scratch/inventory" --transport "$transport" \
    --journal-dir "$scratch/journal" "${@:2}"
  rm -rf "$scratch/journal"
}

# `copy PROGRAM`: to all hosts at once, each time onto nothing.
copy() {
  rm -f "$homes"/*/payload
  case $1 in
  scp)
    measure scp sh -c 'config=$1 payload=$2; i=0; while read -r host user; do
      scp -q -F "$config" "$payload" "$user@$host:payload" & i=$((i + 1)); pids="$pids $!"; done <"$3"
      for pid in $pids; do wait "$pid" || exit; done' - "$ssh_config" "$scratch/payload" "$scratch/logins" ;;
  copy-*)
    measure_opsctl "$1" "${1#*-}" copy -f "$copies" "$scratch/payload" all:payload
    rm -rf "$scratch/journal" ;;
  esac
  cmp -s "$scratch/payload" "$homes/bench$copies/payload" || { echo "$1: the copy differs" >&2; exit 1; }
}

# A row with the rate, in MB a second, and ratios to the first program.
rate_row() {
  local name=$1 base=$2 megabytes=$3
  awk -v name="$name" -v mb="$megabytes" -v wall="$(median "$name" 1)" -v cpu="$(median "$name" 2)" -v kb="$(median "$name" 3)" \
    -v base_wall="$(median "$base" 1)" -v base_cpu="$(median "$base" 2)" 'BEGIN {
      printf "| %s | %.2f | %.2f | %.0f | %.1f | %.2f | %.2f |\n", name, wall, cpu, mb / wall, kb / 1024, base_wall / wall, cpu / base_cpu }'
}

make_keys
SSHD_LINES="Ciphers $cipher" start_sshd "$copies"
write_client "$copies" "$port"
echo 127.0.1.1 >"$scratch/hosts"
sed -i 's/^\[127[^]]*\]/[127.*]/' "$known_hosts"
printf '[all]\n127.0.1.1\n[all:vars]\nansible_ssh_common_args="-F %s"\n' "$ssh_config" >"$scratch/inventory"
head -c 10000000 /dev/urandom >"$scratch/noise"
head -c 7402500 /dev/urandom | base64 >"$scratch/lines"
chmod 644 "$scratch/noise" "$scratch/lines"

transports=()
for transport in native openssh; do can "$transport" && transports+=("$transport"); done
programs=(ssh)
for transport in "${transports[@]}"; do programs+=("passthrough-$transport" "exec-$transport"); done
data=(zeros noise lines)
for ((round = 0; round < rounds; round++)); do
  for kind in "${data[@]}"; do
    for program in "${programs[@]}"; do stream "$program" "$kind"; done
  done
done
echo "$megabytes MB from one host, $cipher, medians of $rounds rounds; $(ssh -V 2>&1)"
echo '| program, data | wall, s | CPU, s | MB/s | peak, MB | rate / ssh | CPU / ssh |'
echo '|---|---|---|---|---|---|---|'
for kind in "${data[@]}"; do
  for program in "${programs[@]}"; do rate_row "$program, $kind" "ssh, $kind" "$megabytes"; done
done
echo

if [ "$(id -u)" = 0 ]; then
  head -c "${copy_megabytes}000000" /dev/urandom >"$scratch/payload"
  for ((index = 1; index <= copies; index++)); do echo "127.0.1.$index bench$index"; done >"$scratch/logins"
  {
    sed 's/ / ansible_user=/' "$scratch/logins"
    printf '[all:vars]\nansible_ssh_common_args="-F %s"\n' "$ssh_config"
  } >"$scratch/inventory"
  programs=(scp)
  for transport in "${transports[@]}"; do programs+=("copy-$transport"); done
  for ((round = 0; round < rounds; round++)); do
    for program in "${programs[@]}"; do copy "$program"; done
  done
  echo "$copy_megabytes MB to each of $copies hosts at once"
  echo '| program | wall, s | CPU, s | MB/s, all hosts | peak, MB | rate / scp | CPU / scp |'
  echo '|---|---|---|---|---|---|---|'
  for program in "${programs[@]}"; do rate_row "$program" scp $((copy_megabytes * copies)); done
  echo
fi
machine
