/* An allocator for mgs_allocator that counts what is held, and fails when it is told to. */
#ifndef COUNTED_MEMORY_H
#define COUNTED_MEMORY_H

#include <stdlib.h>

struct memory {
    long live;
    long calls;
    long failing; /* the call that fails; -1: none */
};

static void *counted_allocate(void *context, size_t size, size_t alignment)
{
    struct memory *memory = context;
    void *piece = NULL;
    if (memory->calls++ == memory->failing || posix_memalign(&piece, alignment < 16 ? 16 : alignment, size) != 0)
        return NULL;
    memory->live++;
    return piece;
}

static void counted_deallocate(void *context, void *piece)
{
    struct memory *memory = context;
    memory->live -= piece != NULL;
    free(piece);
}

#endif
