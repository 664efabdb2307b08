"""Finds plays and roles in a folder of repositories and counts how much of them loads. See measure.sh."""

import collections
import concurrent.futures
import configparser
import json
import os
import re
import subprocess
import sys
import tempfile

PLAY = re.compile(r"^ {0,4}-? {0,4}['\"]?(hosts|import_playbook|ansible\.builtin\.import_playbook)['\"]? *:", re.M)
FIRST = re.compile(r"^(?!\s*(#|---|%|$))(.*)", re.M)
NO_PLAYS = {"tasks", "handlers", "defaults", "vars", "meta", "group_vars", "host_vars", "templates", "files", ".git"}
QUOTED = re.compile(r"`[^`]*`|'[^']*'")

# An empty one, so that no configuration of this machine or of a stranger counts.
CONFIG = tempfile.NamedTemporaryFile(suffix=".cfg")


def text_of(path):
    try:
        with open(path, "rb") as file:
            data = file.read(500_000)
    except OSError:
        return ""
    return "" if b"\0" in data else data.decode("utf-8", "replace")


def is_play_file(path):
    text = text_of(path)
    first = FIRST.search(text)
    return bool(first and first.group(2).lstrip().startswith("- ") and PLAY.search(text))


def is_role(path):
    return any(os.path.isfile(f"{path}/tasks/main{ending}") for ending in (".yml", ".yaml", ""))


def find(repository):
    """The plays and roles of a repository."""
    found = []
    for root, directories, files in os.walk(repository):
        directories[:] = sorted(name for name in directories if name != ".git")
        if is_role(root):
            found.append(root)
        if NO_PLAYS & set(os.path.relpath(root, repository).split(os.sep)):
            continue
        for name in sorted(files):
            path = os.path.join(root, name)
            if name.endswith((".yml", ".yaml")) and os.path.isfile(path) and is_play_file(path):
                found.append(path)
    return found


def templates(repository):
    """The template files of a repository."""
    found = []
    for root, directories, files in os.walk(repository):
        directories[:] = sorted(name for name in directories if name != ".git")
        found.extend(os.path.join(root, name) for name in sorted(files) if name.endswith(".j2"))
    return [path for path in found if os.path.isfile(path)]


def home(repository, path):
    """Where a run starts: the nearest directory above with an ansible.cfg, or the repository."""
    directory = path
    while directory != repository:
        directory = os.path.dirname(directory)
        if os.path.isfile(f"{directory}/ansible.cfg"):
            return directory
    return repository


def paths_of(directory):
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    try:
        parser.read_string(text_of(f"{directory}/ansible.cfg"))
    except configparser.Error:
        pass
    environment = {}
    for variable, keys in (("ROLES", ["roles_path"]), ("COLLECTIONS", ["collections_path", "collections_paths"])):
        values = [parser.get("defaults", key, fallback="") for key in keys]
        parts = [part.strip() for value in values for part in value.split(":") if part.strip()]
        inside = [os.path.normpath(os.path.join(directory, part)) for part in parts if not part.startswith(("/", "~", "$"))]
        environment[f"ANSIBLE_{variable}_PATH"] = ":".join(inside + [f"{directory}/{variable.lower()}"])
    return environment


def load(opsctl, directory, paths):
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "ANSIBLE_CONFIG": CONFIG.name}
    environment.update(paths_of(directory))
    command = [opsctl, "deploy", "--syntax-check", "--format", "jsonl", "-q", *paths]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=environment, cwd=directory)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode not in (0, 2) or not lines or lines[-1]["kind"] != "summary":
        print(f"{directory}: opsctl ended with {done.returncode}: {done.stderr[:500]}", file=sys.stderr)
    return lines


def measure(item):
    opsctl, repository = item
    runs = collections.defaultdict(list)
    for path in find(repository):
        runs[home(repository, path)].append(path)
    files = templates(repository)
    loads = [*runs.items(), *((repository, files[start : start + 500]) for start in range(0, len(files), 500))]
    counted = {"play": {}, "role": {}, "task": {}, "template": {}}
    refusals = {}
    for directory, paths in loads:
        for line in load(opsctl, directory, paths):
            kind = line["kind"]
            place = (os.path.normpath(os.path.join(directory, line.get("file") or "")), line.get("line"), line.get("column"))
            if kind in counted:
                counted[kind][place] = counted[kind].get(place, False) or line["refused"]
            elif kind == "refusal":
                refusals[(*place, line["message"])] = line["message"]
    return os.path.basename(repository), counted, refusals


def cause(message):
    for start in ("if this is reached, the task fails: ", "if this variable is used, the task fails: "):
        message = message.removeprefix(start)
    if message.startswith(("there is no role", "there is no file", "there is no playbook")):
        return QUOTED.sub("…", message.split(":")[0])
    if message.startswith("role "):
        return QUOTED.sub("…", message)
    return message.split("\n")[0][:160]


def share(places):
    refused = sum(places.values())
    return f"{len(places):6}  load {len(places) - refused:6}  {100 * (len(places) - refused) / max(1, len(places)):5.1f} %"


def main(folder, opsctl):
    opsctl = os.path.abspath(opsctl)
    folder = os.path.abspath(folder)
    repositories = sorted(entry.path for entry in os.scandir(folder) if entry.is_dir())
    whole = {"play": {}, "role": {}, "task": {}, "template": {}}
    causes, examples, absent = collections.Counter(), collections.defaultdict(list), set()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, counted, refusals in pool.map(measure, [(opsctl, repository) for repository in repositories]):
            for kind, places in counted.items():
                whole[kind].update(places)
            for place, message in refusals.items():
                reason = cause(message)
                if place[0].endswith(".j2"):
                    reason = f"in a template file: {reason}"
                causes[reason] += 1
                examples[reason].append(place)
                if reason.startswith("there is no"):
                    absent.add(place[0])
            if os.environ.get("MEASURE_REPOSITORIES"):
                print(f"tasks {share(counted['task'])}  plays {share(counted['play'])}  roles {share(counted['role'])}  {name}")
    print(f"repositories {len(repositories):6}")
    for kind in ("play", "role", "task", "template"):
        print(f"{kind + 's':12} {share(whole[kind])}")
    there = {place: refused for place, refused in whole["play"].items() if place[0] not in absent}
    print(f"plays        {share(there)}  of files whose roles and files are all in the repository")
    print(f"\n{sum(causes.values())} refusals, by cause:")
    for reason, count in causes.most_common(int(os.environ.get("MEASURE_CAUSES", "60"))):
        print(f"{count:6}  {reason}")
        for path, line, column, _ in examples[reason][: int(os.environ.get("MEASURE_EXAMPLES", "0"))]:
            print(f"            {os.path.relpath(path, folder)}:{line}:{column}")


if __name__ == "__main__":
    main(*sys.argv[1:])
