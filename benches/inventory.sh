#!/usr/bin/env bash
# A YAML inventory of 10,000 hosts, listed by opsctl and by ansible-inventory, alternating.
# Goals: 1/50 of ansible-inventory's time, 100 MB. ROUNDS (3) and HOSTS (10000) may be set.
. "$(dirname "$0")/common.sh"

rounds=${ROUNDS:-3}
hosts=${HOSTS:-10000}

# A tenth of the hosts stands in ranges, as people write them; the rest one by one, with variables of their own.
inventory() {
  awk -v hosts="$hosts" 'BEGIN {
    print "all:\n  vars:\n    ansible_user: deploy\n    ntp_servers: [ntp1.example.com, ntp2.example.com]"
    print "  children:\n    web:\n      vars: { http_port: 8080, tls: yes }\n      hosts:"
    print "        web[0001:" sprintf("%04d", hosts / 10) "].example.com:"
    groups = 50
    each = int((hosts - int(hosts / 10)) / groups)
    for (g = 1; g <= groups; g++) {
      printf "    rack%02d:\n      vars:\n        rack: %d\n        gateway: 10.%d.0.1\n      hosts:\n", g, g, g
      for (h = 1; h <= each; h++) {
        printf "        node%02d-%03d.example.com:\n          ansible_host: 10.%d.%d.%d\n", g, h, g, int(h / 250), h % 250 + 1
        printf "          ansible_port: 22\n          asset_tag: \"SN%05d\"\n", g * 1000 + h
      }
    }
    for (d = 1; d <= 5; d++) {
      printf "    dc%d:\n      children:\n", d
      for (g = d; g <= groups; g += 5) printf "        rack%02d:\n", g
    }
  }'
}

inventory >"$scratch/hosts.yml"
names=opsctl
installed ansible-inventory && names="ansible-inventory opsctl"

for _ in $(seq "$rounds"); do
  for name in $names; do
    case $name in
    opsctl) measure "$name" "$opsctl" inventory list -i "$scratch/hosts.yml" --format json ;;
    *) measure "$name" ansible-inventory --list -i "$scratch/hosts.yml" ;;
    esac
  done
done

echo "$hosts hosts, $(wc -c <"$scratch/hosts.yml") bytes of YAML, medians of $rounds rounds"
# shellcheck disable=SC2086 # a list of names without spaces
table $names

case $names in
*ansible-inventory*)
  python3 -c 'import json, sys
one, other = (json.load(open(path)) for path in sys.argv[1:])
print("both lists are equal" if one == other else "the lists DIFFER")' "$scratch/opsctl.out" "$scratch/ansible-inventory.out" ;;
esac
