/*
 * migstream_fuzz.h - a fuzzer of a device that is saved and resumed through migstream.h
 *
 * The device is described by its model document and the functions that it gives to mgs_machine_new anyway; what is
 * fuzzed is its own glue. Streams are changed field by field, by their layouts and by the rules of the document, and
 * everything around the change is put right; so most of them reach the device. Rules are held against it, not only
 * signals: Fuzz/README.md, "Your own device", names them.
 *
 *     static const mgsf_device uart = { .size = sizeof uart, .model = document, .ops = &ops, .create = ... };
 *     MGSF_FUZZ_TARGET(uart)
 *
 *     clang -g -fsanitize=fuzzer,address uart.c uart_fuzz.c -lmigstreamfuzz -lmigstream     fuzzes
 *     cc -g uart.c uart_fuzz.c -lmigstreamfuzz -lmigstream                                  replays, prints, makes seeds
 */
#ifndef MIGSTREAM_FUZZ_H
#define MIGSTREAM_FUZZ_H

#include "migstream.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ======   The device   ====== */

/* What a guest can see; values are named so that a difference can be told. */
typedef struct mgsf_view mgsf_view;

/* Names live as long as the call. The order and number of values may depend on the state of the device. */
MGS_API void mgsf_see(mgsf_view *view, const char *name, const void *octets, size_t size);
MGS_API void mgsf_see_number(mgsf_view *view, const char *name, uint64_t value);

/* A stream that breaks a rule of the document is refused by the device; without it, it must be harmless. */
#define MGSF_MUST_REFUSE (1u << 0)
/* A stream that the document allows is taken by the device: checks that are too strict are found. */
#define MGSF_MUST_TAKE   (1u << 1)

/* One device under test. All that it points to lives for ever; `size` is sizeof(mgsf_device), and what is 0 is not
 * there. Functions are called by one thread, with what `create` returned. They depend on nothing else: no clock, no
 * chance, no device before. */
typedef struct mgsf_device {
    size_t size;
    const char *model;             /* device model document, JSON: Specs/device-models.md */
    const char *parameters;        /* "NAME=VALUE NAME=VALUE"; the others have their initial values */
    const mgs_device_ops *ops;     /* context: what `create` returned; device number 0, regions from 0 */
    void *(*create)(void);         /* after power-on */
    void (*destroy)(void *device);
    /* What the guest does: octets chosen by the fuzzer, any of which mean something. May be NULL. */
    void (*run)(void *device, const uint8_t *octets, size_t size);
    /* All that the guest can see, without changing it. May be NULL: then only what is saved is compared. */
    void (*visible)(void *device, mgsf_view *view);
    /* The device's own invariants: NULL when all hold, else a text that says which does not. May be NULL. */
    const char *(*well_formed)(void *device);
    /* Makes the manifest that the device has in its VMM. May be NULL: it follows from the document. */
    int (*manifest)(mgs_manifest **manifest, const mgs_config *config, mgs_error *error);
    uint32_t flags;                /* MGSF_... */
    uint32_t capabilities;         /* MGS_CAN_... of the manifest that follows from the document */
} mgsf_device;

/* ======   What fuzzers call; MGSF_FUZZ_TARGET does it all   ====== */

/* Runs one input: a stream, and a program of operations behind it. Returns 0, or -1 for an input that is not worth
 * keeping. A rule that is broken is printed with all operations so far, and the process aborts. */
MGS_API int mgsf_one_input(const mgsf_device *device, const uint8_t *data, size_t size);

/* Changes octets without structure in place and returns how many there are then: LLVMFuzzerMutate. */
typedef size_t (*mgsf_leaf)(uint8_t *data, size_t size, size_t max_size);

/* Changes an input in place and returns its size. The same seed does the same. `leaf` may be NULL. */
MGS_API size_t mgsf_mutate(const mgsf_device *device, uint8_t *data, size_t size, size_t max_size, uint32_t seed,
                           mgsf_leaf leaf);
/* Puts an input with parts of both to target[0..<max_size] and returns its size. */
MGS_API size_t mgsf_cross_over(const mgsf_device *device, const uint8_t *first, size_t first_size,
                               const uint8_t *second, size_t second_size, uint8_t *target, size_t max_size,
                               uint32_t seed);
/* Once, before the rest: true to be called from LLVMFuzzerInitialize. Ends the process when the device cannot even
 * be saved, and says why. Returns 0. */
MGS_API int mgsf_initialize(const mgsf_device *device);
/* Without a fuzzer: --help says what it does. Returns an exit status. */
MGS_API int mgsf_main(const mgsf_device *device, int argc, char **argv);

/* ======   The targets   ====== */

#if defined(__GNUC__)
#define MGSF_WEAK __attribute__((weak))
#else
#define MGSF_WEAK
#endif

extern size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size) MGSF_WEAK;
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *first, size_t first_size, const uint8_t *second, size_t second_size,
                                 uint8_t *target, size_t max_size, unsigned int seed);
void *afl_custom_init(void *afl, unsigned int seed);
size_t afl_custom_fuzz(void *state, uint8_t *data, size_t size, uint8_t **target, uint8_t *other, size_t other_size,
                       size_t max_size);
void afl_custom_deinit(void *state);

/* What a custom mutator of AFL++ keeps: the chance, and room for what it makes. */
MGS_API void *mgsf_afl_new(const mgsf_device *device, unsigned int seed);
MGS_API size_t mgsf_afl_fuzz(void *state, const uint8_t *data, size_t size, uint8_t **target, const uint8_t *other,
                             size_t other_size, size_t max_size);
MGS_API void mgsf_afl_free(void *state);

#ifdef __cplusplus
}
#define MGSF_C extern "C"
#else
#define MGSF_C
#endif

/* libFuzzer's entry points. */
#define MGSF_LIBFUZZER(device) \
    MGSF_C int LLVMFuzzerInitialize(int *argc, char ***argv) { (void)argc, (void)argv; return mgsf_initialize(&(device)); } \
    MGSF_C int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return mgsf_one_input(&(device), data, size); } \
    MGSF_C size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed) { \
        return mgsf_mutate(&(device), data, size, max_size, seed, LLVMFuzzerMutate); \
    } \
    MGSF_C size_t LLVMFuzzerCustomCrossOver(const uint8_t *first, size_t first_size, const uint8_t *second, \
                                            size_t second_size, uint8_t *target, size_t max_size, unsigned int seed) { \
        return mgsf_cross_over(&(device), first, first_size, second, second_size, target, max_size, seed); \
    }

/* A custom mutator of AFL++: AFL_CUSTOM_MUTATOR_LIBRARY names this file as a shared library. */
#define MGSF_AFL(device) \
    MGSF_C void *afl_custom_init(void *afl, unsigned int seed) { (void)afl; return mgsf_afl_new(&(device), seed); } \
    MGSF_C size_t afl_custom_fuzz(void *state, uint8_t *data, size_t size, uint8_t **target, uint8_t *other, \
                                  size_t other_size, size_t max_size) { \
        return mgsf_afl_fuzz(state, data, size, target, other, other_size, max_size); \
    } \
    MGSF_C void afl_custom_deinit(void *state) { mgsf_afl_free(state); }

/* The program: AFL++'s loop when its compiler makes it, else mgsf_main. libFuzzer has a main of its own, which wins. */
#if defined(__AFL_COMPILER)
#include <unistd.h>
#define MGSF_MAIN(device) \
    __AFL_FUZZ_INIT(); \
    int main(void) { \
        mgsf_initialize(&(device)); \
        __AFL_INIT(); \
        unsigned char *mgsf_data = __AFL_FUZZ_TESTCASE_BUF; \
        while (__AFL_LOOP(10000)) \
            mgsf_one_input(&(device), mgsf_data, (size_t)__AFL_FUZZ_TESTCASE_LEN); \
        return 0; \
    }
#else
#define MGSF_MAIN(device) \
    int main(int argc, char **argv) MGSF_WEAK; \
    int main(int argc, char **argv) { return mgsf_main(&(device), argc, argv); }
#endif

/* All of them. */
#define MGSF_FUZZ_TARGET(device) MGSF_LIBFUZZER(device) MGSF_AFL(device) MGSF_MAIN(device)

#endif /* MIGSTREAM_FUZZ_H */
