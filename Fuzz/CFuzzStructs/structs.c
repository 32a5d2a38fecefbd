#include "CFuzzStructs.h"

#include <string.h>

#include "all.h"
#include "hub.h"
#include "uart.h"

_Static_assert(sizeof(struct all) <= FUZZ_STRUCT_SIZE && sizeof(struct hub) <= FUZZ_STRUCT_SIZE, "the largest structs");

static const struct mgs_model *const models[FUZZ_STRUCTS] = { &plain_model, &all_model, &hub_model, &old_model, &new_model };

const struct mgs_model *fuzz_struct_model(uint32_t number) { return number < FUZZ_STRUCTS ? models[number] : NULL; }

void fuzz_struct_fill(uint32_t number, void *memory, uint32_t variant)
{
    unsigned char *const beyond = (unsigned char *)memory + FUZZ_STRUCT_SIZE;
    memset(memory, 0, FUZZ_STRUCT_MEMORY);
    switch (number) {
    case 0: fill_plain(memory, variant); break;
    case 1: fill_all(memory, beyond, variant); break;
    case 2: fill_hub(memory, variant); break;
    case 3: fill_old(memory, variant); break;
    default: fill_new(memory, variant); break;
    }
}

int fuzz_struct_forget(uint32_t number, void *memory, uint32_t which)
{
    struct all *const all = memory;
    if (number != 1)
        return 0;
    switch (which % 3) {
    case 0: all->far = NULL; break;
    case 1: all->text = NULL; break;
    default: all->jobs = NULL; break;
    }
    return 1;
}

static int is_zero(const unsigned char *memory, size_t start, size_t end)
{
    while (start < end)
        if (memory[start++] != 0)
            return 0;
    return 1;
}

int fuzz_struct_stands(uint32_t number, const void *memory)
{
    const unsigned char *const beyond = (const unsigned char *)memory + FUZZ_STRUCT_SIZE;
    const size_t size = FUZZ_STRUCT_MEMORY - FUZZ_STRUCT_SIZE;
    if (!is_zero(memory, fuzz_struct_model(number)->size, FUZZ_STRUCT_SIZE))
        return 0;
    if (number != 1)
        return is_zero(beyond, 0, size);
    return is_zero(beyond, ALL_FAR + 10 * sizeof(struct point), ALL_TEXT) && is_zero(beyond, ALL_TEXT + 64, ALL_JOBS) &&
           is_zero(beyond, ALL_JOBS + 4 * sizeof(struct job), size);
}
