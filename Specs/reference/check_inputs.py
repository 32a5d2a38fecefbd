#!/usr/bin/env python3
"""usage: check_inputs.py FOLDER [COUNT [MUTANTS]]   compares verdicts with the codec's on what FuzzDecode finds different

FOLDER holds inputs of that fuzzer: streams with one octet behind. Of more than COUNT, 1000, every nth is read, and so are
MUTANTS, none if not given, that the tool makes of them from fixed seeds. STREAMTOOL names the tool.
"""
import pathlib
import subprocess
import sys
import tempfile
import check_codec
import check_corpus


def streams(folder, count):
    paths = sorted(path for path in pathlib.Path(folder).iterdir() if path.is_file())
    for path in paths[:: max(1, len(paths) // count)]:
        octets = path.read_bytes()[:-1]
        # Several channels come in several files; the tool takes QEMU's magic for QEMU's.
        if octets[26:28] in (b"", b"\1\0") and not (octets and octets == b"QEVM"[: len(octets)]) and octets[:4] != b"QEVM":
            yield path.name, octets


def mutants(inputs, count):
    """A few of every nth input: the tool breaks one thing of each, with digests that match again."""
    if count == 0:
        return
    each, seed = 4, 1
    right = [(name, octets) for name, octets in inputs if octets[:4] == b"\x89MGS"]
    for name, octets in right[:: max(1, len(right) * each // count)]:
        with tempfile.TemporaryDirectory() as folder:
            command = [check_codec.TOOL, "mutate", "-", "--seed", str(seed), "--count", str(each), "-o", folder]
            # Of what has nothing to break there are none.
            subprocess.run(command, input=octets, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for path in sorted(path for path in pathlib.Path(folder).iterdir() if path.suffix == ".mgs"):
                yield f"{name}, seed {seed}, {path.name}", path.read_bytes()
        seed += each


def only_content_tells(ours, codecs):
    """Readers that do not look at the final content of memory pass over what only that refuses."""
    passed_over = codecs["expect"] == "accept" or codecs["offset"] > ours.get("offset", codecs["offset"])
    return passed_over and ours.get("stage") in ("index", "bulk")


def main():
    counts = [int(word) for word in sys.argv[2:]]
    inputs = list(streams(sys.argv[1], counts[0] if counts else 1000))
    inputs += list(mutants(inputs, counts[1] if len(counts) > 1 else 0))
    wrong, found = 0, check_codec.verdicts([octets for _, octets in inputs])
    for (name, octets), codecs in zip(inputs, found):
        ours = check_corpus.verdict(octets)
        different = check_codec.difference(ours, codecs)
        if different and not only_content_tells(ours, codecs):
            wrong += 1
            print(f"{name}: {different}")
    print(f"{len(inputs)} inputs of the fuzzer and mutants of them, {wrong} disagreements")
    sys.exit(wrong != 0)


if __name__ == "__main__":
    main()
