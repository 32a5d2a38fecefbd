/* Does with a custom mutator what AFL++ does: loads it, has inputs made of inputs, and gives each to the program that
 * is fuzzed.
 * usage: afl_custom MUTATOR.so PROGRAM SEED ROUNDS */
#define _POSIX_C_SOURCE 200809L
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE_MAX_INPUT = 65536 };

typedef void *(*custom_init)(void *afl, unsigned int seed);
typedef size_t (*custom_fuzz)(void *state, uint8_t *data, size_t size, uint8_t **target, uint8_t *other,
                              size_t other_size, size_t max_size);
typedef void (*custom_deinit)(void *state);

static size_t read_file(const char *path, uint8_t *target)
{
    FILE *file = fopen(path, "rb");
    const size_t size = file == NULL ? 0 : fread(target, 1, SIZE_MAX_INPUT, file);
    if (file != NULL)
        fclose(file);
    return size;
}

int main(int argc, char **argv)
{
    static uint8_t seed[SIZE_MAX_INPUT], input[SIZE_MAX_INPUT];
    void *library = argc == 5 ? dlopen(argv[1], RTLD_NOW) : NULL;
    if (library == NULL) {
        fprintf(stderr, "%s\n", argc == 5 ? dlerror() : "usage: afl_custom MUTATOR.so PROGRAM SEED ROUNDS");
        return 2;
    }
    custom_init init;
    custom_fuzz fuzz;
    custom_deinit deinit;
    *(void **)&init = dlsym(library, "afl_custom_init");
    *(void **)&fuzz = dlsym(library, "afl_custom_fuzz");
    *(void **)&deinit = dlsym(library, "afl_custom_deinit");
    if (init == NULL || fuzz == NULL || deinit == NULL)
        return 2;
    const size_t seed_size = read_file(argv[3], seed);
    size_t size = seed_size, changed = 0;
    memcpy(input, seed, seed_size);
    void *state = init(NULL, 7);
    const int rounds = atoi(argv[4]);
    for (int round = 0; round < rounds; round++) {
        uint8_t *made = NULL;
        const size_t count = fuzz(state, input, size, &made, seed, seed_size, SIZE_MAX_INPUT);
        if (made == NULL || count > SIZE_MAX_INPUT) {
            fprintf(stderr, "round %d: %zu octets\n", round, count);
            return 1;
        }
        changed += count != size || memcmp(made, input, count) != 0;
        FILE *program = popen(argv[2], "w");
        if (program == NULL || fwrite(made, 1, count, program) != count || pclose(program) != 0) {
            fprintf(stderr, "round %d: the program fails\n", round);
            return 1;
        }
        size = round % 8 == 7 ? seed_size : count;
        memcpy(input, round % 8 == 7 ? seed : made, size);
    }
    deinit(state);
    printf("custom mutator: %d inputs, %zu of them changed\n", rounds, changed);
    return changed * 10 > (size_t)rounds * 8 ? 0 : 1;
}
