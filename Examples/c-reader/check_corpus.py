"""Runs c-reader over the conformance corpus: each scenario's verdict, stage, code, channel, offset and values.

usage: check_corpus.py READER CORPUS
       check_corpus.py --unpack FOLDER CORPUS    writes the octets of each scenario of one channel to a file
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


def verdict(reader, folder, keys, channels):
    arguments = ["-q"]
    for limit in keys.get("limits", "").split():
        arguments += ["--limit", limit]
    for number, content in enumerate(channels):
        path = Path(folder) / str(number)
        path.write_bytes(content)
        arguments += (["--channel"] if number else []) + [str(path)]
    done = subprocess.run([reader, *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout.rstrip("\n"), done.stderr


def scenarios(corpus):
    """Path, family, keys and channels of each scenario that is about what this reader reads."""
    for path in sorted(corpus.rglob("*.txt")):
        family = path.relative_to(corpus).parts[0]
        if family in OUT or path.parent == corpus:
            continue
        lines = path.read_text().splitlines()
        border = lines.index("")
        keys = dict(line.split(": ", 1) for line in lines[:border])
        yield path, family, keys, octets(lines[border:])


def complaint(keys, num_channels, status, last, errors):
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
    if num_channels == 1:
        wanted["released"] = int(keys["released"])
    wrong = [f"{name} {answer[name]}, not {value}" for name, value in wanted.items() if answer[name] != value]
    return "; ".join(wrong) or None


def unpack(folder, corpus):
    folder.mkdir()
    for path, family, _, channels in scenarios(corpus):
        if len(channels) == 1:
            (folder / f"{family}-{path.stem}").write_bytes(channels[0])


def main():
    if sys.argv[1] == "--unpack":
        unpack(Path(sys.argv[2]), Path(sys.argv[3]))
        return
    families, failures = {}, []
    with tempfile.TemporaryDirectory() as folder:
        for path, family, keys, channels in scenarios(Path(sys.argv[2])):
            families[family] = families.get(family, 0) + 1
            wrong = complaint(keys, len(channels), *verdict(sys.argv[1], folder, keys, channels))
            if wrong:
                failures.append(f"{path}: {wrong}")
    print("\n".join(failures))
    print(f"{sum(families.values()) - len(failures)} of {sum(families.values())} scenarios agree, of {len(families)} families")
    sys.exit(bool(failures) or len(families) < 15)


if __name__ == "__main__":
    main()
