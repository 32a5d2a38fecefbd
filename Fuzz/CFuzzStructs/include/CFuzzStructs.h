#ifndef CFUZZSTRUCTS_H
#define CFUZZSTRUCTS_H

#include <stdint.h>

#include "migstream_fields.h"

/* Field tables that FuzzStruct saves and loads: together they have every type, shape, cardinality and attribute. */

enum { FUZZ_STRUCTS = 5 };

/* Octets that hold the struct of any of them, and behind it, from FUZZ_STRUCT_SIZE on, what it points to. */
enum { FUZZ_STRUCT_SIZE = 2048, FUZZ_STRUCT_MEMORY = 4096 };

/* The table, from 0; NULL: there is none. 3 and 4 are an older and a newer version of the same device. */
const struct mgs_model *fuzz_struct_model(uint32_t number);

/* Makes a state that is right of FUZZ_STRUCT_MEMORY octets, all of which it sets; `variant` chooses which one. */
void fuzz_struct_fill(uint32_t number, void *memory, uint32_t variant);

/* Takes away what a state points to: `which` chooses one of the pointers, which is NULL then. Returns 0 when there is none. */
int fuzz_struct_forget(uint32_t number, void *memory, uint32_t which);

/* Whether the octets between and behind a struct and what it points to are as they were made. */
int fuzz_struct_stands(uint32_t number, const void *memory);

#endif
