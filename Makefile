# make run    builds the release tool and dumps a sample of real saved state; ARGS="..." runs anything else
# make test   runs all tests
# make bench  measures the codec and the tool against their peers
# make lib    builds the C library, and make tool the streamtool, which need nothing of Swift where they run
# make install PREFIX=/usr/local DESTDIR=   installs both, with header, manual pages, pkg-config and CMake files; make uninstall
# make dist   packs what install installs, for machines without Swift; make deb makes Debian packages of it
# Each does all of its own set-up: system packages are installed when they are missing, and only then.

SHELL := /bin/bash
TOOL := .build/release/streamtool
SAMPLE := Corpus/qemu/72-none-S.bin
ARGS ?= dump $(SAMPLE)

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
DESTDIR ?=
LIBRARY := .build-embedded/library
PACKAGING := Sources/CMigStream/Packaging

.PHONY: run test bench bench-build fuzz fuzz-library embedded lib tool install uninstall dist deb corpus packages bench-packages clean

run: packages
	@$(MAKE) --no-print-directory tool 1>&2
	@$(TOOL) $(ARGS)

# With Swift's runtime in it.
tool: packages
	swift build -c release --static-swift-stdlib --product streamtool

test: packages
	swift build --build-tests
	SWIFT_BACKTRACE=enable=no swift test --skip-build --disable-xctest

# Writes Benchmarks/results and the tables of Benchmarks/README.md.
bench: bench-build
	python3 Benchmarks/run.py
	python3 Benchmarks/run.py --readme

bench-build: tool lib bench-packages
	swift build -c release --package-path Benchmarks
	$(MAKE) --no-print-directory -C Benchmarks/Peers

# The whole package with libFuzzer, in a folder of its own so that the other builds stay.
fuzz: packages
	swift build -Xswiftc -sanitize=fuzzer --scratch-path .build-fuzz

# The codec rooms without the Swift runtime, and a probe that makes code of what is generic in them.
embedded: packages
	swift build -c release --traits Embedded --target EmbeddedProbe --scratch-path .build-embedded

# The C library, shared and static. The rooms are compiled to bitcode for size, and optimised as one when they are linked.
# All checks of a function that trap do it at one place: 9 KB, and a core dump says which function, not which check.
lib: packages
	swift build -c release --traits Embedded --target MigStreamABI --scratch-path .build-library \
	  --experimental-lto-mode full -Xswiftc -Osize -Xswiftc -gnone -Xswiftc -Xfrontend -Xswiftc -mergeable-traps
	.ci/build-library .build-library/release $(LIBRARY)
	.ci/check-library $(LIBRARY)

install: lib tool
	$(PACKAGING)/install '$(DESTDIR)' '$(PREFIX)' '$(LIBDIR)' $(LIBRARY) $(TOOL)

# What is installed is found by installing it elsewhere.
uninstall:
	$(PACKAGING)/uninstall '$(DESTDIR)' '$(PREFIX)' '$(LIBDIR)'

dist: lib tool
	$(PACKAGING)/dist $(LIBRARY) $(TOOL) .build-packages

deb: lib tool
	@.ci/packages debhelper dpkg-dev fakeroot
	$(PACKAGING)/deb .build-packages

# What fuzzes a device of yours: mutator, operations and oracles, with the Swift runtime inside. Fuzz/README.md.
fuzz-library: lib
	swift build -c release --target DeviceFuzz --scratch-path .build-fuzz-library
	.ci/build-fuzz-library .build-fuzz-library/release $(LIBRARY) .build-fuzz-library/library

corpus: packages
	swift run corpusgen Corpus

packages:
	@.ci/packages pkg-config libzstd-dev libxxhash-dev zlib1g-dev

bench-packages:
	@.ci/packages xxhash python3 strace g++ capnproto libcapnp-dev flatbuffers-compiler libflatbuffers-dev protobuf-compiler libprotobuf-dev

clean:
	rm -rf .build .build-* Benchmarks/.build Benchmarks/Peers/.build
