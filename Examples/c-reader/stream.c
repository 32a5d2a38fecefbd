/* Preamble, headers and the order of records (chapter 10 sections 2 and 3). SPDX-License-Identifier: MIT */
#include "internal.h"
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { HEADER = 64, IMAGE = 2 };
#define SYNC 0x52474dd6u

void ms_default_limits(struct ms_limits *limits) {
  *limits = (struct ms_limits){.record_body = 16 << 20, .payload = 64 << 20, .devices = 65536, .regions = 4096,
    .parameters = 1024, .sections = 4096, .subsections = 4096, .text = 1024, .layouts = 65536, .layout = 8 << 20,
    .layout_total = 16 << 20, .fields = 65536, .block = 16 << 20, .extents = 1 << 20, .zstd_window = 4 << 20,
    .zstd_plain = 4 << 20, .pass_runs = 1 << 20, .barriers = 65536, .final_extents = 1 << 20};
}

static void preamble(struct reader *r) {
  const uint8_t *at = r->octets;
  struct cursor c = {.r = r, .base = at, .end = r->length};
  if (!ms_opening(&c, 'S')) return;
  uint64_t minor = ms_load(at + 12, 2);
  uint64_t profile = ms_load(at + 14, 2), kind = ms_load(at + 24, 2), channels = ms_load(at + 26, 2);
  r->flags = (unsigned)ms_load(at + 16, 4);
  r->num_channels = (unsigned)channels;
  r->promise = ms_load(at + 32, 8);
  r->uuid = at + 40;
  r->seed = ms_digest(r->uuid, 16);
  r->image = profile == IMAGE;
  ms_demand(&c, minor == 0, MS_UNSUPPORTED_MINOR, 12, 0, minor);
  ms_demand(&c, profile == 1 || profile == IMAGE, MS_BAD_VALUE, 14, 0, profile);
  ms_demand(&c, r->flags <= 63, MS_UNKNOWN_MANDATORY_FLAG, 16, 63, r->flags & ~63u);
  ms_demand(&c, kind == 1, MS_UNSUPPORTED_DIGEST, 24, 1, kind);
  ms_demand(&c, channels >= 1 && channels <= CHANNELS_MAX, MS_BAD_VALUE, 26, CHANNELS_MAX, channels);
  ms_demand(&c, !r->image || channels == 1, MS_BAD_VALUE, 26, 1, channels);
  ms_demand(&c, (channels > 1) == ((r->flags & CHANNELS) != 0), MS_BAD_VALUE, 16, 0, r->flags);
  c.pos = 28;
  ms_reserved(&c, 4);
}

/* What chapter 10 section 3.1 says of a kind, and the stage of its body. */
enum { OF_DEVICE = 1, OF_OWNER = 2, HAS_PAYLOAD = 4, MAY_SKIP = 8, BY_MANIFEST = 16 };
static const struct { uint16_t rules, flags, stage; } kinds[] = {
  [MS_MANIFEST] = {0, 0, MS_IN_MANIFEST}, [MS_LAYOUT] = {0, 0, MS_IN_LAYOUT}, [MS_SECTION] = {OF_DEVICE, REPLACES, MS_IN_SECTION},
  [MS_MEMORY] = {OF_OWNER | HAS_PAYLOAD | BY_MANIFEST, 0, MS_IN_BULK}, [MS_BARRIER] = {0, 0, MS_IN_BULK},
  [MS_BYTES] = {OF_DEVICE | HAS_PAYLOAD | BY_MANIFEST, INITIAL_END | LAST | UNIT_FIRST | UNIT_LAST, MS_IN_BULK},
  [MS_PLACEMENT] = {0, 0, MS_IN_BULK}, [MS_PLACED_MEMORY] = {OF_OWNER | BY_MANIFEST, 0, MS_IN_BULK},
  [MS_INDEX_PAGE] = {MAY_SKIP, 0, MS_IN_INDEX}, [MS_INDEX] = {MAY_SKIP, 0, MS_IN_INDEX}, [MS_ABORT] = {0, 0, MS_IN_END},
  [MS_CHANNEL_END] = {0, 0, MS_IN_END}, [MS_END] = {0, 0, MS_IN_END}};

static bool is_known(unsigned kind) { return kind >= MS_MANIFEST && kind <= MS_END; }

/* Whether a record of the kind may come now. */
static bool in_order(const struct reader *r, unsigned kind) {
  if (r->channel != 0) return kind == MS_MEMORY || kind == MS_BYTES || kind == MS_CHANNEL_END || !is_known(kind);
  if (!r->has_manifest) return kind == MS_MANIFEST;
  if (r->image && r->records_at == 0) return kind == MS_PLACEMENT;
  if (r->index_at != 0) return kind == MS_END || kind == MS_ABORT;
  if (r->first_page != 0) return kind == MS_INDEX_PAGE || kind == MS_INDEX || kind == MS_ABORT;
  switch (kind) {
  case MS_MANIFEST: case MS_PLACEMENT: case MS_CHANNEL_END: return false;
  case MS_MEMORY: return !r->image;
  case MS_PLACED_MEMORY: return r->image;
  case MS_INDEX_PAGE: case MS_INDEX: return r->num_channels == 1;
  default: return true;
  }
}

/* The second half of a header: what its kind asks for. */
static void header_of_kind(struct cursor *c, const struct record *record) {
  struct reader *r = c->r;
  unsigned kind = record->seen.kind, flags = record->seen.flags, mark = flags & 3;
  uint32_t device = record->seen.device;
  ms_demand(c, in_order(r, kind), MS_RECORD_OUT_OF_ORDER, 4, 0, kind);
  if (!is_known(kind)) {
    ms_demand(c, mark == SKIPPABLE, MS_UNKNOWN_REQUIRED, 4, 0, kind);
    return;
  }
  unsigned rules = kinds[kind].rules;
  bool of_device = rules & OF_DEVICE, of_owner = rules & OF_OWNER, by_mark = of_device || of_owner;
  ms_demand(c, kind != MS_BARRIER || (r->flags & PASSES), MS_UNDECLARED_FEATURE, 4, PASSES, 0);
  ms_demand(c, (flags & ~(3u | kinds[kind].flags)) == 0, MS_RESERVED_NOT_ZERO, 6, 0, flags);
  ms_demand(c, by_mark || mark == (rules & MAY_SKIP ? SKIPPABLE : REQUIRED), MS_BAD_MARK, 6, 0, flags);
  ms_demand(c, by_mark || device == NONE32, MS_BAD_VALUE, 12, NONE32, device);
  bool there = device < r->devices.count;
  ms_demand(c, !by_mark || there || (of_owner && device == NONE32), MS_UNKNOWN_DEVICE, 12, 0, device);
  if (!ok(r)) return;
  unsigned wanted = there ? ITEM(r->devices, struct device, device)->mark : REQUIRED;
  ms_demand(c, !(rules & BY_MANIFEST) || mark == wanted, MS_BAD_MARK, 6, wanted, mark);
  ms_demand(c, (rules & HAS_PAYLOAD) || record->seen.payload.length == 0, MS_BAD_VALUE, 40, 0, record->seen.payload.length);
}

static void header(struct reader *r, struct record *record) {
  uint64_t there = r->length - r->at;
  struct cursor c = {.r = r, .base = r->octets + r->at, .end = there, .offset = r->at};
  r->stage = MS_IN_RECORD;
  r->device = NONE32;
  if (!ms_demand(&c, there >= HEADER, MS_TRUNCATED, there, HEADER, there)) return;
  const uint8_t *at = c.base;
  const struct ms_limits *l = &r->limits;
  uint64_t digest = XXH3_64bits_withSeed(at, 56, r->seed), sync = ms_load(at, 4);
  uint64_t len_body = ms_load(at + 24, 8), len_payload = ms_load(at + 40, 8);
  *record = (struct record){.digest_header = ms_load(at + 56, 8), .digest_body = ms_load(at + 32, 8),
    .digest_payload = ms_load(at + 48, 8), .pad_front = at[10], .pad_back = at[11]};
  struct ms_record *seen = &record->seen;
  *seen = (struct ms_record){.offset = r->at, .kind = (unsigned)ms_load(at + 4, 2), .flags = (unsigned)ms_load(at + 6, 2),
    .channel = (unsigned)ms_load(at + 8, 2), .device = (uint32_t)ms_load(at + 12, 4), .sequence = ms_load(at + 16, 8),
    .body.length = len_body, .payload.length = len_payload};
  ms_demand(&c, sync == SYNC, MS_BAD_SYNC, 0, SYNC, sync);
  ms_demand(&c, digest == record->digest_header, MS_DIGEST_MISMATCH, 56, record->digest_header, digest);
  ms_demand(&c, seen->channel == r->channel, MS_FOREIGN_CHANNEL, 8, r->channel, seen->channel);
  ms_demand(&c, seen->sequence == r->sequence, MS_BAD_SEQUENCE, 16, r->sequence, seen->sequence);
  r->device = seen->device;
  ms_demand(&c, one_mark(seen->flags), MS_BAD_MARK, 6, 0, seen->flags);
  ms_demand(&c, len_body <= l->record_body, MS_LIMIT_EXCEEDED, 24, l->record_body, len_body);
  ms_demand(&c, len_payload <= l->payload, MS_LIMIT_EXCEEDED, 40, l->payload, len_payload);
  seen->length = HEADER + len_body + record->pad_front + len_payload + record->pad_back;
  ms_demand(&c, r->promise == 0 || seen->length <= r->promise, MS_LIMIT_EXCEEDED, 24, r->promise, seen->length);
  ms_demand(&c, len_body % 8 == 0, MS_BAD_VALUE, 24, 0, len_body);
  uint64_t front = len_payload != 0 ? -(r->at + HEADER + len_body) & 63 : 0, back = -len_payload & 7;
  ms_demand(&c, record->pad_front == front, MS_BAD_PADDING, 10, front, record->pad_front);
  ms_demand(&c, record->pad_back == back, MS_BAD_PADDING, 11, back, record->pad_back);
  header_of_kind(&c, record);
  record->payload_at = r->at + HEADER + len_body + record->pad_front;
}

/* So many octets at the offset are there; octets that end inside of them are truncated at their end. */
static const uint8_t *octets_at(struct reader *r, uint64_t offset, uint64_t length) {
  bool there = ok(r) && length <= r->length - offset;
  if (!there) ms_refuse(r, MS_TRUNCATED, r->length, length, r->length - (offset < r->length ? offset : r->length));
  return there ? r->octets + offset : NULL;
}

/* Octet by octet: one that is wrong comes before one that is missing. */
static void padding(struct reader *r, uint64_t offset, uint64_t length) {
  struct cursor c = {.r = r, .base = r->octets, .pos = offset, .end = r->length};
  for (uint64_t end = offset + length; ok(r) && c.pos < end && c.pos < c.end;) ms_zeros(&c, 1);
  octets_at(r, offset, length);
}

static void abort_body(struct cursor *c) {
  ms_take(c, 4);
  uint64_t len_text = ms_take(c, 2);
  ms_reserved(c, 2);
  ms_text(c, len_text, c->r->limits.text);
  ms_zeros(c, pad8(len_text) - len_text);
  ms_rest(c, 0, c->end);
}

/* Calls what judges the body; whether the payload is a frame. */
static bool contents(struct cursor *c, const struct record *record) {
  struct reader *r = c->r;
  if (!is_known(record->seen.kind)) return false;
  r->stage = kinds[record->seen.kind].stage;
  switch (record->seen.kind) {
  case MS_MANIFEST: ms_manifest(c); break;
  case MS_LAYOUT: ms_layout(c, record); break;
  case MS_SECTION: ms_section(c, record); break;
  case MS_MEMORY: return ms_memory(c, record);
  case MS_BYTES: return ms_byte_record(c, record);
  case MS_BARRIER: ms_barrier(c); break;
  case MS_PLACEMENT: ms_placement(c); break;
  case MS_PLACED_MEMORY: ms_placed(c, record); break;
  case MS_INDEX_PAGE: ms_index_page(c, record); break;
  case MS_INDEX: ms_index(c, record); break;
  case MS_ABORT: abort_body(c); break;
  case MS_CHANNEL_END: ms_channel_end(c, record); break;
  default: ms_end(c, record);
  }
  return false;
}

static void digest_of(struct reader *r, const uint8_t *at, uint64_t length, uint64_t wanted, uint64_t field) {
  if (at == NULL) return;
  uint64_t digest = ms_digest(at, length);
  if (digest != wanted) ms_refuse(r, MS_DIGEST_MISMATCH, field, wanted, digest);
}

/* One record, from its header to the padding behind its payload. */
static void next_record(struct reader *r) {
  struct record record = {0};
  struct ms_record *seen = &record.seen;
  header(r, &record);
  if (!ok(r)) return;
  uint64_t body_at = r->at + HEADER;
  seen->body.octets = octets_at(r, body_at, seen->body.length);
  digest_of(r, seen->body.octets, seen->body.length, record.digest_body, r->at + 32);
  struct cursor c = {.r = r, .base = seen->body.octets, .end = seen->body.length, .offset = body_at};
  bool framed = ok(r) && contents(&c, &record);
  enum ms_stage stage = r->stage;
  r->stage = MS_IN_RECORD;
  padding(r, body_at + seen->body.length, record.pad_front);
  seen->payload.octets = octets_at(r, record.payload_at, seen->payload.length);
  digest_of(r, seen->payload.octets, seen->payload.length, record.digest_payload, r->at + 48);
  r->stage = stage;
  if (ok(r) && framed) ms_frame_in_payload(r, &record);
  r->stage = MS_IN_RECORD;
  padding(r, record.payload_at + seen->payload.length, record.pad_back);
  r->stage = stage;
  if (!ok(r)) return;
  if (seen->kind == MS_ABORT) ms_refuse(r, MS_ABORTED, body_at, 0, ms_load(c.base, 4));
  if (ok(r) && r->events.record) r->events.record(r->events.context, seen);
  r->ended = seen->kind == MS_END || seen->kind == MS_CHANNEL_END;
  r->at += seen->length;
  r->sequence += ok(r);
  uint8_t link[16];
  for (unsigned i = 0; i < 16; i++) link[i] = (uint8_t)((i < 8 ? r->chain : record.digest_header) >> 8 * (i % 8));
  r->chain = ms_digest(link, 16);
  if (seen->kind != MS_PLACEMENT || !ok(r)) return;
  r->stage = MS_IN_RECORD;
  if (octets_at(r, r->at, r->records_at - r->at) != NULL) r->at = r->records_at;
}

static void channel(struct reader *r, const struct ms_octets *octets, bool first) {
  r->octets = octets->length != 0 ? octets->octets : (const uint8_t *)"";
  r->length = octets->length;
  r->at = 64;
  r->sequence = r->chain = 0;
  r->ended = false;
  r->pass = 0;
  r->device = NONE32;
  r->channel = first ? 0 : MS_NO_CHANNEL;
  if (first) preamble(r);
  else ms_hello(r);
  if (r->bytes.count != 0) memset(r->bytes.items, 0, r->bytes.count * sizeof(struct byte_string));
  while (ok(r) && !r->ended) next_record(r);
  r->stage = MS_IN_END;
  if (ok(r) && r->at != r->length) ms_refuse(r, MS_TRAILING_DATA, r->at, 0, 0);
}

static void give_back(struct reader *r) {
  for (size_t i = 0; i < r->layouts.count; i++) {
    free(ITEM(r->layouts, struct layout, i)->frame_content);
    free(ITEM(r->layouts, struct layout, i)->entries);
  }
  struct list *lists[] = {&r->regions, &r->devices, &r->announcements, &r->layouts, &r->bytes, &r->extents, &r->pages,
    &r->barriers, &r->runs};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) free(lists[i]->items);
  for (size_t i = 0; i < CHANNELS_MAX; i++) free(r->others[i].steps.items);
}

enum ms_code ms_read(const struct ms_octets *channels, size_t num_channels, const struct ms_limits *limits,
                     const struct ms_events *events, struct ms_error *error) {
  static const struct ms_octets nothing = {0};
  struct reader r = {0};
  if (limits != NULL) r.limits = *limits;
  else ms_default_limits(&r.limits);
  if (events != NULL) r.events = *events;
  channel(&r, num_channels != 0 ? channels : &nothing, true);
  const uint8_t *octets = r.octets;
  uint64_t length = r.length;
  for (size_t i = 1; ok(&r) && i < num_channels; i++) channel(&r, &channels[i], false);
  if (ok(&r) && r.num_channels > 1) ms_between_channels(&r, octets + r.end_at + HEADER);
  struct cursor all = {.r = &r, .base = octets, .end = length};
  if (r.limits.final_extents != 0) ms_final_content(&all);
  if (r.image && r.limits.final_extents != 0) ms_areas(&r);
  if (error != NULL) *error = r.error;
  give_back(&r);
  return r.error.code;
}
