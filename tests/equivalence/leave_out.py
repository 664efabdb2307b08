#!/usr/bin/env python3
"""Takes one step out of a file: of a shell script the command that a text stands in, of YAML the innermost list entry."""

import sys


def indent(line):
    return len(line) - len(line.lstrip(" "))


def of_script(lines, at):
    """A command goes on after a backslash at the end of a line."""
    first = last = at
    while first > 0 and lines[first - 1].rstrip("\n").endswith("\\"):
        first -= 1
    while lines[last].rstrip("\n").endswith("\\"):
        last += 1
    return first, last + 1


def of_yaml(lines, at):
    first = at
    while not lines[first].lstrip().startswith("- ") or indent(lines[first]) > indent(lines[at]):
        first -= 1
        if first < 0:
            raise SystemExit("it stands in no list")
    last = first + 1
    while last < len(lines) and (not lines[last].strip() or indent(lines[last]) > indent(lines[first])):
        last += 1
    # A list that has no other entry goes with what it belongs to.
    above, below = lines[first - 1].rstrip() if first else "", lines[last] if last < len(lines) else ""
    is_next = below.lstrip().startswith("- ") and indent(below) == indent(lines[first])
    if above.endswith(":") and not is_next:
        return of_yaml(lines, first - 1)
    return first, last


def main():
    path, text = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        lines = file.readlines()
    found = [number for number, line in enumerate(lines) if text in line]
    if not found:
        raise SystemExit(1)
    # From the end, so that the numbers of earlier lines hold.
    gone = len(lines)
    for at in reversed(found):
        if at < gone:
            first, last = (of_yaml if path.endswith((".yml", ".yaml")) else of_script)(lines, at)
            del lines[first:last]
            gone = first
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(lines)


if __name__ == "__main__":
    main()
