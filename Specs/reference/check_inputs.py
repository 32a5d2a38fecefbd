#!/usr/bin/env python3
"""usage: check_inputs.py FOLDER [COUNT]   compares verdicts with the codec's on what FuzzDecode has found to be different

FOLDER holds inputs of that fuzzer: streams with one octet behind. Of more than COUNT, 1000, every nth is read. STREAMTOOL
names the tool.
"""
import pathlib
import sys
import check_codec
import check_corpus


def streams(folder, count):
    paths = sorted(path for path in pathlib.Path(folder).iterdir() if path.is_file())
    for path in paths[:: max(1, len(paths) // count)]:
        octets = path.read_bytes()[:-1]
        # Several channels come in several files; the tool takes QEMU's magic for QEMU's.
        if octets[26:28] in (b"", b"\1\0") and not (octets and octets == b"QEVM"[: len(octets)]) and octets[:4] != b"QEVM":
            yield path.name, octets


def only_content_tells(ours, codecs):
    """Readers that do not look at the final content of memory accept what only that refuses."""
    return codecs["expect"] == "accept" and ours.get("stage") in ("index", "bulk")


def main():
    inputs = list(streams(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000))
    wrong, found = 0, check_codec.verdicts([octets for _, octets in inputs])
    for (name, octets), codecs in zip(inputs, found):
        ours = check_corpus.verdict(octets)
        different = check_codec.difference(ours, codecs)
        if different and not only_content_tells(ours, codecs):
            wrong += 1
            print(f"{name}: {different}")
    print(f"{len(inputs)} inputs of the fuzzer, {wrong} disagreements")
    sys.exit(wrong != 0)


if __name__ == "__main__":
    main()
