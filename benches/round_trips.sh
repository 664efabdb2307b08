#!/usr/bin/env bash
# Round trips: the same work through a proxy that adds nothing and through one that adds 200 ms a round trip. The difference
# divided by 200 ms is the number of round trips, whatever the machine.
#
# How to read it: TCP's handshake is in each count (1), since the proxy imitates it; it does not limit the rate, so a
# large window is worth nothing here. `further command` is one command in a persistent shell that stands already. OpenSSH
# servers since 9.9 choose other key exchanges than those before; the number stays.
#
# ROUNDS (5), DELAY (200, in ms) and PORT (22022; the two above it are the proxies') may be set.
. "$(dirname "$0")/common.sh"
. "$here/lab.sh"

rounds=${ROUNDS:-5}
delay=${DELAY:-200}
near=$((port + 1))
far=$((port + 2))

# An inventory and a client configuration for the proxy on PORT.
write_side() {
  sed "s/^Port .*/Port $1/" "$ssh_config" >"$scratch/ssh_config.$1"
  printf '[all]\n127.0.1.1\n[all:vars]\nansible_ssh_common_args="-F %s"\n' "$scratch/ssh_config.$1" >"$scratch/inventory.$1"
}

# Does one piece of work through the proxy on PORT, and adds its milliseconds to its results.
work() {
  local name=$1 through=$2 transport=${1##*, }
  local opsctl_args=(-i "$scratch/inventory.$through" --transport "$transport" --journal-dir "$scratch/journal" --connect-timeout 60s)
  local ssh=(ssh -F "$scratch/ssh_config.$through" 127.0.1.1)
  case $name in
  ssh) timed "$@" "${ssh[@]}" true ;;
  "ssh, multiplexed") timed "$@" ssh -S "$scratch/master.$through" -F "$scratch/ssh_config.$through" 127.0.1.1 true ;;
  floor) timed "$@" "$bench" floor "$scratch/one" "$through" "$user" "$key" 1 true ;;
  exec,*) timed "$@" "$opsctl" exec "${opsctl_args[@]}" all -- true ;;
  "further command, "*)
    "$bench" commands "$transport" "$scratch/ssh_config.$through" 127.0.1.1 "$through" 3 true \
      2>"$scratch/further.err" | cut -d ' ' -f 2 >>"$scratch/$name.$through" ;;
  copy,*)
    # A new content each time: what is the same already is not sent.
    echo "$RANDOM $through" >"$scratch/small"
    timed "$@" "$opsctl" copy "${opsctl_args[@]}" "$scratch/small" "all:small.$transport" ;;
  fetch,*) timed "$@" "$opsctl" fetch "${opsctl_args[@]}" all:small.fetched "$scratch/fetched" ;;
  scp) timed "$@" scp -q -F "$scratch/ssh_config.$through" "$scratch/small" 127.0.1.1:small.scp ;;
  esac
}

timed() {
  local name=$1 through=$2 begin
  shift 2
  begin=${EPOCHREALTIME/./}
  "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || {
    echo "$name failed:" >&2
    tail -n 5 "$scratch/out" "$scratch/err" >&2
    exit 1
  }
  echo "$(((${EPOCHREALTIME/./} - begin) / 1000))" >>"$scratch/$name.$through"
}

middle() {
  sort -n "$scratch/$1.$2" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

round_trips() {
  awk -v near="$(middle "$1" "$near")" -v far="$(middle "$1" "$far")" -v delay="$delay" 'BEGIN { print (far - near) / delay }'
}

find_bench
make_keys
start_sshd
write_client 1 "$port" "$near" "$far"
sed -i 's/^\[127[^]]*\]/[127.*]/' "$known_hosts"
echo 127.0.1.1 >"$scratch/hosts"
printf '127.0.1.1\n' >"$scratch/one"
printf '[all]\n127.0.1.1\n[all:vars]\nansible_ssh_common_args="-F %s"\n' "$ssh_config" >"$scratch/inventory"
echo small >"$scratch/small"
"$bench" delay 0 "0.0.0.0:$near" "127.0.0.1:$port" &
wait_for_port "$near" $!
"$bench" delay "$delay" "0.0.0.0:$far" "127.0.0.1:$port" &
wait_for_port "$far" $!
for side in "$near" "$far"; do
  write_side "$side"
  ssh -M -N -S "$scratch/master.$side" -F "$scratch/ssh_config.$side" 127.0.1.1 &
  processes+=($!)
  for ((tries = 0; tries < 200; tries++)); do
    [ ! -S "$scratch/master.$side" ] || break
    sleep 0.05
  done
done
scp -q -F "$ssh_config" "$scratch/small" 127.0.1.1:small.fetched

names=(ssh "ssh, multiplexed" scp floor)
for transport in native openssh; do
  can "$transport" && names+=("exec, $transport" "further command, $transport" "copy, $transport" "fetch, $transport")
done
for ((round = 0; round < rounds; round++)); do
  for name in "${names[@]}"; do
    for side in "$near" "$far"; do work "$name" "$side"; done
  done
done

echo "medians of $rounds rounds; $(ssh -V 2>&1)"
echo '| work | at 0 ms, ms | at '"$delay"' ms, ms | round trips |'
echo '|---|---|---|---|'
for name in "${names[@]}"; do
  printf '| %s | %s | %s | %.2f |\n' "$name" "$(middle "$name" "$near")" "$(middle "$name" "$far")" "$(round_trips "$name")"
done
echo
machine
for name in "${names[@]}"; do
  case $name in
  "further command, "*) goal "$name: round trips" "$(round_trips "$name")" 1.1 ;;
  "exec, native") awk -v a="$(round_trips "$name")" -v b="$(round_trips floor)" 'BEGIN { printf "exec, native: %.2f round trips more than the floor\n", a - b }' ;;
  esac
done
