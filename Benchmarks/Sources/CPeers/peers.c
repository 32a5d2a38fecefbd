#include "CPeers.h"
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>
#if defined(__x86_64__)
#define XXH_DISPATCH_DISABLE_REPLACE
#include <xxh_x86dispatch.h>
#define DIGEST XXH3_64bits_dispatch
#else
#define DIGEST XXH3_64bits
#endif

uint64_t peer_xxh3(const void *octets, size_t count) { return DIGEST(octets, count); }

uint64_t peer_xxh3_chunks(const void *octets, size_t count, size_t chunk) {
  const uint8_t *at = octets;
  uint64_t sum = 0;
  for (size_t done = 0; done < count; done += chunk) sum += DIGEST(at + done, count - done < chunk ? count - done : chunk);
  return sum;
}

uint64_t peer_xxh3_every_other(const void *octets, size_t count, size_t page) {
  const uint8_t *at = octets;
  uint64_t sum = 0;
  for (size_t done = 0; done < count; done += 2 * page) sum += DIGEST(at + done, page);
  return sum;
}

uint64_t peer_copy_and_xxh3(void *to, const void *from, size_t count) {
  memcpy(to, from, count);
  uint64_t digest = DIGEST(to, count);
#if defined(__x86_64__)
  __asm__ volatile("vzeroupper");
#endif
  return digest;
}

uint64_t peer_copy_and_xxh3_chunks(void *to, const void *from, size_t count, size_t chunk) {
  uint64_t sum = 0;
  for (size_t done = 0; done < count; done += chunk)
    sum += peer_copy_and_xxh3((uint8_t *)to + done, (const uint8_t *)from + done, chunk);
  return sum;
}

uint64_t peer_record_loop(const void *octets, size_t count, size_t record) {
  const uint8_t *at = octets;
  uint64_t sum = 0;
  for (size_t left = count; left >= record; left -= record, at += record)
    sum += XXH3_64bits_withSeed(at, 56, 1) + DIGEST(at + 64, record - 64);
  return sum;
}

uint64_t peer_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t allocation_count, live_octets, peak_octets;

void *peer_allocate(void *context, ptrdiff_t count, ptrdiff_t alignment) {
  (void)context;
  allocation_count++;
  void *memory = NULL;
  if (posix_memalign(&memory, (size_t)alignment, (size_t)count) != 0) return NULL;
  live_octets += malloc_usable_size(memory);
  if (live_octets > peak_octets) peak_octets = live_octets;
  return memory;
}

void peer_deallocate(void *context, void *memory) {
  (void)context;
  live_octets -= malloc_usable_size(memory);
  free(memory);
}

uint64_t peer_allocation_count(void) { return allocation_count; }
uint64_t peer_allocation_peak(void) { return peak_octets; }
void peer_allocation_forget_peak(void) { peak_octets = live_octets; }

uint64_t peer_commit_devices(void *to, void *between, const void *from, size_t devices, size_t count) {
  uint64_t digest = DIGEST(from, 192);
  for (size_t device = 0; device < devices; device++)
    memcpy((uint8_t *)between + device * count, (const uint8_t *)from + device * count, count);
  for (size_t device = 0; device < devices; device++)
    memcpy((uint8_t *)to + device * count, (uint8_t *)between + device * count, count);
  return digest + ((uint8_t *)to)[devices * count - 1];
}

/* Rows: stop, running, P2P between them; the next state on the way to stop or running. */
static const uint8_t next_state[3][2] = {{0, 2}, {2, 1}, {0, 1}};
static uint8_t walked[4096];

__attribute__((noinline)) static int take_step(size_t device, uint8_t state) {
  walked[device] = state;
  return 0;
}

uint64_t peer_walk_devices(size_t devices, size_t requests) {
  memset(walked, 1, sizeof walked);
  for (size_t request = 0; request < requests; request++) {
    uint8_t goal = request & 1;
    while (walked[0] != goal) {
      uint8_t next = next_state[walked[0]][goal];
      for (size_t device = 0; device < devices; device++)
        if (take_step(device, next)) return 0;
    }
  }
  return walked[devices - 1];
}
