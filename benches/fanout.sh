#!/bin/sh
# 100 addresses of 127.0.0.0/8, all one private sshd, × `uptime`, 32 at a time: opsctl and its peers, alternating.
# Goal: opsctl's wall time at most 1.5 times pdsh's. ROUNDS (3), HOSTS (100, at most 250), FORKS (32), PEERS and PORT
# (42022) may be set.
#
# Everything is private: server and client keys, known hosts, journal, and the home directory that sessions see, so that
# nobody's shell start-up files are part of the time. Every program opens a fresh connection to each address; ansible's
# ControlPersist is off. CPU is that of the program and its ssh processes; the server's is left out.
set -eu
. "$(dirname "$0")/common.sh"

rounds=${ROUNDS:-3}
hosts=${HOSTS:-100}
forks=${FORKS:-32}
port=${PORT:-42022}
peers=${PEERS:-pdsh pssh clush ansible pyinfra}

start_server() {
  mkdir "$scratch/home"
  ssh-keygen -q -t ed25519 -N '' -f "$scratch/host_key"
  ssh-keygen -q -t ed25519 -N '' -f "$scratch/key"
  cat >"$scratch/sshd_config" <<END
ListenAddress 0.0.0.0:$port
HostKey $scratch/host_key
AuthorizedKeysFile $scratch/key.pub
PidFile $scratch/sshd.pid
SetEnv HOME=$scratch/home
MaxStartups 1000
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
END
  if [ "$(id -u)" = 0 ]; then mkdir -p /run/sshd; fi
  "$(PATH=$PATH:/usr/sbin command -v sshd)" -D -f "$scratch/sshd_config" -E "$scratch/sshd.log" &
  server=$!
  cleanup='kill "$server"; wait "$server" || :'
  tries=0
  until ssh-keyscan -p "$port" 127.0.0.1 >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 50 ] || { cat "$scratch/sshd.log" >&2; exit 1; }
  done
}

write_lists() {
  read -r type key _ <"$scratch/host_key.pub"
  for i in $(seq "$hosts"); do
    echo "127.0.1.$i" >>"$scratch/hosts"
    echo "[127.0.1.$i]:$port $type $key" >>"$scratch/known_hosts"
  done
  options="-p $port -i $scratch/key -o IdentitiesOnly=yes -o UserKnownHostsFile=$scratch/known_hosts"
  {
    echo '[all]'
    cat "$scratch/hosts"
    printf '[all:vars]\nansible_ssh_common_args="%s"\n' "$options"
  } >"$scratch/inventory"
  sed "s/.*/'&',/; 1s/^/addresses = [/; \$s/\$/]/" "$scratch/hosts" >"$scratch/inventory.py"
}

run() {
  case $1 in
  opsctl)
    measure opsctl "$opsctl" exec -i "$scratch/inventory" -f "$forks" --journal-dir "$scratch/journal" all -- uptime ;;
  pdsh)
    measure pdsh env PDSH_SSH_ARGS_APPEND="$options" pdsh -R ssh -S -f "$forks" -w "^$scratch/hosts" uptime ;;
  pssh)
    measure pssh parallel-ssh -h "$scratch/hosts" -p "$forks" -x "$options" -i uptime ;;
  clush)
    measure clush clush -S -f "$forks" --hostfile "$scratch/hosts" -o "$options" uptime ;;
  ansible)
    measure ansible env ANSIBLE_SSH_ARGS='-o ControlMaster=no' ANSIBLE_LOCALHOST_WARNING=false \
      ansible all -i "$scratch/inventory" -f "$forks" -m raw -a uptime ;;
  pyinfra)
    measure pyinfra pyinfra --parallel "$forks" --port "$port" --key "$scratch/key" \
      --data ssh_known_hosts_file="$scratch/known_hosts" "$scratch/inventory.py" exec -- uptime ;;
  esac
  # Every program must have heard from every host; opsctl says so by its exit code, since it folds what is alike.
  heard=$(cat "$scratch/$1.out" "$scratch/$1.err" | grep -c 'load average' || :)
  [ "$1" = opsctl ] || [ "$heard" -ge "$hosts" ] || { echo "$1: $heard of $hosts hosts answered" >&2; exit 1; }
}

start_server
write_lists
# pyinfra leaves its logs in the working directory.
cd "$scratch"
names=
for peer in $peers; do
  program=$peer
  [ "$peer" = pssh ] && program=parallel-ssh
  installed "$program" && names="$names $peer"
done
names="${names# } opsctl"
names=${names# }

# One round to warm up, not counted.
for name in $names; do run "$name"; done
rm -f "$scratch"/*.results
for _ in $(seq "$rounds"); do
  for name in $names; do run "$name"; done
done

echo "$hosts addresses, $forks at a time, medians of $rounds rounds; $(ssh -V 2>&1)"
# shellcheck disable=SC2086 # a list of names without spaces
table $names
