#include "CLiveWriter.h"

uint64_t live_writer_run(uint64_t *words, size_t count, uint64_t seed, const int *stop) {
  const uint64_t mask = count - 1;
  uint64_t state = seed;
  uint64_t stores = 0;
  while (__atomic_load_n(stop, __ATOMIC_ACQUIRE) == 0) {
    for (int index = 0; index < 4096; index++) {
      // An odd stride visits all words. Runs of zeros come and go, so that elided pages change under the reader too.
      state += UINT64_C(0x9e3779b97f4a7c15);
      __atomic_store_n(&words[(state >> 20) & mask], stores & 0x1c0000 ? state : 0, __ATOMIC_RELAXED);
    }
    stores += 4096;
  }
  return stores;
}

void live_writer_stop(int *stop) { __atomic_store_n(stop, 1, __ATOMIC_RELEASE); }
