#!/usr/bin/env python3
"""usage: check_streams.py COUNT CORPUS   compares verdicts with the codec's on generated streams, and reads what it writes

Half of COUNT streams are right, half are damaged with digests that match again. What the codec's tool converts must be
read here and hold the same state. STREAMTOOL names the tool.
"""
import collections
import os
import subprocess
import sys
import tempfile
import check_codec
import check_corpus
import check_generate
from migstream.bulk import DATA
from migstream.records import STREAM
from migstream.stream import read_stream

CONVERSIONS = (["--normalise"], ["--compress"], ["--chunk", "4096"], [])


def generated(count):
    for seed in range(count // 2):
        octets = check_generate.Generator(seed).stream()
        yield f"stream {seed}", octets
        yield f"damaged {seed}", check_generate.damaged(octets, seed)


def state_of(octets):
    """What a destination would hold: sections, memory and byte strings."""
    sections, memory, strings, layouts = {}, collections.defaultdict(dict), collections.defaultdict(bytes), []
    for record in read_stream(octets):
        header = record.header
        if record.name == "section":
            sections[header.device, record.content.row.section] = tree(record.content, layouts)
        if record.name == "layout":
            layouts.append(record.content)
        if record.name == "memory":
            at = 0
            for offset, length, kind in record.content.extents:
                plain = record.payload[at : at + length] if kind == DATA else bytes(length)
                at += length if kind == DATA else 0
                memory[record.content.region].update(zip(range(offset, offset + length), plain))
        if record.name == "bytes":
            strings[header.device] += record.payload
    return sections, dict(memory), dict(strings)


def tree(piece, layouts):
    """A section or subsection without the numbers of layouts, which normalising changes."""
    layout, data = layouts[piece.row.layout], piece.data
    if layout.external:
        data = piece.cursor.octets[piece.cursor.end - piece.row.len_data : piece.cursor.end]
    return layout.canonical or layout.identity, piece.order, values(data), [tree(nested, layouts) for nested in piece.nested]


def values(data):
    if isinstance(data, dict):
        content = data.layout and (data.layout.canonical or data.layout.identity)
        return content, {name: (bytes(value.octets), values(value.elements)) for name, value in data.items()}
    return [values(one) for one in data] if isinstance(data, (list, tuple)) else data


def is_small(octets):
    """Whether state_of has room for its memory."""
    manifest = next(read_stream(octets)).content
    return all(region.len_region <= 1 << 24 for region in manifest.regions)


def compare(streams):
    wrong, accepted, found = 0, 0, check_codec.verdicts([octets for _, octets in streams])
    for (name, octets), codec in zip(streams, found):
        ours = check_corpus.verdict(octets)
        accepted += ours["expect"] == "accept"
        different = check_codec.difference(ours, codec)
        if different:
            wrong += 1
            print(f"{name}: {different}; {octets.hex() if len(octets) < 1500 else len(octets)}")
    return wrong, accepted


def read_back(streams):
    """Converts right streams and compares the states; one conversion for each, in turn."""
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        source, target = os.path.join(folder, "source"), os.path.join(folder, "target")
        for number, (name, octets) in enumerate(streams):
            with open(source, "wb") as file:
                file.write(octets)
            options = CONVERSIONS[number % len(CONVERSIONS)]
            run = subprocess.run([check_codec.TOOL, "convert", source, "--output", target, *options], capture_output=True)
            if run.returncode == 0:
                with open(target, "rb") as file:
                    converted = file.read()
                os.remove(target)
                ours = check_corpus.verdict(converted)
            if run.returncode or ours["expect"] != "accept" or state_of(octets) != state_of(converted):
                wrong += 1
                print(f"{name}: {options}: {run.stderr.decode()[:300] if run.returncode else ours}")
    return wrong


def main():
    streams = list(generated(int(sys.argv[1])))
    wrong, accepted = compare(streams)
    corpus = [(str(path), parts[0][1], keys) for path, keys, parts in check_corpus.scenarios(sys.argv[2])
              if len(parts) == 1 and "limits" not in keys and path.parent.name not in ("channel", "mapping", "reverse")]
    # Readers that do not look at final content accept what only that refuses; the tool takes QEMU's magic for QEMU's.
    judged = [(name, octets) for name, octets, keys in corpus if keys.get("reader") != "content" and not octets.startswith(b"QEVM")
              and octets != b"QEVM"[: len(octets)]]
    wrong += compare(judged)[0]
    back = [(name, octets) for name, octets in streams if name.startswith("stream")][::4]
    back += [(name, octets) for name, octets, keys in corpus if keys["expect"] == "accept"
             and check_corpus.verdict(octets)["expect"] == "accept" and octets[14] == STREAM and is_small(octets)]
    wrong += read_back(back)
    print(f"{len(streams)} generated streams ({accepted} accepted) and {len(judged)} of the corpus judged by both, "
          f"{len(back)} conversions read back, {wrong} disagreements")
    sys.exit(wrong != 0)


if __name__ == "__main__":
    main()
