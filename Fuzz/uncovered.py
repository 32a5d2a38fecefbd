"""usage: uncovered.py list|check|update EXPORT ROOT TABLE   what of the codec rooms the corpora do not run

EXPORT is the JSON of llvm-cov export. One row a function of which some line was never run: its file, its name, and how many
lines. TABLE has the same rows, each with a reason. A function's rows do not move when lines above it do.
"""
import collections
import json
import pathlib
import re
import subprocess
import sys

mode, export, root, table = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]).resolve(), pathlib.Path(sys.argv[4])
rooms = ("Sources/MigrationStream/", "Sources/ResumePath/")
run = collections.defaultdict(set)
missed = collections.defaultdict(set)
functions = {}
for function in json.load(open(export))["data"][0]["functions"]:
    # Regions of one file each; generic functions come once for each type, and any of them counts.
    for line, column, end, end_column, count, file, _, kind in function["regions"]:
        path = function["filenames"][file]
        start = path.find("/Sources/") + 1
        name = path[start:]
        if kind != 0 or not name.startswith(rooms):
            continue
        first = function["regions"][0]
        key = (name, first[0], first[1])
        functions.setdefault(key, function["name"].split(":")[-1])
        lines = range(line, end + 1)
        (run if count else missed)[key].update((number, column if number == line else 0) for number in lines)

names = list(dict.fromkeys(functions.values()))
plain = subprocess.run(
    ["swift", "demangle", "--compact", "--simplified"], input="\n".join(names), capture_output=True, text=True, check=True
).stdout.splitlines()
readable = dict(zip(names, plain))


def short(name):
    """Without types of arguments, which would make a row as long as its function."""
    name = re.sub(r" in .*$", "", readable.get(name, name))
    name = re.sub(r"^(static |specialized |generic |partial apply for |implicit )+", "", name)
    return re.sub(r"\(([^()]*)\).*$", lambda m: "(" + re.sub(r"(\w+):[^,]*,?\s*", r"\1:", m[1]) + ")", name).replace("|", "/")


rows = collections.Counter()
for key in functions:
    left = {number for number, _ in missed[key] - run[key]} - {number for number, _ in run[key]}
    if left or (missed[key] and not run[key]):
        rows[(key[0].removeprefix("Sources/"), short(functions[key]))] += max(len(left), 1)

reasons = {}
if table.exists():
    for line in table.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[0].endswith(".swift"):
            reasons[(cells[0], cells[1].strip("`"))] = cells[3]

if mode == "update":
    head = table.read_text().split("| file |")[0] if table.exists() else "# What the corpora do not run\n\n"
    body = "| file | function | lines | reason |\n|---|---|--:|---|\n"
    for (file, name), count in sorted(rows.items()):
        body += f"| {file} | `{name}` | {count} | {reasons.get((file, name), '')} |\n"
    table.write_text(head + body)
for (file, name), count in sorted(rows.items()):
    if mode == "list":
        print(f"{file}: {name}: {count} line(s) never run")
bad = sorted(row for row in rows if not reasons.get(row))
done = sorted(set(reasons) - set(rows))
print(f"{len(functions)} functions, {len(rows)} not run whole, {len(bad)} of them without a reason")
for file, name in done:
    print(f"now run, its row may go: {file}: {name}")
if mode == "check" and bad:
    for file, name in bad:
        print(f"no reason in {table.name}: {file}: {name}")
    sys.exit(1)
