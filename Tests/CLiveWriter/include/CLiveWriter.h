#ifndef CLIVEWRITER_H
#define CLIVEWRITER_H

#include <stddef.h>
#include <stdint.h>

/// Stores to words in no order, as a running guest does, until it is stopped.
///
/// Each store is a relaxed atomic one: a reader on another thread sees old and new words in any mixture.
/// @param count Words, a power of two.
/// @param state 0 before.
/// @return Stores made.
uint64_t live_writer_run(uint64_t *words, size_t count, uint64_t seed, int *state);

/// Returns when the writer of another thread has begun to store.
void live_writer_await(const int *state);

/// Stops the writer of another thread; call it after live_writer_await.
void live_writer_stop(int *state);

#endif
