#!/bin/sh
# A program as an inventory: prints groups and variables as JSON. A real one would ask a cloud.
#   opsctl inventory list -i inventories/cloud.sh --format table
case "$1" in
--list)
	cat <<'JSON'
{
  "cache": {"hosts": ["cache1", "cache2"], "vars": {"ansible_user": "ops"}},
  "_meta": {"hostvars": {"cache1": {"ansible_host": "192.0.2.31"}, "cache2": {"ansible_host": "192.0.2.32"}}}
}
JSON
	;;
*)
	echo "usage: $0 --list" >&2
	exit 2
	;;
esac
