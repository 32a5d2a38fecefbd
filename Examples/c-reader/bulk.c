/* MEMORY, BYTES, BARRIER, PLACEMENT, PLACED_MEMORY, and the areas of an image (chapter 10 sections 7 and 8, chapter 30
 * sections 2 and 3). SPDX-License-Identifier: MIT */
#include "internal.h"
#include <stdlib.h>

/* On channel 0 the pass is the number of barriers; on another it never falls, and what it is, is judged at the end. */
void ms_pass(struct cursor *c, uint64_t pass) {
  struct reader *r = c->r;
  uint64_t pos = c->pos - 4;
  bool right = r->channel == 0 ? pass == r->pass : pass >= r->pass;
  if (!ms_demand(c, right, MS_BAD_PASS, pos, r->pass, pass)) return;
  r->pass = (uint32_t)pass;
  if (r->channel == 0 || !ok(r)) return;
  struct list *steps = &r->others[r->channel].steps;
  struct step *step = steps->count != 0 ? ITEM(*steps, struct step, steps->count - 1) : NULL;
  if (step == NULL || step->pass != pass) {
    struct step next = {.pass = (uint32_t)pass, .first = r->sequence, .offset = c->offset + pos};
    step = ms_append(r, steps, &next, sizeof next);
  }
  if (step != NULL) step->last = r->sequence;
}

/* The same of a field of the header. */
static void header_demand(struct cursor *c, const struct record *record, bool right, enum ms_code code, unsigned field,
                          uint64_t expected, uint64_t found) {
  if (!right) ms_refuse(c->r, code, record->seen.offset + field, expected, found);
}

/* Region, device, pass and num_extents, which MEMORY and PLACED_MEMORY begin with. */
static const struct region *memory_head(struct cursor *c, const struct record *record, uint64_t *number, uint64_t *num_extents) {
  struct reader *r = c->r;
  *number = ms_take(c, 4);
  if (!ms_demand(c, *number < r->regions.count, MS_UNKNOWN_REGION, 0, 0, *number)) return NULL;
  const struct region *region = ITEM(r->regions, struct region, *number);
  header_demand(c, record, record->seen.device == region->owner, MS_BAD_VALUE, 12, region->owner, record->seen.device);
  ms_pass(c, ms_take(c, 4));
  *num_extents = ms_take(c, 4);
  ms_demand(c, *num_extents >= 1, MS_BAD_VALUE, 8, 1, 0);
  ms_demand(c, *num_extents <= r->limits.extents, MS_LIMIT_EXCEEDED, 8, r->limits.extents, *num_extents);
  return region;
}

/* The first 16 octets of an extent, behind another that ended at `end`. */
static bool take_extent(struct cursor *c, const struct region *region, uint64_t end, struct extent *extent) {
  uint64_t pos = c->pos;
  extent->start = ms_take(c, 8);
  uint64_t word = ms_take(c, 8), length = word << 8 >> 8, kind = word >> 56;
  bool inside = extent->start <= region->length && length <= region->length - extent->start;
  bool right = kind >= DATA_EXTENT && kind <= DISCARD_EXTENT && length >= 1 && inside;
  ms_demand(c, extent->start >= end, MS_BAD_EXTENT, pos, end, extent->start);
  ms_demand(c, right && (kind == DATA_EXTENT || !(region->flags & REGION_OPAQUE)), MS_BAD_EXTENT, pos + 8, 0, word);
  extent->end = extent->start + length;
  extent->kind = (uint8_t)kind;
  return ok(c->r);
}

/* len_plain, len_payload and digest_plain, which stand at the same place in MEMORY and BYTES. */
static void lengths(struct cursor *c, const struct record *record, uint64_t encoding, uint64_t len_plain, uint64_t digest) {
  uint64_t stored = record->seen.payload.length, limit = c->r->limits.zstd_plain;
  ms_demand(c, encoding == 0 || len_plain <= limit, MS_LIMIT_EXCEEDED, 16, limit, len_plain);
  bool right = encoding == 0 ? stored == len_plain : stored < len_plain;
  header_demand(c, record, right, MS_BAD_VALUE, 40, encoding == 0 ? len_plain : 0, stored);
  ms_demand(c, encoding == 1 || digest == 0, MS_BAD_VALUE, 24, 0, digest);
}

static uint64_t take_encoding(struct cursor *c, bool opaque) {
  uint64_t pos = c->pos, encoding = ms_take(c, 1);
  ms_demand(c, encoding <= (opaque ? 0 : 1), MS_BAD_VALUE, pos, 0, encoding);
  ms_demand(c, encoding == 0 || (c->r->flags & ZSTD), MS_UNDECLARED_FEATURE, pos, ZSTD, 0);
  ms_reserved(c, 3);
  return encoding;
}

bool ms_memory(struct cursor *c, const struct record *record) {
  struct reader *r = c->r;
  uint64_t number = 0, num_extents = 0, sum = 0;
  if (!ms_need(c, 32)) return false;
  const struct region *region = memory_head(c, record, &number, &num_extents);
  if (region == NULL) return false;
  uint64_t encoding = take_encoding(c, region->flags & REGION_OPAQUE), len_plain = ms_take(c, 8), digest = ms_take(c, 8);
  struct extent extent = {.region = (uint32_t)number, .record = record->seen.offset, .framed = encoding == 1};
  for (uint64_t i = 0; ok(r) && i < num_extents; i++) {
    uint64_t end = extent.end;
    if (!ms_need(c, 16) || !take_extent(c, region, end, &extent)) return false;
    extent.origin = record->payload_at + sum - extent.start;
    if (extent.kind == DATA_EXTENT) sum += extent.end - extent.start;
    ms_run(c, &extent);
    ms_collect(c, &extent);
  }
  ms_rest(c, 0, c->end);
  ms_demand(c, len_plain == sum, MS_BAD_VALUE, 16, sum, len_plain);
  lengths(c, record, encoding, len_plain, digest);
  return encoding == 1;
}

bool ms_byte_record(struct cursor *c, const struct record *record) {
  struct reader *r = c->r;
  unsigned flags = record->seen.flags;
  uint64_t payload = record->seen.payload.length;
  struct byte_string *bytes = ITEM(r->bytes, struct byte_string, record->seen.device);
  header_demand(c, record, !bytes->ended, MS_DATA_AFTER_LAST, 12, 0, record->seen.device);
  ms_need(c, 32);
  uint64_t offset = ms_take(c, 8);
  ms_demand(c, offset == bytes->octets, MS_BAD_OFFSET, 0, bytes->octets, offset);
  ms_pass(c, ms_take(c, 4));
  uint64_t encoding = take_encoding(c, false), len_plain = ms_take(c, 8), digest = ms_take(c, 8);
  ms_rest(c, 0, c->end);
  lengths(c, record, encoding, len_plain, digest);
  bool opens = flags & UNIT_FIRST, closes = flags & UNIT_LAST, open = opens || bytes->unit_open;
  bool right = payload == 0 ? !opens && !closes && !open : opens != bytes->unit_open;
  header_demand(c, record, right && !((flags & LAST) && open && !closes), MS_BAD_UNIT, 6, 0, flags);
  header_demand(c, record, !(flags & INITIAL_END) || !bytes->initial_ended, MS_BAD_VALUE, 6, 0, flags);
  if (!ok(r)) return false;
  if (bytes->records++ == 0) bytes->first = record->seen.offset;
  bytes->octets += len_plain;
  bytes->unit_open = open && !closes;
  bytes->initial_ended |= flags & INITIAL_END;
  bytes->ended = flags & LAST;
  ITEM(r->devices, struct device, record->seen.device)->channels |= (uint16_t)(1u << r->channel);
  return encoding == 1;
}

/* The frame that MEMORY or BYTES has for a payload: judged when the payload's digest was. */
void ms_frame_in_payload(struct reader *r, const struct record *record) {
  struct cursor body = {.r = r, .base = record->seen.body.octets, .offset = record->seen.offset + 64};
  struct cursor frame = {.r = r, .base = record->seen.payload.octets, .offset = record->payload_at};
  uint64_t plain = ms_load(body.base + 16, 8), wanted = ms_load(body.base + 24, 8);
  uint8_t *content = ms_unpack(&frame, record->seen.payload.length, plain);
  if (content == NULL) return;
  uint64_t digest = ms_digest(content, plain);
  free(content);
  ms_demand(&body, digest == wanted, MS_DIGEST_MISMATCH, 24, wanted, digest);
}

void ms_barrier(struct cursor *c) {
  struct reader *r = c->r;
  struct barrier now = {.offset = c->offset};
  const struct list *before = &r->barriers;
  uint64_t pass = ms_take(c, 4);
  ms_demand(c, pass == r->pass, MS_BAD_PASS, 0, r->pass, pass);
  bool above = r->num_channels > 1 && before->count >= r->limits.barriers;
  ms_demand(c, !above, MS_LIMIT_EXCEEDED, 0, r->limits.barriers, before->count + 1);
  uint64_t channels = ms_take(c, 4);
  ms_demand(c, channels == r->num_channels, MS_BAD_VALUE, 4, r->num_channels, channels);
  for (unsigned i = 0; ok(r) && i < r->num_channels; i++) {
    uint64_t pos = c->pos, next = now.next[i] = ms_take(c, 8);
    ms_demand(c, i != 0 || next == r->sequence + 1, MS_BAD_SEQUENCE, pos, r->sequence + 1, next);
    uint64_t least = before->count != 0 && i != 0 ? ITEM(*before, struct barrier, before->count - 1)->next[i] : 0;
    ms_demand(c, next >= least, MS_BAD_SEQUENCE, pos, least, next);
  }
  ms_rest(c, 0, c->end);
  if (r->num_channels > 1) ms_append(r, &r->barriers, &now, sizeof now);
  r->pass++;
  r->section_in_pass = false;
}

static bool place_demand(struct cursor *c, bool right, uint64_t pos, uint64_t found) {
  return ms_demand(c, right, MS_BAD_PLACEMENT, pos, 0, found);
}

void ms_placement(struct cursor *c) {
  struct reader *r = c->r;
  const uint64_t most = (uint64_t)1 << 62;
  uint64_t at = c->offset + c->end;
  ms_need(c, 16);
  uint64_t num_areas = ms_take(c, 4);
  place_demand(c, num_areas == r->regions.count, 0, num_areas);
  ms_reserved(c, 4);
  uint64_t ofs_records = ms_take(c, 8);
  for (uint64_t i = 0; ok(r) && i < num_areas; i++) {
    struct region *region = ITEM(r->regions, struct region, i);
    uint64_t pos = c->pos, multiple = region->page_size > 4096 ? region->page_size : 4096;
    ms_need(c, 24);
    uint64_t area = region->area = ms_take(c, 8), granule = region->granule = ms_take(c, 8);
    bool right = area % multiple == 0 && area >= at && area <= most && region->length <= most - area;
    place_demand(c, right, pos, area);
    place_demand(c, power_of_two(granule) && granule >= 4096 && granule <= 64 << 20, pos + 8, granule);
    ms_reserved(c, 8);
    at = area + region->length;
  }
  place_demand(c, ofs_records % 64 == 0 && ofs_records >= at && ofs_records <= most, 8, ofs_records);
  ms_rest(c, 0, c->end);
  r->records_at = ofs_records;
}

void ms_placed(struct cursor *c, const struct record *record) {
  struct reader *r = c->r;
  uint64_t number = 0, num_extents = 0;
  if (!ms_need(c, 16)) return;
  const struct region *region = memory_head(c, record, &number, &num_extents);
  if (region == NULL) return;
  ms_reserved(c, 4);
  struct extent extent = {.region = (uint32_t)number, .record = record->seen.offset};
  for (uint64_t i = 0; ok(r) && i < num_extents; i++) {
    uint64_t pos = c->pos, end = extent.end, granule = region->granule;
    if (!ms_need(c, 32) || !take_extent(c, region, end, &extent)) return;
    uint64_t file = ms_take(c, 8), digest = ms_take(c, 8), length = extent.end - extent.start;
    bool data = extent.kind == DATA_EXTENT, whole = extent.end % granule == 0 || extent.end == region->length;
    place_demand(c, extent.start % granule == 0, pos, extent.start);
    place_demand(c, whole && (!data || length <= granule), pos + 8, length);
    place_demand(c, file == (data ? region->area + extent.start : 0), pos + 16, file);
    place_demand(c, data || digest == 0, pos + 24, digest);
    extent.origin = c->offset + pos + 24;
    ms_collect(c, &extent);
  }
  ms_rest(c, 0, c->end);
}

/* Compares what lies in the areas with the final content: digests of data, zeros everywhere else. */
void ms_areas(struct reader *r) {
  struct cursor file = {.r = r, .base = r->octets, .end = r->length};
  const struct extent *next = r->extents.items, *end = r->extents.count != 0 ? next + r->extents.count : next;
  r->stage = MS_IN_BULK;
  for (size_t i = 0; ok(r) && i < r->regions.count; i++) {
    const struct region *region = ITEM(r->regions, struct region, i);
    file.pos = region->area;
    for (; ok(r) && next < end && next->region == i; next++) {
      if (next->kind != DATA_EXTENT) continue;
      ms_zeros(&file, region->area + next->start - file.pos);
      uint64_t wanted = ms_load(r->octets + next->origin, 8), digest = ms_digest(file.base + file.pos, next->end - next->start);
      ms_demand(&file, digest == wanted, MS_DIGEST_MISMATCH, next->origin, wanted, digest);
      file.pos = region->area + next->end;
    }
    if (ok(r)) ms_zeros(&file, region->area + region->length - file.pos);
  }
}
