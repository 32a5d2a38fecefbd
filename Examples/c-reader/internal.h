/* What the files of the reader share. An error sticks: after the first one every check is passed over and every number
 * taken is 0, so that a function reads straight down the table of its chapter and loops ask `ok`.
 * SPDX-License-Identifier: MIT */
#ifndef MS_INTERNAL_H
#define MS_INTERNAL_H

#include "reader.h"
#include <stdbool.h>

enum { REQUIRED = 1, SKIPPABLE = 2, REPLACES = 4, INITIAL_END = 256, LAST = 512, UNIT_FIRST = 1024, UNIT_LAST = 2048 };
enum { SINGLE_DEVICE = 1, CHANNELS = 2, PASSES = 4, ZSTD = 8, EXTERNAL_LAYOUTS = 16, OPAQUE_MEMORY = 32 };
enum { DATA_EXTENT = 1, ZERO_EXTENT, DISCARD_EXTENT };
enum { REGION_OPAQUE = 4, NESTING_MAX = 8, CHANNELS_MAX = 16 };
#define NONE32 MS_NO_DEVICE

struct list {  /* items of one size that grow; given back with the reader */
  void *items;
  size_t count, capacity;
};

struct record {
  struct ms_record seen;
  uint64_t payload_at, digest_header, digest_body, digest_payload;
  uint64_t pad_front, pad_back;
};

struct region {
  uint64_t length, page_size, area, granule;
  uint32_t owner;
  unsigned flags;
};
struct device {
  uint32_t first;  /* of its announcements, sections first */
  uint16_t num_sections, num_subsections, mark, channels;  /* bit per channel that sent BYTES */
};
struct announcement {
  struct ms_octets name;
  uint64_t offset, length;  /* of the record with the section's final state */
  uint16_t mark;
  bool sent;
};
struct byte_string {  /* of a device on the channel that is being read */
  uint64_t octets, first;
  uint32_t records;
  bool initial_ended, ended, unit_open;
};

struct entry {  /* of a layout's field table */
  struct ms_octets name;
  uint64_t min, max;
  uint32_t width, count, num_descendants;
  uint8_t type, shape, flags;
};
struct layout {
  uint64_t offset, length;  /* of its record */
  uint8_t *frame_content;
  struct entry *entries;
  uint32_t num_entries;     /* 0: external */
};

struct extent {  /* of the final content */
  uint64_t start, end, record;
  uint64_t origin;  /* added to start: offset of the data in the file; in an image: offset of its digest field */
  uint64_t order;   /* later extents supersede */
  uint32_t region;
  uint8_t kind;
  bool framed;
};
struct run { uint64_t start, end; uint32_t pass, region, channel; };
struct step { uint64_t first, last, offset; uint32_t pass; };  /* the records of one pass on a channel; where it is named */
struct barrier { uint64_t offset, next[CHANNELS_MAX]; };       /* of its body */
struct page { uint64_t first, end, offset, length; uint32_t region, extents; };
struct channel {  /* other than 0 */
  bool came;
  uint64_t octets, records, chain;  /* before CHANNEL_END */
  struct list steps;
};

struct reader {
  struct ms_error error;
  enum ms_stage stage;
  struct ms_limits limits;
  struct ms_events events;
  const uint8_t *octets;  /* of the channel that is being read, and how far it was */
  uint64_t length, at;
  uint32_t channel, device;
  uint64_t sequence, chain, promise, seed;
  const uint8_t *uuid;
  unsigned num_channels, flags;
  bool image, has_manifest, ended;
  uint32_t pass, last_pass;  /* of this channel; of channel 0, once it was read */
  bool section_in_pass;
  uint64_t last_section, num_sections, layout_octets;
  uint64_t records_at, first_page, index_at, end_at, end_sequence;  /* 0: did not come */
  struct list regions, devices, announcements, layouts, bytes, extents, pages, barriers, runs;
  uint64_t runs_in_pass, extent_order;
  size_t next_final;
  bool content_known;
  struct channel others[CHANNELS_MAX];
};

/* A place in octets that were digested: a body, or the content of a frame, whose errors stand at the frame. */
struct cursor {
  struct reader *r;
  const uint8_t *base;
  uint64_t pos, end, offset;  /* of the first octet in the channel */
  bool framed;
};

static inline bool ok(const struct reader *r) { return r->error.code == MS_ACCEPTED; }
static inline uint64_t pad8(uint64_t n) { return (n + 7) & ~(uint64_t)7; }
static inline bool power_of_two(uint64_t n) { return n != 0 && (n & (n - 1)) == 0; }
static inline bool one_mark(uint64_t flags) { return (flags & 3) == REQUIRED || (flags & 3) == SKIPPABLE; }

#define ITEM(list, type, number) (&((type *)(list).items)[number])

struct named { struct ms_octets name; uint64_t parent, pos; };

/* octets.c */
uint64_t ms_load(const uint8_t *at, unsigned width);
uint64_t ms_digest(const uint8_t *at, uint64_t length);
bool ms_refuse(struct reader *r, enum ms_code code, uint64_t offset, uint64_t expected, uint64_t found);
bool ms_demand(struct cursor *c, bool right, enum ms_code code, uint64_t pos, uint64_t expected, uint64_t found);
bool ms_need(struct cursor *c, uint64_t length);
uint64_t ms_take(struct cursor *c, unsigned width);
void ms_reserved(struct cursor *c, unsigned width);
void ms_zeros(struct cursor *c, uint64_t length);
void ms_rest(struct cursor *c, uint64_t start, uint64_t declared);
struct ms_octets ms_text(struct cursor *c, uint64_t length, uint64_t limit);
uint64_t ms_bad_utf8(const uint8_t *at, uint64_t length, bool controls);
void *ms_allocate(struct reader *r, uint64_t octets);
void *ms_append(struct reader *r, struct list *list, const void *item, size_t size);
bool ms_opening(struct cursor *c, char kind);
uint64_t ms_twice(struct named *names, size_t count);
uint8_t *ms_unpack(struct cursor *frame, uint64_t length, uint64_t wanted);

/* What a record of each kind owes, with its body in `c`; of MEMORY and BYTES whether the payload is a frame. */
void ms_manifest(struct cursor *c);
void ms_layout(struct cursor *c, const struct record *record);
void ms_section(struct cursor *c, const struct record *record);
uint64_t ms_octets_in_block(const struct entry *e);
bool ms_memory(struct cursor *c, const struct record *record);
bool ms_byte_record(struct cursor *c, const struct record *record);
void ms_barrier(struct cursor *c);
void ms_placement(struct cursor *c);
void ms_placed(struct cursor *c, const struct record *record);
void ms_index_page(struct cursor *c, const struct record *record);
void ms_index(struct cursor *c, const struct record *record);
void ms_channel_end(struct cursor *c, const struct record *record);
void ms_end(struct cursor *c, const struct record *record);

void ms_pass(struct cursor *c, uint64_t pass);
void ms_frame_in_payload(struct reader *r, const struct record *record);
void ms_collect(struct cursor *c, const struct extent *extent);
void ms_final_content(struct cursor *c);
void ms_areas(struct reader *r);
void ms_hello(struct reader *r);
void ms_run(struct cursor *c, const struct extent *extent);
void ms_between_channels(struct reader *r, const uint8_t *end_body);

#endif
