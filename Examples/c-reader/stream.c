/* Preamble, hello, headers and the order of records (chapter 10 sections 2 and 3). SPDX-License-Identifier: MIT */
#include "internal.h"
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define SYNC 0x52474dd6u

#define DEFAULT(name, number) .name = number,
void ms_default_limits(struct ms_limits *limits) { *limits = (struct ms_limits){MS_LIMITS(DEFAULT)}; }

/* What a preamble ('S') and a hello ('C') begin with: magic, digest, major. */
static struct cursor opening(struct reader *r, char kind) {
  const uint8_t magic[8] = {0x89, 'M', 'G', (uint8_t)kind, 13, 10, 26, 10};
  struct cursor c = {.r = r, .base = r->octets, .pos = 8, .end = r->length};
  r->stage = MS_IN_preamble;
  for (unsigned i = 0; i < 8 && i < c.end; i++)
    ms_demand(&c, c.base[i] == magic[i], MS_badMagic, i, magic[i], c.base[i]);
  if (!ms_demand(&c, c.end >= 64, MS_truncated, c.end, 64, c.end)) return c;
  ms_demand_digest(&c, 56, ms_digest((struct ms_octets){c.base, 56}));
  ms_take_same(&c, 2, MS_unsupportedMajor, 1);
  return c;
}

static void preamble(struct reader *r) {
  struct cursor c = opening(r, 'S');
  if (!ok(r)) return;
  c.pos = 12;
  ms_take_same(&c, 2, MS_unsupportedMinor, 0);
  r->image = ms_take_in(&c, 2, MS_badValue, 1, 2) == 2;
  r->flags = (unsigned)ms_take(&c, 4);
  ms_demand(&c, r->flags <= 63, MS_unknownMandatoryFlag, 16, 63, r->flags & ~63u);
  c.pos = 24;
  ms_take_same(&c, 2, MS_unsupportedDigest, 1);
  r->num_channels = (unsigned)ms_take_in(&c, 2, MS_badValue, 1, r->image ? 1 : CHANNELS_MAX);
  ms_demand(&c, (r->num_channels > 1) == ((r->flags & CHANNELS) != 0), MS_badValue, 16, 0, r->flags);
  ms_reserved(&c, 4);
  r->promise = ms_load(c.base + 32, 8);
  r->uuid = c.base + 40;
  r->seed = ms_digest((struct ms_octets){r->uuid, 16});
}

/* Checks in the order that chapter 30 section 1 names. The channel is known when all was right. */
static void hello(struct reader *r) {
  struct cursor c = opening(r, 'C');
  if (!ok(r)) return;
  ms_demand(&c, memcmp(c.base + 16, r->uuid, 16) == 0, MS_foreignChannel, 16, 0, 0);
  uint64_t number = ms_take(&c, 2), most = r->num_channels - 1;
  ms_take_same(&c, 2, MS_badValue, r->num_channels);
  ms_demand(&c, number >= 1 && number <= most, MS_badValue, 10, most, number);
  ms_reserved(&c, 2);
  c.pos = 32;
  ms_reserved(&c, 24);
  if (!ok(r)) return;
  r->channel = (uint32_t)number;
  ms_demand(&c, !r->channels[number].came, MS_foreignChannel, 10, 0, number);
  r->channels[number].came = true;
}

/* What chapter 10 section 3.1 says of a kind: what judges its body and the stage of it, where it may stand, flags. */
enum { AT_START = 1, BEFORE_AREAS = 2, ALONE = 4, OF_SEVERAL = 8, IN_IMAGE = 16, ON_OTHERS = 32, BEHIND_PAGE = 64,
  BEHIND_INDEX = 128, ANYWHERE = ALONE | OF_SEVERAL | IN_IMAGE };
enum { OF_DEVICE = 1, OF_OWNER = 2, HAS_PAYLOAD = 4, MAY_SKIP = 8, BY_MANIFEST = 16 };
enum { BULK = OF_OWNER | BY_MANIFEST, BYTES_FLAGS = INITIAL_END | LAST | UNIT_FIRST | UNIT_LAST };
static const struct { ms_contents *contents; enum ms_stage stage; unsigned where, rules, flags; } kinds[] = {
  [MS_KIND_manifest] = {ms_manifest, MS_IN_manifest, AT_START, 0, 0},
  [MS_KIND_layout] = {ms_layout, MS_IN_layout, ANYWHERE, 0, 0},
  [MS_KIND_section] = {ms_section, MS_IN_section, ANYWHERE, OF_DEVICE, REPLACES},
  [MS_KIND_memory] = {ms_memory, MS_IN_bulk, ALONE | OF_SEVERAL | ON_OTHERS, BULK | HAS_PAYLOAD, 0},
  [MS_KIND_bytes] = {ms_bytes, MS_IN_bulk, ANYWHERE | ON_OTHERS, OF_DEVICE | BY_MANIFEST | HAS_PAYLOAD, BYTES_FLAGS},
  [MS_KIND_barrier] = {ms_barrier, MS_IN_bulk, ANYWHERE, 0, 0},
  [MS_KIND_placement] = {ms_placement, MS_IN_bulk, BEFORE_AREAS, 0, 0},
  [MS_KIND_placedMemory] = {ms_placed_memory, MS_IN_bulk, IN_IMAGE, BULK, 0},
  [MS_KIND_indexPage] = {ms_index_page, MS_IN_index, ALONE | IN_IMAGE | BEHIND_PAGE, MAY_SKIP, 0},
  [MS_KIND_index] = {ms_index, MS_IN_index, ALONE | IN_IMAGE | BEHIND_PAGE, MAY_SKIP, 0},
  [MS_KIND_abort] = {ms_abort, MS_IN_end, ANYWHERE | BEHIND_PAGE, 0, 0},
  [MS_KIND_channelEnd] = {ms_channel_end, MS_IN_end, ON_OTHERS, 0, 0},
  [MS_KIND_end] = {ms_end, MS_IN_end, ANYWHERE | BEHIND_INDEX, 0, 0}};

static bool is_known(unsigned kind) { return kind >= MS_KIND_manifest && kind <= MS_KIND_end; }

static unsigned here(const struct reader *r) {
  if (r->channel != 0) return ON_OTHERS;
  if (r->sequence == 0) return AT_START;
  if (r->image && r->records_at == 0) return BEFORE_AREAS;
  if (r->index_at != 0) return BEHIND_INDEX;
  return r->first_page != 0 ? BEHIND_PAGE : r->image ? IN_IMAGE : r->num_channels > 1 ? OF_SEVERAL : ALONE;
}

/* The second half of a header: what its kind asks for. */
static void header_of_kind(struct cursor *c) {
  struct reader *r = c->r;
  unsigned kind = r->record.kind, flags = r->record.flags, mark = flags & 3;
  unsigned where = is_known(kind) ? kinds[kind].where : ANYWHERE | ON_OTHERS;
  ms_demand(c, where & here(r), MS_recordOutOfOrder, 4, 0, kind);
  ms_demand(c, is_known(kind) || mark == SKIPPABLE, MS_unknownRequired, 4, 0, kind);
  if (!ok(r) || !is_known(kind)) return;
  unsigned rules = kinds[kind].rules;
  bool by_mark = rules & (OF_DEVICE | OF_OWNER), there = r->device < r->devices.count;
  bool nobody = r->device == NONE32, payload = r->record.payload.length != 0;
  ms_demand(c, kind != MS_KIND_barrier || (r->flags & PASSES), MS_undeclaredFeature, 4, PASSES, 0);
  ms_demand(c, (flags & ~(3u | kinds[kind].flags)) == 0, MS_reservedNotZero, 6, 0, flags);
  ms_demand(c, by_mark || mark == (rules & MAY_SKIP ? SKIPPABLE : REQUIRED), MS_badMark, 6, 0, flags);
  ms_demand(c, by_mark || nobody, MS_badValue, 12, NONE32, r->device);
  ms_demand(c, !by_mark || there || (nobody && (rules & OF_OWNER)), MS_unknownDevice, 12, 0, r->device);
  unsigned wanted = there ? ITEM(r->devices, struct device, r->device)->mark : REQUIRED;
  ms_demand(c, !(rules & BY_MANIFEST) || mark == wanted, MS_badMark, 6, wanted, mark);
  ms_demand(c, !payload || (rules & HAS_PAYLOAD), MS_badValue, 40, 0, r->record.payload.length);
}

static void header(struct reader *r) {
  struct cursor *c = &r->header;
  const struct ms_limits *limits = &r->limits;
  const uint8_t *at = c->base;
  r->stage = MS_IN_record;
  r->device = NONE32;
  if (!ms_demand(c, c->end >= HEADER, MS_truncated, c->end, HEADER, c->end)) return;
  uint64_t sync = ms_load(at, 4), len_body = ms_load(at + 24, 8), len_payload = ms_load(at + 40, 8);
  uint64_t front = len_payload != 0 ? -(r->at + len_body) & 63 : 0, back = -len_payload & 7;
  struct ms_record *now = &r->record;
  *now = (struct ms_record){.offset = r->at, .length = HEADER + len_body + at[10] + len_payload + at[11],
    .kind = (uint32_t)ms_load(at + 4, 2), .flags = (uint32_t)ms_load(at + 6, 2),
    .channel = (uint32_t)ms_load(at + 8, 2), .device = (uint32_t)ms_load(at + 12, 4), .sequence = ms_load(at + 16, 8),
    .body.length = len_body, .payload.length = len_payload};
  ms_demand(c, sync == SYNC, MS_badSync, 0, SYNC, sync);
  ms_demand_digest(c, 56, XXH3_64bits_withSeed(at, 56, r->seed));
  ms_demand(c, now->channel == r->channel, MS_foreignChannel, 8, r->channel, now->channel);
  ms_demand(c, now->sequence == r->sequence, MS_badSequence, 16, r->sequence, now->sequence);
  r->device = now->device;
  ms_demand(c, one_mark(now->flags), MS_badMark, 6, 0, now->flags);
  ms_demand(c, len_body <= limits->recordBodyBytesMax, MS_limitExceeded, 24, limits->recordBodyBytesMax, len_body);
  ms_demand(c, len_payload <= limits->payloadBytesMax, MS_limitExceeded, 40, limits->payloadBytesMax, len_payload);
  ms_demand(c, r->promise == 0 || now->length <= r->promise, MS_limitExceeded, 24, r->promise, now->length);
  ms_demand(c, len_body % 8 == 0, MS_badValue, 24, 0, len_body);
  ms_demand(c, at[10] == front, MS_badPadding, 10, front, at[10]);
  ms_demand(c, at[11] == back, MS_badPadding, 11, back, at[11]);
  header_of_kind(c);
}

/* So many octets at the offset are there; octets that end inside of them are truncated at their end. */
static const uint8_t *octets_at(struct reader *r, uint64_t offset, uint64_t length) {
  r->stage = MS_IN_record;
  bool there = ok(r) && length <= r->length - offset;
  if (!there) ms_refuse(r, MS_truncated, r->length, length, r->length - (offset < r->length ? offset : r->length));
  return there ? r->octets + offset : NULL;
}

/* Octet by octet: one that is wrong comes before one that is missing. */
static void padding(struct reader *r, uint64_t offset, uint64_t length) {
  struct cursor c = {.r = r, .base = r->octets, .pos = offset, .end = r->length};
  r->stage = MS_IN_record;
  while (ok(r) && c.pos < offset + length && c.pos < c.end) ms_zeros(&c, 1);
  octets_at(r, offset, length);
}

/* One record, from its header to the padding behind its payload. */
static void next_record(struct reader *r) {
  struct ms_record *now = &r->record;
  const uint8_t *head = r->octets + r->at;
  r->header = (struct cursor){.r = r, .base = head, .end = r->length - r->at, .offset = r->at};
  header(r);
  if (!ok(r)) return;
  uint64_t body_at = r->at + HEADER, front_at = body_at + now->body.length;
  r->payload_at = front_at + head[10];
  now->body.octets = octets_at(r, body_at, now->body.length);
  if (!ok(r) || !ms_demand_digest(&r->header, 32, ms_digest(now->body))) return;
  struct cursor body = {.r = r, .base = now->body.octets, .end = now->body.length, .offset = body_at};
  enum ms_stage stage = is_known(now->kind) ? kinds[now->kind].stage : MS_IN_record;
  r->stage = stage;
  if (is_known(now->kind)) kinds[now->kind].contents(&body);
  padding(r, front_at, head[10]);
  now->payload.octets = octets_at(r, r->payload_at, now->payload.length);
  if (!ok(r) || !ms_demand_digest(&r->header, 48, ms_digest(now->payload))) return;
  r->stage = stage;
  if (stage == MS_IN_bulk) ms_frame_in_payload(&body);
  padding(r, r->payload_at + now->payload.length, head[11]);
  r->stage = stage;
  if (ok(r) && now->kind == MS_KIND_abort) ms_refuse(r, MS_aborted, body_at, 0, ms_load(body.base, 4));
  if (!ok(r)) return;
  if (r->events.record) r->events.record(r->events.context, now);
  r->ended = now->kind == MS_KIND_end || now->kind == MS_KIND_channelEnd;
  r->at += now->length;
  r->sequence++;
  uint8_t link[16];
  for (unsigned i = 0; i < 8; i++) link[i] = (uint8_t)(r->chain >> 8 * i);
  memcpy(link + 8, head + 56, 8);
  r->chain = ms_digest((struct ms_octets){link, 16});
  if (now->kind == MS_KIND_placement && octets_at(r, r->at, r->records_at - r->at)) r->at = r->records_at;
}

static void channel(struct reader *r, const struct ms_octets *octets, bool first) {
  r->octets = octets->length != 0 ? octets->octets : (const uint8_t *)"";
  r->length = octets->length;
  r->at = 64;
  r->sequence = r->chain = r->pass = 0;
  r->ended = false;
  r->device = NONE32;
  r->channel = first ? 0 : MS_NO_CHANNEL;
  if (first) preamble(r);
  else hello(r);
  for (size_t i = 0; i < r->devices.count; i++) ITEM(r->devices, struct device, i)->bytes = (struct byte_string){0};
  while (ok(r) && !r->ended) next_record(r);
  r->stage = MS_IN_end;
  if (ok(r) && r->at != r->length) ms_refuse(r, MS_trailingData, r->at, 0, 0);
}

static void give_back(struct reader *r) {
  for (size_t i = 0; i < r->layouts.count; i++) {
    free(ITEM(r->layouts, struct layout, i)->frame_content);
    free(ITEM(r->layouts, struct layout, i)->entries);
  }
  struct list *lists[] = {&r->regions, &r->devices, &r->announcements, &r->layouts, &r->extents, &r->pages,
    &r->barriers, &r->runs, &r->deliveries};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) free(lists[i]->items);
}

enum ms_code ms_read(const struct ms_octets *channels, size_t num_channels, const struct ms_limits *limits,
                     const struct ms_events *events, struct ms_error *error) {
  struct reader r = {0};
  ms_default_limits(&r.limits);
  if (limits != NULL) r.limits = *limits;
  if (events != NULL) r.events = *events;
  channel(&r, num_channels != 0 ? channels : &(struct ms_octets){0}, true);
  struct cursor all = {.r = &r, .base = r.octets, .end = r.length};
  for (size_t i = 1; ok(&r) && i < num_channels; i++) channel(&r, &channels[i], false);
  if (ok(&r) && r.num_channels > 1) ms_between_channels(&all);
  ms_final_content(&all);
  if (r.image && r.limits.finalExtentsMax != 0) ms_areas(&all);
  if (error != NULL) *error = r.error;
  give_back(&r);
  return r.error.code;
}
