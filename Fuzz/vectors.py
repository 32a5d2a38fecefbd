"""usage: vectors.py CORPUS FOLDER   the streams of the corpus's scenario files as inputs of FuzzDecode

An input is a stream, or several channels of one, and one more octet, which chooses where they are cut.
"""
import pathlib
import re
import sys

corpus, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
for path in corpus.rglob("*.txt"):
    text = path.read_text(errors="replace")
    if not text.startswith("expect:") or path.parent.name == "reverse":
        continue
    channels = [bytearray()]
    for line in text.split("\n\n", 1)[1].splitlines():
        # What a reader brings to a mapping is left out.
        if line.startswith("["):
            break
        if line == "channel":
            channels.append(bytearray())
            continue
        for word in line.split("#")[0].split():
            run = re.fullmatch(r"([0-9a-f]{2})\*(\d+)", word)
            channels[-1] += bytes.fromhex(run[1]) * int(run[2]) if run else bytes.fromhex(word)
    # Of several channels: how many, and how long all but the last are.
    head = b"" if len(channels) == 1 else bytes([len(channels)]) + b"".join(
        len(channel).to_bytes(4, "little") for channel in channels[:-1])
    octets = head + b"".join(channels)
    if len(octets) <= 1 << 16:
        # Lessons of several folders share their names.
        (folder / f"{path.parent.name}-{path.stem}").write_bytes(octets + b"\x07")
