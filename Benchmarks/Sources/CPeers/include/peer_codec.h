#ifndef PEER_CODEC_H
#define PEER_CODEC_H
#include "net_state.h"
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

/** A codec that saves and loads a net_state; made by Benchmarks/Peers. */
typedef struct {
  const char *name;
  /** Encodes to the codec's own memory, which it keeps for the next time, and gives the octets. With a digest: XXH3 of
      the message, dispatched, is stored beside it. */
  size_t (*encode)(const net_state *state, int has_digest);
  /** Checks what was encoded last and reads every field of it; 0 when it is refused. */
  int (*decode)(net_state *state, int has_digest);
} peer_codec;

/** The codecs in the library at `path`; NULL, and no codecs, when there is none. */
const peer_codec *peer_codecs_open(const char *path, size_t *count);

/** What that library exports. */
const peer_codec *peer_codecs(size_t *count);
#define PEER_CODECS_SYMBOL "peer_codecs"

#ifdef __cplusplus
}
#endif
#endif
