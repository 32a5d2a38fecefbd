#include "peer_codec.h"

extern const peer_codec capnpCodec, flatbuffersTablesCodec, flatbuffersStructsCodec, protobufCodec;

const peer_codec *peer_codecs(size_t *count) {
  static const peer_codec codecs[] = {capnpCodec, flatbuffersTablesCodec, flatbuffersStructsCodec, protobufCodec};
  *count = sizeof codecs / sizeof codecs[0];
  return codecs;
}
