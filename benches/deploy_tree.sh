#!/usr/bin/env bash
# A tree of 500 roles with 5,000 tasks is loaded (`--syntax-check`), beside ansible-playbook where it is installed.
#
# ROLES (500), TASKS (10, a role) and ROUNDS (5) may be set; PEERS_BIN names where ansible-playbook is.
. "$(dirname "$0")/common.sh"

roles=${ROLES:-500}
tasks=${TASKS:-10}
rounds=${ROUNDS:-5}
PATH=${PEERS_BIN:+$PEERS_BIN:}$PATH

printf -- '- hosts: all\n  gather_facts: false\n  roles:\n' >"$scratch/site.yml"
for ((role = 0; role < roles; role++)); do
  directory=$scratch/roles/role$role
  mkdir -p "$directory/tasks" "$directory/defaults" "$directory/handlers" "$directory/vars" "$directory/meta"
  echo "    - role$role" >>"$scratch/site.yml"
  printf 'port_%d: %d\nname_%d: "role {{ port_%d }}"\n' "$role" "$role" "$role" "$role" >"$directory/defaults/main.yml"
  printf 'path_%d: /srv/%d\n' "$role" "$role" >"$directory/vars/main.yml"
  printf 'dependencies: []\n' >"$directory/meta/main.yml"
  printf -- '- name: restart %d\n  service: {name: "service%d", state: restarted}\n' "$role" "$role" >"$directory/handlers/main.yml"
  for ((task = 0; task < tasks; task++)); do
    printf -- '- name: Task %d of {{ name_%d }}\n  copy:\n    content: "{{ port_%d }}"\n    dest: "{{ path_%d }}/%d"\n    mode: "0644"\n  when: port_%d | int > %d\n  notify: restart %d\n' \
      "$task" "$role" "$role" "$role" "$task" "$role" "$task" "$role"
  done >"$directory/tasks/main.yml"
done

names=(opsctl)
installed ansible-playbook && names+=(ansible)
for ((round = 0; round < rounds; round++)); do
  measure opsctl "$opsctl" deploy --syntax-check -i localhost, "$scratch/site.yml"
  [ "${names[1]:-}" != ansible ] || measure ansible ansible-playbook --syntax-check -i localhost, "$scratch/site.yml"
done
echo "$roles roles, $((roles * tasks)) tasks, medians of $rounds rounds"
table "${names[@]}"
goal "opsctl: wall, s" "$(median opsctl 1)" 1
