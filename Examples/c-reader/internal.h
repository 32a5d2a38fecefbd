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
enum { HEADER = 64, REGION_OPAQUE = 4, NESTING_MAX = 8, CHANNELS_MAX = 16 };
#define NONE32 MS_NO_DEVICE

struct list { void *items; size_t count, capacity; };  /* items of one size that grow */
#define ITEM(list, type, number) (&((type *)(list).items)[number])

struct region { struct ms_region seen; uint64_t page_size, area, granule; };
struct byte_string { uint64_t octets, first, records; bool initial_ended, ended, unit_open; };
struct device {
  struct ms_device seen;
  struct byte_string bytes;  /* on the channel that is being read */
  uint32_t first;            /* of its announcements, sections first */
  uint16_t mark, channels;   /* bit per channel that sent BYTES */
};
struct announcement {
  struct ms_octets name;
  uint64_t offset, length;   /* of the record with the section's final state; 0: none came */
  uint32_t device, number;
  uint16_t mark;
  bool of_section;
};

struct layout {
  uint64_t offset, length;  /* of its record */
  uint8_t *frame_content;
  uint32_t num_entries;     /* 0: external */
  struct entry {
    struct ms_octets name;
    uint64_t min, max;
    uint32_t width, count, num_descendants;
    uint8_t type, shape, flags;
  } *entries;
};

struct extent {  /* of the final content; later ones supersede */
  uint64_t start, end, record;
  uint64_t origin;  /* added to start: offset of the data in the file; in an image: offset of its digest field */
  uint32_t region;
  uint8_t kind;
  bool framed;
};
struct run { uint64_t start, end; uint32_t pass, region, channel; };     /* of extents */
struct delivery { uint64_t sequence, offset; uint32_t pass, channel; };  /* of a record; where its pass is named */
struct barrier { uint64_t offset, next[CHANNELS_MAX]; };                 /* of its body */
struct page { uint64_t first, end, offset, length; uint32_t region, extents; };
struct channel { bool came; uint64_t records, octets, chain; };          /* before the record that ends it */

/* A place in octets that were digested: a body, or the content of a frame, whose errors stand at the frame. */
struct cursor {
  struct reader *r;
  const uint8_t *base;
  uint64_t pos, end, offset;  /* of the first octet in the channel */
  bool framed;
};

struct reader {
  struct ms_error error;
  enum ms_stage stage;
  struct ms_limits limits;
  struct ms_events events;
  const uint8_t *octets;    /* of the channel that is being read, and how far it was */
  uint64_t length, at, sequence, chain;
  uint32_t channel, device, pass;
  struct ms_record record;  /* the one that is being read */
  struct cursor header;     /* of it */
  uint64_t payload_at, promise, seed;
  const uint8_t *uuid;
  unsigned num_channels, flags;
  bool image, ended, section_in_pass, content_known;
  uint64_t last_section, num_sections, layout_octets, runs_in_pass, records_at, first_page, index_at;
  struct list regions, devices, announcements, layouts, extents, pages, barriers, runs, deliveries;
  size_t next_final;
  struct channel channels[CHANNELS_MAX];
};

static inline bool ok(const struct reader *r) { return r->error.code == MS_accepted; }
static inline bool power_of_two(uint64_t n) { return n != 0 && (n & (n - 1)) == 0; }
static inline bool one_mark(uint64_t flags) { return (flags & 3) == REQUIRED || (flags & 3) == SKIPPABLE; }
static inline int ms_order(uint64_t a, uint64_t b) { return a < b ? -1 : a > b; }

/* octets.c */
struct named { struct ms_octets name; uint64_t parent, pos; };
uint64_t ms_load(const uint8_t *at, unsigned width);
uint64_t ms_digest(struct ms_octets octets);
bool ms_refuse(struct reader *r, enum ms_code code, uint64_t offset, uint64_t expected, uint64_t found);
bool ms_demand(struct cursor *c, bool right, enum ms_code code, uint64_t pos, uint64_t expected, uint64_t found);
bool ms_demand_digest(struct cursor *c, uint64_t pos, uint64_t digest);
bool ms_need(struct cursor *c, uint64_t length);
uint64_t ms_take(struct cursor *c, unsigned width);
uint64_t ms_take_same(struct cursor *c, unsigned width, enum ms_code code, uint64_t wanted);
uint64_t ms_take_in(struct cursor *c, unsigned width, enum ms_code code, uint64_t least, uint64_t most);
void ms_reserved(struct cursor *c, uint64_t length);
void ms_zeros(struct cursor *c, uint64_t length);
void ms_pad(struct cursor *c, uint64_t length);
void ms_rest(struct cursor *c, uint64_t start, uint64_t declared);
bool ms_is_text(struct ms_octets text, bool controls);
struct ms_octets ms_text(struct cursor *c, uint64_t length);
void *ms_allocate(struct reader *r, uint64_t octets);
void *ms_append(struct reader *r, struct list *list, const void *item, size_t size);
uint64_t ms_twice(struct named *names, size_t count);
uint8_t *ms_unpack(struct cursor *frame, uint64_t length, uint64_t wanted);

/* What a record of each kind owes, with its body in the cursor. */
typedef void ms_contents(struct cursor *c);
ms_contents ms_manifest, ms_layout, ms_section, ms_memory, ms_bytes, ms_barrier, ms_placement, ms_placed_memory;
ms_contents ms_index_page, ms_index, ms_abort, ms_channel_end, ms_end;

uint64_t ms_octets_in_block(const struct entry *e);
void ms_pass(struct cursor *c);
void ms_frame_in_payload(struct cursor *c);
void ms_run(struct cursor *c, const struct extent *extent);
void ms_collect(struct cursor *c, const struct extent *extent);

/* What shows at the end: with all of channel 0 in the cursor. */
void ms_between_channels(struct cursor *c);
void ms_final_content(struct cursor *c);
void ms_areas(struct cursor *c);

#endif
