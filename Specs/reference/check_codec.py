"""The codec's verdicts, from `streamtool verify`."""
import json
import os
import subprocess
import tempfile

TOOL = os.environ.get("STREAMTOOL", ".build/release/streamtool")
DEFINED = {  # codes for which chapter 40 says what both values are; for the others the corpus files that say so do
    "limitExceeded": "expected found", "recordOutOfOrder": "found", "unknownMandatoryFlag": "found",
    "undeclaredFeature": "expected", "unexpectedData": "expected found", "truncatedData": "expected found",
    "missingSection": "expected", "digestMismatch": "expected found", "totalsMismatch": "expected found",
    "aborted": "found", "truncated": "expected found",
}


def verdicts(streams):
    """One verdict a stream, in the keys of a scenario file."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, octets in enumerate(streams):
            paths.append(os.path.join(folder, str(number)))
            with open(paths[-1], "wb") as file:
                file.write(octets)
        found = []
        for start in range(0, len(paths), 500):
            found += ask("verify", "--deep", "--json", *paths[start : start + 500])
        for number, verdict in enumerate(found):
            if verdict.get("code") == "valueOutOfRange":  # a claim of the layout, which is no matter of framing
                (found[number],) = ask("dump", "--json", paths[number])
        return found


def ask(*arguments):
    run = subprocess.run([TOOL, *arguments], capture_output=True, check=False)
    if run.returncode not in (0, 1):
        raise SystemExit(f"streamtool ended with {run.returncode}: {run.stderr.decode()[:500]}")
    return [of_file(file) for file in json.loads(run.stdout)["files"]]


def of_file(file):
    fault = file.get("fault")
    if fault is None:
        return {"expect": "accept"}
    number = {key: int(fault[key], 0) if key in fault else None for key in ("offset", "expected", "found")}
    return {"expect": "reject", "stage": fault["stage"], "code": fault["code"], **number}


def difference(ours, codecs):
    """What the two say differently, as text; empty when they agree."""
    keys = ["expect", "stage", "code", "offset", *DEFINED.get(ours.get("code"), "").split()]
    return ", ".join(f"{key}: here {ours.get(key)}, codec {codecs.get(key)}" for key in keys
                     if ours.get(key) != codecs.get(key))
