"""Runs of fuzzers with a bug planted, and what is kept of them."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

from planting import HERE, ROOT, every_patch

ABLATIONS = ["structure", "dictionary", "repair", "operations", "corpus"]
SECONDS_PER_RUN = 1 / 60  # the slowest that a fuzzer may be before a run is given up


class Results:
    """All runs that were made, on disk after each of them: whoever is killed goes on where he was."""

    def __init__(self):
        self.path = HERE / "results/runs.json"
        self.held_out = {patch.number for patch in every_patch() if patch.held_out}
        self.lock = threading.Lock()
        self.runs = {key(one): one for one in json.loads(self.path.read_text())} if self.path.exists() else {}

    def add(self, one):
        with self.lock:
            self.runs[key(one)] = one
            self.path.parent.mkdir(exist_ok=True)
            lines = [json.dumps(self.runs[name], sort_keys=True) for name in sorted(self.runs)]
            fresh = self.path.with_suffix(".new")
            fresh.write_text("[\n" + ",\n".join(lines) + "\n]\n")
            fresh.replace(self.path)

    def find(self, number, ablation, target, seed, runs, build):
        """A run that says what a new one would say: with the same seed it does the same until it ends."""
        one = self.runs.get(key({"class": number, "ablation": ablation, "target": target, "seed": seed}))
        if one is None or one["build"] != build or one["gave_up"]:
            return None
        return one if one["detected"] is not None or one["runs"] >= runs else None

    def is_closed(self, number, build):
        """A hold-out counts as it was first measured: nothing that was made of other sources is added."""
        return number in self.held_out and any(one["build"] != build(one["target"]) for one in self.of(number, "none"))

    def of(self, number, ablation):
        with self.lock:
            return [one for one in self.runs.values() if (one["class"], one["ablation"]) == (number, ablation)]


def key(one):
    return f"{one['class'] or 0:02} {one['ablation']} {one['target']} {one['seed']:03}"


class Fuzzing:
    """What all runs of one invocation have in common."""

    def __init__(self, checkout):
        self.checkout = checkout
        self.fingerprints = {}
        self.lock = threading.Lock()
        self.running = set()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.end)

    def end(self, number, _):
        """Nothing goes on when this ends; what was measured is on disk."""
        for process in list(self.running):
            process.kill()
        os._exit(128 + number)

    def build(self, target):
        with self.lock:
            if target not in self.fingerprints:
                self.fingerprints[target] = self.checkout.fingerprint(target)
            return self.fingerprints[target]

    def run(self, number, target, seed, runs, ablation="none"):
        """One run of one fuzzer; `number` None: no bug."""
        corpus = ROOT / "Corpus/fuzz" / target
        environment = dict(os.environ)
        # Without the first, a fuzzer gives itself fixed hash seeds and its allocator's settings.
        for name in ("SWIFT_BACKTRACE", "MIGSTREAM_PLANTED", "MIGSTREAM_FUZZ_WITHOUT"):
            environment.pop(name, None)
        if number is not None:
            environment["MIGSTREAM_PLANTED"] = str(number)
        if ablation not in ("none", "corpus"):
            environment["MIGSTREAM_FUZZ_WITHOUT"] = "structure" if ablation == "dictionary" else ablation
        with tempfile.TemporaryDirectory(prefix="planted.") as folder:
            words = [self.checkout.program(target), f"-runs={runs}", f"-seed={seed}", *switches(target, ablation),
                     f"-artifact_prefix={folder}/"]
            inputs = sorted(str(path) for path in corpus.glob("*"))
            if ablation != "corpus" and inputs:
                # No folder: what a run finds on the way is not written, which would take a tenth of its time.
                seeds = pathlib.Path(folder, "inputs")
                seeds.write_text(",".join(inputs))
                words.append(f"-seed_inputs=@{seeds}")
            start = time.monotonic()
            status, text = self.wait([str(word) for word in words], folder, environment, 60 + runs * SECONDS_PER_RUN)
            self.keep(folder, f"{number or 'clean'}-{target}-{seed}")
        one = result(status, text)
        return {"class": number, "target": target, "seed": seed, "runs": runs, "ablation": ablation, **one,
                "seconds": round(time.monotonic() - start, 1), "build": self.build(target)}

    def keep(self, folder, name):
        """The input that a run ended with, for whoever wants to see why."""
        for path in pathlib.Path(folder).glob("*-*"):
            if path.is_file():
                self.checkout.findings.mkdir(exist_ok=True)
                shutil.copy(path, self.checkout.findings / f"{name}-{path.name[:12]}")

    def wait(self, words, folder, environment, seconds):
        process = subprocess.Popen(words, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.running.add(process)
        status = None
        try:
            text = process.communicate(timeout=seconds)[1]
            status = process.returncode
        except subprocess.TimeoutExpired:
            process.kill()
            text = process.communicate()[1]
        self.running.discard(process)
        return status, text.decode(errors="replace")


def switches(target, ablation):
    """Those of Fuzz/targets.sh; the dictionary goes where the structure does, unless it is asked for."""
    words = subprocess.run(["bash", "-c", f". {ROOT}/Fuzz/targets.sh; switches {target}"], check=True, text=True,
                           stdout=subprocess.PIPE).stdout.split()
    return [word for word in words if ablation != "structure" or not word.startswith("-dict")]


def result(status, text):
    def first(pattern):
        match = re.search(pattern, text)
        return int(match[1]) if match else None

    executed = first(r"stat::number_of_executed_units:\s+(\d+)")
    oracle, detail = None, None
    if status not in (0, None):
        if match := re.search(r"Fatal error: (\w[\w ,.-]{0,30}): (.*)", text):
            oracle, detail = match[1], match[2][:200]
        elif match := re.search(r"ERROR: libFuzzer: (deadly signal|timeout|out-of-memory)", text):
            oracle = {"deadly signal": "trap", "timeout": "hang", "out-of-memory": "memory"}[match[1]]
            frames = [frame for frame in re.findall(r"^ +#\d+ \S+ in (\S+)", text, re.M) if frame.startswith("$s")]
            detail = " ".join(frames[:3])[:200]
        else:
            oracle, detail = f"status {status}", text[-200:]
    return {"executed": executed, "reached": first(r"reached in execution (\d+)"),
            "triggered": first(r"triggered in execution (\d+)"), "detected": executed if oracle else None,
            "oracle": oracle, "detail": detail, "gave_up": status is None}


def is_seen(runs, seeds):
    """Whether most seeds see the bug."""
    return sum(one["detected"] is not None for one in runs) * 2 > len(seeds)


class Measurement:
    """Classes with all their fuzzers and seeds: a small budget first, a larger one for those that few seeds saw."""

    def __init__(self, fuzzing, results, options):
        self.fuzzing, self.results, self.options = fuzzing, results, options

    def one(self, number, target, seed, runs, ablation):
        known = self.results.find(number, ablation, target, seed, runs, self.fuzzing.build(target))
        if known is None:
            known = self.fuzzing.run(number, target, seed, runs, ablation)
            if not self.results.is_closed(number, self.fuzzing.build):
                self.results.add(known)
        return known

    def measure(self, patch, runs, ablation):
        """Fuzzer by fuzzer, until most seeds of one see the bug."""
        for target in self.targets(patch, ablation):
            if not self.fuzzing.checkout.program(target).exists():
                continue
            own = [self.one(patch.number, target, seed, runs, ablation) for seed in self.options.seeds]
            say(patch.name, target, own, ablation)
            if is_seen(own, self.options.seeds) and not self.options.every_target:
                return

    def targets(self, patch, ablation):
        """What goes without something is measured with the fuzzer that sees the bug with it. Of the others the one that
        came furthest is first."""
        if self.options.targets:
            return self.options.targets
        own = self.results.of(patch.number, "none" if ablation != "none" else ablation)

        def rank(target):
            mine = [one for one in own if one["target"] == target]
            return [-sum(one[key] is not None for one in mine) for key in ("detected", "triggered", "reached")]

        ranked = sorted(patch.targets, key=rank)
        return ranked[:1] if ablation != "none" else ranked

    def is_done(self, patch, ablation):
        """Whether most seeds of a fuzzer see the bug."""
        for target in patch.targets:
            own = [one for one in self.results.of(patch.number, ablation)
                   if one["target"] == target and one["seed"] in self.options.seeds
                   and one["build"] == self.fuzzing.build(target)]
            if is_seen(own, self.options.seeds):
                return True
        return False


def say(name, target, results, ablation="none"):
    def column(key):
        return " ".join("-" if one[key] is None else str(one[key]) for one in results)

    oracles = sorted({one["oracle"] for one in results if one["oracle"]})
    seconds = sum(one["seconds"] for one in results)
    without = "" if ablation == "none" else f" without {ablation}"
    print(f"{name:<26} {target + without:<13} reached {column('reached')} | triggered {column('triggered')} | detected "
          f"{column('detected')} | {' '.join(oracles)} | {seconds:.0f} s", flush=True)
