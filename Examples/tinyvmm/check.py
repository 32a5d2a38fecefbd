"""Moves tinyvmm's guest between processes, and kills either at any moment: its output stays one unbroken sequence.

usage: check.py TINYVMM PROCESSOR [KILLS [SEED]]     three migrations, a kill at each named moment, and KILLS by the clock

The guest prints numbers that all of its memory went into. Whatever happens, what the source printed and then what the
destination printed is the beginning of what an undisturbed guest prints, so at most one of them ran at any time; and all of
it when either side says that it came to the guest's end.
"""
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FINISHED, REFUSED, LIMBO, KILLED = 0, 1, 3, -9
SIDES = ("source", "destination")
# Who is killed at which moment, and the status of source and destination that this must lead to. From END on the source
# can only wait for a word; before it, it goes on by itself. A destination that committed runs, whoever is there to hear.
MOMENTS = [
    (0, "connected", KILLED, REFUSED), (0, "opened", KILLED, REFUSED), (0, "it fits", KILLED, REFUSED),
    (0, "before stop", KILLED, REFUSED), (0, "stopped", KILLED, REFUSED), (0, "before END", KILLED, REFUSED),
    (0, "END", KILLED, FINISHED), (0, "verdict", KILLED, FINISHED),
    (1, "accepted", REFUSED, KILLED), (1, "before first answer", REFUSED, KILLED), (1, "first answer", REFUSED, KILLED),
    (1, "END came", LIMBO, KILLED), (1, "committed", LIMBO, KILLED), (1, "before second answer", LIMBO, KILLED),
    (1, "second answer", FINISHED, KILLED),
]


def migrate(program, folder, after, victim=None, moment=0.0, receiver=None):
    """Status and output of source and destination, and what the source said; -9 is a kill.

    `moment`: a name, or seconds after the source began."""
    socket, outputs = folder / "socket", [folder / "source", folder / "destination"]
    socket.unlink(missing_ok=True)
    environments = [dict(os.environ), dict(os.environ)]
    if isinstance(moment, str):
        environments[victim]["TINYVMM_KILL"] = moment
    with open(outputs[0], "wb") as source_out, open(outputs[1], "wb") as destination_out:
        destination = subprocess.Popen([*(receiver or program), "receive", socket], stdout=destination_out,
                                       stderr=subprocess.DEVNULL, env=environments[1])
        while not socket.exists():
            time.sleep(0.001)
        source = subprocess.Popen([*program, "send", socket, str(after)], stdout=source_out, stderr=subprocess.PIPE, text=True,
                                  env=environments[0])
        if isinstance(moment, float) and victim is not None:
            time.sleep(moment)
            (source, destination)[victim].kill()
        said = source.communicate(timeout=120)[1]
        # A destination whose source was killed before it called waits for ever.
        if victim == 0 and isinstance(moment, float) and not outputs[1].stat().st_size:
            time.sleep(0.5)
            if not outputs[1].stat().st_size:
                destination.kill()
        destination.wait(timeout=120)
    return source.returncode, destination.returncode, outputs[0].read_bytes(), outputs[1].read_bytes(), said


def fault(whole, source, destination, first, second, said):
    """Which rule was broken, if one was."""
    if not whole.startswith(first + second):
        return "the output is not one sequence"
    if first and second and source == REFUSED:
        return "both sides ran"
    ended = destination == FINISHED or source == REFUSED or (source == FINISHED and "handed over" not in said)
    if ended and first + second != whole:
        return "somebody says the end has come, and it has not"
    return None


def main():
    program, kills = [sys.argv[1], "-p", sys.argv[2]], int(sys.argv[3]) if len(sys.argv) > 3 else 8
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    chance, whole = random.Random(seed), subprocess.run([*program, "run"], capture_output=True, check=True).stdout
    began = time.monotonic()
    outcomes = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def attempt(what, expected, *arguments, **keywords):
            source, destination, first, second, said = migrate(program, folder, *arguments, **keywords)
            wrong = fault(whole, source, destination, first, second, said)
            if not wrong and expected and (source, destination) != expected:
                wrong = f"expected {expected}"
            if wrong:
                sys.exit(f"{sys.argv[2]}, {what}: {wrong}; source {source}, destination {destination}; {said}")
            return source, destination, said

        for after in (1, 30, 100):
            said = attempt(f"after {after} ms", (FINISHED, FINISHED), after)[2]
        if sys.argv[2] == "kvm":
            attempt("to another processor", (REFUSED, REFUSED), 20, receiver=[sys.argv[1], "-p", "interpreted"])
        times = re.search(r"after ([\d.]+) ms; the guest stood still for ([\d.]+) ms", said).groups()
        moments = MOMENTS if kills else []
        for victim, moment, source, destination in moments:
            attempt(f"{SIDES[victim]} killed: {moment}", (source, destination), 20, victim, moment)
        for number in range(kills):
            victim, moment = chance.randrange(2), 0.03 + chance.random() * 0.1
            outcome = attempt(f"seed {seed} kill {number}, {SIDES[victim]} after {moment:.3f} s", None, 50, victim, moment)
            outcome = (SIDES[victim], *outcome[:2])
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
    print(f"{sys.argv[2]}: {len(whole.splitlines())} lines in one sequence over 3 migrations (the last: {times[0]} ms in all, the"
          f" guest stood still for {times[1]} ms), {len(moments)} kills at named moments and {kills} by the clock {outcomes};"
          f" {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
