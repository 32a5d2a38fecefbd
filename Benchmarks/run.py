#!/usr/bin/env python3
"""Rows that time whole processes, after the rows in memory that CodecBench prints.

Each ratio is of pairs taken in turns in one run; median, lowest and highest are printed. A miss inside the spread is
"undecided". Standard library only.
"""
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOOL = ROOT / ".build/release/streamtool"
BIN = ROOT / "Benchmarks/.build/release"
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "11"))


def seconds(command, stdin=None):
    start = time.perf_counter()
    subprocess.run(command, check=True, stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def pairs(ours, peer):
    """Time of ours over time of the peer, round by round; who goes first changes."""
    ratios, mine, theirs = [], [], []
    for turn in range(ROUNDS + 1):
        first, second = (ours, peer) if turn % 2 == 0 else (peer, ours)
        a, b = seconds(first), seconds(second)
        if turn % 2:
            a, b = b, a
        if turn:  # the first round warms the cache
            ratios.append(a / b)
            mine.append(a)
            theirs.append(b)
    return sorted(ratios), statistics.median(mine), statistics.median(theirs)


def judge_at_most(ratios, budget):
    if statistics.median(ratios) <= budget:
        return "met"
    return "undecided" if ratios[0] <= budget else "missed"


def row(*cells):
    print(" | ".join(str(cell) for cell in cells), flush=True)


def make_stream(path, mebibytes):
    with open(path, "wb") as out:
        subprocess.run([BIN / "streamgen", str(mebibytes)], check=True, stdout=out)


def verify_against_xxhsum(folder):
    path = folder / "1g.mgs"
    make_stream(path, 1024)
    ours, peer = [TOOL, "verify", path], ["xxhsum", "-H3", path]
    ratios, mine, theirs = pairs(ours, peer)
    row("verify of a cached 1 GiB file", f"{mine * 1000:.1f} ms", f"xxhsum -H3 {theirs * 1000:.1f} ms",
        f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}) of its time", "at most 1.05",
        judge_at_most(ratios, 1.05))
    path.unlink()


def peak_memory(mebibytes):
    """Peak resident set of verify on a pipe, in MiB, and the seconds it took."""
    start = time.perf_counter()
    source = subprocess.Popen([BIN / "streamgen", str(mebibytes)], stdout=subprocess.PIPE)
    verify = subprocess.Popen([TOOL, "verify", "-"], stdin=source.stdout, stdout=subprocess.DEVNULL)
    source.stdout.close()
    _, status, usage = os.wait4(verify.pid, 0)
    source.wait()
    if status or source.returncode:
        sys.exit("verify on a pipe failed")
    return usage.ru_maxrss / 1024, time.perf_counter() - start


def verify_memory():
    for gibibytes in (1, 16):
        peak, took = peak_memory(gibibytes * 1024)
        row(f"verify on a pipe, {gibibytes} GiB", f"peak {peak:.1f} MiB in {took:.1f} s", "-", "-", "under 32 MiB",
            "met" if peak < 32 else "missed")


def start_up():
    sample = ROOT / "Corpus/qemu/72-none-S.bin"
    times = sorted(seconds([TOOL, "info", sample]) for _ in range(40))
    bare = sorted(seconds(["/bin/true"]) for _ in range(40))
    row("start-up of info on a small file", f"{statistics.median(times) * 1000:.1f} ms "
        f"({times[0] * 1000:.1f} to {times[-1] * 1000:.1f})", f"/bin/true {statistics.median(bare) * 1000:.1f} ms", "-",
        "under 15 ms", "met" if statistics.median(times) < 0.015 else "missed")


def main():
    for program in ("xxhsum",):
        if not shutil.which(program):
            sys.exit(f"{program} is missing; make bench installs it")
    print("# in memory (CodecBench, release)", flush=True)
    subprocess.run([BIN / "CodecBench"], check=True)
    print("\n# processes: streamtool verify FILE; xxhsum -H3 FILE; streamgen MIB | streamtool verify -; "
          "streamtool info FILE", flush=True)
    row("row", "ours", "peer", "ratio median (lowest to highest)", "budget", "verdict")
    row(*["---"] * 6)
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder:
        verify_against_xxhsum(pathlib.Path(folder))
    verify_memory()
    start_up()


if __name__ == "__main__":
    main()
