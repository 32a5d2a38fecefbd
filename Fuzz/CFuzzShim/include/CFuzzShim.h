#ifndef CFUZZSHIM_H
#define CFUZZSHIM_H
#include <stddef.h>
#include <stdint.h>
typedef int (*fuzz_one_input)(const uint8_t *_Nullable data, size_t size);
/** 1 if the libFuzzer runtime is linked into this executable. */
int fuzz_have_driver(void);
/** Runs libFuzzer; returns -1 when the runtime is absent. */
int fuzz_run_driver(int *_Nonnull argc, char *_Nullable *_Nonnull *_Nonnull argv, fuzz_one_input _Nonnull callback);
/** libFuzzer's own byte mutator; returns `size` unchanged when the runtime is absent or does not run. */
size_t fuzz_mutate_bytes(uint8_t *_Nonnull data, size_t size, size_t size_max);
/** Nobody may touch these octets; or may from now on. For AddressSanitizer: without it nothing is done. */
void fuzz_poison(void *_Nonnull octets, size_t size);
void fuzz_unpoison(void *_Nonnull octets, size_t size);
/** Bumps slot `index` mod 4096 of libFuzzer's extra counters. */
void fuzz_feature(uint32_t index);
/** 1 if all octets are printable ASCII or line feeds; C is not instrumented, so looking at each is cheap. */
int fuzz_is_plain_text(const uint8_t *_Nonnull data, size_t size);
#endif
