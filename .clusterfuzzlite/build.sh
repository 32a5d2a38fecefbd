#!/bin/bash -eu
# Puts the fuzzers where OSS-Fuzz and ClusterFuzzLite look for them: of each target $OUT/TARGET, TARGET_seed_corpus.zip,
# TARGET.options and, of targets that read streams, TARGET.dict.
#
# SRC and OUT are folders; SANITIZER is address or none. MIGSTREAM_BINARIES names a folder with instrumented binaries that
# were built before, which saves the build.
source=$SRC/migstream
# shellcheck source=Fuzz/targets.sh
. "$source/Fuzz/targets.sh"

case ${SANITIZER:-none} in
  address) sanitize=fuzzer,address ;;
  none) sanitize=fuzzer ;;
  *) echo "SANITIZER is address or none, not $SANITIZER" >&2; exit 2 ;;
esac
if [ -z "${MIGSTREAM_BINARIES:-}" ]; then
  # The Swift runtime travels inside the binaries: machines that only run fuzzers have none.
  (cd "$source" && MIGSTREAM_QUICK_FUZZERS=1 swift build -c release -Xswiftc -sanitize=$sanitize --static-swift-stdlib --scratch-path "$scratch")
  MIGSTREAM_BINARIES=$binaries
fi

targets | while read -r target; do
  cp "$MIGSTREAM_BINARIES/$target" "$OUT/$target"
  if [ -d "$(corpus "$target")" ]; then
    (cd "$(corpus "$target")" && zip -q -r "$OUT/${target}_seed_corpus.zip" .)
  fi
  printf '[libfuzzer]\nmax_len = %s\nlen_control = 0\ntimeout = 10\nrss_limit_mb = 1024\n' \
    "$(max_length "$target")" >"$OUT/$target.options"
  if [ "$target" != FuzzModel ] && [ -f "$source/Fuzz/migstream.dict" ]; then
    cp "$source/Fuzz/migstream.dict" "$OUT/$target.dict"
  fi
done
