/* Octets, errors, memory and frames. SPDX-License-Identifier: MIT */
#include "internal.h"
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zstd.h>

/* A little-endian integer of up to 8 octets, at any address. */
uint64_t ms_load(const uint8_t *at, unsigned width) {
  uint64_t value = 0;
  for (unsigned i = width; i-- > 0;) value = value << 8 | at[i];
  return value;
}

uint64_t ms_digest(struct ms_octets o) { return XXH3_64bits(o.length != 0 ? o.octets : (const uint8_t *)"", o.length); }

/* The first refusal stands. Always false. */
bool ms_refuse(struct reader *r, enum ms_code code, uint64_t offset, uint64_t expected, uint64_t found) {
  if (ok(r)) r->error = (struct ms_error){.code = code, .stage = r->stage, .channel = r->channel, .device = r->device,
    .offset = offset, .expected = expected, .found = found, .record = r->sequence};
  return false;
}

/* Whether everything was right so far, and this too. */
bool ms_demand(struct cursor *c, bool right, enum ms_code code, uint64_t pos, uint64_t expected, uint64_t found) {
  if (!ok(c->r)) return false;
  return right || ms_refuse(c->r, code, c->framed ? c->offset : c->offset + pos, expected, found);
}

/* What octets give is what the field at `pos` says. */
bool ms_demand_digest(struct cursor *c, uint64_t pos, uint64_t digest) {
  uint64_t wanted = ms_load(c->base + pos, 8);
  return ms_demand(c, digest == wanted, MS_digestMismatch, pos, wanted, digest);
}

bool ms_need(struct cursor *c, uint64_t length) {
  return ms_demand(c, length <= c->end - c->pos, MS_truncatedData, c->pos, length, c->end - c->pos);
}

uint64_t ms_take(struct cursor *c, unsigned width) {
  if (!ms_need(c, width)) return 0;
  c->pos += width;
  return ms_load(c->base + c->pos - width, width);
}

/* A number from least to most; expected is the nearer of the two. */
uint64_t ms_take_in(struct cursor *c, unsigned width, enum ms_code code, uint64_t least, uint64_t most) {
  uint64_t pos = c->pos, value = ms_take(c, width);
  ms_demand(c, value >= least && value <= most, code, pos, value < least ? least : most, value);
  return value;
}

uint64_t ms_take_same(struct cursor *c, unsigned width, enum ms_code code, uint64_t wanted) {
  return ms_take_in(c, width, code, wanted, wanted);
}

void ms_reserved(struct cursor *c, uint64_t length) {
  uint64_t start = c->pos;
  if (!ms_need(c, length)) return;
  for (c->pos += length; start < c->pos && c->base[start] == 0;) start++;
  ms_demand(c, start == c->pos, MS_reservedNotZero, c->pos - length, 0, 0);
}

/* Padding: so many zero octets. */
void ms_zeros(struct cursor *c, uint64_t length) {
  if (!ms_need(c, length)) return;
  uint64_t end = c->pos + length;
  while (c->pos < end && c->base[c->pos] == 0) c->pos++;
  if (c->pos < end) ms_demand(c, false, MS_badPadding, c->pos, 0, c->base[c->pos]);
}

/* Padding behind so many octets, up to a multiple of 8. */
void ms_pad(struct cursor *c, uint64_t length) { ms_zeros(c, -length & 7); }

/* Nothing is left of what started at `start` and was declared to have so many octets. */
void ms_rest(struct cursor *c, uint64_t start, uint64_t declared) {
  ms_demand(c, c->pos == c->end, MS_unexpectedData, c->pos, declared, c->pos - start);
}

/* Whether all of it is UTF-8, and no control character where `controls` is not set. */
bool ms_is_text(struct ms_octets text, bool controls) {
  for (size_t i = 0, more; i < text.length; i += more + 1) {
    const uint8_t *at = text.octets + i, lead = *at;
    more = lead < 0x80 ? 0 : lead < 0xc2 ? SIZE_MAX : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : SIZE_MAX;
    if (more >= text.length - i || (!controls && (lead < 0x20 || lead == 0x7f))) return false;
    for (size_t k = 1; k <= more; k++)
      if ((at[k] & 0xc0) != 0x80) return false;
    /* Overlong forms, surrogates, and what lies above the last character show in the second octet. */
    if ((lead == 0xe0 && at[1] < 0xa0) || (lead == 0xed && at[1] >= 0xa0)) return false;
    if ((lead == 0xf0 && at[1] < 0x90) || (lead == 0xf4 && at[1] >= 0x90)) return false;
  }
  return true;
}

struct ms_octets ms_text(struct cursor *c, uint64_t length) {
  struct ms_octets text = {c->base + c->pos, 0};
  uint64_t limit = c->r->limits.textBytesMax;
  if (!ms_demand(c, length <= limit, MS_limitExceeded, c->pos, limit, length) || !ms_need(c, length)) return text;
  text.length = length;
  ms_demand(c, ms_is_text(text, false), MS_badText, c->pos, 0, 0);
  c->pos += length;
  return text;
}

/* Zeros; null when there is no memory, or something was wrong. */
void *ms_allocate(struct reader *r, uint64_t octets) {
  if (!ok(r)) return NULL;
  void *memory = octets < SIZE_MAX ? calloc(octets + 1, 1) : NULL;
  if (memory == NULL) ms_refuse(r, MS_outOfMemory, r->at, 0, octets);
  return memory;
}

/* A copy of the item at the end of the list; null when there is no memory, or something was wrong. Items move. */
void *ms_append(struct reader *r, struct list *list, const void *item, size_t size) {
  if (ok(r) && list->count == list->capacity) {
    size_t capacity = list->capacity != 0 ? 2 * list->capacity : 8;
    void *items = capacity <= SIZE_MAX / size ? realloc(list->items, capacity * size) : NULL;
    if (items == NULL) ms_refuse(r, MS_outOfMemory, r->at, 0, (uint64_t)capacity * size);
    else *list = (struct list){items, list->count, capacity};
  }
  return ok(r) ? memcpy((uint8_t *)list->items + list->count++ * size, item, size) : NULL;
}

static int by_name(const void *left, const void *right) {
  const struct named *a = left, *b = right;
  if (a->parent != b->parent) return ms_order(a->parent, b->parent);
  if (a->name.length != b->name.length) return ms_order(a->name.length, b->name.length);
  int order = memcmp(a->name.octets, b->name.octets, a->name.length);
  return order != 0 ? order : ms_order(a->pos, b->pos);
}

/* The first position at which something has the name of an earlier one with the same parent; else all ones. */
uint64_t ms_twice(struct named *names, size_t count) {
  uint64_t first = UINT64_MAX;
  if (count != 0) qsort(names, count, sizeof *names, by_name);
  for (size_t i = 1; i < count; i++) {
    struct named earlier = names[i];
    earlier.pos = names[i - 1].pos;
    if (names[i].pos < first && by_name(&names[i - 1], &earlier) == 0) first = names[i].pos;
  }
  return first;
}

/* The content of exactly one frame, in memory of its own; null when it is refused (chapter 10 section 9; its header:
 * RFC 8878 section 3.1.1.1). `wanted` was held against its limit. */
uint8_t *ms_unpack(struct cursor *frame, uint64_t length, uint64_t wanted) {
  const enum ms_code damaged = MS_compressedDataDamaged;
  const uint8_t *at = frame->base + frame->pos;
  uint64_t pos = frame->pos, limit = frame->r->limits.zstdWindowBytesMax;
  bool begins = ok(frame->r) && length >= 5 && ms_load(at, 4) == ZSTD_MAGICNUMBER && (at[4] & 8) == 0;
  if (!ms_demand(frame, begins, damaged, pos, 0, 0)) return NULL;
  bool single = at[4] & 32;
  unsigned len_window = !single, len_dictionary = (1u << (at[4] & 3)) >> 1;
  unsigned len_content = at[4] >> 6 != 0 ? 1u << (at[4] >> 6) : single;
  bool whole = length >= 5 + len_window + len_dictionary + len_content;
  if (!ms_demand(frame, whole, damaged, pos, 0, 0)) return NULL;
  uint64_t window = single ? 0 : (uint64_t)(8 + (at[5] & 7)) << (7 + (at[5] >> 3));
  uint64_t dictionary = ms_load(at + 5 + len_window, len_dictionary);
  uint64_t content = ms_load(at + 5 + len_window + len_dictionary, len_content) + (len_content == 2 ? 256 : 0);
  ms_demand(frame, window <= limit, MS_limitExceeded, pos, limit, window);
  ms_demand(frame, dictionary == 0 && len_content != 0, damaged, pos, 0, 0);
  ms_demand(frame, content == wanted, damaged, pos, wanted, content);
  size_t stored = ZSTD_findFrameCompressedSize(at, length);
  ms_demand(frame, !ZSTD_isError(stored), damaged, pos, 0, 0);
  ms_demand(frame, stored == length, damaged, pos + stored, 0, 0);
  uint8_t *plain = ms_allocate(frame->r, wanted);
  bool right = plain != NULL && ZSTD_decompress(plain, wanted, at, length) == wanted;
  if (ms_demand(frame, right, damaged, pos, 0, 0)) return plain;
  free(plain);
  return NULL;
}
