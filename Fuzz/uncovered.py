"""usage: uncovered.py list|check|update EXPORT ROOT TABLE   what of the codec rooms the corpora do not run

EXPORT is the JSON of llvm-cov export. One row a function of which some line was never run: its file, its name, and how many
lines. TABLE has the same rows, each with a reason; `*` stands for all functions of a file. Rows do not move when lines do.
Texts of preconditions are left out: they are evaluated when the codec is wrong, which is what the fuzzers look for.

uncovered.py names ROOT TABLE   status 1 when TABLE names a file or function that the sources do not have
"""
import collections
import functools
import json
import pathlib
import re
import subprocess
import sys

rooms = ("Sources/MigrationStream/", "Sources/ResumePath/")


def table_rows(table):
    """The reasons of TABLE, by file and function."""
    reasons = {}
    for line in table.read_text().splitlines() if table.exists() else []:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[0].endswith(".swift"):
            reasons[(cells[0], cells[1].strip("`"))] = cells[3]
    return reasons


def check_names(root, table):
    bad = 0
    for file, name in table_rows(table):
        source = root / "Sources" / file
        words = [] if name == "*" else [word for word in re.split(r"\W+", re.sub(r"\(.*\)|<.*>|\.getter|\.setter", " ", name)) if word]
        text = source.read_text() if source.exists() else ""
        if not text or words and not re.search(rf"\b{words[-1]}\b", text):
            print(f"{table.name} names what is not there: {file}: {name}")
            bad = 1
    return bad


@functools.cache
def source(path):
    return pathlib.Path(path).read_text().splitlines()


def is_precondition(path, first, last):
    text = " ".join(source(path)[max(first - 2, 0):last]) if pathlib.Path(path).exists() else ""
    return re.search(r"\b(precondition|assert|preconditionFailure|fatalError|expectOrTrap)\b", text)


def short(name):
    """The function, without types of arguments, which would make a row as long as it; a closure is its function's."""
    name = re.sub(r"^.*closure #\d+ .*?in (?!.*closure #\d+)", "", name)
    name = re.sub(r"^(static |specialized |generic |partial apply for |implicit |variable initialization expression of )+", "", name)
    name = re.sub(r"\(([^()]*)\).*$", lambda m: "(" + re.sub(r"(\w+):[^,]*,?\s*", r"\1:", m[1]) + ")", name)
    return re.sub(r" in .*$", "", name).replace("|", "/")


def read(export):
    """Rows, and for each room the lines that were run, and all."""
    run, missed, functions = collections.defaultdict(set), collections.defaultdict(set), {}
    data = json.load(open(export))["data"][0]
    for function in data["functions"]:
        # Regions of one file each; generic functions come once for each type, and any of them counts.
        first = function["regions"][0]
        for line, column, end, end_column, count, file, _, kind in function["regions"]:
            path = function["filenames"][file]
            name = path[path.find("/Sources/") + 1:]
            if kind != 0 or not name.startswith(rooms):
                continue
            key = (name, first[0], first[1])
            functions.setdefault(key, (function["name"].split(":")[-1], path, first[0], first[2]))
            (run if count else missed)[key].update(range(line, end + 1))
    lines = collections.defaultdict(lambda: [0, 0])
    for file in data["files"]:
        name = file["filename"][file["filename"].find("/Sources/") + 1:]
        for room in rooms:
            if name.startswith(room):
                lines[room][0] += file["summary"]["lines"]["covered"]
                lines[room][1] += file["summary"]["lines"]["count"]
    names = list(dict.fromkeys(mangled for mangled, *_ in functions.values()))
    plain = subprocess.run(
        ["swift", "demangle", "--compact", "--simplified"], input="\n".join(names), capture_output=True, text=True,
        check=True,
    ).stdout.splitlines()
    readable = dict(zip(names, plain))
    rows = collections.defaultdict(set)
    for key, (mangled, path, first, last) in functions.items():
        left = missed[key] - run[key]
        name = readable.get(mangled, mangled)
        if not left or "closure #" in name and is_precondition(path, first, last):
            continue
        rows[(key[0].removeprefix("Sources/"), short(name))] |= left
    return {row: len(left) for row, left in rows.items()}, lines, len(functions)


def main():
    if len(sys.argv) == 4 and sys.argv[1] == "names":
        return check_names(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
    mode, export, root, table = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]).resolve(), pathlib.Path(sys.argv[4])
    rows, lines, count = read(export)
    reasons = table_rows(table)
    whole = collections.Counter()
    for file, name in list(rows):
        if (file, "*") in reasons:
            whole[(file, "*")] += rows.pop((file, name))
    rows.update(whole)
    if mode == "update":
        head = table.read_text().split("| file |")[0] if table.exists() else "# What the corpora do not run\n\n"
        body = "| file | function | lines | reason |\n|---|---|--:|---|\n"
        for (file, name), left in sorted(rows.items()):
            body += f"| {file} | `{name}` | {left} | {reasons.get((file, name), '')} |\n"
        table.write_text(head + body)
    for (file, name), left in sorted(rows.items()):
        if mode == "list":
            print(f"{file}: {name}: {left} line(s) never run")
    for room, (covered, all_lines) in lines.items():
        print(f"{room}: {covered} of {all_lines} lines run, {100 * covered / all_lines:.1f} %")
    bad = sorted(row for row in rows if not reasons.get(row))
    print(f"{count} functions, {len(rows)} not run whole, {len(bad)} of them without a reason")
    for file, name in sorted(set(reasons) - set(rows)):
        print(f"now run, its row may go: {file}: {name}")
    if mode == "check" and bad:
        for file, name in bad:
            print(f"no reason in {table.name}: {file}: {name}")
        return 1
    return 0


sys.exit(main())
