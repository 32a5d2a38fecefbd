#include "CLiveWriter.h"

#include <sched.h>

enum { WAITING, RUNNING, STOPPED };

uint64_t live_writer_run(uint64_t *words, size_t count, uint64_t seed, int *state) {
  const uint64_t mask = count - 1;
  uint64_t random = seed;
  uint64_t stores = 0;
  do {
    for (int index = 0; index < 4096; index++) {
      // An odd stride visits all words. Runs of zeros come and go, so that elided pages change under the reader too.
      random += UINT64_C(0x9e3779b97f4a7c15);
      __atomic_store_n(&words[(random >> 20) & mask], stores & 0x1c0000 ? random : 0, __ATOMIC_RELAXED);
    }
    if (stores == 0) __atomic_store_n(state, RUNNING, __ATOMIC_RELEASE);
    stores += 4096;
  } while (__atomic_load_n(state, __ATOMIC_ACQUIRE) != STOPPED);
  return stores;
}

void live_writer_await(const int *state) {
  while (__atomic_load_n(state, __ATOMIC_ACQUIRE) == WAITING) sched_yield();
}

void live_writer_stop(int *state) { __atomic_store_n(state, STOPPED, __ATOMIC_RELEASE); }
