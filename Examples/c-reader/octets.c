/* Octets, errors, memory and frames. SPDX-License-Identifier: MIT */
#include "internal.h"
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zstd.h>

/* A little-endian integer of 1 to 8 octets, at any address. */
uint64_t ms_load(const uint8_t *at, unsigned width) {
  uint64_t value = 0;
  for (unsigned i = width; i-- > 0;) value = value << 8 | at[i];
  return value;
}

uint64_t ms_digest(const uint8_t *at, uint64_t length) { return XXH3_64bits(length != 0 ? at : (const uint8_t *)"", length); }

/* The first refusal stands. Always false. */
bool ms_refuse(struct reader *r, enum ms_code code, uint64_t offset, uint64_t expected, uint64_t found) {
  if (ok(r)) {
    r->error.code = code;
    r->error.stage = r->stage;
    r->error.channel = r->channel;
    r->error.device = r->device;
    r->error.record = r->sequence;
    r->error.offset = offset;
    r->error.expected = expected;
    r->error.found = found;
  }
  return false;
}

/* Whether everything was right so far, and this too. */
bool ms_demand(struct cursor *c, bool right, enum ms_code code, uint64_t pos, uint64_t expected, uint64_t found) {
  if (!ok(c->r)) return false;
  return right || ms_refuse(c->r, code, c->framed ? c->offset : c->offset + pos, expected, found);
}

bool ms_need(struct cursor *c, uint64_t length) {
  return ms_demand(c, length <= c->end - c->pos, MS_TRUNCATED_DATA, c->pos, length, c->end - c->pos);
}

uint64_t ms_take(struct cursor *c, unsigned width) {
  if (!ms_need(c, width)) return 0;
  c->pos += width;
  return ms_load(c->base + c->pos - width, width);
}

void ms_reserved(struct cursor *c, unsigned width) {
  uint64_t pos = c->pos;
  ms_demand(c, ms_take(c, width) == 0, MS_RESERVED_NOT_ZERO, pos, 0, 0);
}

/* Padding: so many zero octets. */
void ms_zeros(struct cursor *c, uint64_t length) {
  if (!ms_need(c, length)) return;
  for (uint64_t i = c->pos; i < c->pos + length; i++)
    if (!ms_demand(c, c->base[i] == 0, MS_BAD_PADDING, i, 0, c->base[i])) return;
  c->pos += length;
}

/* Nothing is left of what started at `start` and was declared to have so many octets. */
void ms_rest(struct cursor *c, uint64_t start, uint64_t declared) {
  ms_demand(c, c->pos == c->end, MS_UNEXPECTED_DATA, c->pos, declared, c->pos - start);
}

/* Where the first octet stands that is not UTF-8, or where `controls` is not set a control character; else the length. */
uint64_t ms_bad_utf8(const uint8_t *at, uint64_t length, bool controls) {
  for (uint64_t i = 0; i < length;) {
    uint8_t lead = at[i];
    unsigned more = lead < 0x80 ? 0 : lead < 0xc2 ? 4 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 4;
    if (more == 4 || more >= length - i || (!controls && (lead < 0x20 || lead == 0x7f))) return i;
    for (unsigned k = 1; k <= more; k++)
      if ((at[i + k] & 0xc0) != 0x80) return i;
    /* Overlong forms, surrogates, and what lies above the last character show in the second octet. */
    if (more == 2 && ((lead == 0xe0 && at[i + 1] < 0xa0) || (lead == 0xed && at[i + 1] >= 0xa0))) return i;
    if (more == 3 && ((lead == 0xf0 && at[i + 1] < 0x90) || (lead == 0xf4 && at[i + 1] >= 0x90))) return i;
    i += more + 1;
  }
  return length;
}

struct ms_octets ms_text(struct cursor *c, uint64_t length, uint64_t limit) {
  struct ms_octets text = {c->base + c->pos, 0};
  if (!ms_demand(c, length <= limit, MS_LIMIT_EXCEEDED, c->pos, limit, length) || !ms_need(c, length)) return text;
  uint64_t bad = ms_bad_utf8(text.octets, length, false);
  if (!ms_demand(c, bad == length, MS_BAD_TEXT, c->pos, 0, 0)) return text;
  c->pos += length;
  text.length = length;
  return text;
}

void *ms_allocate(struct reader *r, uint64_t octets) {
  void *memory = octets < SIZE_MAX ? calloc(octets + 1, 1) : NULL;
  if (memory == NULL) ms_refuse(r, MS_OUT_OF_MEMORY, r->at, 0, octets);
  return memory;
}

/* A copy of the item at the end of the list; null when there is no memory, or something was wrong. Items move. */
void *ms_append(struct reader *r, struct list *list, const void *item, size_t size) {
  if (ok(r) && list->count == list->capacity) {
    size_t capacity = list->capacity != 0 ? 2 * list->capacity : 8;
    void *items = capacity <= SIZE_MAX / size ? realloc(list->items, capacity * size) : NULL;
    if (items == NULL) ms_refuse(r, MS_OUT_OF_MEMORY, r->at, 0, (uint64_t)capacity * size);
    else *list = (struct list){items, list->count, capacity};
  }
  return ok(r) ? memcpy((uint8_t *)list->items + list->count++ * size, item, size) : NULL;
}

static int by_name(const void *left, const void *right) {
  const struct named *a = left, *b = right;
  if (a->parent != b->parent) return a->parent < b->parent ? -1 : 1;
  if (a->name.length != b->name.length) return a->name.length < b->name.length ? -1 : 1;
  int order = memcmp(a->name.octets, b->name.octets, a->name.length);
  return order != 0 ? order : a->pos < b->pos ? -1 : a->pos > b->pos;
}

/* The first position at which something has the name of an earlier one with the same parent; else all ones. */
uint64_t ms_twice(struct named *names, size_t count) {
  uint64_t first = UINT64_MAX;
  if (count != 0) qsort(names, count, sizeof *names, by_name);
  for (size_t i = 1; i < count; i++) {
    const struct named *a = &names[i - 1], *b = &names[i];
    bool same = a->parent == b->parent && a->name.length == b->name.length
      && memcmp(a->name.octets, b->name.octets, a->name.length) == 0;
    if (same && b->pos < first) first = b->pos;
  }
  return first;
}

/* What a preamble ('S') and a hello ('C') begin with: magic, digest, major. */
bool ms_opening(struct cursor *c, char kind) {
  const uint8_t magic[8] = {0x89, 'M', 'G', (uint8_t)kind, 13, 10, 26, 10};
  c->r->stage = MS_IN_PREAMBLE;
  for (unsigned i = 0; i < 8 && i < c->end; i++) ms_demand(c, c->base[i] == magic[i], MS_BAD_MAGIC, i, magic[i], c->base[i]);
  if (!ms_demand(c, c->end >= 64, MS_TRUNCATED, c->end, 64, c->end)) return false;
  uint64_t digest = ms_digest(c->base, 56), wanted = ms_load(c->base + 56, 8), major = ms_load(c->base + 8, 2);
  ms_demand(c, digest == wanted, MS_DIGEST_MISMATCH, 56, wanted, digest);
  return ms_demand(c, major == 1, MS_UNSUPPORTED_MAJOR, 8, 1, major);
}

/* The header of a frame; false when it is not whole, or not of a frame. `window` is 0 for a single segment. */
static bool frame_header(const uint8_t *at, uint64_t length, uint64_t *window, uint64_t *dictionary, uint64_t *content,
                         bool *sized) {
  static const uint8_t widths[4] = {0, 1, 2, 4};
  if (length < 5 || ms_load(at, 4) != ZSTD_MAGICNUMBER) return false;
  unsigned descriptor = at[4], pos = 5;
  bool single = descriptor & 32;
  unsigned size = descriptor >> 6 != 0 ? 1u << (descriptor >> 6) : single, identity = widths[descriptor & 3];
  if ((descriptor & 8) != 0 || length < pos + !single + identity + size) return false;
  *window = 0;
  if (!single) {
    uint64_t base = (uint64_t)1 << (10 + (at[pos] >> 3));
    *window = base + base / 8 * (at[pos++] & 7);
  }
  *dictionary = ms_load(at + pos, identity);
  *content = ms_load(at + pos + identity, size) + (size == 2 ? 256 : 0);
  *sized = size != 0;
  return true;
}

/* The content of exactly one frame at the cursor, in memory of its own; null when it is refused (chapter 10 section 9).
 * `wanted` was held against its limit. */
uint8_t *ms_unpack(struct cursor *frame, uint64_t length, uint64_t wanted) {
  const uint8_t *at = frame->base + frame->pos;
  uint64_t pos = frame->pos, limit = frame->r->limits.zstd_window, window = 0, dictionary = 0, content = 0;
  bool sized = false, header = ok(frame->r) && frame_header(at, length, &window, &dictionary, &content, &sized);
  ms_demand(frame, header, MS_COMPRESSED_DATA_DAMAGED, pos, 0, 0);
  ms_demand(frame, window <= limit, MS_LIMIT_EXCEEDED, pos, limit, window);
  ms_demand(frame, dictionary == 0 && sized, MS_COMPRESSED_DATA_DAMAGED, pos, 0, 0);
  if (!ms_demand(frame, content == wanted, MS_COMPRESSED_DATA_DAMAGED, pos, wanted, content)) return NULL;
  size_t stored = ZSTD_findFrameCompressedSize(at, length);
  if (!ms_demand(frame, !ZSTD_isError(stored), MS_COMPRESSED_DATA_DAMAGED, pos, 0, 0)) return NULL;
  uint8_t *plain = ms_allocate(frame->r, wanted);
  if (plain == NULL) return NULL;
  bool right = ZSTD_decompress(plain, wanted, at, stored) == wanted;
  ms_demand(frame, right, MS_COMPRESSED_DATA_DAMAGED, pos, 0, 0);
  if (ms_demand(frame, stored == length, MS_COMPRESSED_DATA_DAMAGED, pos + stored, 0, 0)) return plain;
  free(plain);
  return NULL;
}
