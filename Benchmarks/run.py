#!/usr/bin/env python3
"""Runs every benchmark and writes Benchmarks/results: a table, the same as JSON, and two charts.

usage: run.py [--quick] [--only GROUP,...] [--update] [--readme]

  --quick    a few seconds: shows that everything works, and writes nothing
  --update   puts what --only measured in the place of what results.json has of these groups
  --only     some of: bulk place resume record small tables growth processes calls socket
  --readme   measures nothing; puts the tables of results/results.json into README.md

Ratios are of times taken in turns in one run: median, lowest and highest. Standard library only.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys

import chart
import environment
import processes
import tables

HERE = pathlib.Path(__file__).resolve().parent
RESULTS = HERE / "results"
IN_MEMORY = ["bulk", "place", "resume", "record", "small", "growth"]
WHOLE = ["processes", "calls", "socket"]
# Programs of Peers that save and load structs through the C library, and count what that asks for.
TABLES = ["field_tables", "field_tables_small"]


def in_memory(groups, quick):
    """The rows of CodecBench as they come."""
    command = [HERE / ".build/release/CodecBench", "--peers", HERE / "Peers/.build/libpeers.so"]
    command += (["--quick"] if quick else []) + groups
    yield from rows_of(command)


def field_tables(quick):
    """The rows of the C library: a device of 5 KB and one of 400 octets; calls that do nothing; allocations."""
    folder = HERE / "Peers/.build"
    for name in TABLES:
        yield from rows_of([folder / name] + (["--quick"] if quick else []))
    yield from rows_of([folder / TABLES[0], "--interface"] + (["--quick"] if quick else []))
    yield from rows_of([folder / TABLES[0]], os.environ | {"LD_PRELOAD": str(folder / "malloccount.so")})


def rows_of(command, env=None):
    """The rows that a program prints."""
    with subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True, env=env) as bench:
        for line in bench.stdout:
            yield json.loads(line)
    if bench.returncode:
        sys.exit(f"{command[0].name} failed")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true")
    arguments.add_argument("--only", default=",".join(IN_MEMORY + ["tables"] + WHOLE))
    arguments.add_argument("--update", action="store_true")
    arguments.add_argument("--readme", action="store_true")
    options = arguments.parse_args()
    if options.readme:
        return tables.put_into(HERE / "README.md", json.loads((RESULTS / "results.json").read_text()))

    groups = options.only.split(",")
    rows = []
    sources = []
    if any(group in IN_MEMORY for group in groups):
        sources.append(in_memory([group for group in groups if group in IN_MEMORY], options.quick))
    if "tables" in groups:
        sources.append(field_tables(options.quick))
    bench = processes.Processes(HERE, options.quick, rows)
    sources += [getattr(bench, group)() for group in groups if group in WHOLE]
    for source in sources:
        for row in source:
            rows.append(row)
            print(tables.line(row), flush=True)
    if options.update and not options.quick:
        results = updated(json.loads((RESULTS / "results.json").read_text()), rows)
    elif options.quick or set(groups) != set(IN_MEMORY + ["tables"] + WHOLE):
        return
    else:
        results = {"version": 1, "environment": environment.describe(HERE), "rows": rows}
    write(results)


def updated(results, rows):
    """The results with rows of some groups measured anew, and where and when."""
    groups = {row["group"] for row in rows}
    now = environment.describe(HERE)
    results["rows"] = [row for row in results["rows"] if row["group"] not in groups] + rows
    results["environment"]["commands"] = now["commands"]
    later = results["environment"].setdefault("later", {})
    for group in groups:
        later[group] = {key: now[key] for key in ("date", "commit", "load_at_the_end")}
    return results


def write(results):
    rows = results["rows"]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    (RESULTS / "results.txt").write_text(tables.text(results))
    (RESULTS / "ratios.svg").write_text(chart.ratios(rows))
    (RESULTS / "growth.svg").write_text(chart.growth(rows))
    print(f"written to {RESULTS.relative_to(HERE.parent)}")


if __name__ == "__main__":
    main()
