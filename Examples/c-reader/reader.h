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

/* Codes and stages of errors (chapter 40 section 4) and kinds of records (chapter 10 section 3.1). */
#define MS_CODES(X) \
  X(ACCEPTED, 0, accepted) X(TRUNCATED, 10, truncated) X(BAD_MAGIC, 11, badMagic) X(UNSUPPORTED_MAJOR, 12, unsupportedMajor) \
  X(UNSUPPORTED_MINOR, 13, unsupportedMinor) X(LIMIT_EXCEEDED, 14, limitExceeded) X(BAD_SYNC, 15, badSync) \
  X(BAD_SEQUENCE, 16, badSequence) X(FOREIGN_CHANNEL, 17, foreignChannel) X(TRAILING_DATA, 18, trailingData) \
  X(RECORD_OUT_OF_ORDER, 19, recordOutOfOrder) X(RESERVED_NOT_ZERO, 20, reservedNotZero) \
  X(UNKNOWN_MANDATORY_FLAG, 21, unknownMandatoryFlag) X(UNKNOWN_REQUIRED, 22, unknownRequired) X(BAD_MARK, 23, badMark) \
  X(BAD_PADDING, 24, badPadding) X(BAD_VALUE, 25, badValue) X(UNSUPPORTED_DIGEST, 26, unsupportedDigest) \
  X(UNDECLARED_FEATURE, 27, undeclaredFeature) X(BAD_TEXT, 28, badText) X(DUPLICATE_NAME, 29, duplicateName) \
  X(UNKNOWN_DEVICE, 30, unknownDevice) X(UNEXPECTED_DATA, 31, unexpectedData) X(TRUNCATED_DATA, 32, truncatedData) \
  X(DUPLICATE_SECTION, 33, duplicateSection) X(MISSING_SECTION, 34, missingSection) \
  X(SECTION_OUT_OF_ORDER, 35, sectionOutOfOrder) X(UNKNOWN_SECTION, 36, unknownSection) X(BAD_TARGET, 37, badTarget) \
  X(BAD_ORDER, 38, badOrder) X(DIGEST_MISMATCH, 40, digestMismatch) X(COMPRESSED_DATA_DAMAGED, 41, compressedDataDamaged) \
  X(TOTALS_MISMATCH, 42, totalsMismatch) X(UNKNOWN_LAYOUT, 50, unknownLayout) X(BAD_LAYOUT, 51, badLayout) \
  X(UNKNOWN_REGION, 70, unknownRegion) X(BAD_EXTENT, 71, badExtent) X(BAD_OFFSET, 72, badOffset) X(BAD_UNIT, 73, badUnit) \
  X(DATA_AFTER_LAST, 74, dataAfterLast) X(INCOMPLETE_BYTES, 75, incompleteBytes) X(BAD_PASS, 76, badPass) \
  X(BAD_PLACEMENT, 77, badPlacement) X(BAD_INDEX, 78, badIndex) X(ABORTED, 80, aborted) X(OUT_OF_MEMORY, 90, outOfMemory)
#define MS_STAGES(X) \
  X(IN_PREAMBLE, 1, preamble) X(IN_RECORD, 2, record) X(IN_MANIFEST, 3, manifest) X(IN_LAYOUT, 4, layout) \
  X(IN_SECTION, 5, section) X(IN_BULK, 6, bulk) X(IN_INDEX, 7, index) X(IN_END, 8, end)
#define MS_KINDS(X) \
  X(MANIFEST, 1, manifest) X(LAYOUT, 2, layout) X(SECTION, 3, section) X(MEMORY, 4, memory) X(BYTES, 5, bytes) \
  X(BARRIER, 6, barrier) X(PLACEMENT, 7, placement) X(PLACED_MEMORY, 8, placedMemory) X(INDEX_PAGE, 9, indexPage) \
  X(INDEX, 10, index) X(ABORT, 11, abort) X(CHANNEL_END, 12, channelEnd) X(END, 13, end)
#define MS_NUMBER(name, number, text) MS_##name = number,
enum ms_code { MS_CODES(MS_NUMBER) };
enum ms_stage { MS_STAGES(MS_NUMBER) };
enum ms_kind { MS_KINDS(MS_NUMBER) };
const char *ms_code_name(unsigned code);    /* "badMagic"; "unknown" for another number; never null */
const char *ms_stage_name(unsigned stage);  /* "preamble" */
const char *ms_kind_name(unsigned kind);    /* "manifest" */

#define MS_NO_CHANNEL 0xffffu     /* an error in a hello, which has no channel yet */
#define MS_NO_DEVICE 0xffffffffu  /* records of the machine */

/* Why a stream was refused; all zero when it was accepted. */
struct ms_error {
  enum ms_code code;
  enum ms_stage stage;
  uint32_t channel, device;  /* whose octets and records are counted, or MS_NO_CHANNEL; of the record, or MS_NO_DEVICE */
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
struct ms_region {
  uint32_t number, owner;
  unsigned flags;
  uint64_t guest_address, length;
  struct ms_octets name;
};
struct ms_device {
  uint32_t number, parent, version, version_min;
  struct ms_octets path, model;
  unsigned num_sections, num_subsections;
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
  uint32_t element, count; /* which element of a group or counted octets; of another field: its elements, 0 if no array */
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
