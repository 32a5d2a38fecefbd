"""Compares c-reader with streamtool over broken copies of right streams: accepted, or code, stage and offset.

The tool compares what lies in areas and pages where it can; c-reader always, but for --no-content. One of the two must agree.

usage: check_mutants.py READER STREAMTOOL CORPUS COUNT [SEED]    COUNT mutants of each stream
"""
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from check_corpus import scenarios

SAID = re.compile(r"(.*): (?:accepted|refused (\w+) in (\w+), channel \d+ offset (\d+).*)$")


def streams(corpus):
    """Each right stream of one channel."""
    for path, _, keys, channels in scenarios(corpus):
        if keys["expect"] == "accept" and len(channels) == 1 and "limits" not in keys:
            yield path, channels[0]


def run(*arguments):
    return subprocess.run([str(each) for each in arguments], capture_output=True, text=True).stdout


def of_tool(tool, command, files):
    """What the tool finds wrong with each file; None for a right one."""
    answers, name = {}, None
    for line in run(tool, command, "--jsonl", *files).splitlines():
        if not line.startswith(('{"kind":"file"', '{"kind":"fault"')):
            continue
        row = json.loads(line)
        if row["kind"] == "file":
            name = row["file"]
            answers[name] = None
        else:
            answers[name] = (row["code"], row["stage"], int(row["offset"]))
    return answers


def of_reader(reader, flags, files):
    answers = {}
    for line in run(*reader, *flags, *files).splitlines():
        name, code, stage, offset = SAID.match(line).groups()
        answers[name] = (code, stage, int(offset)) if code else None
    return answers


def main():
    reader, tool, corpus, count = sys.argv[1].split(), sys.argv[2], Path(sys.argv[3]), sys.argv[4]
    seed = sys.argv[5] if len(sys.argv) > 5 else "1"
    agreed, refused, codes, differences = 0, 0, set(), []
    with tempfile.TemporaryDirectory() as folder:
        for path, content in streams(corpus):
            right, target = Path(folder) / "right", Path(folder) / "mutants"
            right.write_bytes(content)
            notes = run(tool, "mutate", right, "--seed", seed, "--count", count, "--broken-digests", 5, "-o", target).splitlines()
            files = sorted(map(str, target.iterdir()))
            dumped, verified = of_tool(tool, "dump", files), of_tool(tool, "verify", files)
            framing, read = of_reader(reader, ["-q", "--no-content"], files), of_reader(reader, ["-q"], files)
            for note, file in zip(notes, files):
                wanted, said = dumped[file] or verified[file], read.get(file, "nothing")
                right = wanted in (said, framing.get(file, "nothing"))
                agreed += right
                refused += said is not None
                codes |= {said and said[:2]}
                if not right:
                    differences.append(f"{path} seed {seed} {note}: c-reader {said}, {framing.get(file)}; streamtool {wanted}")
            for file in files:
                Path(file).unlink()
    print("\n".join(differences))
    print(f"{agreed} of {agreed + len(differences)} mutants agree ({refused} refused, {len(codes - {None})} kinds of error)")
    sys.exit(bool(differences))


if __name__ == "__main__":
    main()
