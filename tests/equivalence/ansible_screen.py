#!/usr/bin/env python3
"""Runs `opsctl deploy` as `ansible-playbook` is called, and tells what happens in the words of Ansible's screen.

opsctl shows a run in its own way. Scripts that look for `ok: [host]` or `failed=1` ask what happened all the same: they
get it from the events (`--format jsonl`), put into those words. Nothing here decides anything.
"""

import json
import os
import subprocess
import sys

OWN_OUTPUT = ("--list-tasks", "--list-tags", "--list-hosts", "--syntax-check", "--version", "--help", "-h")
WORDS = {"ok": "ok", "changed": "changed", "skipped": "skipping", "failed": "failed", "unreachable": "fatal"}
# The exit codes of both: hosts that failed, and what could not be loaded.
CODES = {3: 2, 2: 4}
# What Ansible leaves out of a result that it shows.
HIDDEN = ("failed", "skipped", "ansible_loop_var", "ansible_index_var", "ansible_loop")


def banner(text):
    print(f"\n{text} {'*' * max(3, 79 - len(text))}")


def shown(record, task):
    result = {key: value for key, value in record["result"].items() if key not in HIDDEN}
    is_debug = task.get("module") == "debug"
    if is_debug:
        result.pop("changed", None)
    if record["item"] is not None and not (is_debug and "msg" not in result):
        result.pop("item", None)
    return json.dumps(result, indent=4 if is_debug else None, sort_keys=True, ensure_ascii=False)


def ended(record, tasks, verbose):
    task = tasks.get(record["task"], {})
    status, item = record["status"], record["item"]
    if record["type"] == "result" and "results" in record["result"] and status not in ("unreachable", "failed"):
        # The items have been told of already; of one that was skipped altogether nobody told.
        if status == "skipped":
            print(f"skipping: [{record['host']}]")
        return
    host = record["host"] + (f" -> {record['delegate']}" if record["delegate"] else "")
    line = f"{WORDS[status]}: [{host}]"
    if record["type"] == "result" and status in ("failed", "unreachable"):
        if status == "failed" and record["message"]:
            print(f"[ERROR]: Task failed: {record['message']}")
        line = f"fatal: [{host}]: {'UNREACHABLE' if status == 'unreachable' else 'FAILED'}! => {shown(record, task)}"
    else:
        line += f" => (item={item})" if item is not None else ""
        if status == "failed" or verbose or (task.get("module") == "debug" and status != "skipped"):
            line += f" => {shown(record, task)}"
    print(line)
    if record["ignored"] and record["type"] == "result":
        print("...ignoring")


def tell(record, tasks, verbose):
    kind = record["type"]
    if kind == "play":
        banner(f"PLAY [{record['name']}]")
    elif kind == "task":
        tasks[record["id"]] = record
        name = f"{record['role']} : {record['name']}" if record.get("role") else record["name"]
        banner(f"{'RUNNING HANDLER' if record['handler'] else 'TASK'} [{name}]")
    elif kind in ("item", "result"):
        ended(record, tasks, verbose)
    elif kind == "warning":
        print(f"[WARNING]: {record.get('message') or record.get('text')}", file=sys.stderr)


def recap(records):
    banner("PLAY RECAP")
    for record in records:
        counts = " ".join(f"{name}={count:<4}" for name, count in record["recap"].items())
        print(f"{record['host']:<26} : {counts}")


def main():
    opsctl, arguments = os.environ["OPSCTL"], sys.argv[1:]
    if any(argument in OWN_OUTPUT for argument in arguments):
        os.execv(opsctl, [opsctl, "deploy", *arguments])
    verbose = any(argument.startswith("-v") and set(argument[1:]) == {"v"} for argument in arguments)
    verbose = verbose or "--verbose" in arguments
    # Output that goes to the same place as the errors keeps its place among them.
    sys.stdout.reconfigure(line_buffering=True, errors="surrogateescape")
    tasks, hosts, plays = {}, [], set()
    with subprocess.Popen([opsctl, "deploy", "--format", "jsonl", *arguments], stdout=subprocess.PIPE) as run:
        for line in run.stdout:
            record = json.loads(line)
            if record["type"] == "host" and record.get("recap"):
                hosts.append(record)
            elif record["type"] == "play":
                plays.add(record["number"])
                tell(record, tasks, verbose)
            else:
                tell(record, tasks, verbose)
    if hosts:
        recap(hosts)
    if verbose:
        print(f"{len(plays)} plays in {' '.join(arg for arg in arguments if arg.endswith(('.yml', '.yaml')))}")
    return CODES.get(run.returncode, run.returncode)


if __name__ == "__main__":
    sys.exit(main())
