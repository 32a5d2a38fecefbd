#!/usr/bin/env python3
"""usage: check_corpus.py FOLDER   reads every scenario of a corpus and compares the verdict with the file's"""
import pathlib
import re
import sys
from mapping import Mapping, read_part
from migstream.layouts import Layout
from migstream.stream import read_stream
from migstream.wire import Cursor, Limits, Refused
from reverse import read_reverse

# What the reverse direction of folder reverse answers: the uuid and the number of devices.
ANSWERED = bytes.fromhex("5d9f2c1ea0474b6e8e113f0cd27a6b94"), 3


def scenario(path):
    """The keys of a scenario file and its parts: (name, octets), first those of the stream."""
    head, _, rest = path.read_text().partition("\n\n")
    keys = dict(line.split(": ", 1) for line in head.splitlines())
    parts = [("stream", bytearray())]
    for line in rest.splitlines():
        if line == "channel" or line.startswith("["):
            parts.append((line.strip("[]"), bytearray()))
            continue
        for word in line.split("#")[0].split():
            run = re.fullmatch(r"([0-9a-f]{2})\*(\d+)", word)
            parts[-1][1].extend(bytes.fromhex(run[1]) * int(run[2]) if run else bytes.fromhex(word))
    return keys, [(name, bytes(octets)) for name, octets in parts]


def scenarios(folder):
    for path in sorted(pathlib.Path(folder).rglob("*.txt")):
        if not {"golden", "models", "qemu"} & set(path.parts):
            yield path, *scenario(path)


def limits_of(keys):
    pairs = (pair.split("=") for pair in keys.get("limits", "").split())
    return Limits(**{name: int(value) for name, value in pairs})


def verdict(octets, limits=None, others=()):
    """The keys that a scenario file would have."""
    try:
        for _ in read_stream(octets, limits, others):
            pass
    except Refused as fault:
        return {"expect": "reject", "stage": fault.stage, "code": fault.code, "offset": fault.offset, "channel": fault.channel,
                "expected": fault.expected, "found": fault.found, "released": fault.released}
    return {"expect": "accept"}


def heard(octets):
    """The verdict on a file of folder reverse, with what was handed over."""
    events = []
    try:
        for event in read_reverse(octets, *ANSWERED):
            events.append(event)
    except Refused as fault:
        return {"expect": "reject", "stage": fault.stage, "code": fault.code, "offset": fault.offset, "channel": fault.channel,
                "expected": fault.expected, "found": fault.found, "released": len(events), "events": " ".join(events) or None}
    return {"expect": "accept", "events": " ".join(events)}


def mapped(keys, parts):
    """The verdict on a file of folder mapping, with the reports and the result."""
    limits, announced = limits_of(keys), {}
    try:
        for record in read_stream(parts[0][1], limits):
            if record.name == "manifest":
                version = record.content.devices[0].sections[0].version
            if record.name == "section":
                section = record.content
        readers = [Layout(octets).parse(Cursor(octets, 0, len(octets)), limits) for name, octets in parts if name.startswith("reader")]
        local = next((read_part(octets, readers, limits) for name, octets in parts if name == "local"), None)
        for alias in keys.get("aliases", "").split():
            place, name = alias.split("=")
            announced.setdefault(tuple(map(int, place.split("."))), []).append(name)
        mapping = Mapping(readers, announced, version, limits)
        if section.data is None:
            raise Refused("unknownLayout", section.cursor.at, 0, section.row.layout, "mapping")
        result = mapping.section(section.data, section.row.layout, local)
    except Refused as fault:
        return {"expect": "reject", "stage": fault.stage, "code": fault.code, "offset": fault.offset,
                "expected": fault.expected or 0, "found": fault.found or 0}
    reports = {key: " ".join(f"{layout}.{entry}@{at}" for layout, entry, at in getattr(mapping, key)) or None
               for key in ("skipped", "left", "unverified")}
    return {"expect": "accept", **reports, "result": result}


def main():
    count, wrong = 0, 0
    for path, keys, parts in scenarios(sys.argv[1]):
        count += 1
        if path.parent.name == "mapping":
            found = mapped(keys, parts)
            if keys["expect"] == "accept":
                keys = {"skipped": None, "left": None, "unverified": None, "result": dict(parts)["result"], **keys}
        elif path.parent.name == "reverse":
            found = heard(parts[0][1])
        else:
            found = verdict(parts[0][1], limits_of(keys), [octets for name, octets in parts if name == "channel"])
        different = [f"{key} {keys[key]} but {found.get(key)}" for key in
                     ("expect", "stage", "code", "channel", "offset", "expected", "found", "released",
                      "skipped", "left", "unverified", "result", "events")
                     if key in keys and str(keys[key]) != str(found.get(key))]
        if different:
            wrong += 1
            different = different[:3]
            print(f"{path}: {', '.join(different)}")
    print(f"{count} corpus files, {wrong} with another verdict")
    sys.exit(wrong != 0)


if __name__ == "__main__":
    main()
