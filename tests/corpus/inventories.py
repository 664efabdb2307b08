"""Finds inventories in a folder of repositories and compares two readers of them. See inventories.sh."""

import collections
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile

DIRECTORY = re.compile(r"^(inventory|inventories|environments?)([._-].*)?$", re.I)
FILE = re.compile(r"^(hosts|inventory|inventories)([._-].*)?$|[._-](hosts|inventory)(\.(ini|ya?ml))?$", re.I)
NO_SOURCE = {"group_vars", "host_vars", "templates", "tasks", "handlers", "defaults", "vars", "meta", "library", ".git"}
NO_ENDING = (".j2", ".md", ".rst", ".txt", ".tf", ".py", ".sh", ".rb", ".cfg", ".toml", ".conf", ".html", ".php", ".png")
INI_HEADER = re.compile(r"^\[[^\]\s]+\]\s*(#.*)?$", re.M)
YAML_GROUP = re.compile(r"^\s*['\"]?(hosts|children)['\"]?:", re.M)


# An empty one, so that no configuration of this machine counts.
CONFIG = tempfile.NamedTemporaryFile(suffix=".cfg")


def text_of(path):
    try:
        with open(path, "rb") as file:
            data = file.read(2_000_000)
    except OSError:
        return None
    return None if b"\0" in data else data.decode("utf-8", "replace")


def is_program_or_plugin(path):
    text = text_of(path) or ""
    return text.startswith("#!") or path.endswith((".py", ".sh", ".rb")) or re.search(r"^plugin:", text, re.M) is not None


def is_inventory(path):
    name, text = os.path.basename(path), text_of(path)
    if not text or name.startswith(".") or name.endswith(NO_ENDING) or is_program_or_plugin(path):
        return False
    if name.endswith((".yml", ".yaml", ".json")):
        # A list is a playbook.
        return YAML_GROUP.search(text) is not None and not re.search(r"^- ", text, re.M)
    return INI_HEADER.search(text) is not None or "ansible_host" in text or "ansible_connection" in text


def is_harmless(directory):
    """Whether a directory can be a source without a program being run."""
    files = (os.path.join(root, name) for root, _, names in os.walk(directory) for name in names)
    return not any(is_program_or_plugin(file) for file in files)


def find(repository):
    for root, directories, names in os.walk(repository):
        directories[:] = sorted(name for name in directories if name not in NO_SOURCE)
        parts = os.path.relpath(root, repository).split(os.sep)
        within = any(DIRECTORY.match(part) for part in parts)
        found = [os.path.join(root, name) for name in sorted(names) if within or FILE.search(name)]
        found = [path for path in found if is_inventory(path)]
        yield from found
        if found and within and is_harmless(root):
            yield root


def run(command):
    environment = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    environment.update(ANSIBLE_CONFIG=CONFIG.name, ANSIBLE_NOCOLOR="1", ANSIBLE_DEPRECATION_WARNINGS="False", LC_ALL="C.UTF-8")
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=environment, timeout=120)
    try:
        return json.loads(done.stdout), done.stderr
    except ValueError:
        return None, done.stderr


def differences(ours, theirs, path=""):
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(ours.keys() | theirs.keys()):
            if key not in ours:
                yield f"{path}.{key}: only in ansible's"
            elif key not in theirs:
                yield f"{path}.{key}: only in ours"
            else:
                yield from differences(ours[key], theirs[key], f"{path}.{key}")
    elif ours != theirs or isinstance(ours, bool) != isinstance(theirs, bool):
        yield f"{path}: ours {ours!r}, ansible's {theirs!r}"


def compare(opsctl, source):
    ours, our_words = run([opsctl, "inventory", "list", "-i", source])
    theirs, their_words = run(["ansible-inventory", "--list", "-i", source])
    unparsed = "as an inventory source" in their_words
    if ours is None and (theirs is None or unparsed):
        return "refused by both", []
    if ours is None:
        return "refused by opsctl", our_words.splitlines()[:4] + their_words.splitlines()[:1]
    if theirs is None:
        return "refused by ansible", their_words.splitlines()[:1]
    found = list(differences(ours, theirs))[:5]
    if not found:
        return "equal", []
    return ("read in part by ansible" if unparsed else "different"), found


def main(folder, opsctl):
    repositories = sorted(entry.path for entry in os.scandir(folder) if entry.is_dir())
    sources = [(repository, source) for repository in repositories for source in find(repository)]
    counts, of_repository = collections.Counter(), collections.defaultdict(set)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = pool.map(lambda item: compare(opsctl, item[1]), sources)
        for (repository, source), (kind, details) in zip(sources, results):
            counts[kind] += 1
            of_repository[repository].add(kind)
            if kind != "equal":
                print(f"{kind}: {os.path.relpath(source, folder)}")
                print("".join(f"    {line[:200]}\n" for line in details), end="")
    equal = sum(kinds <= {"equal", "refused by both"} for kinds in of_repository.values())
    print(f"{len(sources)} inventories in {len(of_repository)} repositories; both agree in {equal} repositories")
    for kind, count in counts.most_common():
        print(f"  {count:5} {kind}")
    return 1 if counts["different"] or counts["refused by opsctl"] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
