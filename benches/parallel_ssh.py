"""parallel_ssh.py HOSTS PORT USER KEY FORKS COMMAND: what `fanout.sh` does, with the parallel-ssh library (libssh2)."""

import sys

from pssh.clients import ParallelSSHClient

hosts_file, port, user, key, forks, command = sys.argv[1:]
with open(hosts_file, encoding="ascii") as lines:
    hosts = lines.read().split()
client = ParallelSSHClient(hosts, user=user, port=int(port), pkey=key, pool_size=int(forks), allow_agent=False)
for output in client.run_command(command):
    for line in output.stdout:
        print(f"{output.host}: {line}")
