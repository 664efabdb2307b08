#!/usr/bin/env bash
# 2,000 hosts × 10 tasks, all at once: memory and CPU of opsctl itself.
#
# How to read it: every host is a local shell, so that there is no SSH and no server in the figures. Memory is the peak of
# opsctl's process; CPU has the shells' in it, and they take the time: many minutes with 2,000 of them on two processors.
#
# HOSTS (2000) and ROUNDS (1) may be set.
. "$(dirname "$0")/common.sh"

hosts=${HOSTS:-2000}
rounds=${ROUNDS:-1}
base=$scratch/hosts.d
mkdir "$base"
{
  echo '[all:vars]'
  echo 'ansible_connection=local'
  echo '[many]'
  for ((host = 0; host < hosts; host++)); do echo "host$host"; done
} >"$scratch/inventory"

for ((round = 0; round < rounds; round++)); do
  measure deploy "$opsctl" deploy -i "$scratch/inventory" --journal-dir "$scratch/journal" -f "$hosts" -e "base=$base" \
    "$here/deploy/site.yml"
  measure again "$opsctl" deploy -i "$scratch/inventory" --journal-dir "$scratch/journal" -f "$hosts" -e "base=$base" \
    "$here/deploy/site.yml"
done
echo "$hosts hosts × 10 tasks, all at once, medians of $rounds rounds"
table deploy again
for name in deploy again; do goal "$name: peak, MB" "$(awk -v kb="$(median "$name" 3)" 'BEGIN { print kb / 1024 }')" 400; done
