// What the adapters share: the digest over a message, and a hardware address as a number.
#pragma once
#include "peer_codec.h"
#include <cstring>
#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>
#if defined(__x86_64__)
#define XXH_DISPATCH_DISABLE_REPLACE
#include <xxh_x86dispatch.h>
#endif

namespace peers {

inline uint64_t digest(const void *octets, size_t count) {
#if defined(__x86_64__)
  uint64_t value = XXH3_64bits_dispatch(octets, count);
  // The library leaves the vector unit in a state that makes other code slow.
  __asm__ volatile("vzeroupper");
  return value;
#else
  return XXH3_64bits(octets, count);
#endif
}

/// The message that was encoded last and the digest beside it.
struct Message {
  const void *octets = nullptr;
  size_t count = 0;
  uint64_t stored = 0;

  size_t set(const void *from, size_t length, int hasDigest) {
    octets = from;
    count = length;
    if (hasDigest) stored = digest(from, length);
    return length + (hasDigest ? 8 : 0);
  }
  bool isWhole(int hasDigest) const { return !hasDigest || digest(octets, count) == stored; }
};

inline uint64_t macToNumber(const uint8_t *mac) {
  uint64_t value = 0;
  std::memcpy(&value, mac, 6);
  return value;
}
inline void numberToMac(uint64_t value, uint8_t *mac) { std::memcpy(mac, &value, 6); }

}  // namespace peers
