"""usage: vectors.py CORPUS FOLDER   the streams of the corpus's scenario files as inputs of FuzzDecode

An input is a stream and one more octet, which chooses where the stream is cut.
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
    octets = bytearray()
    for line in text.split("\n\n", 1)[1].splitlines():
        # Further channels, and what a reader brings to a mapping, are left out.
        if line == "channel" or line.startswith("["):
            break
        for word in line.split("#")[0].split():
            run = re.fullmatch(r"([0-9a-f]{2})\*(\d+)", word)
            octets += bytes.fromhex(run[1]) * int(run[2]) if run else bytes.fromhex(word)
    if len(octets) <= 1 << 16:
        # Lessons of several folders share their names.
        (folder / f"{path.parent.name}-{path.stem}").write_bytes(octets + b"\x07")
