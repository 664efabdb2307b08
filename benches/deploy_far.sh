#!/usr/bin/env bash
# 100 far hosts × 50 tasks that change nothing, 200 ms away: the time beside that of connecting and 50 round trips.
#
# How to read it: `connect` is `opsctl exec … true` on the same hosts through the same proxy, so that the server's own
# work for 100 connections is in both. The limit is 1.3 × (connect + 50 round trips).
#
# HOSTS (100), TASKS (50), DELAY (200, in ms), ROUNDS (3) and PORT (22022; the one above it is the proxy's) may be set.
. "$(dirname "$0")/common.sh"
. "$here/lab.sh"

hosts=${HOSTS:-100}
tasks=${TASKS:-50}
delay=${DELAY:-200}
rounds=${ROUNDS:-3}
far=$((port + 1))
export OPSCTL_CONNECT_TIMEOUT=60s

find_bench
make_keys
start_sshd
write_client "$hosts" "$far"
sed -i "s/^Port .*/Port $far/" "$ssh_config"
"$bench" delay "$delay" "0.0.0.0:$far" "127.0.0.1:$port" &
wait_for_port "$far" $!

mkdir "$scratch/made"
chmod 1777 "$scratch/made"
{
  printf -- '- hosts: all\n  gather_facts: false\n  tasks:\n'
  for ((task = 0; task < tasks / 5; task++)); do
    printf -- "    - file: {path: '%s/made/{{ inventory_hostname }}-%d', state: directory, mode: '0755'}\n" "$scratch" "$task"
    printf -- "    - copy: {content: \"x %d\\\\n\", dest: '%s/made/{{ inventory_hostname }}-%d/one', mode: '0644'}\n" "$task" "$scratch" "$task"
    printf -- "    - lineinfile: {path: '%s/made/{{ inventory_hostname }}-%d/one', line: 'x %d'}\n" "$scratch" "$task" "$task"
    printf -- "    - stat: {path: '%s/made/{{ inventory_hostname }}-%d/one'}\n" "$scratch" "$task"
    printf -- "    - command: test -d '%s/made/{{ inventory_hostname }}-%d'\n      changed_when: false\n" "$scratch" "$task"
  done
} >"$scratch/site.yml"

measure_opsctl first native deploy -f "$hosts" "$scratch/site.yml"
for ((round = 0; round < rounds; round++)); do
  measure_opsctl connect native exec -f "$hosts" all -- true
  measure_opsctl deploy native deploy -f "$hosts" "$scratch/site.yml"
  ! grep -q 'changed [1-9]' "$scratch/deploy.out" || { echo "a task changed something" >&2; exit 1; }
done

echo "$hosts hosts × $tasks tasks, $delay ms away, medians of $rounds rounds"
table connect deploy
goal "deploy / (connect + $tasks round trips)" \
  "$(awk -v deploy="$(median deploy 1)" -v connect="$(median connect 1)" -v trips="$(awk -v n="$tasks" -v d="$delay" 'BEGIN { print n * d / 1000 }')" \
    'BEGIN { print deploy / (connect + trips) }')" 1.3
