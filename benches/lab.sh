# shellcheck shell=bash disable=SC2154,SC2016
# A private SSH server and clients for it; sourced behind common.sh. PORT (22022) may be set.
#
# The server answers on every address of 127.0.0.0/8. As root it runs in a mount namespace with a user database of its
# own, whose users `bench0`, `bench1` … have /bin/sh and empty homes: nobody's start-up files are part of the time,
# and the machine's own files stay as they are. For anyone else the one user is oneself.

port=${PORT:-22022}
key=$scratch/key
known_hosts=$scratch/known_hosts
ssh_config=$scratch/ssh_config
homes=$scratch/homes

# Programs of ours that are measured against; `BENCH=path` names a build.
find_bench() {
  bench=${BENCH:-$(cd "$here/.." && cargo bench --no-run --bench ssh 2>&1 | sed -n 's/.*Executable.*(\(.*\))$/\1/p')}
  bench=$(cd "$here/.." && realpath -e "$bench")
}

make_keys() {
  ssh-keygen -q -t ed25519 -N '' -C '' -f "$scratch/host_key"
  ssh-keygen -q -t ed25519 -N '' -C '' -f "$key"
}

# Starts sshd with USERS users above `bench0`; SSHD_LINES are added to its configuration. It takes the variables that
# sshd takes as Debian, Ubuntu, Fedora, RHEL and SUSE configure it; `ACCEPT_ENV=` has it take none, as it does unconfigured.
start_sshd() {
  local users=${1:-0} index wrapper=()
  mkdir -p "$homes/bench0"
  chmod 711 "$scratch"
  chmod 644 "$key.pub"
  cat >"$scratch/sshd_config" <<END
ListenAddress 0.0.0.0:$port
HostKey $scratch/host_key
AuthorizedKeysFile $key.pub
PidFile none
MaxStartups 1000
MaxSessions 100
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
${ACCEPT_ENV-AcceptEnv LANG LC_*}
PrintMotd no
PrintLastLog no
UseDNS no
Subsystem sftp internal-sftp
${SSHD_LINES:-}
END
  if [ "$(id -u)" = 0 ]; then
    user=bench0
    mkdir "$scratch/etc"
    cp -a /etc/group /etc/nsswitch.conf /etc/ld.so.cache /etc/alternatives "$scratch/etc"
    grep -v '^bench' /etc/passwd >"$scratch/etc/passwd"
    for ((index = 0; index <= users; index++)); do
      mkdir -p "$homes/bench$index"
      chown "$((64000 + index)):65534" "$homes/bench$index"
      echo "bench$index:*:$((64000 + index)):65534::$homes/bench$index:/bin/sh" >>"$scratch/etc/passwd"
    done
    wrapper=(unshare --mount sh -c 'mount --bind "$0" /etc && mount -t tmpfs none /run && mkdir /run/sshd && exec "$@"' "$scratch/etc")
  else
    user=$(id -un)
    echo "SetEnv HOME=$homes/bench0" >>"$scratch/sshd_config"
  fi
  "${wrapper[@]}" "$(PATH=$PATH:/usr/sbin command -v sshd)" -D -f "$scratch/sshd_config" -E "$scratch/sshd.log" &
  wait_for_port "$port" $!
}

# Waits until process PID listens: `wait_for_port PORT PID`. It is ended with the script.
wait_for_port() {
  local tries
  processes+=("$2")
  for ((tries = 0; tries < 100; tries++)); do
    kill -0 "$2" 2>/dev/null || break
    # What listened before this process began would answer as well; that makes it end.
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && sleep 0.1 && kill -0 "$2" 2>/dev/null && return
    sleep 0.05
  done
  echo "nothing of ours listens on port $1 (PORT chooses another one)" >&2
  cat "$scratch/sshd.log" >&2 2>/dev/null || :
  exit 1
}

# Writes the addresses of HOSTS hosts to `hosts`, and what every client needs to know: the key of PORTS, as a line for
# each address or, above 250, as a pattern.
write_client() {
  local count=$1 type host_key index
  shift
  read -r type host_key _ <"$scratch/host_key.pub"
  for ((index = 1; index <= count; index++)); do
    echo "127.0.$((index / 250 + 1)).$((index % 250 + 1))"
  done >"$scratch/hosts"
  if ((count > 250)); then
    for listening in "$@"; do echo "[127.*]:$listening $type $host_key"; done
  else
    for listening in "$@"; do sed "s,.*,[&]:$listening $type $host_key," "$scratch/hosts"; done
  fi >"$known_hosts"
  cat >"$ssh_config" <<END
Host *
Port $port
User $user
IdentityFile $key
IdentitiesOnly yes
UserKnownHostsFile $known_hosts
GlobalKnownHostsFile /dev/null
END
  {
    echo '[all]'
    cat "$scratch/hosts"
    printf '[all:vars]\nansible_ssh_common_args="-F %s"\n' "$ssh_config"
  } >"$scratch/inventory"
}

# Runs opsctl's VERB on the inventory over TRANSPORT, with further arguments: `run_opsctl NAME native exec …`.
measure_opsctl() {
  local name=$1 transport=$2 verb=$3
  shift 3
  measure "$name" "$opsctl" "$verb" -i "$scratch/inventory" --transport "$transport" --journal-dir "$scratch/journal" "$@"
}

# Whether this opsctl can connect over TRANSPORT at all.
can() {
  "$opsctl" exec -i "$scratch/inventory" --transport "$1" --journal-dir "$scratch/journal" "$(head -n 1 "$scratch/hosts")" -- true \
    >"$scratch/can" 2>&1 </dev/null && return
  echo "skipped: opsctl cannot connect over $1: $(tail -n 1 "$scratch/can")" >&2
  return 1
}
