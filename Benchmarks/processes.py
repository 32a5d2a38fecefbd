"""Rows that time, count or watch whole processes."""
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

import fleet


def row(group, name, ours, unit, peer=None, peer_value=None):
    made = {"group": group, "row": name, "ours": round(ours, 4), "unit": unit}
    if peer:
        made |= {"peer": peer, "peer_value": round(peer_value, 4)}
    return made


def value_at_most(made, budget):
    return made | {"budget_kind": "value_at_most", "budget": budget, "verdict": "met" if made["ours"] <= budget else "missed"}


def with_ratio(made, of, ratios, kind, budget):
    """A miss inside the spread is undecided, not a pass."""
    ratios = sorted(ratios)
    median = statistics.median(ratios)
    if kind == "at_most":
        verdict = "met" if median <= budget else "undecided" if ratios[0] <= budget else "missed"
    else:
        verdict = "met" if median >= budget else "undecided" if ratios[-1] >= budget else "missed"
    return made | {
        "ratio_of": of, "ratio": round(median, 4), "ratio_low": round(ratios[0], 4), "ratio_high": round(ratios[-1], 4),
        "budget_kind": kind, "budget": budget, "verdict": verdict}


class Processes:
    def __init__(self, folder, quick, rows):
        self.folder = folder
        self.quick = quick
        self.rows = rows
        self.bin = folder / ".build/release"
        self.tool = folder.parent / ".build/release/streamtool"
        self.rounds = 2 if quick else 15
        # Octets of a large file; counts are taken at this size and at twice it.
        self.mebibytes = 16 if quick else 1024

    def run(self, *command, stdin=None, env=None):
        subprocess.run([str(part) for part in command], check=True, stdin=stdin, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, env=env)

    def seconds(self, *command):
        start = time.perf_counter()
        self.run(*command)
        return time.perf_counter() - start

    def make_stream(self, path, mebibytes):
        with open(path, "wb") as out:
            subprocess.run([self.bin / "streamgen", str(mebibytes)], check=True, stdout=out)
        return path

    # Time and memory

    def processes(self):
        with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder:
            yield self.verify_against_xxhsum(pathlib.Path(folder))
        for gibibytes in [1, 16] if not self.quick else [1]:
            yield self.peak_memory(self.mebibytes * gibibytes)
        yield self.start_up()
        yield from self.check_fleet()
        yield self.lint_models()

    def verify_against_xxhsum(self, folder):
        path = self.make_stream(folder / "stream.mgs", self.mebibytes)
        ours, peer = [], []
        for turn in range(self.rounds + 1):
            runs = [(ours, (self.tool, "verify", path)), (peer, ("xxhsum", "-H3", path))]
            for times, command in runs if turn % 2 == 0 else reversed(runs):
                took = self.seconds(*command)
                if turn:  # the first round warms the cache
                    times.append(took)
        made = row("processes", f"verify of a cached file of {self.mebibytes} MiB", statistics.median(ours) * 1000, "ms",
                   "xxhsum -H3", statistics.median(peer) * 1000)
        return with_ratio(made, "time", [a / b for a, b in zip(ours, peer)], "at_most", 1.05)

    def peak_memory(self, mebibytes):
        source = subprocess.Popen([self.bin / "streamgen", str(mebibytes)], stdout=subprocess.PIPE)
        verify = subprocess.Popen([self.tool, "verify", "-"], stdin=source.stdout, stdout=subprocess.DEVNULL)
        source.stdout.close()
        _, status, usage = os.wait4(verify.pid, 0)
        if status or source.wait():
            sys.exit("verify on a pipe failed")
        made = row("processes", f"peak memory of verify on a pipe, {mebibytes} MiB", usage.ru_maxrss / 1024, "MiB")
        return value_at_most(made, 32)

    def start_up(self):
        sample = self.folder.parent / "Corpus/qemu/72-none-S.bin"
        ours, bare = [], []
        for _ in range(4 * self.rounds):
            ours.append(self.seconds(self.tool, "info", sample) * 1000)
            bare.append(self.seconds("/bin/true") * 1000)
        made = row("processes", "start-up: info of a small file", statistics.median(ours), "ms", "/bin/true",
                   statistics.median(bare))
        return value_at_most(made, 15)

    def check_fleet(self):
        """One source against a fleet in JSON lines: the whole call, and its peak memory."""
        count = 1_000 if self.quick else 100_000
        with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
            folder = pathlib.Path(name)
            fleet.write(count, folder)
            times, peaks = [], []
            for _ in range(3):
                start = time.perf_counter()
                with open(folder / "fleet.jsonl") as lines:
                    check = subprocess.Popen([self.tool, "check", folder / "source.json", "-", "--plan"], stdin=lines,
                                             stdout=subprocess.DEVNULL)
                    _, status, usage = os.wait4(check.pid, 0)
                if status:
                    sys.exit("check of a fleet failed")
                times.append(time.perf_counter() - start)
                peaks.append(usage.ru_maxrss / 1024)
        yield value_at_most(row("processes", f"check-fleet: one source, {count:,} destinations", statistics.median(times), "s"), 5)
        yield value_at_most(row("processes", f"check-fleet: peak memory, {count:,} destinations", max(peaks), "MiB"), 256)

    def lint_models(self):
        """All shipped models, from start to end of the process."""
        models = self.folder.parent / "Specs/devices"
        made = row("processes", "lint of all shipped models",
                   statistics.median(self.seconds(self.tool, "model", "lint", models) for _ in range(self.rounds)) * 1000, "ms")
        return value_at_most(made, 200)

    # Calls, counted at two sizes: the difference is what octets cost, the rest is start and end

    def calls(self):
        with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
            folder = pathlib.Path(name)
            counter = folder / "malloccount.so"
            self.run("cc", "-O2", "-shared", "-fPIC", "-fno-builtin", "-o", counter, self.folder / "malloccount.c")
            sizes = [self.mebibytes, 2 * self.mebibytes]
            files = [self.make_stream(folder / f"{size}.mgs", size) for size in sizes]
            jobs = {
                "verify of a file": lambda file: ([self.tool, "verify", file], None),
                "verify on a pipe": lambda file: ([self.tool, "verify", "-"], file),
                "convert of a file": lambda file: ([self.tool, "convert", file, "-o", folder / "out.mgs"], None),
            }
            for name, job in jobs.items():
                for what, count in [("allocations", self.allocations), ("system calls", self.system_calls)]:
                    small, large = (count(folder, counter, *job(file)) for file in files)
                    per_gibibyte = (large - small) * 1024 / (sizes[1] - sizes[0])
                    made = row("calls", f"{what}, {name}, 1 MiB chunks", per_gibibyte, "for each GiB")
                    made |= {"each_record": round(per_gibibyte / 1024, 4), "start_and_end": 2 * small - large}
                    has_budget = what == "allocations" and name.startswith("verify")
                    yield value_at_most(made, 8) if has_budget else made

    def piped(self, command, file, env=None):
        if file is None:
            return self.run(*command, env=env)
        with subprocess.Popen(["cat", str(file)], stdout=subprocess.PIPE) as source:
            self.run(*command, stdin=source.stdout, env=env)

    def allocations(self, folder, counter, command, file):
        count = folder / "count"
        self.piped(command, file, os.environ | {"LD_PRELOAD": str(counter), "MALLOCCOUNT": str(count)})
        return int(count.read_text())

    def system_calls(self, folder, _, command, file):
        summary = folder / "summary"
        self.piped(["strace", "-c", "-f", "-o", summary, *command], file)
        return int(re.search(r"^\s*100\.00\s+\S+\s+(?:\d+\s+)?(\d+)\s.*total$", summary.read_text(), re.M).group(1))

    # Two processes and a socket

    def socket(self):
        program = self.bin / "intoplace"
        if not program.exists():
            return
        size = ["--size", str(64 if self.quick else 2048)]
        ours, bare = [], []
        for turn in range(self.rounds + 1):
            runs = [(ours, []), (bare, ["--bare"])]
            for results, mode in runs if turn % 2 == 0 else reversed(runs):
                took = self.transfer([program, "--dense", *size, *mode])
                if turn:
                    results.append(took)
        gibibytes = int(size[1]) / 1024
        speed = [statistics.median(wall for wall, _ in results) / gibibytes * 1000 for results in (ours, bare)]
        made = row("socket", "Unix socket, digests both ends, into place: clock", speed[0], "ms/GiB", "bare copy loop", speed[1])
        yield with_ratio(made, "speed", [b[0] / a[0] for a, b in zip(ours, bare)], "at_least", 0.8)
        digest = self.digest_seconds()
        if digest is None:
            return
        spent = [statistics.median(cpu for _, cpu in results) / gibibytes * 1000 for results in (ours, bare)]
        made = row("socket", "Unix socket, digests both ends, into place: CPU of both above the bare loop's", spent[0] - spent[1],
                   "ms/GiB", "XXH3 at both ends", digest * 1000)
        yield with_ratio(made, "cpu", [(a[1] - b[1]) / gibibytes / digest for a, b in zip(ours, bare)], "at_most", 1.3)

    def transfer(self, command):
        """Seconds of the clock at the destination, and of CPU at both sides."""
        text = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout
        figures = [dict(pair.split("=") for pair in line.split()[1:]) for line in text.splitlines()]
        wall = max(float(side["wall"]) for side in figures)
        return wall, sum(float(side["user"]) + float(side["system"]) for side in figures)

    def digest_seconds(self):
        """CPU seconds that XXH3 of a GiB takes at both ends, from the bulk row of the same run."""
        for made in self.rows:
            if made["row"].startswith("pull and verify, 1024 KiB chunks, from memory"):
                return 2 * 1.073741824 / made["peer_value"]
        return None
