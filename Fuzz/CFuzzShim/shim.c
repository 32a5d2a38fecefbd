#include "CFuzzShim.h"
#include <stdlib.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

extern int LLVMFuzzerRunDriver(int *argc, char ***argv, fuzz_one_input callback) __attribute__((weak));
extern size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t size_max) __attribute__((weak));

int fuzz_have_driver(void) { return LLVMFuzzerRunDriver != 0; }

/* Starts this program anew, once, with the Swift backtracer off (else a trap ends the process before libFuzzer
   writes the crash file) and with fixed hash seeds (else -seed does not replay). */
static void fix_environment(char **argv) {
  if (getenv("SWIFT_BACKTRACE")) return;
  setenv("SWIFT_BACKTRACE", "enable=no", 1);
  setenv("SWIFT_DETERMINISTIC_HASHING", "1", 0);
  execv("/proc/self/exe", argv);
}

/* The allocator gives nothing back between executions: contexts of zstd are large, and pages cost more than the work. */
static void keep_memory(void) {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

/* libFuzzer mutates for its own loop only: a program that does something else has no driver that it could ask. */
static int is_driven;

int fuzz_run_driver(int *argc, char ***argv, fuzz_one_input callback) {
  if (!LLVMFuzzerRunDriver) return -1;
  is_driven = 1;
  fix_environment(*argv);
  keep_memory();
  return LLVMFuzzerRunDriver(argc, argv, callback);
}

size_t fuzz_mutate_bytes(uint8_t *data, size_t size, size_t size_max) {
  return is_driven && LLVMFuzzerMutate ? LLVMFuzzerMutate(data, size, size_max) : size;
}

/* What -sanitize=fuzzer calls at each comparison, in fuzzers that Package.swift links so: libFuzzer's own takes half of
   their time, for words that only its octet mutations look at. */
void fuzz_ignore_comparison(void) {}

/* -sanitize=fuzzer links libFuzzer into every executable of the package, and libFuzzer needs this name. */
__attribute__((weak)) int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  (void)data;
  (void)size;
  return 0;
}

__attribute__((section("__libfuzzer_extra_counters"), used)) static uint8_t extra_counters[4096];
void fuzz_feature(uint32_t index) {
  uint8_t *slot = &extra_counters[index & 4095];
  if (*slot != 255) ++*slot;
}

int fuzz_is_plain_text(const uint8_t *data, size_t size) {
  unsigned others = 0;
  for (size_t i = 0; i < size; i++) others |= (data[i] != '\n') & ((uint8_t)(data[i] - 0x20) >= 0x5f);
  return !others;
}
