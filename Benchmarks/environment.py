"""Where and with what a run was made."""
import datetime
import os
import pathlib
import platform
import subprocess

PACKAGES = ["libxxhash0", "xxhash", "libzstd1", "libcapnp-dev", "libflatbuffers-dev", "libprotobuf-dev", "libc6"]
COMMANDS = [
    "swift build -c release --product streamtool",
    "swift build -c release --package-path Benchmarks",
    "make -C Benchmarks/Peers     (c++ -O2 -std=c++17; code from capnp compile -oc++, flatc --cpp, protoc --cpp_out)",
    "CodecBench --peers Benchmarks/Peers/.build/libpeers.so     (C peers: cc -O2)",
    "field_tables; field_tables_small     (cc -O2, libmigstream.so of make lib; C++ peers as above)",
    "streamtool verify FILE; xxhsum -H3 FILE; streamgen MIB | streamtool verify -; streamtool info FILE",
    "streamtool convert FILE -o FILE; strace -c -f; LD_PRELOAD of malloccount.c",
    "intoplace --dense; intoplace --dense --bare",
]


def first_line(*command):
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "not known"


def cpu_model():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def describe(folder):
    versions = {name: first_line("dpkg-query", "-W", "-f", "${Version}\n", name) for name in PACKAGES}
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
        "commit": first_line("git", "-C", str(folder), "rev-parse", "--short", "HEAD"),
        "cpu": f"{cpu_model()}, {os.cpu_count()} processors",
        "memory_mebibytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20,
        "load_at_the_end": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.release()}",
        "swift": first_line("swift", "--version"),
        "c": first_line("cc", "--version"),
        "packages": versions,
        "commands": COMMANDS,
    }
