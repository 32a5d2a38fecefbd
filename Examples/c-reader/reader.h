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

/* Codes and stages of errors (chapter 40 section 4) and kinds of records (chapter 10 section 3.1), named as there. */
#define MS_CODES(X) \
  X(accepted, 0) X(truncated, 10) X(badMagic, 11) X(unsupportedMajor, 12) X(unsupportedMinor, 13) \
  X(limitExceeded, 14) X(badSync, 15) X(badSequence, 16) X(foreignChannel, 17) X(trailingData, 18) \
  X(recordOutOfOrder, 19) X(reservedNotZero, 20) X(unknownMandatoryFlag, 21) X(unknownRequired, 22) X(badMark, 23) \
  X(badPadding, 24) X(badValue, 25) X(unsupportedDigest, 26) X(undeclaredFeature, 27) X(badText, 28) \
  X(duplicateName, 29) X(unknownDevice, 30) X(unexpectedData, 31) X(truncatedData, 32) X(duplicateSection, 33) \
  X(missingSection, 34) X(sectionOutOfOrder, 35) X(unknownSection, 36) X(badTarget, 37) X(badOrder, 38) \
  X(digestMismatch, 40) X(compressedDataDamaged, 41) X(totalsMismatch, 42) X(unknownLayout, 50) X(badLayout, 51) \
  X(unknownRegion, 70) X(badExtent, 71) X(badOffset, 72) X(badUnit, 73) X(dataAfterLast, 74) X(incompleteBytes, 75) \
  X(badPass, 76) X(badPlacement, 77) X(badIndex, 78) X(aborted, 80) X(outOfMemory, 90)
#define MS_STAGES(X) \
  X(preamble, 1) X(record, 2) X(manifest, 3) X(layout, 4) X(section, 5) X(bulk, 6) X(index, 7) X(end, 8)
#define MS_KINDS(X) \
  X(manifest, 1) X(layout, 2) X(section, 3) X(memory, 4) X(bytes, 5) X(barrier, 6) X(placement, 7) X(placedMemory, 8) \
  X(indexPage, 9) X(index, 10) X(abort, 11) X(channelEnd, 12) X(end, 13)
/* Limits of chapter 40 section 3 with their defaults, in octets or numbers. A larger claim is limitExceeded. Nesting is
 * fixed at 8. finalExtentsMax 0: the final content is not collected, so areas and extents of pages are not compared. */
#define MS_LIMITS(X) \
  X(recordBodyBytesMax, 16 << 20) X(payloadBytesMax, 64 << 20) X(devicesMax, 65536) X(regionsMax, 4096) \
  X(parametersMax, 1024) X(sectionsMax, 4096) X(subsectionsMax, 4096) X(textBytesMax, 1024) X(layoutsMax, 65536) \
  X(layoutBytesMax, 8 << 20) X(layoutBytesTotalMax, 16 << 20) X(fieldsMax, 65536) X(blockBytesMax, 16 << 20) \
  X(extentsMax, 1 << 20) X(zstdWindowBytesMax, 4 << 20) X(zstdPlainBytesMax, 4 << 20) X(passRunsMax, 1 << 20) \
  X(barriersMax, 65536) X(finalExtentsMax, 1 << 20)

#define MS_CODE(name, number) MS_##name = number,
#define MS_STAGE(name, number) MS_IN_##name = number,
#define MS_KIND(name, number) MS_KIND_##name = number,
#define MS_LIMIT(name, number) uint64_t name;
enum ms_code { MS_CODES(MS_CODE) };
enum ms_stage { MS_STAGES(MS_STAGE) };
enum ms_kind { MS_KINDS(MS_KIND) };
struct ms_limits { MS_LIMITS(MS_LIMIT) };
const char *ms_code_name(unsigned code);    /* "badMagic"; "unknown" for another number; never null */
const char *ms_stage_name(unsigned stage);  /* "preamble" */
const char *ms_kind_name(unsigned kind);    /* "manifest" */
void ms_default_limits(struct ms_limits *limits);

#define MS_NO_CHANNEL 0xffffu     /* an error in a hello, which has no channel yet */
#define MS_NO_DEVICE 0xffffffffu  /* records of the machine */

/* Why a stream was refused; all zero when it was accepted. */
struct ms_error {
  enum ms_code code;
  enum ms_stage stage;
  uint32_t channel, device;  /* whose octets are counted, or MS_NO_CHANNEL; of the record, or MS_NO_DEVICE */
  uint64_t offset;           /* of the field at fault, from the channel's first octet */
  uint64_t expected, found;  /* where chapter 40 says what they are, else 0 */
  uint64_t record;           /* sequence number of the record at fault: so many of the channel were whole and right */
};

struct ms_octets { const uint8_t *octets; size_t length; };

/* What was found, in the order of the octets. Pointers hold during the call of ms_read and need not be aligned.
 * Texts end where their length says. Nothing may be acted upon before ms_read has returned MS_accepted. */
struct ms_region {
  uint64_t guest_address, length;
  struct ms_octets name;
  uint32_t number, owner, flags;
};
struct ms_device {
  struct ms_octets path, model;
  uint32_t number, parent, version, version_min, num_sections, num_subsections;
};
struct ms_record {
  uint64_t offset, length, sequence;  /* length: with header and padding */
  struct ms_octets body, payload;
  uint32_t kind, flags, channel, device;
};
struct ms_piece {  /* a section (level 0) or a subsection (level 1 to 8) starts */
  uint64_t offset;
  struct ms_octets name, data;
  uint32_t level, number, device, layout;
};
/* A field of the piece that started last. Groups (types 48 to 51) come once an element, before what is in them. */
struct ms_field {
  uint64_t offset;                /* of its octets, or of its number in the block */
  uint64_t value;                 /* of a group or counted octets: the number in the block */
  struct ms_octets name, octets;
  uint32_t level, type, width;    /* groups around it in the piece; chapter 20 section 2 */
  uint32_t element, count;        /* which of a group or counted octets; of other fields: elements, 0 if no array */
  uint32_t secret;                /* not to be shown */
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
 * limits, events and error may be null (defaults, silence). Returns MS_accepted, or error->code. */
enum ms_code ms_read(const struct ms_octets *channels, size_t num_channels, const struct ms_limits *limits,
                     const struct ms_events *events, struct ms_error *error);

#endif
