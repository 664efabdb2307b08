"""Writes what Ansible answers to the cases of the given files, in place. Run by hand; needs ansible-core 2.19.

A line is a case: [filter or test, value, [arguments], {named arguments}, outcome]. The outcome is written here:
{"is": the value} or {"error": the message}; "ours", the message of this project where Python's own says little to its
readers, is written by hand and kept. A case is a test when its file lies in a directory below `tests`.
Filters of collections need their collections, and passlib, netaddr and jmespath.
"""

import json
import os
import re
import sys

os.environ.setdefault("TZ", "UTC")

from ansible.errors import AnsibleError
from ansible.plugins.loader import init_plugin_loader
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template


def answer(name, value, positional, named, is_test):
    variables = {"v": value, "a": positional, "k": named}
    how = "v is" if is_test else "v |"
    arguments = "(*a, **k)" if positional or named else ""
    templar = Templar(loader=DataLoader(), variables=variables)
    expression = "%s %s%s" % (how, name, arguments)
    if is_test and not name[0].isalpha():
        expression = "[v] | select('%s', *a) | length > 0" % name
    try:
        return {"is": templar.template(trust_as_template("{{ %s }}" % expression))}
    except AnsibleError as error:
        while error.__cause__ is not None:
            error = error.__cause__
        return {"error": native(str(error))}


def native(message):
    """The message with Python's names of the types."""
    return re.sub(r"(?:[\w.]*\.)?_AnsibleLazyTemplate(List|Dict)|_AnsibleTagged(Str|Int|Float)", lambda m: (m[1] or m[2]).lower(), message)


def main(paths):
    init_plugin_loader()
    for path in paths:
        is_test = "/tests/" in os.path.abspath(path)
        with open(path) as file:
            lines = [line.rstrip("\n") for line in file]
        with open(path, "w") as file:
            for line in lines:
                if line and not line.startswith("#"):
                    name, value, *rest = json.loads(line)
                    positional, named = (rest + [[], {}][len(rest):])[:2] if len(rest) < 2 else rest[:2]
                    outcome = answer(name, value, positional, named, is_test)
                    if "error" in outcome and len(rest) > 2 and "ours" in rest[2]:
                        outcome["ours"] = rest[2]["ours"]
                    case = [name, value, positional, named, outcome]
                    line = json.dumps(case, ensure_ascii=False)
                file.write(line + "\n")


main(sys.argv[1:])
