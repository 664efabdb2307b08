#!/usr/bin/env bash
# 20 hosts × 10 tasks: opsctl, ansible-playbook with pipelining, the same with mitogen, and pyinfra doing the same.
# First on hosts that have nothing of it, then again, when nothing is to be changed.
#
# How to read it: compare rows of one table only. All hosts are one private sshd, so the modules' own work shares this
# machine's processors with the programs; CPU is that of the program alone. A playbook whose template is changed by a
# later task (as here) is not idempotent, by intent: two of its tasks change in each run.
#
# ROUNDS (3), HOSTS (20), FORKS (20), PEERS (ansible mitogen pyinfra), PORT (22022) and PYTHON (/usr/bin/python3, of the hosts) may be set. Programs are
# looked for in $PEERS_BIN (a virtual environment's bin, say) and then on the search path.
. "$(dirname "$0")/common.sh"
. "$here/lab.sh"

rounds=${ROUNDS:-3}
hosts=${HOSTS:-20}
forks=${FORKS:-20}
PATH=${PEERS_BIN:+$PEERS_BIN:}$PATH
export BENCH_BASE=$scratch/hosts.d BENCH_HERE=$here/deploy

# Runs one program on the site: `run PROGRAM ROW`.
run() {
  local ansible=(ansible-playbook -i "$scratch/inventory" -f "$forks" -e "base=$BENCH_BASE" "$here/deploy/site.yml"
    -e "ansible_python_interpreter=${PYTHON:-/usr/bin/python3}")
  case $1 in
  ansible) measure "$2" env "${settings[@]}" "${ansible[@]}" ;;
  mitogen)
    measure "$2" env "${settings[@]}" ANSIBLE_STRATEGY=mitogen_linear ANSIBLE_STRATEGY_PLUGINS="$strategies" "${ansible[@]}" ;;
  pyinfra)
    measure "$2" pyinfra -y --parallel "$forks" --user "$user" --port "$port" --key "$key" \
      --data ssh_known_hosts_file="$known_hosts" "$scratch/inventory.py" "$here/deploy/site.py" ;;
  opsctl) measure_opsctl "$2" native deploy -f "$forks" -e "base=$BENCH_BASE" "$here/deploy/site.yml" ;;
  esac
  # Every program must have come to the end on every host.
  made=$(find "$BENCH_BASE" -name current | wc -l)
  ((made == hosts)) || { echo "$1: $made of $hosts hosts are done" >&2; exit 1; }
}

# Where a peer is found, and how it says that it is not.
present() {
  case $1 in
  ansible) command -v ansible-playbook >/dev/null && return ;;
  mitogen) [ -n "$strategies" ] && return ;;
  *) command -v "$1" >/dev/null && return ;;
  esac
  echo "skipped: $1 is not installed" >&2
  return 1
}

settings=(ANSIBLE_PIPELINING=true ANSIBLE_LOCALHOST_WARNING=false ANSIBLE_HOST_KEY_CHECKING=true
  ANSIBLE_SSH_CONTROL_PATH_DIR="$scratch/cp")
make_keys
start_sshd
write_client "$hosts" "$port"
sed "s/.*/'&',/; 1s/^/addresses = [/; \$s/\$/]/" "$scratch/hosts" >"$scratch/inventory.py"
mkdir -p "$BENCH_BASE"
chmod 1777 "$BENCH_BASE"
cd "$scratch"
strategies=$(python3 -c 'import os, ansible_mitogen; print(os.path.dirname(ansible_mitogen.__file__) + "/plugins/strategy")' 2>/dev/null || :)
names=()
for peer in ${PEERS:-ansible mitogen pyinfra}; do present "$peer" && names+=("$peer"); done
names+=(opsctl)

for ((round = 0; round <= rounds; round++)); do
  # The first round warms up, and is not counted.
  ((round == 1)) && rm -f "$scratch"/*.results
  for name in "${names[@]}"; do
    rm -rf "${BENCH_BASE:?}"/*
    run "$name" "$name"
    run "$name" "$name, again"
  done
done

echo "$hosts hosts × 10 tasks, $forks at a time, medians of $rounds rounds; $(ansible-playbook --version | sed -n 1p)"
table "${names[@]}"
echo
table "${names[@]/%/, again}"
for again in "" ", again"; do
  ratio_goal wall 1 "opsctl$again" "ansible$again" 0.04
  ratio_goal CPU 2 "opsctl$again" "ansible$again" 0.02
  ratio_goal wall 1 "opsctl$again" "mitogen$again" 0.0833
  ratio_goal wall 1 "opsctl$again" "pyinfra$again" 0.333
done
