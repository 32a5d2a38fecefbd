#ifndef CLIVEWRITER_H
#define CLIVEWRITER_H

#include <stddef.h>
#include <stdint.h>

/// Stores to words in no order, as a running guest does, until `*stop` is not zero.
///
/// Each store is a relaxed atomic one: a reader on another thread sees old and new words in any mixture.
/// @param count Words, a power of two.
/// @return Stores made.
uint64_t live_writer_run(uint64_t *words, size_t count, uint64_t seed, const int *stop);

/// Sets `*stop`, for the writer of another thread.
void live_writer_stop(int *stop);

#endif
