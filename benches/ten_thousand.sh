#!/usr/bin/env bash
# 10,000 hosts × `true`, 256 at a time, twice: against one sshd on 127.0.0.0/8, and against a small SSH server whose answers
# are canned, so that the time is opsctl's. The floor (a bare loop on russh) takes a turn against the second.
#
# How to read it: every host must be ok. Memory, CPU and descriptors are those of opsctl alone (with `ssh` as its
# transport, of the processes it waited for as well). Against sshd the wall time is sshd's: some 20 ms of CPU a connection.
#
# HOSTS (10000), FORKS (256), SERVERS (canned sshd), TRANSPORT (native), PORT (22022) and KNOWN_HOSTS may be set:
# KNOWN_HOSTS=pattern (one line for all hosts, the default), list (a line a host) or authority (@cert-authority).
. "$(dirname "$0")/common.sh"
. "$here/lab.sh"

hosts=${HOSTS:-10000}
forks=${FORKS:-256}
servers=${SERVERS:-canned sshd}
transport=${TRANSPORT:-native}
known=${KNOWN_HOSTS:-pattern}

# What stands in known_hosts for the server on PORT.
write_known_hosts() {
  local listening=$1 type host_key
  case $known in
  pattern) ;;
  list)
    read -r type host_key _ <"$scratch/host_key.pub"
    sed "s,.*,[&]:$listening $type $host_key," "$scratch/hosts" >"$known_hosts" ;;
  authority)
    read -r type host_key _ <"$scratch/authority.pub"
    echo "@cert-authority [127.*]:$listening $type $host_key" >"$known_hosts" ;;
  *)
    echo "KNOWN_HOSTS=$known: not one of pattern, list, authority" >&2
    exit 2 ;;
  esac
}

# The most descriptors of process $1 until that ends, ten looks a second.
watch_descriptors() {
  local most=0 open
  while [ -e "/proc/$1/fd" ]; do
    open=("/proc/$1/fd/"*)
    ((${#open[@]} <= most)) || most=${#open[@]}
    sleep 0.1
  done
  echo "$most" >"$scratch/descriptors"
}

# Measures one program and prints its row: `run NAME COMMAND …`.
run() {
  local name=$1 measuring
  shift
  rm -f "$scratch/pid"
  measure "$name" sh -c 'echo $$ >"$0"; exec "$@"' "$scratch/pid" "$@" &
  measuring=$!
  until [ -s "$scratch/pid" ]; do sleep 0.01; done
  watch_descriptors "$(cat "$scratch/pid")"
  wait "$measuring"
  awk -v name="$name" -v ok="$(all_ok "$name")" -v open="$(cat "$scratch/descriptors")" -v hosts="$hosts" '{
    printf "| %s | %s | %.1f | %.1f | %.2f | %.0f | %s |\n", name, ok, $1, $2, $2 / hosts * 1000, $3 / 1024, open
  }' "$scratch/$name.results"
}

# How many hosts were ok, in the program's own words.
all_ok() {
  case $1 in
  floor*) wc -l <"$scratch/$1.out" ;;
  *) grep -ho '[0-9]* ok' "$scratch/$1.out" "$scratch/$1.err" | tail -n 1 | cut -d ' ' -f 1 ;;
  esac
}

opsctl_on() {
  sed "s/^ansible_ssh_common_args=.*/ansible_port=$2\n&/" "$scratch/inventory" >"$scratch/inventory.$2"
  run "$1" "$opsctl" exec -i "$scratch/inventory.$2" --transport "$transport" --journal-dir "$scratch/journal" \
    --connect-timeout 60s -f "$forks" all -- true
}

find_bench
make_keys
ssh-keygen -q -t ed25519 -N '' -C '' -f "$scratch/authority"
ssh-keygen -q -s "$scratch/authority" -I host -h "$scratch/host_key.pub" 2>/dev/null || :
canned_port=$((port + 1))
[ "$known" != authority ] || SSHD_LINES="HostCertificate $scratch/host_key-cert.pub"
start_sshd
write_client "$hosts" "$port" "$canned_port"
can "$transport" || exit 1

echo "$hosts hosts, $forks at a time, over $transport, known_hosts: $known"
echo '| program and server | ok | wall, s | CPU, s | CPU a host, ms | peak, MB | descriptors |'
echo '|---|---|---|---|---|---|---|'
for server in $servers; do
  case $server in
  canned)
    "$bench" server "$canned_port" "$scratch/host_key" &
    wait_for_port "$canned_port" $!
    write_known_hosts "$canned_port"
    run floor-canned "$bench" floor "$scratch/hosts" "$canned_port" "$user" "$key" "$forks" true
    opsctl_on opsctl-canned "$canned_port" ;;
  sshd)
    write_known_hosts "$port"
    opsctl_on opsctl-sshd "$port" ;;
  esac
done
echo
machine
for server in $servers; do
  name=opsctl-$server
  goal "$name: peak, MB" "$(median "$name" 3 | awk '{ print $1 / 1024 }')" 150
  goal "$name: CPU, s" "$(median "$name" 2)" 25
done
