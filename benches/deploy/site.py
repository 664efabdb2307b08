"""The same ten steps as site.yml, for pyinfra."""

import os

from pyinfra import host
from pyinfra.operations import files, server

base, here = os.environ["BENCH_BASE"], os.environ["BENCH_HERE"]
root = f"{base}/{host.name}"

files.directory(name="Directory", path=f"{root}/conf.d", mode="755")
files.put(name="Static file", src=f"{here}/motd", dest=f"{root}/motd", mode="644")
files.block(name="Content", path=f"{root}/name", content=host.name, try_prevent_shell_expansion=True)
files.template(
    name="Template",
    src=f"{here}/server.conf.j2",
    dest=f"{root}/server.conf",
    mode="644",
    inventory_hostname=host.name,
    workers=4,
    range=range,
)
files.line(name="Line", path=f"{root}/server.conf", line="user .*", replace="user www")
files.block(name="Block", path=f"{root}/conf.d/limits", content="nofile 65536\nnproc 4096")
files.link(name="Link", path=f"{root}/conf.d/current", target=f"{root}/server.conf")
server.shell(name="Look", commands=[f"stat {root}/motd"])
server.shell(name="Command", commands=[f"test -s {root}/server.conf"])
server.shell(name="Check", commands=[f"test -s {root}/motd"])
