#!/usr/bin/env bash
# 100 addresses of 127.0.0.0/8, all one private sshd, × `uptime`, 32 at a time: opsctl, its peers, and the floor (a bare
# loop on russh), alternating.
#
# How to read it: compare rows of one table only. Every program opens a fresh connection to each address (ansible's
# ControlPersist is off) and prints every host's output. CPU is that of the program and the processes it waited for; the
# server's is not in it. The goals are for opsctl over its native transport, and that over `ssh` takes at most 1.5 times
# pdsh's time.
#
# ROUNDS (3), HOSTS (100, at most 250), FORKS (32), PEERS and PORT (22022) may be set. Programs are looked for in
# $PEERS_BIN (a virtual environment's bin, say) and then on the search path; what is not found is said, and left out.
. "$(dirname "$0")/common.sh"
. "$here/lab.sh"

rounds=${ROUNDS:-3}
hosts=${HOSTS:-100}
forks=${FORKS:-32}
peers=${PEERS:-pdsh pssh clush ansible pyinfra parallel-ssh bssh}
PATH=${PEERS_BIN:+$PEERS_BIN:}$PATH

run() {
  case $1 in
  opsctl-*)
    measure_opsctl "$1" "${1#opsctl-}" exec -f "$forks" all -- uptime ;;
  floor)
    measure floor "$bench" floor "$scratch/hosts" "$port" "$user" "$key" "$forks" uptime ;;
  pdsh)
    measure pdsh env PDSH_SSH_ARGS_APPEND="-F $ssh_config" pdsh -R ssh -S -f "$forks" -w "^$scratch/hosts" uptime ;;
  pssh)
    measure pssh /usr/bin/parallel-ssh -h "$scratch/hosts" -p "$forks" -x "-F $ssh_config" -i uptime ;;
  clush)
    measure clush clush -S -f "$forks" --hostfile "$scratch/hosts" -o "-F $ssh_config" uptime ;;
  ansible)
    measure ansible env ANSIBLE_SSH_ARGS='-o ControlMaster=no' ANSIBLE_LOCALHOST_WARNING=false \
      ansible all -i "$scratch/inventory" -f "$forks" -m raw -a uptime ;;
  pyinfra)
    measure pyinfra pyinfra --parallel "$forks" --user "$user" --port "$port" --key "$key" \
      --data ssh_known_hosts_file="$known_hosts" "$scratch/inventory.py" exec -- uptime ;;
  parallel-ssh)
    measure parallel-ssh python3 "$here/parallel_ssh.py" "$scratch/hosts" "$port" "$user" "$key" "$forks" uptime ;;
  bssh)
    measure bssh env HOME="$scratch/bssh" bssh -H "$(sed "s/.*/$user@&:$port/" "$scratch/hosts" | paste -s -d ,)" -i "$key" \
      --parallel "$forks" --strict-host-key-checking yes uptime ;;
  esac
  # Every program must have heard from every host; opsctl says so by its exit code, since it folds what is alike.
  heard=$(cat "$scratch/$1.out" "$scratch/$1.err" | grep -c 'load average' || :)
  [[ $1 == opsctl-* ]] || ((heard >= hosts)) || { echo "$1: $heard of $hosts hosts answered" >&2; exit 1; }
}

# Where a peer is found, and how it says that it is not.
present() {
  case $1 in
  pssh) [ -x /usr/bin/parallel-ssh ] && return ;;
  parallel-ssh) python3 -c 'import pssh.clients' 2>/dev/null && return ;;
  *) command -v "$1" >/dev/null && return ;;
  esac
  echo "skipped: $1 is not installed" >&2
  return 1
}

find_bench
make_keys
start_sshd
write_client "$hosts" "$port"
sed "s/.*/'&',/; 1s/^/addresses = [/; \$s/\$/]/" "$scratch/hosts" >"$scratch/inventory.py"
# bssh reads one known_hosts: that of its home.
mkdir -p "$scratch/bssh/.ssh"
cp "$known_hosts" "$scratch/bssh/.ssh/known_hosts"
# pyinfra leaves its logs in the working directory.
cd "$scratch"
names=()
for peer in $peers; do present "$peer" && names+=("$peer"); done
for transport in openssh native; do can "$transport" && names+=("opsctl-$transport"); done
names+=(floor)

# One round to warm up, not counted.
for name in "${names[@]}"; do run "$name"; done
rm -f "$scratch"/*.results
for ((round = 0; round < rounds; round++)); do
  for name in "${names[@]}"; do run "$name"; done
done

echo "$hosts addresses, $forks at a time, medians of $rounds rounds; $(ssh -V 2>&1)"
table "${names[@]}"
ratio_goal CPU 2 opsctl-native pdsh 0.02
ratio_goal CPU 2 opsctl-native parallel-ssh 0.333
ratio_goal wall 1 opsctl-native pdsh 0.25
ratio_goal wall 1 opsctl-native parallel-ssh 0.6
ratio_goal wall 1 opsctl-native floor 1.2
ratio_goal wall 1 opsctl-openssh pdsh 1.5
