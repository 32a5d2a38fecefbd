"""Runs c-reader over the conformance corpus: each scenario's verdict, stage, code, channel, offset and values.

usage: check_corpus.py READER CORPUS [WRAPPER...]    WRAPPER is put in front of each call, valgrind for instance
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

# Chapters that this reader does not read: mapping takes a second layout, reverse and resume take devices, models are documents.
OUT = {"mapping", "reverse", "resume", "models", "qemu", "golden", "fuzz"}
SAID = re.compile(r".*: refused (\w+) in (\w+), channel (\d+) offset (\d+) expected (\d+) found (\d+) record (\d+)$")


def octets(lines):
    """Octets of each channel, from the lines behind the keys."""
    channels = [bytearray()]
    for line in lines:
        line = line.split("#")[0]
        if line.strip() == "channel":
            channels.append(bytearray())
            continue
        for word in line.split():
            run, _, times = word.partition("*")
            channels[-1] += bytes.fromhex(run) * int(times or 1)
    return channels


def call(reader, arguments):
    done = subprocess.run(reader + arguments, capture_output=True, text=True)
    last = (done.stdout.splitlines() or [""])[-1]
    return done.returncode, last, done.stderr


def verdict(reader, folder, keys, channels):
    arguments = ["-q"] if "q" in keys else []
    for limit in keys.get("limits", "").split():
        arguments += ["--limit", limit]
    for number, content in enumerate(channels):
        path = Path(folder) / str(number)
        path.write_bytes(content)
        arguments += (["--channel"] if number else []) + [str(path)]
    return call(reader, arguments)


def complaint(keys, status, last, errors):
    """What is wrong with the reader's answer; none when it is right."""
    if errors or status not in (0, 1):
        return f"status {status}: {errors[-2000:]}"
    if keys["expect"] == "accept":
        return None if status == 0 and last.endswith(": accepted") else last
    said = SAID.match(last)
    if status != 1 or not said:
        return f"accepted: {last}"
    code, stage, *numbers = said.groups()
    names = ("channel", "offset", "expected", "found", "released")
    answer = dict(zip(names, map(int, numbers)), code=code, stage=stage)
    wanted = {"code": keys["code"], "stage": keys["stage"], "channel": int(keys.get("channel", 0)), "offset": int(keys["offset"])}
    wanted |= {name: int(keys[name]) for name in ("expected", "found") if name in keys}
    if wanted["channel"] == 0 and not keys["channels"] > 1:
        wanted["released"] = int(keys["released"])
    wrong = [f"{name} {answer[name]}, not {value}" for name, value in wanted.items() if answer[name] != value]
    return "; ".join(wrong) or None


def main():
    reader, corpus = [*sys.argv[3:], sys.argv[1]], Path(sys.argv[2])
    families, failures = {}, []
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(corpus.rglob("*.txt")):
            family = path.relative_to(corpus).parts[0]
            if family in OUT or path.parent == corpus:
                continue
            lines = path.read_text().splitlines()
            border = lines.index("")
            keys = dict(line.split(": ", 1) for line in lines[:border])
            channels = octets(lines[border:])
            keys["channels"] = len(channels)
            families[family] = families.get(family, 0) + 1
            wrong = complaint(keys, *verdict(reader, folder, keys, channels))
            if wrong:
                failures.append(f"{path}: {wrong}")
    print("\n".join(failures))
    print(f"{sum(families.values()) - len(failures)} of {sum(families.values())} scenarios agree:", families)
    sys.exit(bool(failures) or len(families) < 15)


if __name__ == "__main__":
    main()
