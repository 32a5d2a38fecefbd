/* MEMORY, BYTES, PLACEMENT and PLACED_MEMORY (chapter 10 sections 7 and 8, chapter 30 section 3).
 * SPDX-License-Identifier: MIT */
#include "internal.h"
#include <stdlib.h>

/* Region, device, pass and num_extents, which MEMORY and PLACED_MEMORY with a head of `size` begin with. */
static const struct region *memory_head(struct cursor *c, unsigned size) {
  struct reader *r = c->r;
  ms_need(c, size);
  uint64_t number = ms_take(c, 4), limit = r->limits.extentsMax;
  if (!ms_demand(c, number < r->regions.count, MS_unknownRegion, 0, 0, number)) return NULL;
  const struct region *region = ITEM(r->regions, struct region, number);
  ms_demand(&r->header, r->device == region->seen.owner, MS_badValue, 12, region->seen.owner, r->device);
  ms_pass(c);
  uint64_t num_extents = ms_take_in(c, 4, MS_badValue, 1, UINT32_MAX);
  ms_demand(c, num_extents <= limit, MS_limitExceeded, 8, limit, num_extents);
  return region;
}

/* The first 16 octets of an extent of so many, behind the one that `extent` was. */
static bool take_extent(struct cursor *c, unsigned size, const struct region *region, struct extent *extent) {
  uint64_t pos = c->pos, end = extent->end, length = region->seen.length;
  if (!ms_need(c, size)) return false;
  extent->start = ms_take(c, 8);
  uint64_t word = ms_take(c, 8), octets = word << 8 >> 8, kind = word >> 56;
  bool inside = octets >= 1 && extent->start <= length && octets <= length - extent->start;
  bool may = kind == DATA_EXTENT || (kind <= DISCARD_EXTENT && kind != 0 && !(region->seen.flags & REGION_OPAQUE));
  ms_demand(c, extent->start >= end, MS_badExtent, pos, end, extent->start);
  extent->end = extent->start + octets;
  extent->kind = (uint8_t)kind;
  return ms_demand(c, inside && may, MS_badExtent, pos + 8, 0, word);
}

/* Encoding, len_plain and digest_plain, which stand at the same place in MEMORY and BYTES. */
struct plain { bool framed; uint64_t length, digest; };

static struct plain take_plain(struct cursor *c, bool opaque) {
  struct plain plain = {.framed = ms_take_in(c, 1, MS_badValue, 0, !opaque) != 0};
  ms_demand(c, !plain.framed || (c->r->flags & ZSTD), MS_undeclaredFeature, 12, ZSTD, 0);
  ms_reserved(c, 3);
  plain.length = ms_take(c, 8);
  plain.digest = ms_take(c, 8);
  return plain;
}

static void judge_plain(struct cursor *c, struct plain plain) {
  uint64_t stored = c->r->record.payload.length, limit = c->r->limits.zstdPlainBytesMax;
  bool right = plain.framed ? stored < plain.length : stored == plain.length;
  ms_demand(c, !plain.framed || plain.length <= limit, MS_limitExceeded, 16, limit, plain.length);
  ms_demand(&c->r->header, right, MS_badValue, 40, plain.framed ? 0 : plain.length, stored);
  ms_demand(c, plain.framed || plain.digest == 0, MS_badValue, 24, 0, plain.digest);
}

void ms_memory(struct cursor *c) {
  struct reader *r = c->r;
  const struct region *region = memory_head(c, 32);
  if (!ok(r)) return;
  struct plain plain = take_plain(c, region->seen.flags & REGION_OPAQUE);
  struct extent extent = {.region = region->seen.number, .record = r->record.offset, .framed = plain.framed};
  uint64_t sum = 0;
  for (uint64_t left = ms_load(c->base + 8, 4); left > 0; left--) {
    if (!take_extent(c, 16, region, &extent)) return;
    extent.origin = r->payload_at + sum - extent.start;
    if (extent.kind == DATA_EXTENT) sum += extent.end - extent.start;
    ms_run(c, &extent);
    ms_collect(c, &extent);
  }
  ms_rest(c, 0, c->end);
  ms_demand(c, plain.length == sum, MS_badValue, 16, sum, plain.length);
  judge_plain(c, plain);
}

void ms_bytes(struct cursor *c) {
  struct reader *r = c->r;
  struct device *device = ITEM(r->devices, struct device, r->device);
  struct byte_string *bytes = &device->bytes;
  unsigned flags = r->record.flags;
  ms_demand(&r->header, !bytes->ended, MS_dataAfterLast, 12, 0, r->device);
  ms_need(c, 32);
  ms_take_same(c, 8, MS_badOffset, bytes->octets);
  ms_pass(c);
  struct plain plain = take_plain(c, false);
  ms_rest(c, 0, c->end);
  judge_plain(c, plain);
  bool opens = flags & UNIT_FIRST, closes = flags & UNIT_LAST, open = opens || bytes->unit_open;
  bool right = r->record.payload.length == 0 ? !open && !closes : opens != bytes->unit_open;
  ms_demand(&r->header, right && !((flags & LAST) && open && !closes), MS_badUnit, 6, 0, flags);
  ms_demand(&r->header, !(flags & INITIAL_END) || !bytes->initial_ended, MS_badValue, 6, 0, flags);
  if (bytes->records++ == 0) bytes->first = r->record.offset;
  bytes->octets += plain.length;
  bytes->unit_open = open && !closes;
  bytes->initial_ended |= flags & INITIAL_END;
  bytes->ended = flags & LAST;
  device->channels |= (uint16_t)(1u << r->channel);
}

/* The frame that MEMORY or BYTES has for a payload: judged when the payload's digest was. */
void ms_frame_in_payload(struct cursor *c) {
  const struct ms_record *record = &c->r->record;
  if ((record->kind != MS_KIND_memory && record->kind != MS_KIND_bytes) || c->base[12] == 0) return;
  struct cursor frame = {.r = c->r, .base = record->payload.octets, .offset = c->r->payload_at};
  uint64_t len_plain = ms_load(c->base + 16, 8);
  uint8_t *content = ms_unpack(&frame, record->payload.length, len_plain);
  if (content != NULL) ms_demand_digest(c, 24, ms_digest((struct ms_octets){content, len_plain}));
  free(content);
}

static bool place_demand(struct cursor *c, bool right, uint64_t pos, uint64_t found) {
  return ms_demand(c, right, MS_badPlacement, pos, 0, found);
}

void ms_placement(struct cursor *c) {
  struct reader *r = c->r;
  const uint64_t most = (uint64_t)1 << 62;
  uint64_t at = c->offset + c->end;
  ms_need(c, 16);
  uint64_t num_areas = ms_take(c, 4);
  place_demand(c, num_areas == r->regions.count, 0, num_areas);
  ms_reserved(c, 4);
  r->records_at = ms_take(c, 8);
  for (uint64_t i = 0; ok(r) && i < num_areas; i++) {
    struct region *region = ITEM(r->regions, struct region, i);
    uint64_t pos = c->pos, multiple = region->page_size > 4096 ? region->page_size : 4096, length = region->seen.length;
    ms_need(c, 24);
    uint64_t area = region->area = ms_take(c, 8), granule = region->granule = ms_take(c, 8);
    place_demand(c, area % multiple == 0 && area >= at && area <= most && length <= most - area, pos, area);
    place_demand(c, power_of_two(granule) && granule >= 4096 && granule <= 64 << 20, pos + 8, granule);
    ms_reserved(c, 8);
    at = area + length;
  }
  place_demand(c, r->records_at % 64 == 0 && r->records_at >= at && r->records_at <= most, 8, r->records_at);
  ms_rest(c, 0, c->end);
}

void ms_placed_memory(struct cursor *c) {
  struct reader *r = c->r;
  const struct region *region = memory_head(c, 16);
  ms_reserved(c, 4);
  if (!ok(r)) return;
  struct extent extent = {.region = region->seen.number, .record = r->record.offset};
  for (uint64_t left = ms_load(c->base + 8, 4); left > 0; left--) {
    uint64_t pos = c->pos, granule = region->granule;
    if (!take_extent(c, 32, region, &extent)) return;
    uint64_t file = ms_take(c, 8), digest = ms_take(c, 8), length = extent.end - extent.start;
    bool data = extent.kind == DATA_EXTENT, whole = extent.end % granule == 0 || extent.end == region->seen.length;
    place_demand(c, extent.start % granule == 0, pos, extent.start);
    place_demand(c, whole && (!data || length <= granule), pos + 8, length);
    place_demand(c, file == (data ? region->area + extent.start : 0), pos + 16, file);
    place_demand(c, data || digest == 0, pos + 24, digest);
    extent.origin = c->offset + pos + 24;
    ms_collect(c, &extent);
  }
  ms_rest(c, 0, c->end);
}
