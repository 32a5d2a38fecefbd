#include "CFuzzShim.h"
#include <stdlib.h>
#include <unistd.h>
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>
#include <zstd_errors.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

extern int LLVMFuzzerRunDriver(int *argc, char ***argv, fuzz_one_input callback) __attribute__((weak));
extern size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t size_max) __attribute__((weak));

int fuzz_have_driver(void) { return LLVMFuzzerRunDriver != 0; }

/* Starts this program anew, once, with the Swift backtracer off (else a trap ends the process before libFuzzer
   writes the crash file), with fixed hash seeds (else -seed does not replay), and with an allocator that keeps what was
   given back at hand and asks for large pages: clearing small ones for what a stream claims took longer than reading it. */
static void fix_environment(char **argv) {
  if (getenv("SWIFT_BACKTRACE")) return;
  setenv("SWIFT_BACKTRACE", "enable=no", 1);
  setenv("SWIFT_DETERMINISTIC_HASHING", "1", 0);
  setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=1024:glibc.malloc.hugetlb=1", 0);
  execv("/proc/self/exe", argv);
}

/* The allocator gives nothing back between executions: contexts of zstd are large, and pages cost more than the work.
   What is larger still gets pages of its own, else small pieces settle where it was and the next one finds no room. */
static void keep_memory(void) {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
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

void __asan_poison_memory_region(void const volatile *octets, size_t size) __attribute__((weak));
void __asan_unpoison_memory_region(void const volatile *octets, size_t size) __attribute__((weak));

void fuzz_poison(void *octets, size_t size) {
  if (__asan_poison_memory_region) __asan_poison_memory_region(octets, size);
}

void fuzz_unpoison(void *octets, size_t size) {
  if (__asan_unpoison_memory_region) __asan_unpoison_memory_region(octets, size);
}

/* What -sanitize=fuzzer calls at each comparison, in fuzzers that Package.swift links so: libFuzzer's own takes half of
   their time, for words that only its octet mutations look at. */
void fuzz_ignore_comparison(void) {}

/* Contexts of zstd, of which fuzzers use a few again and again: making one asks the processor what it can do, which
   leaves a virtual machine and takes longer than all zstd does in an execution. Package.swift links these in the place of
   zstd's own. The caller's allocator is asked for memory all the same, and when, so whoever counts it, or refuses it, sees
   no difference. */
static struct lent_context {
  struct lent_context *next;
  void *context;
  int compresses;
  ZSTD_customMem memory;
  void *octets;    /* Of the caller's; 0: the context is free. */
  void *workspace; /* Of the caller's: what compression takes when it knows how much there is. */
  size_t workspace_size;
} *contexts;

/* What is compressed, is so at level 1. */
static void *new_context(int compresses) {
  const size_t size = compresses ? ZSTD_estimateCCtxSize(1) : ZSTD_estimateDCtxSize();
  return compresses ? (void *)ZSTD_initStaticCCtx(malloc(size), size) : (void *)ZSTD_initStaticDCtx(malloc(size), size);
}

static struct lent_context *lend_context(ZSTD_customMem memory, int compresses, size_t size) {
  struct lent_context *lent = contexts;
  while (lent && (lent->octets || lent->compresses != compresses)) lent = lent->next;
  if (!lent) {
    if (!(lent = malloc(sizeof *lent))) return 0;
    *lent = (struct lent_context){.next = contexts, .context = new_context(compresses), .compresses = compresses};
    contexts = lent;
  }
  if (!lent->context || !(lent->octets = memory.customAlloc(memory.opaque, size))) return 0;
  lent->memory = memory;
  return lent;
}

static struct lent_context *find_lent(const void *context) {
  struct lent_context *lent = contexts;
  while (lent && (lent->context != context || !lent->octets)) lent = lent->next;
  return lent;
}

static size_t take_back(const void *context) {
  struct lent_context *lent = find_lent(context);
  if (!lent) return 0;
  if (lent->workspace) lent->memory.customFree(lent->memory.opaque, lent->workspace);
  lent->memory.customFree(lent->memory.opaque, lent->octets);
  lent->octets = lent->workspace = 0;
  lent->workspace_size = 0;
  return 0;
}

ZSTD_DCtx *fuzz_lend_context(ZSTD_customMem memory) {
  struct lent_context *lent = lend_context(memory, 0, ZSTD_estimateDCtxSize());
  if (!lent) return 0;
  ZSTD_DCtx_reset(lent->context, ZSTD_reset_session_and_parameters);
  return lent->context;
}

size_t fuzz_take_context_back(ZSTD_DCtx *context) { return take_back(context); }

/* About what zstd's own structure takes, which it does not tell. */
enum { compressor_size = 5224 };

ZSTD_CCtx *fuzz_lend_compressor(ZSTD_customMem memory) {
  struct lent_context *lent = lend_context(memory, 1, compressor_size);
  if (!lent) return 0;
  ZSTD_CCtx_reset(lent->context, ZSTD_reset_session_and_parameters);
  return lent->context;
}

size_t fuzz_take_compressor_back(ZSTD_CCtx *context) { return take_back(context); }

size_t fuzz_compress(ZSTD_CCtx *context, void *target, size_t capacity, const void *source, size_t size) {
  const ZSTD_compressionParameters parameters = ZSTD_getCParams(1, size, 0);
  const size_t needed = ZSTD_estimateCCtxSize_usingCParams(parameters) - compressor_size;
  struct lent_context *lent = find_lent(context);
  if (lent && needed > lent->workspace_size) {
    if (lent->workspace) lent->memory.customFree(lent->memory.opaque, lent->workspace);
    lent->workspace_size = 0;
    lent->workspace = lent->memory.customAlloc(lent->memory.opaque, needed);
    if (!lent->workspace) return (size_t)-ZSTD_error_memory_allocation;
    lent->workspace_size = needed;
  }
  return ZSTD_compressCCtx(context, target, capacity, source, size, 1);
}

size_t fuzz_decompress(void *target, size_t capacity, const void *frame, size_t size) {
  static ZSTD_DCtx *own;
  if (!own) own = ZSTD_initStaticDCtx(malloc(ZSTD_estimateDCtxSize()), ZSTD_estimateDCtxSize());
  return ZSTD_decompressDCtx(own, target, capacity, frame, size);
}

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
