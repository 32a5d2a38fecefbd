"""The patches of the planted-bug benchmark, and the checkout that all of them are planted in."""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CLASSES = [*range(1, 12), *range(13, 20), 21, *range(23, 26), *range(27, 35), *range(36, 45), 46, 48, 49, 51, 52, 54, 55]
LINES_MAX = 15  # removed and added together
FIELDS = ["Class", "Mimics", "Targets", "Oracle"]
LEDGER = {"ledger/Ledger.swift": "Sources/MigrationStream/Wire/Ledger.swift", "ledger/ledger.c": "Fuzz/CFuzzShim/ledger.c"}
COPIED = ["Package.swift", "Package.resolved", "Sources", "Fuzz", "Specs", "Tests"]
# Sets of bugs by authors who did not know the fuzzers, each measured when it was new.
HELD_OUT = {"first": "held-out/first", "second": "held-out/second", "third": "held-out/third"}
# Sources that no fuzzer is made of.
NO_PART = ["Sources/streamtool", "Sources/corpusgen"]


def every_patch():
    patches = [Patch(path) for folder in ("patches", *HELD_OUT.values()) for path in (HERE / folder).glob("*.patch")]
    return sorted(patches, key=lambda patch: patch.number)


class Patch:
    """A file of patches/ or of a set of held-out/: the lines `Class:`, `Mimics:`, `Targets:` and `Oracle:`, then a difference of sources."""

    def __init__(self, path):
        self.path, self.name = path, path.stem
        self.held_out = path.parent.name if path.parent.parent.name == "held-out" else None
        head, mark, body = path.read_text().partition("--- a/")
        self.difference = mark + body
        self.fields = dict(re.findall(r"^(\w+): (.+)$", head, re.M))
        number, _, title = self.name.partition("-")
        self.number, self.title = int(number), title.replace("-", " ")
        self.targets = self.fields.get("Targets", "").split()
        self.sources = re.findall(r"^--- a/(\S+)$", self.difference, re.M)

    def faults(self):
        if list(self.fields) != FIELDS or not self.fields["Class"].startswith(f"{self.number} "):
            yield f"needs the lines {', '.join(FIELDS)}, and its own number in the first"
        yield from (f"no such fuzzer: {target}" for target in self.targets if not (ROOT / "Fuzz" / target).is_dir())
        yield from (f"changes {source}" for source in self.sources if not source.startswith("Sources/"))
        changed = len(re.findall(r"^[+-](?!\+\+ |-- )", self.difference, re.M))
        if not 0 < changed <= LINES_MAX:
            yield f"changes {changed} lines"
        if f"lanted({self.number}" not in self.difference:
            yield "does not ask the ledger"
        with tempfile.TemporaryDirectory() as folder:
            for source in self.sources:
                copy(ROOT / source, pathlib.Path(folder, source))
            if error := self.apply(pathlib.Path(folder)):
                yield f"does not apply: {error}"

    def apply(self, folder):
        """Why it does not apply; None when it does."""
        done = subprocess.run(["git", "apply", "--unidiff-zero", "-"], cwd=folder, input=self.difference, text=True,
                              capture_output=True, env=os.environ | {"GIT_CEILING_DIRECTORIES": str(folder.parent)})
        return done.stderr.strip() if done.returncode else None


def copy(source, target):
    """Files that are as they were keep their time, so that little is built anew."""
    target.parent.mkdir(parents=True, exist_ok=True)
    put(target, source.read_bytes())
    shutil.copymode(source, target)


def put(target, octets):
    if not target.exists() or target.read_bytes() != octets:
        target.write_bytes(octets)


def check(patches):
    faults = [f"{patch.name}: {fault}" for patch in patches for fault in patch.faults()]
    numbers = [patch.number for patch in patches if not patch.held_out]
    others = [patch.number for patch in patches if patch.held_out]
    faults += [f"held out: {number} is not its own" for number in others if number in CLASSES or others.count(number) != 1]
    faults += [f"class {number} has {numbers.count(number)} patches" for number in CLASSES if numbers.count(number) != 1]
    faults += [f"{number} is none of the classes" for number in numbers if number not in CLASSES]
    with tempfile.TemporaryDirectory() as folder:
        for source in {source for patch in patches for source in patch.sources}:
            copy(ROOT / source, pathlib.Path(folder, source))
        for patch in patches:
            if error := patch.apply(pathlib.Path(folder)):
                faults.append(f"{patch.name}: does not apply behind those before it: {error}")
    # Nothing but patches may know of the ledger: an oracle that reads it proves nothing.
    for path in [*(ROOT / "Sources").rglob("*"), *(ROOT / "Fuzz").rglob("*"), *(ROOT / "Tests").rglob("*")]:
        if path.suffix in {".swift", ".c", ".h"} and HERE not in path.parents:
            if re.search(r"\bisPlanted\(|\bplanted\(|planted_bug|MIGSTREAM_PLANTED", path.read_text(errors="replace")):
                faults.append(f"{path.relative_to(ROOT)} knows of the ledger")
    return faults


class Checkout:
    """The sources with all patches, and their build."""

    def __init__(self, folder):
        self.folder = folder / "checkout"
        self.build = folder / "build"
        # Inputs that broke a rule, by class.
        self.findings = folder / "findings"

    def make(self, patches):
        with tempfile.TemporaryDirectory() as fresh:
            fresh = pathlib.Path(fresh, "checkout")
            for name in COPIED:
                source = ROOT / name
                if source.is_dir():
                    shutil.copytree(source, fresh / name, ignore=shutil.ignore_patterns(".build*", "Benchmark"))
                elif source.exists():
                    copy(source, fresh / name)
            for patch in patches:
                if error := patch.apply(fresh):
                    sys.exit(f"{patch.name} does not apply: {error}")
            for source, target in LEDGER.items():
                copy(HERE / source, fresh / target)
            self.count_executions(fresh)
            kept = {path.relative_to(fresh) for path in fresh.rglob("*") if path.is_file()}
            for path in [path for path in self.folder.rglob("*") if path.is_file()]:
                if path.relative_to(self.folder) not in kept:
                    path.unlink()
            for path in kept:
                copy(fresh / path, self.folder / path)

    @staticmethod
    def count_executions(folder):
        """The harness tells the ledger that an input is about to be run."""
        header = folder / "Fuzz/CFuzzShim/include/CFuzzShim.h"
        header.write_text(header.read_text().replace("#endif", "void planted_bug_execution(void);\n#endif"))
        harness = folder / "Fuzz/FuzzSupport/Harness/Harness.swift"
        entry = re.compile(r"(public static func testOneInput\([^{]*\{\n)")
        text, count = entry.subn(r"\1    planted_bug_execution()\n", harness.read_text())
        if count != 1:
            sys.exit("the harness has another entry point")
        harness.write_text(text)

    def compile(self, targets):
        start = time.monotonic()
        for target in targets:
            words = ["swift", "build", "-c", "release", "--product", target, "-Xswiftc", "-sanitize=fuzzer",
                     "--static-swift-stdlib", "--package-path", str(self.folder), "--scratch-path", str(self.build)]
            quick = os.environ | {"MIGSTREAM_QUICK_FUZZERS": "1"}
            done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=quick)
            if done.returncode:
                sys.exit(done.stdout[-6000:] + f"\n{target} does not build with the patches")
            self.stamp(target).write_text(self.fingerprint(target))
        print(f"built in {time.monotonic() - start:.0f} s", flush=True)

    def stamp(self, target):
        """Beside the build: what the program was made of."""
        return self.build / f"{target}.sources"

    def stale(self, targets):
        """Those that were built, of other sources: a run of one says nothing of these."""
        return [target for target in targets if self.program(target).exists() and not (
            self.stamp(target).exists() and self.stamp(target).read_text() == self.fingerprint(target))]

    def program(self, target):
        return self.build / "release" / target

    def fingerprint(self, target):
        """Of all that a run of a fuzzer depends on besides its switches: what was measured with other sources says nothing."""
        digest = hashlib.sha256()
        folders = [(self.folder, self.folder / name) for name in ("Sources", "Fuzz")]
        folders += [(ROOT, ROOT / "Corpus/fuzz" / target)]
        for base, folder in folders:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                name = str(path.relative_to(base))
                is_source = path.suffix in {".swift", ".c", ".h", ".dict"} or base == ROOT
                if is_source and not name.startswith(tuple(NO_PART)):
                    digest.update(name.encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()[:16]
