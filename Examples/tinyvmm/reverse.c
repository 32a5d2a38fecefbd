/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "reverse.h"
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xxhash.h>

enum { HEADER = 64, REFUSED_BODY = 48, NO_CHANNEL = 0xffff, REQUIRED = 1 };
#define SYNC 0x52474dd6u

static void put(uint8_t *at, uint64_t value, unsigned width) {
  for (unsigned i = 0; i < width; i++) at[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t get(const uint8_t *at, unsigned width) {
  uint64_t value = 0;
  for (unsigned i = width; i-- > 0;) value = value << 8 | at[i];
  return value;
}

static uint64_t digest(const uint8_t *at, size_t size) { return XXH3_64bits(at, size); }

static bool send_all(int socket, const uint8_t *octets, size_t size) {
  while (size != 0) {
    ssize_t count = send(socket, octets, size, MSG_NOSIGNAL);
    if (count <= 0) return false;
    octets += count;
    size -= (size_t)count;
  }
  return true;
}

static bool read_all(int socket, uint8_t *octets, size_t size) {
  while (size != 0) {
    ssize_t count = read(socket, octets, size);
    if (count <= 0) return false;
    octets += count;
    size -= (size_t)count;
  }
  return true;
}

static void make_hello(const struct reverse *reverse, uint8_t hello[HEADER]) {
  static const uint8_t start[12] = {0x89, 'M', 'G', 'V', 13, 10, 26, 10, 1, 0, 0, 0};
  memset(hello, 0, HEADER);
  memcpy(hello, start, sizeof start);
  memcpy(hello + 16, reverse->uuid, 16);
  put(hello + 56, digest(hello, 56), 8);
}

static void make_header(const struct reverse *reverse, unsigned kind, const uint8_t *body, size_t size, uint8_t *header) {
  memset(header, 0, HEADER);
  put(header, SYNC, 4);
  put(header + 4, kind, 2);
  put(header + 6, REQUIRED, 2);
  put(header + 8, NO_CHANNEL, 2);
  put(header + 12, MGS_NO_DEVICE, 4);
  put(header + 16, reverse->sequence, 8);
  put(header + 24, size, 8);
  put(header + 32, digest(body, size), 8);
  put(header + 48, digest(body, 0), 8);
  put(header + 56, XXH3_64bits_withSeed(header, 56, digest(reverse->uuid, 16)), 8);
}

bool reverse_send(struct reverse *reverse, enum reverse_kind kind, const mgs_error *why) {
  uint8_t octets[HEADER + HEADER + REFUSED_BODY] = {0}, *header = octets + (reverse->opened ? 0 : HEADER), *body = header + HEADER;
  size_t size = kind == REVERSE_REFUSED ? REFUSED_BODY : 0;
  if (!reverse->opened) make_hello(reverse, octets);
  if (size != 0) {
    put(body, (uint64_t)why->code, 4);
    put(body + 4, why->stage, 1);
    put(body + 6, why->channel, 2);
    put(body + 8, why->offset, 8);
    put(body + 16, why->expected, 8);
    put(body + 24, why->found, 8);
    put(body + 32, why->record, 8);
    put(body + 40, why->device, 4);
  }
  make_header(reverse, kind, body, size, header);
  reverse->opened = true;
  reverse->sequence++;
  return send_all(reverse->socket, octets, (size_t)(body - octets) + size);
}

/* Strict: everything in a header but its kind and the length of its body is known beforehand, so it is made and compared. */
unsigned reverse_receive(struct reverse *reverse, mgs_error *why) {
  uint8_t came[HEADER], wanted[HEADER], body[REFUSED_BODY];
  if (!reverse->opened) {
    make_hello(reverse, wanted);
    if (!read_all(reverse->socket, came, HEADER) || memcmp(came, wanted, HEADER) != 0) return 0;
    reverse->opened = true;
  }
  if (!read_all(reverse->socket, came, HEADER)) return 0;
  unsigned kind = (unsigned)get(came + 4, 2);
  size_t size = kind == REVERSE_REFUSED ? REFUSED_BODY : 0;
  if (kind != REVERSE_COMPATIBLE && kind != REVERSE_REFUSED && kind != REVERSE_RESUMED) return 0;
  if (get(came + 24, 8) != size || !read_all(reverse->socket, body, size)) return 0;
  make_header(reverse, kind, body, size, wanted);
  if (memcmp(came, wanted, HEADER) != 0) return 0;
  reverse->sequence++;
  if (size != 0)
    *why = (mgs_error){.code = (int32_t)get(body, 4), .stage = body[4], .channel = (uint32_t)get(body + 6, 2),
      .offset = get(body + 8, 8), .expected = get(body + 16, 8), .found = get(body + 24, 8), .record = get(body + 32, 8),
      .device = (uint32_t)get(body + 40, 4)};
  return kind;
}
