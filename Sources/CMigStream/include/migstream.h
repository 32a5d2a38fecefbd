/*
 * migstream.h - device migration streams: save, verify, decode and resume the state of a machine's devices
 *
 * Simple calls (one device, one buffer), then encoder, decoder, and machines whose devices are saved and resumed
 * through a table of functions. Words and rules: Specs/.
 *
 * RULES FOR ALL CALLS
 * Status    A call that returns int returns 0 or more when it did what was asked, else the negative of an enum
 *           mgs_code. Its last parameter `error` may be NULL; it is written when the status is negative, and only
 *           then. Each call names the errors that are its own. Every call may also return
 *             MGS_ERROR_BAD_ARGUMENT   a NULL that is not allowed, a size above SSIZE_MAX or past the end of the
 *                                      address space, a number outside its enum, a struct of a wrong size
 *             MGS_ERROR_BAD_HANDLE     NULL, a handle of another kind, or one that was freed
 *             MGS_ERROR_SESSION_BUSY   another call has the handle: another thread's, or the one that called back
 *             MGS_ERROR_OUT_OF_MEMORY  the allocator returned NULL, or memory that is not aligned
 *           The first three have no effect. Memory that runs out amid a stream poisons the handle.
 * Poisoned  Each further call gives the same error and takes nothing; free is left, and what is said below.
 * Handles   are made by ..._new, which stores NULL when it fails, and given back by ..._free, which takes NULL too.
 *           No handle refers to another: a manifest may be freed while what was made of it lives on. There is no
 *           global state. A freed handle is found out as long as nobody else has its memory.
 * Threads   A handle is used by one thread at a time; different handles may be used at the same time.
 * Callbacks are called by the thread, and during the call, that they belong to. They return 0, or another number,
 *           which is then found in `error.found`. They must return (no longjmp, no exceptions), and may not use the
 *           handle that calls them, unless said otherwise.
 * Memory    Octets given to a call are read during that call only. Octets that a callback is given are valid until
 *           it returns, those that a call returns until the next call with the handle, unless said otherwise.
 * NULL      is allowed only where it is said; a `const void *` or text of size 0 may always be NULL.
 * Structs   that begin with `size` hold sizeof(struct) there, also when the library fills them in. 0 in all other
 *           members is the default. A smaller struct, of an older header, lacks members: they count as 0, and are
 *           not filled in. A larger one, of a newer header, is taken when what this library does not know is 0, and
 *           that is filled with 0. A size is a multiple of 8, from 8 to 4096.
 * Units     Sizes, offsets and addresses count octets.
 */
#ifndef MIGSTREAM_H
#define MIGSTREAM_H

#include <stddef.h>
#include <stdint.h>

#include "migstream_fields.h"

#if defined(__GNUC__)
#define MGS_API __attribute__((visibility("default")))
#else
#define MGS_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ======   Version   ====== */

#define MGS_VERSION_MAJOR 0
#define MGS_VERSION_MINOR 1
#define MGS_VERSION_PATCH 0
#define MGS_VERSION_NUMBER (MGS_VERSION_MAJOR * 10000 + MGS_VERSION_MINOR * 100 + MGS_VERSION_PATCH)
#define MGS_VERSION_STRING "0.1.0"
/* Of the stream format: it reads streams of this major that need at most this minor. */
#define MGS_FORMAT_MAJOR 1
#define MGS_FORMAT_MINOR 0

/* The same at run time; the string lives for ever. */
MGS_API uint32_t mgs_version_number(void);
MGS_API const char *mgs_version_string(void);
/* Major in bits 16 to 31, minor in bits 0 to 15. */
MGS_API uint32_t mgs_format_version(void);

/* ======   Errors   ====== */

/* Specs/40-reader-rules.md section 4 says what each means; those from 200 on are this library's own. */
typedef enum mgs_code {
    MGS_OK = 0,
    MGS_ERROR_TRUNCATED = 10, MGS_ERROR_BAD_MAGIC = 11, MGS_ERROR_UNSUPPORTED_MAJOR = 12,
    MGS_ERROR_UNSUPPORTED_MINOR = 13, MGS_ERROR_LIMIT_EXCEEDED = 14, MGS_ERROR_BAD_SYNC = 15,
    MGS_ERROR_BAD_SEQUENCE = 16, MGS_ERROR_FOREIGN_CHANNEL = 17, MGS_ERROR_TRAILING_DATA = 18,
    MGS_ERROR_RECORD_OUT_OF_ORDER = 19, MGS_ERROR_RESERVED_NOT_ZERO = 20,
    MGS_ERROR_UNKNOWN_MANDATORY_FLAG = 21, MGS_ERROR_UNKNOWN_REQUIRED = 22, MGS_ERROR_BAD_MARK = 23,
    MGS_ERROR_BAD_PADDING = 24, MGS_ERROR_BAD_VALUE = 25, MGS_ERROR_UNSUPPORTED_DIGEST = 26,
    MGS_ERROR_UNDECLARED_FEATURE = 27, MGS_ERROR_BAD_TEXT = 28, MGS_ERROR_DUPLICATE_NAME = 29,
    MGS_ERROR_UNKNOWN_DEVICE = 30, MGS_ERROR_UNEXPECTED_DATA = 31, MGS_ERROR_TRUNCATED_DATA = 32,
    MGS_ERROR_DUPLICATE_SECTION = 33, MGS_ERROR_MISSING_SECTION = 34, MGS_ERROR_SECTION_OUT_OF_ORDER = 35,
    MGS_ERROR_UNKNOWN_SECTION = 36, MGS_ERROR_BAD_TARGET = 37, MGS_ERROR_BAD_ORDER = 38,
    MGS_ERROR_VERSION_TOO_NEW = 39, MGS_ERROR_DIGEST_MISMATCH = 40, MGS_ERROR_COMPRESSED_DATA_DAMAGED = 41,
    MGS_ERROR_TOTALS_MISMATCH = 42, MGS_ERROR_VERSION_TOO_OLD = 43, MGS_ERROR_UNKNOWN_LAYOUT = 50,
    MGS_ERROR_BAD_LAYOUT = 51, MGS_ERROR_MISSING_FIELD = 52, MGS_ERROR_TYPE_CHANGED = 53,
    MGS_ERROR_SIGN_CHANGED = 54, MGS_ERROR_UNIT_CHANGED = 55, MGS_ERROR_SYMBOL_CHANGED = 56,
    MGS_ERROR_COUNT_CHANGED = 57, MGS_ERROR_COUNT_ABOVE_MAXIMUM = 58, MGS_ERROR_VALUE_TOO_LARGE = 59,
    MGS_ERROR_VALUE_OUT_OF_RANGE = 60, MGS_ERROR_VERIFY_MISMATCH = 61, MGS_ERROR_NOT_ENABLED = 62,
    MGS_ERROR_CONDITION_MISMATCH = 63, MGS_ERROR_DANGLING_REFERENCE = 64, MGS_ERROR_DUPLICATE_KEY = 65,
    MGS_ERROR_CYCLIC_REFERENCE = 66, MGS_ERROR_RULE_VIOLATED = 67, MGS_ERROR_PARAMETER_REFUSED = 68,
    MGS_ERROR_WRONG_MODEL = 69, MGS_ERROR_UNKNOWN_REGION = 70, MGS_ERROR_BAD_EXTENT = 71,
    MGS_ERROR_BAD_OFFSET = 72, MGS_ERROR_BAD_UNIT = 73, MGS_ERROR_DATA_AFTER_LAST = 74,
    MGS_ERROR_INCOMPLETE_BYTES = 75, MGS_ERROR_BAD_PASS = 76, MGS_ERROR_BAD_PLACEMENT = 77,
    MGS_ERROR_BAD_INDEX = 78, MGS_ERROR_ABORTED = 80, MGS_ERROR_NO_DATA_NOW = 81, MGS_ERROR_STATE_REFUSED = 82,
    MGS_ERROR_SESSION_BUSY = 83, MGS_ERROR_SESSION_CLOSED = 84, MGS_ERROR_DEVICE_FAILED = 85,
    MGS_ERROR_MISSING_DEVICE = 86, MGS_ERROR_BAD_ACCESS = 87, MGS_ERROR_ACCESS_OUT_OF_ORDER = 88,
    MGS_ERROR_WINDOW_TOO_SMALL = 89, MGS_ERROR_OUT_OF_MEMORY = 90, MGS_ERROR_WRONG_CALL = 91,
    MGS_ERROR_NOT_IMPLEMENTED = 92, MGS_ERROR_BAD_RANGE = 93, MGS_ERROR_RANGE_OVERFLOW = 94,
    MGS_ERROR_TOO_MANY_RANGES = 95,
    MGS_ERROR_BAD_ARGUMENT = 200, MGS_ERROR_BAD_HANDLE = 201,
    MGS_ERROR_CALLBACK_FAILED = 202, /* a writer or a fill function; found: what it returned */
    MGS_ERROR_TARGET_TOO_SMALL = 203 /* expected: octets needed so far, found: octets there */
} mgs_code;

/* What was being read. */
typedef enum mgs_stage {
    MGS_STAGE_PREAMBLE = 1, MGS_STAGE_RECORD = 2, MGS_STAGE_MANIFEST = 3, MGS_STAGE_LAYOUT = 4,
    MGS_STAGE_SECTION = 5, MGS_STAGE_BULK = 6, MGS_STAGE_INDEX = 7, MGS_STAGE_END = 8, MGS_STAGE_MAPPING = 9,
    MGS_STAGE_USE = 10, MGS_STAGE_RULES = 11, MGS_STAGE_RESUME = 12
} mgs_stage;

/* What can be done after an error: Specs/resume-path.md section 5. */
typedef enum mgs_class {
    MGS_CLASS_NEED_MORE = 1, MGS_CLASS_NO_DATA_NOW = 2,
    MGS_CLASS_REJECTED = 3,      /* the call was refused, and nothing changed */
    MGS_CLASS_FATAL_SESSION = 4, /* reset: nothing of the session will have an effect */
    MGS_CLASS_FATAL_DEVICE = 5   /* reset: a device failed */
} mgs_class;

#define MGS_NO_DEVICE UINT32_MAX
#define MGS_NO_RECORD UINT64_MAX

typedef struct mgs_error {
    int32_t code;          /* enum mgs_code */
    uint32_t stage;        /* enum mgs_stage */
    uint32_t failure;      /* enum mgs_class */
    int32_t host_error;    /* the errno of Linux that comes nearest */
    uint64_t offset;       /* from the start of the stream to the field at fault */
    uint64_t expected;     /* as the code says: octets, counts, digests, values */
    uint64_t found;
    uint64_t record;       /* sequence number; MGS_NO_RECORD */
    uint32_t device;       /* number; MGS_NO_DEVICE */
    uint32_t channel;
    uint64_t reserved;     /* 0 */
} mgs_error;

/* Texts live for ever; "unknown" for a number that is none. A code may be given negative, as a status. */
MGS_API const char *mgs_code_name(int code);
MGS_API const char *mgs_stage_name(uint32_t stage);
/* Writes a line about an error to text[0..<capacity], cut to fit, with a zero at its end when capacity is not 0.
 * Returns the octets of the whole line without that zero, or a negative status. */
MGS_API int mgs_error_text(const mgs_error *error, char *text, size_t capacity);

/* ======   What all handles are made with   ====== */

typedef struct mgs_text {   /* UTF-8 without control characters and without a zero at its end */
    const char *octets;
    size_t size;
} mgs_text;

#define MGS_TEXT(literal) { literal, sizeof(literal) - 1 }

typedef struct mgs_octets { /* as struct iovec */
    const void *octets;
    size_t size;
} mgs_octets;

/* Both functions, or neither (malloc). `allocate` returns memory of that alignment (a power of 2, at most 64) or
 * NULL; both may be called from any thread that uses a handle made with them, and live as long as it. */
typedef struct mgs_allocator {
    void *context;
    void *(*allocate)(void *context, size_t size, size_t alignment);
    void (*deallocate)(void *context, void *memory);
} mgs_allocator;

/* What a reader accepts, and a writer makes; 0: the default. Specs/40-reader-rules.md section 3. */
typedef struct mgs_limits {
    size_t size;
    uint64_t record_body_bytes_max, payload_bytes_max, devices_max, regions_max, parameters_max, sections_max;
    uint64_t subsections_max, text_bytes_max, layouts_max, layout_bytes_max, layout_bytes_total_max, fields_max;
    uint64_t nesting_max, block_bytes_max, extents_max, zstd_window_bytes_max, zstd_plain_bytes_max;
    uint64_t pass_runs_max, barriers_max, final_extents_max;
} mgs_limits;

typedef enum mgs_log_level { MGS_LOG_ERROR = 1, MGS_LOG_NOTICE = 2 } mgs_log_level;

/* What a notice is about: `what->expected`, with `what->found` as said here. Devices are numbered as in the stream where
 * it is they that are stepped over, and as in the machine's manifest else. */
typedef enum mgs_event {
    MGS_EVENT_RECORD_SKIPPED = 1,     /* of a kind that is not known: found */
    MGS_EVENT_DEVICE_SKIPPED = 2,     /* that the machine does not have, with all its state */
    MGS_EVENT_SECTION_SKIPPED = 3,    /* that the device does not know; found: its number in the stream's manifest */
    MGS_EVENT_SUBSECTION_SKIPPED = 4, /* likewise, with all that lies in it */
    MGS_EVENT_STREAM_FITS = 5,        /* its manifest and the machine's */
    MGS_EVENT_DEVICE_LOADED = 6,      /* it has committed */
    MGS_EVENT_GUEST_RUNS = 7,         /* that a stream brought: all devices run */
    MGS_EVENT_SAVE_OPENED = 8,
    MGS_EVENT_DEVICES_STOPPED = 9,    /* by a save; found: passes before */
    MGS_EVENT_LIMBO = 10,             /* END is being sent; found: octets before it */
    MGS_EVENT_HANDED_OVER = 11,       /* the destination runs the guest */
    MGS_EVENT_GUEST_STAYS = 12        /* the save is over, and the guest is this machine's; found: enum mgs_save_phase */
} mgs_event;

/* Told of each refusal (error; also what a destination says of its own), and of events (notice, code MGS_OK): what an
 * operator wants to read after a migration. `text` is one line; it ends with the name of what a stream has and the
 * machine has not. Machines tell of all events, decoders of records only, simple calls of what is stepped over. */
typedef void (*mgs_log)(void *context, uint32_t level, const mgs_error *what, const char *text);

typedef struct mgs_config {
    size_t size;
    mgs_allocator allocator;
    mgs_log log;                /* NULL: nobody is told */
    void *log_context;
    const mgs_limits *limits;   /* read during the call; NULL: all defaults */
} mgs_config;

/* ======   Manifest: what a machine, or one device, is   ======
 *
 * Regions, then devices; in each device parameters, layouts, sections, subsections. Wrong order:
 * MGS_ERROR_WRONG_CALL.
 * What it says is judged where it is used. */

typedef struct mgs_manifest mgs_manifest;

/* Marks: MGS_REQUIRED, MGS_SKIPPABLE of migstream_fields.h. */

typedef enum mgs_apply {  /* 0: staged */
    MGS_APPLY_STAGED = 1,   /* sections and byte string are checked whole before they are applied */
    MGS_APPLY_IN_PLACE = 2, /* the byte string is read straight into quiescent memory */
    MGS_APPLY_EXTERNAL = 3  /* the byte string is forwarded to a driver */
} mgs_apply;

#define MGS_CAN_STOP_COPY (1u << 0) /* every device that migrates */
#define MGS_CAN_P2P       (1u << 1)
#define MGS_CAN_PRE_COPY  (1u << 2)

#define MGS_REGION_SHARED    1u
#define MGS_REGION_READ_ONLY 2u
#define MGS_REGION_OPAQUE    4u /* encrypted: no elision, no compression */

typedef struct mgs_topology {
    size_t size;
    mgs_text producer, producer_version;
    mgs_text architecture;     /* empty in the single-device form, as the next three are 0 there */
    uint32_t guest_endianness; /* 0 not stated, 1 little, 2 big */
    uint32_t page_size;        /* 0: not stated */
    uint32_t num_regions;      /* filled in by mgs_decoder_topology; of manifests 0 */
    uint32_t num_devices;
} mgs_topology;

typedef struct mgs_region {
    size_t size;
    mgs_text name;
    uint64_t guest_address;    /* UINT64_MAX: none */
    uint64_t length;
    uint64_t page_size;        /* 0: 4096 */
    uint32_t owner;            /* device number; MGS_NO_DEVICE: the machine */
    uint32_t flags;            /* MGS_REGION_... */
} mgs_region;

typedef struct mgs_device {
    size_t size;
    mgs_text path;             /* names the device in the machine */
    mgs_text address;          /* bus address; may be empty */
    mgs_text model;            /* DOMAIN/PATH */
    uint32_t parent_plus_1;    /* device number + 1; 0: none */
    uint32_t mark;             /* MGS_REQUIRED, MGS_SKIPPABLE */
    uint32_t apply;            /* enum mgs_apply */
    uint32_t clock;            /* 0 none, 1 virtual, 2 monotonic, 3 real time */
    uint32_t version, version_min;
    uint64_t initial_size, total_size;  /* advisory; 0: not known */
    uint32_t capabilities;     /* MGS_CAN_..., not sent; 0: MGS_CAN_STOP_COPY */
    uint32_t reaches_peers;    /* 1: by itself it reaches memory of other devices; not sent */
    uint32_t num_parameters, num_sections, num_subsections;  /* filled in by mgs_decoder_device; of manifests 0 */
    uint32_t reserved;
} mgs_device;

typedef struct mgs_parameter {
    size_t size;
    mgs_text name;             /* in ascending order */
    uint32_t kind;             /* 1 bool, 2 int, 3 str */
    uint32_t reserved;
    int64_t value;             /* of bool (0, 1) and int */
    mgs_text text;             /* of str */
} mgs_parameter;

/* A section that will come, or a subsection that may. */
typedef struct mgs_announcement {
    size_t size;
    mgs_text name;
    uint32_t mark, version, version_min;
    uint32_t layout;           /* number among the device's layouts */
    uint32_t owner;            /* of a subsection: the section that it lies in */
    uint32_t reserved;
} mgs_announcement;

/* `topology` may be NULL for the single-device form. */
MGS_API int mgs_manifest_new(mgs_manifest **manifest, const mgs_topology *topology, const mgs_config *config,
                             mgs_error *error);
/* Regions and devices are numbered from 0 in the order of these calls, so are parameters, layouts, sections and
 * subsections in a device, which is the last one that was added. Returns the number. */
MGS_API int mgs_manifest_add_region(mgs_manifest *manifest, const mgs_region *region, mgs_error *error);
MGS_API int mgs_manifest_add_device(mgs_manifest *manifest, const mgs_device *device, mgs_error *error);
MGS_API int mgs_manifest_add_parameter(mgs_manifest *manifest, const mgs_parameter *parameter, mgs_error *error);
/* `canonical`: Specs/20-layouts.md section 3. Errors: what a reader says to it, at the offset in it. */
MGS_API int mgs_manifest_add_layout(mgs_manifest *manifest, const void *canonical, size_t size, mgs_error *error);
/* A layout that readers have from elsewhere, by its name; a device whose sections have one can be saved, not
 * resumed. */
MGS_API int mgs_manifest_add_external_layout(mgs_manifest *manifest, mgs_text identity, mgs_error *error);
MGS_API int mgs_manifest_add_section(mgs_manifest *manifest, const mgs_announcement *section, mgs_error *error);
MGS_API int mgs_manifest_add_subsection(mgs_manifest *manifest, const mgs_announcement *subsection,
                                        mgs_error *error);
/* Adds a device whose state lies in a struct, as a field table says (migstream_fields.h): its layouts, its sections and
 * subsections. What `device` does not say (empty model, 0 in version, apply and clock) the table does; parameters may follow, pieces not.
 *
 * `model` and all that it points to, and `state`, live as long as the manifest and whatever was made of it. The
 * struct is what the device is saved from and loaded into. Where it points to elements, there is memory for as many as
 * the table says at most, before it is loaded; of counted octets for as many as their range says. Optional sections,
 * and those that come many times, are announced as the struct has them now.
 *
 * A load changes the struct when all of the stream is right, by the table's types, ranges, symbols, references and
 * versions, and there is memory behind pointers; else not one octet. Members marked verify are compared, and not
 * changed. An optional section or a subsection that did not come: its has_ is false, and its members take their presets
 * if all have one, else they stay.
 *
 * Returns the number of the device. Errors: of a table that is wrong MGS_ERROR_BAD_LAYOUT, or what a reader would say to
 * its layout, in stage use; `expected` is the number of the layout (sections, then subsections, each followed by its
 * own, then elements of lists), and `found` the position of the field in its table, counted through all levels. A table
 * is wrong where members overlap or reach past the struct, where a pointer has no limit or lies in a union or list. */
MGS_API int mgs_manifest_add_struct(mgs_manifest *manifest, const mgs_device *device, const struct mgs_model *model,
                                    void *state, mgs_error *error);
/* A device's layout in canonical form; valid until something is added to the manifest. */
MGS_API int mgs_manifest_layout(mgs_manifest *manifest, uint32_t device, uint32_t layout, mgs_octets *canonical);
MGS_API int mgs_manifest_free(mgs_manifest *manifest);

/* Whether a machine of this manifest could take a stream, said from the stream's first octets: all of preamble
 * and MANIFEST, and as much more as there is. 0: compatible, unless a subsection comes that it does not know.
 * Errors: MGS_ERROR_TRUNCATED, and the reason why not. */
MGS_API int mgs_manifest_check(mgs_manifest *manifest, const void *stream, size_t size, mgs_error *error);

/* ======   Simple calls   ====== */

typedef enum mgs_tier { /* 0: deep */
    MGS_TIER_QUICK = 1,   /* framing */
    MGS_TIER_DIGESTS = 2, /* also every digest; keeps no layouts */
    MGS_TIER_DEEP = 3     /* also layouts, and the data of sections by them */
} mgs_tier;

typedef struct mgs_summary {
    size_t size;
    uint64_t stream_size, num_records, num_sections, num_skipped;
    uint32_t num_layouts, num_passes;
} mgs_summary;

/* Checks a stream that lies in memory as a whole. `summary` may be NULL. Errors: all of stages 1 to 8. */
MGS_API int mgs_verify(const void *stream, size_t size, uint32_t tier, mgs_summary *summary,
                       const mgs_config *config, mgs_error *error);

/* Octets that mgs_encode_device needs at most for a manifest of one device whose sections have `data_size`
 * octets of data together; 0 when that is no number. */
MGS_API size_t mgs_device_bound(mgs_manifest *manifest, size_t data_size);

/* Saves one device in the single-device form: a stream to be embedded in another format. `sections`: the data of
 * each announced section, by its layout. `uuid`: 16 octets, another for each save; NULL: zeros. Errors:
 * MGS_ERROR_TARGET_TOO_SMALL; what a reader would say to the data. */
MGS_API int mgs_encode_device(mgs_manifest *manifest, const mgs_octets *sections, size_t num_sections,
                              const uint8_t *uuid, void *target, size_t capacity, size_t *written,
                              mgs_error *error);

/* A section or subsection that came, checked, and in the layout of the manifest. Valid until the device has
 * committed, or its session ended. */
typedef struct mgs_piece {
    size_t size;
    uint32_t number;           /* of the section, or the subsection, in the manifest */
    uint32_t is_subsection;
    uint32_t layout;
    uint32_t owner;            /* of a subsection: how many pieces of the device came before what it lies in */
    uint64_t offset;           /* from the start of the stream */
    mgs_octets data;
} mgs_piece;

/* Loads a device from a stream in the single-device form. `take` is called for each piece once all of the stream
 * was right, so when it is refused the device has seen nothing. `taken` (may be NULL): the octets of the stream,
 * which others may follow. Errors: all; MGS_ERROR_DEVICE_FAILED when `take` returned another number than 0. */
MGS_API int mgs_decode_device(mgs_manifest *manifest, const void *stream, size_t size,
                              int (*take)(void *context, const mgs_piece *piece), void *context, size_t *taken,
                              mgs_error *error);

/* The same two for a manifest of one device that was added with a struct. The first writes no more than `capacity`
 * octets, and tells in `error.expected` how many it needs.
 *
 * A manifest may be used again and again: it compiles the table once, and neither call asks for memory from the third
 * time on where each section is there once, without subsections and lists. */
MGS_API int mgs_encode_struct(mgs_manifest *manifest, const uint8_t *uuid, void *target, size_t capacity,
                              size_t *written, mgs_error *error);
MGS_API int mgs_decode_struct(mgs_manifest *manifest, const void *stream, size_t size, size_t *taken,
                              mgs_error *error);

/* ======   Encoder   ====== */

typedef struct mgs_encoder mgs_encoder;

/* Takes all octets, piece after piece: made for writev(2). One record may take several calls. */
typedef int (*mgs_writer)(void *context, const mgs_octets *pieces, size_t num_pieces);

#define MGS_SINGLE_DEVICE (1u << 0) /* the form for embedding */
#define MGS_PASSES        (1u << 1) /* state may be sent again in a later pass */
#define MGS_COMPRESS      (1u << 2) /* layouts and bulk are zstd frames where that is shorter */
#define MGS_UNCHECKED     (1u << 3) /* data of sections is not walked by its layout before it is sent */
#define MGS_ANSWERED      (1u << 4) /* of saves: the destination answers, mgs_save_hear */

typedef struct mgs_stream_options {
    size_t size;
    uint8_t uuid[16];          /* another for each save */
    uint32_t flags;            /* the above */
    uint32_t reserved;
    uint64_t record_size_max;  /* promised to readers, and kept; 0: no promise */
} mgs_stream_options;

typedef struct mgs_section_data {
    size_t size;
    mgs_octets data;           /* by the layout that was announced */
    mgs_octets subsections;    /* Specs/10-stream-format.md section 6.1 */
    uint32_t num_subsections;  /* direct ones */
    uint32_t flags;            /* MGS_REPLACES: it was sent in an earlier pass */
} mgs_section_data;

#define MGS_REPLACES (1u << 2)
/* Flags of byte strings. */
#define MGS_BYTES_INITIAL_DATA_END (1u << 8)
#define MGS_BYTES_LAST             (1u << 9)
#define MGS_BYTES_UNIT_FIRST       (1u << 10) /* a write unit of the source begins, ends: both for one record */
#define MGS_BYTES_UNIT_LAST        (1u << 11)

typedef enum mgs_source {
    MGS_STABLE = 0,            /* nobody writes to the octets until the call returns: they are not copied */
    MGS_LIVE = 1               /* somebody may: they are copied first */
} mgs_source;

typedef enum mgs_extent_kind { MGS_EXTENT_DATA = 1, MGS_EXTENT_ZERO = 2, MGS_EXTENT_DISCARD = 3 } mgs_extent_kind;

/* Writes preamble, MANIFEST, and the layouts of all devices. After an error an encoder is poisoned:
 * mgs_encoder_abort is left, unless it was the writer's (MGS_ERROR_CALLBACK_FAILED). */
MGS_API int mgs_encoder_new(mgs_encoder **encoder, mgs_manifest *manifest, const mgs_stream_options *options,
                            mgs_writer writer, void *context, const mgs_config *config, mgs_error *error);
/* Errors of the next five: what a reader would say. Sections of a device come in their order, after its bulk. */
MGS_API int mgs_encoder_section(mgs_encoder *encoder, uint32_t device, uint32_t section,
                                const mgs_section_data *data, mgs_error *error);
/* All sections and subsections of a device that was added with a struct. Errors: MGS_ERROR_BAD_VALUE for a number of
 * elements, or a choice, that the table does not have. */
MGS_API int mgs_encoder_struct(mgs_encoder *encoder, uint32_t device, mgs_error *error);
/* A chunk of a region, at most 64 MiB, usually 1 MiB; pages of zeros are not sent. */
MGS_API int mgs_encoder_memory(mgs_encoder *encoder, uint32_t region, uint64_t offset, const void *octets,
                               size_t size, uint32_t source, mgs_error *error);
/* A run of memory that reads as zero; MGS_EXTENT_DISCARD: the guest has given it back. */
MGS_API int mgs_encoder_zero(mgs_encoder *encoder, uint32_t region, uint64_t offset, uint64_t length, uint32_t kind,
                             mgs_error *error);
/* The next octets of a device's byte string. */
MGS_API int mgs_encoder_bytes(mgs_encoder *encoder, uint32_t device, const void *octets, size_t size,
                              uint32_t flags, uint32_t source, mgs_error *error);
/* Closes a pass; needs MGS_PASSES. */
MGS_API int mgs_encoder_barrier(mgs_encoder *encoder, mgs_error *error);
/* Ends the stream. Errors: what is missing. */
MGS_API int mgs_encoder_end(mgs_encoder *encoder, mgs_error *error);
/* Says that the source gave up; nothing may follow. `reason`: 1 cancelled ... 6: Specs/10-stream-format.md
 * section 10. */
MGS_API int mgs_encoder_abort(mgs_encoder *encoder, uint32_t reason, mgs_text text, mgs_error *error);
/* What is to be added to layout numbers of a device that lie in data (elements of lists, heads of subsections). */
MGS_API int mgs_encoder_layout_base(mgs_encoder *encoder, uint32_t device, uint32_t *base);
/* Octets made so far. */
MGS_API int mgs_encoder_offset(mgs_encoder *encoder, uint64_t *offset);
MGS_API int mgs_encoder_free(mgs_encoder *encoder);

/* ======   Decoder: push, pull, verify   ======
 *
 * push    Octets in any segments to mgs_decoder_push, which calls the handler: the same events, and the same error
 *         at the same offset, for every segmentation. Or, without a copy: while mgs_decoder_places names places,
 *         read there and call mgs_decoder_placed; else read at most mgs_decoder_wanted octets to a buffer and push.
 * pull    mgs_decoder_next over a stream that lies in memory as a whole, without a handler.
 * verify  Push without a handler. */

typedef struct mgs_decoder mgs_decoder;

typedef enum mgs_record_kind {
    MGS_RECORD_MANIFEST = 1, MGS_RECORD_LAYOUT = 2, MGS_RECORD_SECTION = 3, MGS_RECORD_MEMORY = 4,
    MGS_RECORD_BYTES = 5, MGS_RECORD_BARRIER = 6, MGS_RECORD_PLACEMENT = 7, MGS_RECORD_PLACED_MEMORY = 8,
    MGS_RECORD_INDEX_PAGE = 9,
    MGS_RECORD_INDEX = 10, MGS_RECORD_ABORT = 11, MGS_RECORD_CHANNEL_END = 12, MGS_RECORD_END = 13
} mgs_record_kind;

/* A record whose header and body are right; members that its kind does not have are 0. */
typedef struct mgs_record {
    size_t size;
    uint32_t kind;             /* enum mgs_record_kind, or a number that is not known */
    uint32_t flags;            /* as in the header */
    uint64_t sequence;
    uint64_t offset;           /* from the start of the stream to the header */
    uint32_t device;           /* MGS_NO_DEVICE: none */
    uint32_t number;           /* of the section in its device; of the region */
    uint32_t layout;           /* of the section, in the stream */
    uint32_t pass;
    uint32_t count;            /* of extents; of direct subsections */
    uint32_t is_compressed;
    uint64_t position;         /* octets of the byte string before it */
    uint64_t payload_size;     /* octets of the payload, decompressed */
    mgs_octets body;
    mgs_octets data;           /* of a section */
    mgs_octets subsections;
    mgs_octets payload;        /* mgs_decoder_next only: all of it, right by its digest */
} mgs_record;

typedef struct mgs_extent {
    uint64_t offset, length;
    uint32_t kind;             /* enum mgs_extent_kind */
    uint32_t reserved;
} mgs_extent;

/* Each may be NULL. In `record` and `end` the accessors below may be used. */
typedef struct mgs_handler {
    size_t size;
    int (*record)(void *context, const mgs_record *record);
    /* Payload octets as they come, decompressed; plain ones are not yet checked. */
    int (*payload)(void *context, const void *octets, size_t size, uint64_t position);
    /* Every octet of the record was right. */
    int (*end)(void *context, uint64_t sequence);
} mgs_handler;

/* Where the next payload octets belong. */
typedef struct mgs_place {
    uint32_t region;           /* UINT32_MAX: the byte string of the device */
    uint32_t device;
    uint64_t offset;           /* from the start of the region or byte string */
    uint64_t length;
} mgs_place;

/* `handler` may be NULL; it is copied. `tier`: enum mgs_tier. */
MGS_API int mgs_decoder_new(mgs_decoder **decoder, const mgs_handler *handler, void *context, uint32_t tier,
                            const mgs_config *config, mgs_error *error);
/* Takes octets up to END; `taken` may be NULL. Errors: all of stages 1 to 8; MGS_ERROR_CALLBACK_FAILED, the
 * handler's. */
MGS_API int mgs_decoder_push(mgs_decoder *decoder, const void *octets, size_t size, size_t *taken,
                             mgs_error *error);
/* Octets to read to a buffer and push next, never past a record; 0 where there is a place, and after END. */
MGS_API int mgs_decoder_wanted(mgs_decoder *decoder, size_t *wanted);
/* Writes at most `max` places (1 or more), for one scattered read, and returns how many; 0: push. */
MGS_API int mgs_decoder_places(mgs_decoder *decoder, mgs_place *places, size_t max);
/* Octets that the caller has read to the first place: once a place, in order; the last may be short.
 * Errors: MGS_ERROR_WRONG_CALL (no effect) when there was no place for them. */
MGS_API int mgs_decoder_placed(mgs_decoder *decoder, const void *octets, size_t size, mgs_error *error);
/* The next record of a stream that lies in memory as a whole: the same `stream` and `size` in each call. Returns
 * 1, or 0 behind END. The octets of the record live until the next call, its payload where it lies in the
 * stream. Errors: as of push; MGS_ERROR_WRONG_CALL with a handler. */
MGS_API int mgs_decoder_next(mgs_decoder *decoder, const void *stream, size_t size, mgs_record *record,
        mgs_error *error);
/* Whether the input may end here: the only thing that says success. `is_embedded`: 1 allows octets behind END.
 * `summary` may be NULL. Errors: MGS_ERROR_TRUNCATED, MGS_ERROR_TRAILING_DATA. */
MGS_API int mgs_decoder_finish(mgs_decoder *decoder, uint32_t is_embedded, mgs_summary *summary, mgs_error *error);
/* Octets taken. */
MGS_API int mgs_decoder_offset(mgs_decoder *decoder, uint64_t *offset);
MGS_API int mgs_decoder_free(mgs_decoder *decoder);

/* What MANIFEST said; texts live until the next call that takes octets. Errors: MGS_ERROR_WRONG_CALL before
 * MANIFEST, MGS_ERROR_BAD_ARGUMENT for a number that there is not. */
MGS_API int mgs_decoder_topology(mgs_decoder *decoder, mgs_topology *topology);
MGS_API int mgs_decoder_region(mgs_decoder *decoder, uint32_t region, mgs_region *target);
MGS_API int mgs_decoder_device(mgs_decoder *decoder, uint32_t device, mgs_device *target);
MGS_API int mgs_decoder_parameter(mgs_decoder *decoder, uint32_t device, uint32_t number, mgs_parameter *target);
MGS_API int mgs_decoder_section(mgs_decoder *decoder, uint32_t device, uint32_t number, mgs_announcement *target);
MGS_API int mgs_decoder_subsection(mgs_decoder *decoder, uint32_t device, uint32_t number,
                                   mgs_announcement *target);
/* An extent of a MEMORY record, as the library filled it in. */
MGS_API int mgs_record_extent(const mgs_record *record, uint32_t number, mgs_extent *extent);

/* ======   Machine: devices under migration   ======
 *
 *     mgs_resume_open, or request RESUMING ─► mgs_resume_write ... ─► mgs_resume_finish ─► request RUNNING
 *     mgs_save_open ─► step ... ─► stop ─► step ... ─► finish (limbo) ─► hear, or hand_over, or resume_here
 *
 * Answers   Where something goes back from the destination (the other direction of a socket), mgs_resume_open and
 *           MGS_ANSWERED make use of it: the destination says that the stream fits, that it refused it and why, or
 *           that the guest runs; the source sends END only to a destination that the stream fits. The library makes
 *           these octets and reads them. At most one side runs whatever is lost, and whoever is killed.
 *
 * States, what a device may do in each, and what a refusal means: Specs/resume-path.md. */

typedef struct mgs_machine mgs_machine;

typedef enum mgs_state {
    MGS_STATE_ERROR = 0, MGS_STATE_STOP = 1, MGS_STATE_RUNNING = 2, MGS_STATE_STOP_COPY = 3, MGS_STATE_RESUMING = 4,
    MGS_STATE_RUNNING_P2P = 5, MGS_STATE_PRE_COPY = 6, MGS_STATE_PRE_COPY_P2P = 7
} mgs_state;

typedef enum mgs_answer { MGS_MORE = 1, MGS_NO_DATA_NOW = 2, MGS_DONE = 3 } mgs_answer;

typedef struct mgs_estimate { /* octets; advisory */
    size_t size;
    uint64_t initial_size;     /* that the destination should have before the devices stop */
    uint64_t dirty_size;       /* that changed since they were given */
    uint64_t stop_copy_size;   /* that are left when the device stops now */
} mgs_estimate;

/* What the devices do. Device and region numbers are those of the manifest. A function returns 0, a positive
 * reason (then nothing has changed), or a negative one (the device does not know what state it is in).
 *
 * Of a device that was added with a struct the library saves the sections, when `save` is NULL or said that it is done
 * while stopped, and loads them, before `commit`; `check` is not called. The devices of a machine of structs alone need
 * no function at all. */
typedef struct mgs_device_ops {
    size_t size;
    /* Takes one step between two states; one that leaves RESUMING comes after commit. NULL: there is nothing to
     * do. */
    int (*move)(void *context, uint32_t device, uint32_t from, uint32_t to);
    /* As after power-on, and in RUNNING: nothing of a refused stream is left. NULL: there is nothing to do. */
    void (*reset)(void *context, uint32_t device);
    /* Source: NULL: nothing is expected. */
    int (*estimate)(void *context, uint32_t device, mgs_estimate *estimate);
    /* Source: gives a piece of state to `out`, on which mgs_encoder_section, _memory, _zero, _bytes and
     * _layout_base work, for this device, until it returns: about one chunk of bulk, or all sections, after it
     * and only when `is_stopped`. Returns enum mgs_answer, 0 as MGS_DONE, or a negative reason. NULL: a machine
     * that only resumes. */
    int (*save)(void *context, uint32_t device, uint32_t is_stopped, mgs_encoder *out);
    /* Memory that octets of a region (of the byte string of an in-place device) belong in: at most `size`
     * octets, at least one. NULL: there is none. */
    int (*target)(void *context, uint32_t region, uint64_t offset, size_t size,
                           void **memory, size_t *room);
    int (*bytes_target)(void *context, uint32_t device, uint64_t offset, size_t size,
                                 void **memory, size_t *room);
    /* Makes a run of a region read as zero. NULL: there is none. */
    int (*clear)(void *context, uint32_t region, uint64_t offset, uint64_t length, uint32_t is_discarded);
    /* The next octets of the byte string of an external device, right by their digest; of a staged device,
     * before prepare. NULL: refused when octets come. */
    int (*bytes)(void *context, uint32_t device, const void *octets, size_t size, uint64_t offset);
    /* The stream is right. Looks at one piece of the device, without effect: what commit would not do is refused
     * here. */
    int (*check)(void *context, uint32_t device, const mgs_piece *piece);
    /* All pieces were checked. The last chance to refuse, without effect. */
    int (*prepare)(void *context, uint32_t device);
    /* All devices are prepared. Applies; must not fail. */
    int (*commit)(void *context, uint32_t device);
} mgs_device_ops;

#define MGS_STRICT        (1u << 0) /* each write is one transaction of the source */
#define MGS_ALLOW_MISSING (1u << 1) /* devices that a stream lacks stay as they are */

typedef struct mgs_machine_options {
    size_t size;
    uint32_t flags;            /* the above */
    uint32_t reserved;
    uint64_t staged_size_max;  /* of sections and byte strings together; 0: 64 MiB */
} mgs_machine_options;

typedef enum mgs_session_status {
    MGS_SESSION_NONE = 0, MGS_SESSION_OPEN = 1, MGS_SESSION_COMPLETE = 2 /* END came */, MGS_SESSION_POISONED = 3,
    MGS_SESSION_COMMITTED = 4, MGS_SESSION_ABORTED = 5
} mgs_session_status;

typedef enum mgs_verdict { MGS_VERDICT_UNKNOWN = 0, MGS_VERDICT_COMPATIBLE = 1, MGS_VERDICT_REFUSED = 2 } mgs_verdict;

typedef enum mgs_save_phase {
    MGS_SAVE_NONE = 0, MGS_SAVE_PRE_COPY = 1, MGS_SAVE_STOP_COPY = 2, MGS_SAVE_LIMBO = 3, MGS_SAVE_HANDED_OVER = 4,
    MGS_SAVE_FAILED = 5, MGS_SAVE_CANCELLED = 6
} mgs_save_phase;

typedef struct mgs_machine_status {
    size_t size;
    uint32_t session;          /* enum mgs_session_status, of the latest resume session */
    uint32_t verdict;          /* enum mgs_verdict: known once MANIFEST came, before any bulk */
    uint64_t offset;           /* octets of its stream that were taken */
    uint64_t wanted;           /* octets to write next, never past a record; 0: mgs_resume_fill has a place */
    uint8_t uuid[16];          /* of its stream */
    uint32_t save;             /* enum mgs_save_phase, of the latest save */
    uint32_t num_passes;       /* that the save closed */
    uint64_t save_offset;      /* octets that the save made */
} mgs_machine_status;

/* `ops` is copied; it and `context` belong to the machine until it is freed, which calls none of them. Errors:
 * what a reader would say to the manifest, MGS_ERROR_UNKNOWN_LAYOUT for sections that it cannot read (none with
 * `ops.save` and external layouts). */
MGS_API int mgs_machine_new(mgs_machine **machine, mgs_manifest *manifest, const mgs_device_ops *ops, void *context,
                            const mgs_machine_options *options, const mgs_config *config, mgs_error *error);
/* Ends whatever is open; states of devices stay. */
MGS_API int mgs_machine_free(mgs_machine *machine);
/* Returns enum mgs_state: the last step that was completed, or ERROR. Errors: MGS_ERROR_UNKNOWN_DEVICE. */
MGS_API int mgs_machine_state(mgs_machine *machine, uint32_t device);
MGS_API int mgs_machine_status_get(mgs_machine *machine, mgs_machine_status *status);
/* Walks all devices to a state, any number; leaving RESUMING commits. `session` (may be NULL): the number of the
 * session that entering RESUMING opened, else 0. In a session of mgs_resume_open the way is by STOP to RUNNING, and to
 * no other state; once all devices run, the source is told. Errors: MGS_ERROR_STATE_REFUSED, MGS_ERROR_DEVICE_FAILED,
 * those of mgs_resume_finish. */
MGS_API int mgs_machine_request(mgs_machine *machine, uint32_t state, uint64_t *session, mgs_error *error);
/* The way out of ERROR: all devices to RUNNING, sessions end. */
MGS_API int mgs_machine_reset(mgs_machine *machine);

/* Walks all devices to RESUMING and opens a session that answers: calls hand `answer` the octets that the source is to
 * get, a few hundred in all. What it returns changes nothing: a source that does not hear waits in limbo, which is
 * safe. It and `context` live until the next session, a reset, or free. A session that was refused, given up or reset
 * before its devices ran has said so, and this machine takes no stream of that uuid again.
 *
 * Errors: MGS_ERROR_SESSION_BUSY, MGS_ERROR_DEVICE_FAILED, MGS_ERROR_STATE_REFUSED, also when a guest that came with
 * a stream is here. */
MGS_API int mgs_resume_open(mgs_machine *machine, mgs_writer answer, void *context, uint64_t *session,
                            mgs_error *error);
/* Takes octets of the stream; `taken` may be NULL. Errors: MGS_ERROR_SESSION_CLOSED (no effect) for the number
 * of a session that ended; else why the stream is refused, and the devices are in ERROR. */
MGS_API int mgs_resume_write(mgs_machine *machine, uint64_t session, const void *octets, size_t size, size_t *taken,
                             mgs_error *error);
/* Puts octets at memory[0..<size], at most so many, and returns how many; less than 0: none, and its reason. */
typedef int64_t (*mgs_fill)(void *context, void *memory, size_t size);
/* Lets `fill` read at most `size` of the next octets straight to where they belong. Returns 1, or 0, without
 * calling it, when they must go through mgs_resume_write. Errors: as there; MGS_ERROR_CALLBACK_FAILED,
 * MGS_ERROR_WRONG_CALL (no effect) for a fill function that failed, or put more than there was room for. */
MGS_API int mgs_resume_fill(mgs_machine *machine, uint64_t session, size_t size, mgs_fill fill, void *context,
                            size_t *filled, mgs_error *error);
/* Prepares all devices, commits all, leaves them in STOP: the only thing that says success. `is_embedded`: as
 * above. */
MGS_API int mgs_resume_finish(mgs_machine *machine, uint64_t session, uint32_t is_embedded, mgs_error *error);
/* Gives the session up; the devices are in ERROR once an octet was written. One that answers may be given up until
 * its devices run. */
MGS_API int mgs_resume_abort(mgs_machine *machine, uint64_t session, mgs_error *error);

/* Begins a save: preamble, MANIFEST and layouts go to `writer`; with MGS_PASSES devices give state while they
 * run. All devices run, or all are in STOP. Errors: MGS_ERROR_STATE_REFUSED, MGS_ERROR_SESSION_BUSY, the
 * writer's; the machine is as before. */
MGS_API int mgs_save_open(mgs_machine *machine, const mgs_stream_options *options, mgs_writer writer, void *context,
                          mgs_error *error);
/* Lets a device give about one record. Returns enum mgs_step. An error ends the save: the devices go back to
 * where they were. */
typedef enum mgs_step {
    MGS_STEP_MORE = 1, MGS_STEP_NO_DATA_NOW = 2,
    MGS_STEP_PASS_ENDED = 3,   /* the time to decide whether to stop the devices */
    MGS_STEP_DONE = 4          /* all of this phase was given */
} mgs_step;
MGS_API int mgs_save_step(mgs_machine *machine, mgs_error *error);
/* Stops all devices; the steps after it give the rest. */
MGS_API int mgs_save_stop(mgs_machine *machine, mgs_error *error);
/* Writes END. From its first octet on the machine is in limbo, whatever the writer says. Errors:
 * MGS_ERROR_NO_DATA_NOW (no effect) before an answered save heard that the stream fits. */
MGS_API int mgs_save_finish(mgs_machine *machine, mgs_error *error);
/* What the destination of an answered save has said so far. */
typedef enum mgs_word {
    MGS_WORD_NONE = 1,
    MGS_WORD_FITS = 2,         /* END may be sent */
    MGS_WORD_REFUSED = 3,      /* and it never will run: the guest is this machine's, the devices are where they were */
    MGS_WORD_RESUMED = 4       /* it runs: this machine never does again without a reset */
} mgs_word;
/* Takes octets that come back from the destination, in any segments; 0: none will come any more. Returns enum
 * mgs_word, and acts on it. `refusal` (may be NULL) is why it refused, in its own numbers; written when it has.
 *
 * Errors: MGS_ERROR_WRONG_CALL without an answered save; of the octets: MGS_ERROR_TRUNCATED when they ended too early,
 * MGS_ERROR_FOREIGN_CHANNEL ... They are a lost link: before END the save is cancelled, in limbo it stays there. */
MGS_API int mgs_save_hear(mgs_machine *machine, const void *octets, size_t size, mgs_error *refusal,
                          mgs_error *error);
/* Before limbo: writes ABORT with a reason (1 to 6) and lets the devices run again. */
MGS_API int mgs_save_cancel(mgs_machine *machine, uint32_t reason, mgs_error *error);
/* In limbo: the destination runs, or will. This machine never does again without a reset. */
MGS_API int mgs_save_hand_over(mgs_machine *machine, mgs_error *error);
/* In limbo: the destination (1), or the operator who made sure of it (2), says that it never will run. */
MGS_API int mgs_save_resume_here(mgs_machine *machine, uint32_t said_by, mgs_error *error);
/* What the devices expect to give. */
MGS_API int mgs_save_estimate(mgs_machine *machine, mgs_estimate *estimate);

#ifdef __cplusplus
}
#endif

#endif /* MIGSTREAM_H */
