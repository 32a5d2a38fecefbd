#include "peer_codec.h"
#include <dlfcn.h>

const peer_codec *peer_codecs_open(const char *path, size_t *count) {
  *count = 0;
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) return NULL;
  const peer_codec *(*codecs)(size_t *) = (const peer_codec *(*)(size_t *))dlsym(library, PEER_CODECS_SYMBOL);
  return codecs ? codecs(count) : NULL;
}
