#!/usr/bin/env python3
"""usage: check_corpus.py FOLDER   reads every scenario of a corpus and compares the verdict with the file's"""
import pathlib
import re
import sys
from migstream.stream import read_stream
from migstream.wire import Limits, Refused


def scenario(path):
    """The keys of a scenario file and its octets."""
    head, _, hexadecimal = path.read_text().partition("\n\n")
    keys = dict(line.split(": ", 1) for line in head.splitlines())
    octets = bytearray()
    for line in hexadecimal.splitlines():
        for word in line.split("#")[0].split():
            run = re.fullmatch(r"([0-9a-f]{2})\*(\d+)", word)
            octets += bytes.fromhex(run[1]) * int(run[2]) if run else bytes.fromhex(word)
    return keys, bytes(octets)


def scenarios(folder):
    for path in sorted(pathlib.Path(folder).rglob("*.txt")):
        if path.parent.name != "golden":
            yield path, *scenario(path)


def limits_of(keys):
    pairs = (pair.split("=") for pair in keys.get("limits", "").split())
    return Limits(**{name: int(value) for name, value in pairs})


def verdict(octets, limits=None):
    """The keys that a scenario file would have."""
    released = 0
    try:
        for _ in read_stream(octets, limits):
            released += 1
    except Refused as fault:
        return {"expect": "reject", "stage": fault.stage, "code": fault.code, "offset": fault.offset,
                "expected": fault.expected, "found": fault.found, "released": released}
    return {"expect": "accept"}


def main():
    count, wrong = 0, 0
    for path, keys, octets in scenarios(sys.argv[1]):
        count += 1
        found = verdict(octets, limits_of(keys))
        different = [f"{key} {keys[key]} but {found.get(key)}" for key in
                     ("expect", "stage", "code", "offset", "expected", "found", "released")
                     if key in keys and keys[key] != str(found.get(key))]
        if different:
            wrong += 1
            different = different[:3]
            print(f"{path}: {', '.join(different)}")
    print(f"{count} corpus files, {wrong} with another verdict")
    sys.exit(wrong != 0)


if __name__ == "__main__":
    main()
