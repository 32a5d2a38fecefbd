/* A small reader of device migration streams (Specs/, chapters 10 to 40), to read beside or to embed.
 *
 * It holds a whole stream against the specification: preamble, records, manifest, layouts, sections with their data and
 * subsections, bulk, frames, images and their areas, the index, several channels, end. It knows no device: what a
 * section means to the reader's own layouts (mapping, rules, resume) is somebody else's work.
 *
 *   - No global state; one call reads one stream, on any thread. No octet of the input is changed or kept.
 *   - Memory comes from malloc, grows from octets that came and never from a claim, is bounded by `struct ms_limits`,
 *     and is given back before ms_read returns. Time is n log n in the octets of the input.
 *   - The octets must not change during the call: map a file that others write to only as a private copy.
 *   - SPDX-License-Identifier: MIT */
#ifndef MS_READER_H
#define MS_READER_H

#include <stddef.h>
#include <stdint.h>

/* Codes and stages of errors, with the numbers of chapter 40 section 4. MS_ACCEPTED is not an error. */
enum ms_code {
  MS_ACCEPTED = 0, MS_TRUNCATED = 10, MS_BAD_MAGIC, MS_UNSUPPORTED_MAJOR, MS_UNSUPPORTED_MINOR, MS_LIMIT_EXCEEDED,
  MS_BAD_SYNC, MS_BAD_SEQUENCE, MS_FOREIGN_CHANNEL, MS_TRAILING_DATA, MS_RECORD_OUT_OF_ORDER, MS_RESERVED_NOT_ZERO,
  MS_UNKNOWN_MANDATORY_FLAG, MS_UNKNOWN_REQUIRED, MS_BAD_MARK, MS_BAD_PADDING, MS_BAD_VALUE, MS_UNSUPPORTED_DIGEST,
  MS_UNDECLARED_FEATURE, MS_BAD_TEXT, MS_DUPLICATE_NAME, MS_UNKNOWN_DEVICE, MS_UNEXPECTED_DATA, MS_TRUNCATED_DATA,
  MS_DUPLICATE_SECTION, MS_MISSING_SECTION, MS_SECTION_OUT_OF_ORDER, MS_UNKNOWN_SECTION, MS_BAD_TARGET, MS_BAD_ORDER,
  MS_DIGEST_MISMATCH = 40, MS_COMPRESSED_DATA_DAMAGED, MS_TOTALS_MISMATCH, MS_UNKNOWN_LAYOUT = 50, MS_BAD_LAYOUT,
  MS_UNKNOWN_REGION = 70, MS_BAD_EXTENT, MS_BAD_OFFSET, MS_BAD_UNIT, MS_DATA_AFTER_LAST, MS_INCOMPLETE_BYTES,
  MS_BAD_PASS, MS_BAD_PLACEMENT, MS_BAD_INDEX, MS_ABORTED = 80, MS_OUT_OF_MEMORY = 90
};
enum ms_stage {
  MS_STAGE_PREAMBLE = 1, MS_STAGE_RECORD, MS_STAGE_MANIFEST, MS_STAGE_LAYOUT, MS_STAGE_SECTION, MS_STAGE_BULK,
  MS_STAGE_INDEX, MS_STAGE_END
};
const char *ms_code_name(enum ms_code code);     /* "badMagic"; "unknown" for another number; never null */
const char *ms_stage_name(enum ms_stage stage);  /* "preamble" */
const char *ms_kind_name(unsigned kind);         /* of a record: "manifest"; "unknown" */

#define MS_NO_CHANNEL 0xffffu     /* an error in a hello, which has no channel yet */
#define MS_NO_DEVICE 0xffffffffu  /* records of the machine */

/* Why a stream was refused; all zero when it was accepted. */
struct ms_error {
  enum ms_code code;
  enum ms_stage stage;
  uint32_t channel;          /* whose octets and records are counted; MS_NO_CHANNEL */
  uint32_t device;           /* of the record at fault, or MS_NO_DEVICE */
  uint64_t offset;           /* of the field at fault, from the channel's first octet */
  uint64_t expected, found;  /* where chapter 40 says what they are, else 0 */
  uint64_t record;           /* sequence number of the record at fault: so many of the channel were whole and right */
};

/* Limits of chapter 40 section 3, in octets or numbers. A larger claim is limitExceeded. Nesting is fixed at 8. */
struct ms_limits {
  uint64_t record_body, payload, devices, regions, parameters, sections, subsections, text, layouts, layout,
    layout_total, fields, block, extents, zstd_window, zstd_plain, pass_runs, barriers;
  uint64_t final_extents;  /* 0: do not collect the final content: neither areas nor the extents of pages are compared */
};
void ms_default_limits(struct ms_limits *limits);

struct ms_octets {
  const uint8_t *octets;
  size_t length;
};

/* What was found, in the order of the octets. Pointers hold during the call of ms_read and need not be aligned.
 * Texts end where their length says. Nothing may be acted upon before ms_read has returned MS_ACCEPTED. */
struct ms_device {
  uint32_t number, parent, version, version_min;
  struct ms_octets path, model;
  unsigned num_sections, num_subsections;
};
struct ms_region {
  uint32_t number, owner;
  unsigned flags;
  uint64_t guest_address, length;
  struct ms_octets name;
};
struct ms_record {
  uint64_t offset, length;  /* with header and padding */
  unsigned kind, flags, channel;
  uint32_t device;
  uint64_t sequence;
  struct ms_octets body, payload;
};
/* A section (level 0) or a subsection (level 1 to 8) starts. */
struct ms_piece {
  uint64_t offset;
  unsigned level, number;
  uint32_t device, layout;
  struct ms_octets name, data;
};
/* A field of the piece that started last. Groups (types 48 to 51) come once for each element, before what is in them. */
struct ms_field {
  uint64_t offset;         /* of its octets, or of its number in the block */
  struct ms_octets name, octets;
  unsigned level;          /* groups around it in the piece */
  unsigned type, width;    /* chapter 20 section 2 */
  unsigned secret;         /* not to be shown */
  uint32_t element, count; /* of a group: which element; of another field: its elements, or 0 if it is no array */
  uint64_t value;          /* of a group or counted octets: the number in the block */
};
struct ms_events {
  void *context;  /* first argument of each call; a call may be null */
  void (*region)(void *context, const struct ms_region *region);
  void (*device)(void *context, const struct ms_device *device);
  void (*piece)(void *context, const struct ms_piece *piece);
  void (*field)(void *context, const struct ms_field *field);
  void (*record)(void *context, const struct ms_record *record);  /* all of it was right, behind its pieces */
};

/* Reads a stream whose channel 0 is channels[0]; the others, if any, follow in any order.
 * limits, events and error may be null (defaults, silence). Returns MS_ACCEPTED, or error->code. */
enum ms_code ms_read(const struct ms_octets *channels, size_t num_channels, const struct ms_limits *limits,
                     const struct ms_events *events, struct ms_error *error);

#endif
