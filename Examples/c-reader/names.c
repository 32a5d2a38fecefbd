/* Names of codes, stages and kinds (chapter 40 section 4, chapter 10 section 3.1). SPDX-License-Identifier: MIT */
#include "reader.h"

static const char *const codes[] = {
  [MS_ACCEPTED] = "accepted", [MS_TRUNCATED] = "truncated", [MS_BAD_MAGIC] = "badMagic",
  [MS_UNSUPPORTED_MAJOR] = "unsupportedMajor", [MS_UNSUPPORTED_MINOR] = "unsupportedMinor",
  [MS_LIMIT_EXCEEDED] = "limitExceeded", [MS_BAD_SYNC] = "badSync", [MS_BAD_SEQUENCE] = "badSequence",
  [MS_FOREIGN_CHANNEL] = "foreignChannel", [MS_TRAILING_DATA] = "trailingData",
  [MS_RECORD_OUT_OF_ORDER] = "recordOutOfOrder", [MS_RESERVED_NOT_ZERO] = "reservedNotZero",
  [MS_UNKNOWN_MANDATORY_FLAG] = "unknownMandatoryFlag", [MS_UNKNOWN_REQUIRED] = "unknownRequired",
  [MS_BAD_MARK] = "badMark", [MS_BAD_PADDING] = "badPadding", [MS_BAD_VALUE] = "badValue",
  [MS_UNSUPPORTED_DIGEST] = "unsupportedDigest", [MS_UNDECLARED_FEATURE] = "undeclaredFeature",
  [MS_BAD_TEXT] = "badText", [MS_DUPLICATE_NAME] = "duplicateName", [MS_UNKNOWN_DEVICE] = "unknownDevice",
  [MS_UNEXPECTED_DATA] = "unexpectedData", [MS_TRUNCATED_DATA] = "truncatedData",
  [MS_DUPLICATE_SECTION] = "duplicateSection", [MS_MISSING_SECTION] = "missingSection",
  [MS_SECTION_OUT_OF_ORDER] = "sectionOutOfOrder", [MS_UNKNOWN_SECTION] = "unknownSection",
  [MS_BAD_TARGET] = "badTarget", [MS_BAD_ORDER] = "badOrder", [MS_DIGEST_MISMATCH] = "digestMismatch",
  [MS_COMPRESSED_DATA_DAMAGED] = "compressedDataDamaged", [MS_TOTALS_MISMATCH] = "totalsMismatch",
  [MS_UNKNOWN_LAYOUT] = "unknownLayout", [MS_BAD_LAYOUT] = "badLayout", [MS_UNKNOWN_REGION] = "unknownRegion",
  [MS_BAD_EXTENT] = "badExtent", [MS_BAD_OFFSET] = "badOffset", [MS_BAD_UNIT] = "badUnit",
  [MS_DATA_AFTER_LAST] = "dataAfterLast", [MS_INCOMPLETE_BYTES] = "incompleteBytes", [MS_BAD_PASS] = "badPass",
  [MS_BAD_PLACEMENT] = "badPlacement", [MS_BAD_INDEX] = "badIndex", [MS_ABORTED] = "aborted",
  [MS_OUT_OF_MEMORY] = "outOfMemory"};
static const char *const stages[] = {0, "preamble", "record", "manifest", "layout", "section", "bulk", "index", "end"};
static const char *const kinds[] = {0, "manifest", "layout", "section", "memory", "bytes", "barrier", "placement",
  "placedMemory", "indexPage", "index", "abort", "channelEnd", "end"};

#define NAME_IN(names, number) \
  ((size_t)(number) < sizeof(names) / sizeof *(names) && (names)[number] ? (names)[number] : "unknown")

const char *ms_code_name(enum ms_code code) { return NAME_IN(codes, code); }
const char *ms_stage_name(enum ms_stage stage) { return NAME_IN(stages, stage); }
const char *ms_kind_name(unsigned kind) { return NAME_IN(kinds, kind); }
