"""Moves tinyvmm's guest between processes, and kills either at any moment: its output stays one unbroken sequence.

usage: check.py TINYVMM [KILLS [SEED]]

The guest prints numbers that all of its memory went into. Whatever happens, what the source printed and then what the
destination printed is the beginning of what an undisturbed guest prints, so at most one of them ran at any time; and all of
it when either side says that it came to the guest's end.
"""
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FINISHED, STAYED, LIMBO = 0, 1, 3


def migrate(program, folder, after, victim=None, moment=0.0):
    """Status and output of source and destination, and what the source said; -9 is ours."""
    socket, outputs = folder / "socket", [folder / "source", folder / "destination"]
    socket.unlink(missing_ok=True)
    with open(outputs[0], "wb") as source_out, open(outputs[1], "wb") as destination_out:
        destination = subprocess.Popen([program, "receive", socket], stdout=destination_out, stderr=subprocess.DEVNULL)
        while not socket.exists():
            time.sleep(0.001)
        source = subprocess.Popen([program, "send", socket, str(after)], stdout=source_out, stderr=subprocess.PIPE, text=True)
        if victim is not None:
            time.sleep(moment)
            (source, destination)[victim].kill()
        said = source.communicate(timeout=120)[1]
        # A destination whose source was killed before it called waits for ever.
        if victim == 0 and not outputs[1].stat().st_size:
            time.sleep(0.5)
            if not outputs[1].stat().st_size:
                destination.kill()
        destination.wait(timeout=120)
    return source.returncode, destination.returncode, outputs[0].read_bytes(), outputs[1].read_bytes(), said


def fault(whole, source, destination, first, second, said):
    """Which rule was broken, if one was."""
    if not whole.startswith(first + second):
        return "the output is not one sequence"
    if first and second and source == STAYED:
        return "both sides ran"
    ended = destination == FINISHED or source == STAYED or (source == FINISHED and "handed over" not in said)
    if ended and first + second != whole:
        return "somebody says the end has come, and it has not"
    return None


def main():
    program, kills = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    chance, whole = random.Random(seed), subprocess.run([program, "run"], capture_output=True, check=True).stdout
    outcomes = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for after in (1, 150, 400):
            source, destination, first, second, said = migrate(program, folder, after)
            wrong = fault(whole, source, destination, first, second, said)
            if wrong or (source, destination) != (FINISHED, FINISHED):
                sys.exit(f"after {after} ms: {wrong}; source {source}, destination {destination}; {said}")
        times = re.search(r"after ([\d.]+) ms; the guest stood still for ([\d.]+) ms", said).groups()
        for number in range(kills):
            victim, moment = chance.randrange(2), 0.1 + chance.random() * 0.15
            source, destination, first, second, said = migrate(program, folder, 100, victim, moment)
            wrong = fault(whole, source, destination, first, second, said)
            if wrong:
                sys.exit(f"seed {seed} kill {number}, {('source', 'destination')[victim]} after {moment:.3f} s: {wrong};"
                         f" source {source}, destination {destination}; {said}")
            outcome = (("source", "destination")[victim], source, destination)
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
    print(f"{len(whole.splitlines())} lines in one sequence over 3 migrations (the last: {times[0]} ms in all, the guest stood still"
          f" for {times[1]} ms) and {kills} kills; who was killed, status of source and destination: {outcomes}")


if __name__ == "__main__":
    main()
