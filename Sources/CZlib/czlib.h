#ifndef CZLIB_H
#define CZLIB_H
#include <zlib.h>
/* zlib's initialisers are macros that pass the version; Swift sees functions only. */
static inline int czlib_inflate_init_gzip(z_stream *stream) { return inflateInit2(stream, 15 + 32); }
#endif
