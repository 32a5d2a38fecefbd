/*
 * migstream_fields.h - tables that say which octets of a migration stream are which members of a C struct
 *
 * A field table is one static table for a struct. It both saves and loads the struct: it says what each member is in
 * the stream (type, number of elements, unit, versions that have it) and where it lies in memory.
 *
 *     struct nic_rx {
 *         uint16_t mode;
 *         uint8_t mac[6];
 *         uint32_t num_filters;
 *         uint64_t filters[128];
 *     };
 *
 *     static const struct mgs_field nic_rx_fields[] = {
 *         MGS_U16(struct nic_rx, mode, .since = 2, MGS_RANGE(0, 3)),
 *         MGS_MAC(struct nic_rx, mac),
 *         MGS_COUNTED(struct nic_rx, filters, U64),
 *     };
 *     static const struct mgs_layout nic_rx_layout = MGS_LAYOUT("receive", struct nic_rx, nic_rx_fields);
 *
 * Layouts become sections and subsections, and these the state of a device:
 *
 *     struct nic {
 *         struct nic_rx rx;
 *         uint64_t held_since;
 *     };
 *
 *     static const struct mgs_field nic_held_fields[] = { MGS_INSTANT(struct nic, held_since) };
 *     static const struct mgs_layout nic_held_layout = MGS_LAYOUT("held", struct nic, nic_held_fields);
 *     static bool nic_holds(const void *nic) { return ((const struct nic *)nic)->held_since != 0; }
 *     static const struct mgs_section nic_subsections[] = {
 *         MGS_SUBSECTION("held", nic_held_layout, nic_holds, .mark = MGS_SKIPPABLE),
 *     };
 *     static const struct mgs_section nic_sections[] = {
 *         MGS_SECTION_MEMBER("receive", struct nic, rx, nic_rx_layout, .version = 2, MGS_SUBSECTIONS(nic_subsections)),
 *     };
 *     static const struct mgs_model nic_model = MGS_MODEL("example/nic", struct nic, nic_sections, .version = 2);
 *
 * mgs_manifest_add_struct in migstream.h takes it from there. `streamtool model layout --c MODEL@VERSION` writes such
 * structs and tables from a device model.
 *
 * Needs C99, or C++20 (designated initialisers). In C++, stand tables between MGS_TABLES_BEGIN and MGS_TABLES_END.
 * Everything here is constant data: it may be shared by threads, and nothing has to be freed.
 * What types and attributes mean: Specs/20-layouts.md. Sizes and offsets are in octets (char).
 */
#ifndef MIGSTREAM_FIELDS_H
#define MIGSTREAM_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ======   Types   ====== */

/* Types of fields, by their number in a stream. */
#define MGS_TYPE_UNSIGNED      1
#define MGS_TYPE_SIGNED        2
#define MGS_TYPE_FLOAT         3
#define MGS_TYPE_BOOL          4   /* bool; 0 or 1 */
#define MGS_TYPE_ENUM          5
#define MGS_TYPE_FLAGS         6
#define MGS_TYPE_BITMAP        7   /* uint64_t[]; bit i is bit i % 64 of word i / 64 */
#define MGS_TYPE_VECTOR        8   /* uint8_t[]; lowest octet first */
#define MGS_TYPE_BYTES         9
#define MGS_TYPE_UUID         10
#define MGS_TYPE_MAC          11
#define MGS_TYPE_PCI_ADDRESS  12   /* uint32_t; domain in bits 16 to 31, bus 8 to 15, device 3 to 7, function 0 to 2 */
#define MGS_TYPE_ADDRESS      13   /* guest physical address */
#define MGS_TYPE_SIZE         14   /* number of octets */
#define MGS_TYPE_COUNT        15   /* number of items */
#define MGS_TYPE_INDEX        16   /* position in the array that .ref names */
#define MGS_TYPE_DURATION     17   /* int64_t; nanoseconds */
#define MGS_TYPE_INSTANT      18   /* uint64_t; nanoseconds of .clock, UINT64_MAX: not set */
#define MGS_TYPE_PADDING      19   /* zero octets; no member */
#define MGS_TYPE_COUNTED_BYTES 32  /* num_ member, and an array of uint8_t */
#define MGS_TYPE_STRING       33   /* num_ member, and an array of char: UTF-8, no zero octet at its end */
#define MGS_TYPE_STRUCT       48
#define MGS_TYPE_LIST         49   /* num_ member, and a pointer to elements */
#define MGS_TYPE_UNION        50   /* choice_ member: which child it is, from 0; and a union */
#define MGS_TYPE_OPTIONAL     51   /* has_ member, and a struct */

/* Shapes. */
#define MGS_SHAPE_ONE     0
#define MGS_SHAPE_FIXED   1   /* an array of .count elements */
#define MGS_SHAPE_COUNTED 2   /* at most .count elements; how many there are is in a num_ member */

/* Where elements are. */
#define MGS_IN_PLACE   0   /* the member is an array */
#define MGS_AT_POINTER 1   /* the member is a pointer to the first one; NULL where there is none */

/* What a reader does that does not know the piece. */
#define MGS_REQUIRED  0   /* it refuses the stream */
#define MGS_SKIPPABLE 1   /* it steps over it */

/* Clocks of instants and durations. */
#define MGS_CLOCK_NONE      0
#define MGS_CLOCK_VIRTUAL   1   /* stands still with the guest */
#define MGS_CLOCK_MONOTONIC 2
#define MGS_CLOCK_REALTIME  3

/* Offset of a member that a field does not have. */
#define MGS_NO_OFFSET UINT32_MAX

/* An integer of 128 bits; a signed one is two's complement. */
typedef struct mgs_u128 {
    uint64_t low;
    uint64_t high;
} mgs_u128;

/* A named value of an enumeration, or a named mask of flags. */
struct mgs_symbol {
    uint64_t value;
    const char *name;
};

struct mgs_layout;

/* A field: what it is in the stream, and where it is in the struct.
 *
 * Members up to num_elements are set by the macros below. Those after it are for you, all optional, 0 or NULL where
 * they are left out; C++ wants them in this order. */
struct mgs_field {
    const char *name;
    uint8_t type;            /* MGS_TYPE_... */
    uint8_t shape;           /* MGS_SHAPE_... */
    uint8_t memory;          /* MGS_IN_PLACE, MGS_AT_POINTER */
    uint32_t width;          /* octets of one element in the stream; of structures 0: the sum of their fields */
    uint32_t count;          /* elements of an array, at most so many of a counted one; else 0 */
    uint32_t offset;         /* from the start of the struct to the member */
    uint32_t num_offset;     /* to its num_, has_ or choice_ member; MGS_NO_OFFSET: it has none */
    uint32_t capacity;       /* octets that an in-place MGS_TYPE_COUNTED_BYTES or STRING has room for; of lists: octets
                                of an element before its union */
    uint32_t stride;         /* octets from one element to the next in memory */
    const struct mgs_layout *fields;   /* of structures, unions and optionals. Of arrays of other types that have a
                                          num_, has_ or choice_ member: the struct of one element, with one field */
    const uint32_t *elements;          /* of lists: which of the model's element layouts; see mgs_model */
    uint32_t num_elements;

    uint8_t mark;            /* MGS_REQUIRED, MGS_SKIPPABLE */
    bool secret;             /* shown only on demand */
    bool verify;             /* configuration: compared with the destination's, and not written to it */
    uint8_t radix;           /* 0 by type, 2, 8, 10, 16: how people write it */
    uint8_t clock;           /* MGS_CLOCK_... */
    uint8_t alignment_log2;  /* the value is a multiple of 2 to this power */
    uint32_t since;          /* first section version that has the field */
    uint32_t until;          /* last one; 0: still there */
    const char *unit;        /* "octets", "ns" ... */
    const char *ref;         /* of counts and indexes: path of the array, "/" in front: from the top of the layout */
    bool has_range;          /* MGS_RANGE sets it: */
    uint64_t min;            /* lowest legal value, of signed types as two's complement; fewest octets or elements */
    uint64_t max;
    bool has_preset;         /* MGS_PRESET sets it: */
    uint64_t preset;         /* value where an older stream does not have it */
    const struct mgs_symbol *symbols;  /* MGS_SYMBOLS sets it; in ascending order of value */
    uint32_t num_symbols;
    bool open;               /* values, or bits, without a symbol are taken too */
    const char *was;         /* the field's name in older streams */
    bool end_;               /* set by the macros */
};

/* The fields of a struct, in the order of the stream. */
struct mgs_layout {
    const char *name;        /* as streams have it */
    const struct mgs_field *fields;
    uint32_t num_fields;
    uint32_t size;           /* octets of the struct */
};

/* How often a section is there. */
#define MGS_CARDINALITY_ONE      0
#define MGS_CARDINALITY_OPTIONAL 1
#define MGS_CARDINALITY_MANY     2   /* at most .max_count times, told apart by the field .key */

/* A section, or a subsection.
 *
 * Each belongs to an owner: a section to the device, a subsection to the section or subsection that it lies in, or, with
 * a .target, to one element of an array of structures there. Members up to key are set by the macros below. */
struct mgs_section {
    const char *name;
    const struct mgs_layout *layout;
    uint8_t cardinality;     /* MGS_CARDINALITY_...; of subsections 0 */
    uint32_t offset;         /* from the start of the owner's struct to the one that `layout` is about */
    uint32_t has_offset;     /* to a bool: whether it is there; of MGS_CARDINALITY_MANY to a uint32_t: how many. Not
                                looked at where it always is there, or `needed` says whether */
    uint32_t stride;         /* MGS_CARDINALITY_MANY: octets from one to the next in memory */
    uint32_t max_count;
    bool (*needed)(const void *owner);   /* whether it is to be saved; NULL: has_offset says so */
    const char *key;         /* MGS_CARDINALITY_MANY: the field whose value differs in each; NULL: none */

    uint8_t mark;            /* MGS_REQUIRED, MGS_SKIPPABLE */
    uint32_t version;        /* that a writer gives it; 0 counts as 1 */
    uint32_t version_min;    /* oldest that is loaded; 0 counts as 1 */
    uint32_t since;          /* first version of the device that has it; all members have presets */
    const char *target;      /* of subsections: field of the owner that it hangs on; NULL: the owner as a whole */
    const struct mgs_section *subsections;   /* MGS_SUBSECTIONS sets it */
    uint32_t num_subsections;
    bool end_;               /* set by the macros */
};

/* The state of a device, which lies in one struct. */
struct mgs_model {
    const char *name;        /* "DOMAIN/PATH" */
    uint32_t size;           /* octets of the struct */
    const struct mgs_section *sections;
    uint32_t num_sections;
    uint32_t version;        /* number of the definition */
    uint32_t version_min;    /* oldest stream version that it loads; 0 counts as 1 */
    const struct mgs_layout *const *elements;  /* layouts of the elements of lists */
    uint32_t num_elements;
    bool end_;               /* set by the macros */
};

/* ======   Attributes, to stand behind the member   ====== */

#define MGS_RANGE(lowest, highest) .has_range = true, .min = (uint64_t)(lowest), .max = (uint64_t)(highest)
#define MGS_PRESET(value)          .has_preset = true, .preset = (uint64_t)(value)
#define MGS_SYMBOLS(table)         .symbols = table, .num_symbols = (uint32_t)MGS_LENGTH(table)
#define MGS_SUBSECTIONS(table)     .subsections = table, .num_subsections = (uint32_t)MGS_LENGTH(table)
#define MGS_ELEMENTS(table)        .elements = table, .num_elements = (uint32_t)MGS_LENGTH(table)

/* ======   One value   ======
 *
 * MGS_U16(struct, member, attributes...): the member's size is checked by the compiler. */

#define MGS_U8(...)          MGS_SHORT_(U8, __VA_ARGS__, .end_ = true)
#define MGS_U16(...)         MGS_SHORT_(U16, __VA_ARGS__, .end_ = true)
#define MGS_U32(...)         MGS_SHORT_(U32, __VA_ARGS__, .end_ = true)
#define MGS_U64(...)         MGS_SHORT_(U64, __VA_ARGS__, .end_ = true)
#define MGS_U128(...)        MGS_SHORT_(U128, __VA_ARGS__, .end_ = true)
#define MGS_I8(...)          MGS_SHORT_(I8, __VA_ARGS__, .end_ = true)
#define MGS_I16(...)         MGS_SHORT_(I16, __VA_ARGS__, .end_ = true)
#define MGS_I32(...)         MGS_SHORT_(I32, __VA_ARGS__, .end_ = true)
#define MGS_I64(...)         MGS_SHORT_(I64, __VA_ARGS__, .end_ = true)
#define MGS_I128(...)        MGS_SHORT_(I128, __VA_ARGS__, .end_ = true)
#define MGS_F32(...)         MGS_SHORT_(F32, __VA_ARGS__, .end_ = true)
#define MGS_F64(...)         MGS_SHORT_(F64, __VA_ARGS__, .end_ = true)
#define MGS_BOOL(...)        MGS_SHORT_(BOOL, __VA_ARGS__, .end_ = true)
#define MGS_ENUM8(...)       MGS_SHORT_(ENUM8, __VA_ARGS__, .end_ = true)
#define MGS_ENUM16(...)      MGS_SHORT_(ENUM16, __VA_ARGS__, .end_ = true)
#define MGS_ENUM32(...)      MGS_SHORT_(ENUM32, __VA_ARGS__, .end_ = true)
#define MGS_ENUM64(...)      MGS_SHORT_(ENUM64, __VA_ARGS__, .end_ = true)
#define MGS_FLAGS8(...)      MGS_SHORT_(FLAGS8, __VA_ARGS__, .end_ = true)
#define MGS_FLAGS16(...)     MGS_SHORT_(FLAGS16, __VA_ARGS__, .end_ = true)
#define MGS_FLAGS32(...)     MGS_SHORT_(FLAGS32, __VA_ARGS__, .end_ = true)
#define MGS_FLAGS64(...)     MGS_SHORT_(FLAGS64, __VA_ARGS__, .end_ = true)
#define MGS_BITMAP(...)      MGS_SHORT_(BITMAP, __VA_ARGS__, .end_ = true)
#define MGS_VECTOR(...)      MGS_SHORT_(VECTOR, __VA_ARGS__, .end_ = true)
#define MGS_BYTES(...)       MGS_SHORT_(BYTES, __VA_ARGS__, .end_ = true)
#define MGS_UUID(...)        MGS_SHORT_(UUID, __VA_ARGS__, .end_ = true)
#define MGS_MAC(...)         MGS_SHORT_(MAC, __VA_ARGS__, .end_ = true)
#define MGS_PCI_ADDRESS(...) MGS_SHORT_(PCI_ADDRESS, __VA_ARGS__, .end_ = true)
#define MGS_ADDRESS32(...)   MGS_SHORT_(ADDRESS32, __VA_ARGS__, .end_ = true)
#define MGS_ADDRESS64(...)   MGS_SHORT_(ADDRESS64, __VA_ARGS__, .end_ = true)
#define MGS_SIZE8(...)       MGS_SHORT_(SIZE8, __VA_ARGS__, .end_ = true)
#define MGS_SIZE16(...)      MGS_SHORT_(SIZE16, __VA_ARGS__, .end_ = true)
#define MGS_SIZE32(...)      MGS_SHORT_(SIZE32, __VA_ARGS__, .end_ = true)
#define MGS_SIZE64(...)      MGS_SHORT_(SIZE64, __VA_ARGS__, .end_ = true)
#define MGS_COUNT8(...)      MGS_SHORT_(COUNT8, __VA_ARGS__, .end_ = true)
#define MGS_COUNT16(...)     MGS_SHORT_(COUNT16, __VA_ARGS__, .end_ = true)
#define MGS_COUNT32(...)     MGS_SHORT_(COUNT32, __VA_ARGS__, .end_ = true)
#define MGS_COUNT64(...)     MGS_SHORT_(COUNT64, __VA_ARGS__, .end_ = true)
#define MGS_INDEX8(...)      MGS_SHORT_(INDEX8, __VA_ARGS__, .end_ = true)
#define MGS_INDEX16(...)     MGS_SHORT_(INDEX16, __VA_ARGS__, .end_ = true)
#define MGS_INDEX32(...)     MGS_SHORT_(INDEX32, __VA_ARGS__, .end_ = true)
#define MGS_INDEX64(...)     MGS_SHORT_(INDEX64, __VA_ARGS__, .end_ = true)
#define MGS_DURATION(...)    MGS_SHORT_(DURATION, __VA_ARGS__, .end_ = true)
#define MGS_INSTANT(...)     MGS_SHORT_(INSTANT, __VA_ARGS__, .end_ = true)

/* MGS_PADDING("name", octets): no member. */
#define MGS_PADDING(...) MGS_PADDING_(__VA_ARGS__, .end_ = true)
/* MGS_PADDING_ARRAY("name", octets, count) */
#define MGS_PADDING_ARRAY(...) MGS_PADDING_ARRAY_(__VA_ARGS__, .end_ = true)
/* MGS_PADDING_COUNTED("name", octets, most, struct, number's member) */
#define MGS_PADDING_COUNTED(...) MGS_PADDING_COUNTED_(__VA_ARGS__, .end_ = true)

/* ======   Arrays   ======
 *
 * TYPE is one of the above without MGS_: MGS_ARRAY(struct nic, rings, ADDRESS64). */

/* The member is an array, and all of it travels. */
#define MGS_ARRAY(...) MGS_ARRAY_(__VA_ARGS__, .end_ = true)
/* The member is an array, of which the first num_<member> elements travel; that member is a uint32_t. */
#define MGS_COUNTED(...) MGS_COUNTED_(__VA_ARGS__, .end_ = true)
/* MGS_POINTER(struct, member, most, TYPE): as MGS_COUNTED, and the member points to at most so many elements. */
#define MGS_POINTER(...) MGS_POINTER_(__VA_ARGS__, .end_ = true)

/* ======   Structures   ======
 *
 * MGS_STRUCT(struct, member, layout): the member is a struct, and `layout` its struct mgs_layout. */

#define MGS_STRUCT(...)         MGS_STRUCT_(__VA_ARGS__, .end_ = true)
#define MGS_STRUCT_ARRAY(...)   MGS_STRUCT_ARRAY_(__VA_ARGS__, .end_ = true)
#define MGS_STRUCT_COUNTED(...) MGS_STRUCT_COUNTED_(__VA_ARGS__, .end_ = true)
/* MGS_STRUCT_POINTER(struct, member, most, layout) */
#define MGS_STRUCT_POINTER(...) MGS_STRUCT_POINTER_(__VA_ARGS__, .end_ = true)

/* ======   What is as long, or there, as another member says   ====== */

/* An array of uint8_t or char, of which num_<member> octets travel. */
#define MGS_COUNTED_BYTES(...) MGS_OCTETS_(MGS_TYPE_COUNTED_BYTES, __VA_ARGS__, .end_ = true)
#define MGS_STRING(...)        MGS_OCTETS_(MGS_TYPE_STRING, __VA_ARGS__, .end_ = true)
/* The same behind a pointer. */
#define MGS_COUNTED_BYTES_POINTER(...) MGS_OCTETS_POINTER_(MGS_TYPE_COUNTED_BYTES, __VA_ARGS__, .end_ = true)
#define MGS_STRING_POINTER(...)        MGS_OCTETS_POINTER_(MGS_TYPE_STRING, __VA_ARGS__, .end_ = true)
/* MGS_OPTIONAL(struct, member, layout): a struct that is there when has_<member> is true. */
#define MGS_OPTIONAL(...) MGS_OPTIONAL_(__VA_ARGS__, .end_ = true)
/* MGS_UNION(struct, member, layout): a union, of which field choice_<member> of `layout` is there; a uint32_t. */
#define MGS_UNION(...) MGS_UNION_(__VA_ARGS__, .end_ = true)
/* MGS_LIST(struct, member, elements): a pointer to num_<member> structs, each a uint32_t `layout` (a position in the
 * uint32_t array `elements`) and a union `u` of the structs of those layouts. */
#define MGS_LIST(...) MGS_LIST_(__VA_ARGS__, .end_ = true)

/* ======   Tables   ====== */

#define MGS_LENGTH(table) (sizeof(table) / sizeof((table)[0]))
#define MGS_LAYOUT(layout_name, type, table) \
    { .name = layout_name, .fields = table, .num_fields = (uint32_t)MGS_LENGTH(table), .size = (uint32_t)sizeof(type) }

/* MGS_MODEL("DOMAIN/PATH", struct, sections, .version = 2, ...) */
#define MGS_MODEL(...) MGS_MODEL_(__VA_ARGS__, .end_ = true)

/* MGS_SECTION("name", layout, ...): `layout` is about the device's struct itself. */
#define MGS_SECTION(...)          MGS_SECTION_(__VA_ARGS__, .end_ = true)
/* MGS_SECTION_MEMBER("name", struct, member, layout, ...): about a member of it. */
#define MGS_SECTION_MEMBER(...)   MGS_SECTION_MEMBER_(__VA_ARGS__, .end_ = true)
/* MGS_SECTION_OPTIONAL("name", struct, member, has_, layout, ...): when a bool is true. */
#define MGS_SECTION_OPTIONAL(...) MGS_SECTION_OPTIONAL_(__VA_ARGS__, .end_ = true)
/* MGS_SECTION_MANY("name", struct, member, num_, layout, "key", ...): one for each of the first elements of an array. */
#define MGS_SECTION_MANY(...)     MGS_SECTION_MANY_(__VA_ARGS__, .end_ = true)
/* MGS_SUBSECTION("name", layout, needed, ...): about the owner's struct, when a function says so. */
#define MGS_SUBSECTION(...)       MGS_SUBSECTION_(__VA_ARGS__, .end_ = true)
/* MGS_SUBSECTION_MEMBER("name", struct, member, has_, layout, ...): about a member of it, when a bool is true. */
#define MGS_SUBSECTION_MEMBER(...) MGS_SUBSECTION_MEMBER_(__VA_ARGS__, .end_ = true)

#if defined(__cplusplus) && defined(__GNUC__)
#define MGS_TABLES_BEGIN \
    _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wmissing-field-initializers\"")
#define MGS_TABLES_END _Pragma("GCC diagnostic pop")
#else
#define MGS_TABLES_BEGIN
#define MGS_TABLES_END
#endif

/* ======   Fields whose name is no C identifier, or another one than the member's   ======
 *
 * The same, with the name in front, and the number's member where there is one. */

#define MGS_FIELD(...)                MGS_FIELD_(__VA_ARGS__, .end_ = true)
#define MGS_FIELD_ARRAY(...)          MGS_FIELD_ARRAY_(__VA_ARGS__, .end_ = true)
#define MGS_FIELD_COUNTED(...)        MGS_FIELD_COUNTED_(__VA_ARGS__, .end_ = true)
#define MGS_FIELD_POINTER(...)        MGS_FIELD_POINTER_(__VA_ARGS__, .end_ = true)
#define MGS_FIELD_STRUCT(...)         MGS_FIELD_STRUCT_(__VA_ARGS__, .end_ = true)
#define MGS_FIELD_STRUCT_ARRAY(...)   MGS_FIELD_STRUCT_ARRAY_(__VA_ARGS__, .end_ = true)
#define MGS_FIELD_STRUCT_COUNTED(...) MGS_FIELD_STRUCT_COUNTED_(__VA_ARGS__, .end_ = true)
#define MGS_FIELD_STRUCT_POINTER(...) MGS_FIELD_STRUCT_POINTER_(__VA_ARGS__, .end_ = true)
#define MGS_FIELD_OCTETS(...)         MGS_FIELD_OCTETS_(__VA_ARGS__, .end_ = true)
#define MGS_FIELD_OCTETS_POINTER(...) MGS_FIELD_OCTETS_POINTER_(__VA_ARGS__, .end_ = true)
#define MGS_FIELD_OPTIONAL(...)       MGS_FIELD_OPTIONAL_(__VA_ARGS__, .end_ = true)
#define MGS_FIELD_UNION(...)          MGS_FIELD_UNION_(__VA_ARGS__, .end_ = true)
#define MGS_FIELD_LIST(...)           MGS_FIELD_LIST_(__VA_ARGS__, .end_ = true)
/* A list that is always empty. */
#define MGS_FIELD_EMPTY_LIST(...)     MGS_FIELD_EMPTY_LIST_(__VA_ARGS__, .end_ = true)
/* MGS_FIELD_WRAPPED("name", struct, member, MGS_TYPE_..., layout): an array of structs of one field of that type. */
#define MGS_FIELD_WRAPPED_ARRAY(...)   MGS_FIELD_WRAPPED_ARRAY_(__VA_ARGS__, .end_ = true)
#define MGS_FIELD_WRAPPED_COUNTED(...) MGS_FIELD_WRAPPED_COUNTED_(__VA_ARGS__, .end_ = true)
#define MGS_FIELD_WRAPPED_POINTER(...) MGS_FIELD_WRAPPED_POINTER_(__VA_ARGS__, .end_ = true)

/* ======   Inside; names that end in _ may change   ====== */

/* Kind and size in octets of each TYPE; 0: any size. */
#define MGS_KIND_U8          MGS_TYPE_UNSIGNED
#define MGS_WIDTH_U8         1
#define MGS_KIND_U16         MGS_TYPE_UNSIGNED
#define MGS_WIDTH_U16        2
#define MGS_KIND_U32         MGS_TYPE_UNSIGNED
#define MGS_WIDTH_U32        4
#define MGS_KIND_U64         MGS_TYPE_UNSIGNED
#define MGS_WIDTH_U64        8
#define MGS_KIND_U128        MGS_TYPE_UNSIGNED
#define MGS_WIDTH_U128       16
#define MGS_KIND_I8          MGS_TYPE_SIGNED
#define MGS_WIDTH_I8         1
#define MGS_KIND_I16         MGS_TYPE_SIGNED
#define MGS_WIDTH_I16        2
#define MGS_KIND_I32         MGS_TYPE_SIGNED
#define MGS_WIDTH_I32        4
#define MGS_KIND_I64         MGS_TYPE_SIGNED
#define MGS_WIDTH_I64        8
#define MGS_KIND_I128        MGS_TYPE_SIGNED
#define MGS_WIDTH_I128       16
#define MGS_KIND_F32         MGS_TYPE_FLOAT
#define MGS_WIDTH_F32        4
#define MGS_KIND_F64         MGS_TYPE_FLOAT
#define MGS_WIDTH_F64        8
#define MGS_KIND_BOOL        MGS_TYPE_BOOL
#define MGS_WIDTH_BOOL       1
#define MGS_KIND_ENUM8       MGS_TYPE_ENUM
#define MGS_WIDTH_ENUM8      1
#define MGS_KIND_ENUM16      MGS_TYPE_ENUM
#define MGS_WIDTH_ENUM16     2
#define MGS_KIND_ENUM32      MGS_TYPE_ENUM
#define MGS_WIDTH_ENUM32     4
#define MGS_KIND_ENUM64      MGS_TYPE_ENUM
#define MGS_WIDTH_ENUM64     8
#define MGS_KIND_FLAGS8      MGS_TYPE_FLAGS
#define MGS_WIDTH_FLAGS8     1
#define MGS_KIND_FLAGS16     MGS_TYPE_FLAGS
#define MGS_WIDTH_FLAGS16    2
#define MGS_KIND_FLAGS32     MGS_TYPE_FLAGS
#define MGS_WIDTH_FLAGS32    4
#define MGS_KIND_FLAGS64     MGS_TYPE_FLAGS
#define MGS_WIDTH_FLAGS64    8
#define MGS_KIND_BITMAP      MGS_TYPE_BITMAP
#define MGS_WIDTH_BITMAP     0
#define MGS_KIND_VECTOR      MGS_TYPE_VECTOR
#define MGS_WIDTH_VECTOR     0
#define MGS_KIND_BYTES       MGS_TYPE_BYTES
#define MGS_WIDTH_BYTES      0
#define MGS_KIND_UUID        MGS_TYPE_UUID
#define MGS_WIDTH_UUID       16
#define MGS_KIND_MAC         MGS_TYPE_MAC
#define MGS_WIDTH_MAC        6
#define MGS_KIND_PCI_ADDRESS MGS_TYPE_PCI_ADDRESS
#define MGS_WIDTH_PCI_ADDRESS 4
#define MGS_KIND_ADDRESS32   MGS_TYPE_ADDRESS
#define MGS_WIDTH_ADDRESS32  4
#define MGS_KIND_ADDRESS64   MGS_TYPE_ADDRESS
#define MGS_WIDTH_ADDRESS64  8
#define MGS_KIND_SIZE8       MGS_TYPE_SIZE
#define MGS_WIDTH_SIZE8      1
#define MGS_KIND_SIZE16      MGS_TYPE_SIZE
#define MGS_WIDTH_SIZE16     2
#define MGS_KIND_SIZE32      MGS_TYPE_SIZE
#define MGS_WIDTH_SIZE32     4
#define MGS_KIND_SIZE64      MGS_TYPE_SIZE
#define MGS_WIDTH_SIZE64     8
#define MGS_KIND_COUNT8      MGS_TYPE_COUNT
#define MGS_WIDTH_COUNT8     1
#define MGS_KIND_COUNT16     MGS_TYPE_COUNT
#define MGS_WIDTH_COUNT16    2
#define MGS_KIND_COUNT32     MGS_TYPE_COUNT
#define MGS_WIDTH_COUNT32    4
#define MGS_KIND_COUNT64     MGS_TYPE_COUNT
#define MGS_WIDTH_COUNT64    8
#define MGS_KIND_INDEX8      MGS_TYPE_INDEX
#define MGS_WIDTH_INDEX8     1
#define MGS_KIND_INDEX16     MGS_TYPE_INDEX
#define MGS_WIDTH_INDEX16    2
#define MGS_KIND_INDEX32     MGS_TYPE_INDEX
#define MGS_WIDTH_INDEX32    4
#define MGS_KIND_INDEX64     MGS_TYPE_INDEX
#define MGS_WIDTH_INDEX64    8
#define MGS_KIND_DURATION    MGS_TYPE_DURATION
#define MGS_WIDTH_DURATION   8
#define MGS_KIND_INSTANT     MGS_TYPE_INSTANT
#define MGS_WIDTH_INSTANT    8

#define MGS_SIZEOF_(s, m) sizeof(((s *)0)->m)
#define MGS_LENGTHOF_(s, m) (MGS_SIZEOF_(s, m) / MGS_SIZEOF_(s, m[0]))
/* 0; the array has a negative length, which does not compile, when the condition does not hold. */
#define MGS_CHECK_(condition) (sizeof(char[(condition) ? 1 : -1]) - 1)
#define MGS_WIDTHOF_(T, s, m) \
    (MGS_SIZEOF_(s, m) + MGS_CHECK_(MGS_WIDTH_##T == 0 || MGS_SIZEOF_(s, m) == MGS_WIDTH_##T))
#define MGS_NUMBER_(s, n) (offsetof(s, n) + MGS_CHECK_(MGS_SIZEOF_(s, n) == 4))

#define MGS_ENTRY_(n, t, sh, mem, w, c, off, num, cap, str, lay, el, numel, ...) \
    { .name = n, .type = t, .shape = sh, .memory = mem, .width = (uint32_t)(w), .count = (uint32_t)(c), \
      .offset = (uint32_t)(off), .num_offset = (uint32_t)(num), .capacity = (uint32_t)(cap), \
      .stride = (uint32_t)(str), .fields = lay, .elements = el, .num_elements = (uint32_t)(numel), __VA_ARGS__ }

#define MGS_SHORT_(T, s, m, ...) MGS_FIELD_(#m, s, m, T, __VA_ARGS__)
#define MGS_ARRAY_(s, m, T, ...) MGS_FIELD_ARRAY_(#m, s, m, T, __VA_ARGS__)
#define MGS_COUNTED_(s, m, T, ...) MGS_FIELD_COUNTED_(#m, s, m, num_##m, T, __VA_ARGS__)
#define MGS_POINTER_(s, m, most, T, ...) MGS_FIELD_POINTER_(#m, s, m, num_##m, most, T, __VA_ARGS__)
#define MGS_STRUCT_(s, m, l, ...) MGS_FIELD_STRUCT_(#m, s, m, l, __VA_ARGS__)
#define MGS_STRUCT_ARRAY_(s, m, l, ...) MGS_FIELD_STRUCT_ARRAY_(#m, s, m, l, __VA_ARGS__)
#define MGS_STRUCT_COUNTED_(s, m, l, ...) MGS_FIELD_STRUCT_COUNTED_(#m, s, m, num_##m, l, __VA_ARGS__)
#define MGS_STRUCT_POINTER_(s, m, most, l, ...) MGS_FIELD_STRUCT_POINTER_(#m, s, m, num_##m, most, l, __VA_ARGS__)
#define MGS_OCTETS_(t, s, m, ...) MGS_FIELD_OCTETS_(#m, s, m, num_##m, t, __VA_ARGS__)
#define MGS_OCTETS_POINTER_(t, s, m, ...) MGS_FIELD_OCTETS_POINTER_(#m, s, m, num_##m, t, __VA_ARGS__)
#define MGS_OPTIONAL_(s, m, l, ...) MGS_FIELD_OPTIONAL_(#m, s, m, has_##m, l, __VA_ARGS__)
#define MGS_UNION_(s, m, l, ...) MGS_FIELD_UNION_(#m, s, m, choice_##m, l, __VA_ARGS__)
#define MGS_LIST_(s, m, el, ...) MGS_FIELD_LIST_(#m, s, m, num_##m, el, __VA_ARGS__)

#define MGS_PADDING_(n, octets, ...) \
    MGS_ENTRY_(n, MGS_TYPE_PADDING, MGS_SHAPE_ONE, MGS_IN_PLACE, octets, 0, MGS_NO_OFFSET, MGS_NO_OFFSET, 0, 0, NULL, NULL, 0, \
        __VA_ARGS__)
#define MGS_PADDING_ARRAY_(n, octets, c, ...) \
    MGS_ENTRY_(n, MGS_TYPE_PADDING, MGS_SHAPE_FIXED, MGS_IN_PLACE, octets, c, MGS_NO_OFFSET, MGS_NO_OFFSET, 0, 0, NULL, NULL, 0, \
        __VA_ARGS__)
#define MGS_PADDING_COUNTED_(n, octets, c, s, num, ...) \
    MGS_ENTRY_(n, MGS_TYPE_PADDING, MGS_SHAPE_COUNTED, MGS_IN_PLACE, octets, c, MGS_NO_OFFSET, MGS_NUMBER_(s, num), 0, 0, NULL, \
        NULL, 0, __VA_ARGS__)

#define MGS_FIELD_(n, s, m, T, ...) \
    MGS_ENTRY_(n, MGS_KIND_##T, MGS_SHAPE_ONE, MGS_IN_PLACE, MGS_WIDTHOF_(T, s, m), 0, offsetof(s, m), MGS_NO_OFFSET, 0, \
        MGS_SIZEOF_(s, m), NULL, NULL, 0, __VA_ARGS__)
#define MGS_FIELD_ARRAY_(n, s, m, T, ...) \
    MGS_ENTRY_(n, MGS_KIND_##T, MGS_SHAPE_FIXED, MGS_IN_PLACE, MGS_WIDTHOF_(T, s, m[0]), MGS_LENGTHOF_(s, m), offsetof(s, m), \
        MGS_NO_OFFSET, 0, MGS_SIZEOF_(s, m[0]), NULL, NULL, 0, __VA_ARGS__)
#define MGS_FIELD_COUNTED_(n, s, m, num, T, ...) \
    MGS_ENTRY_(n, MGS_KIND_##T, MGS_SHAPE_COUNTED, MGS_IN_PLACE, MGS_WIDTHOF_(T, s, m[0]), MGS_LENGTHOF_(s, m), \
        offsetof(s, m), MGS_NUMBER_(s, num), 0, MGS_SIZEOF_(s, m[0]), NULL, NULL, 0, __VA_ARGS__)
#define MGS_FIELD_POINTER_(n, s, m, num, most, T, ...) \
    MGS_ENTRY_(n, MGS_KIND_##T, MGS_SHAPE_COUNTED, MGS_AT_POINTER, MGS_WIDTHOF_(T, s, m[0]), most, offsetof(s, m), \
        MGS_NUMBER_(s, num), 0, MGS_SIZEOF_(s, m[0]), NULL, NULL, 0, __VA_ARGS__)

#define MGS_FIELD_STRUCT_(n, s, m, l, ...) \
    MGS_ENTRY_(n, MGS_TYPE_STRUCT, MGS_SHAPE_ONE, MGS_IN_PLACE, 0, 0, offsetof(s, m), MGS_NO_OFFSET, 0, MGS_SIZEOF_(s, m), &l, \
        NULL, 0, __VA_ARGS__)
#define MGS_FIELD_STRUCT_ARRAY_(n, s, m, l, ...) MGS_FIELD_WRAPPED_ARRAY_(n, s, m, STRUCT, l, __VA_ARGS__)
#define MGS_FIELD_STRUCT_COUNTED_(n, s, m, num, l, ...) \
    MGS_FIELD_WRAPPED_COUNTED_(n, s, m, num, STRUCT, l, __VA_ARGS__)
#define MGS_FIELD_STRUCT_POINTER_(n, s, m, num, most, l, ...) \
    MGS_FIELD_WRAPPED_POINTER_(n, s, m, num, most, STRUCT, l, __VA_ARGS__)

#define MGS_STREAM_WIDTH_STRUCT        0
#define MGS_STREAM_WIDTH_COUNTED_BYTES 4
#define MGS_STREAM_WIDTH_STRING        4
#define MGS_STREAM_WIDTH_LIST          4
#define MGS_STREAM_WIDTH_UNION         4
#define MGS_STREAM_WIDTH_OPTIONAL      4
#define MGS_FIELD_WRAPPED_ARRAY_(n, s, m, K, l, ...) \
    MGS_ENTRY_(n, MGS_TYPE_##K, MGS_SHAPE_FIXED, MGS_IN_PLACE, MGS_STREAM_WIDTH_##K, MGS_LENGTHOF_(s, m), offsetof(s, m), \
        MGS_NO_OFFSET, 0, MGS_SIZEOF_(s, m[0]), &l, NULL, 0, __VA_ARGS__)
#define MGS_FIELD_WRAPPED_COUNTED_(n, s, m, num, K, l, ...) \
    MGS_ENTRY_(n, MGS_TYPE_##K, MGS_SHAPE_COUNTED, MGS_IN_PLACE, MGS_STREAM_WIDTH_##K, MGS_LENGTHOF_(s, m), offsetof(s, m), \
        MGS_NUMBER_(s, num), 0, MGS_SIZEOF_(s, m[0]), &l, NULL, 0, __VA_ARGS__)
#define MGS_FIELD_WRAPPED_POINTER_(n, s, m, num, most, K, l, ...) \
    MGS_ENTRY_(n, MGS_TYPE_##K, MGS_SHAPE_COUNTED, MGS_AT_POINTER, MGS_STREAM_WIDTH_##K, most, offsetof(s, m), \
        MGS_NUMBER_(s, num), 0, MGS_SIZEOF_(s, m[0]), &l, NULL, 0, __VA_ARGS__)

#define MGS_FIELD_OCTETS_(n, s, m, num, t, ...) \
    MGS_ENTRY_(n, t, MGS_SHAPE_ONE, MGS_IN_PLACE, 4, 0, offsetof(s, m), MGS_NUMBER_(s, num), \
        MGS_SIZEOF_(s, m) + MGS_CHECK_(MGS_SIZEOF_(s, m[0]) == 1), 1, NULL, NULL, 0, __VA_ARGS__)
#define MGS_FIELD_OCTETS_POINTER_(n, s, m, num, t, ...) \
    MGS_ENTRY_(n, t, MGS_SHAPE_ONE, MGS_AT_POINTER, 4, 0, offsetof(s, m), MGS_NUMBER_(s, num), \
        MGS_CHECK_(MGS_SIZEOF_(s, m[0]) == 1), 1, NULL, NULL, 0, __VA_ARGS__)
#define MGS_FIELD_OPTIONAL_(n, s, m, has, l, ...) \
    MGS_ENTRY_(n, MGS_TYPE_OPTIONAL, MGS_SHAPE_ONE, MGS_IN_PLACE, 4, 0, offsetof(s, m), \
        offsetof(s, has) + MGS_CHECK_(MGS_SIZEOF_(s, has) == 1), 0, MGS_SIZEOF_(s, m), &l, NULL, 0, __VA_ARGS__)
#define MGS_FIELD_UNION_(n, s, m, choice, l, ...) \
    MGS_ENTRY_(n, MGS_TYPE_UNION, MGS_SHAPE_ONE, MGS_IN_PLACE, 4, 0, offsetof(s, m), MGS_NUMBER_(s, choice), 0, \
        MGS_SIZEOF_(s, m), &l, NULL, 0, __VA_ARGS__)
#define MGS_FIELD_LIST_(n, s, m, num, el, ...) \
    MGS_ENTRY_(n, MGS_TYPE_LIST, MGS_SHAPE_ONE, MGS_AT_POINTER, 4, 0, offsetof(s, m), MGS_NUMBER_(s, num), \
        MGS_UNION_OFFSET_(s, m[0]), MGS_SIZEOF_(s, m[0]), NULL, el, MGS_LENGTH(el), __VA_ARGS__)
/* Octets before `u` in an element of a list: it begins with 4, and what is behind them is aligned or takes no more than
 * 3 behind itself. */
#define MGS_UNION_OFFSET_(s, e) \
    (MGS_SIZEOF_(s, e) - MGS_SIZEOF_(s, e.u) < 8 ? 4 : MGS_SIZEOF_(s, e) - MGS_SIZEOF_(s, e.u))

#define MGS_FIELD_EMPTY_LIST_(n, s, m, num, ...) \
    MGS_ENTRY_(n, MGS_TYPE_LIST, MGS_SHAPE_ONE, MGS_AT_POINTER, 4, 0, offsetof(s, m), MGS_NUMBER_(s, num), 0, \
        MGS_SIZEOF_(s, m[0]), NULL, NULL, 0, __VA_ARGS__)

#define MGS_MODEL_(n, s, table, ...) \
    { .name = n, .size = (uint32_t)sizeof(s), .sections = table, .num_sections = (uint32_t)MGS_LENGTH(table), __VA_ARGS__ }
#define MGS_PIECE_(n, l, c, off, has, str, most, need, k, ...) \
    { .name = n, .layout = &l, .cardinality = c, .offset = (uint32_t)(off), .has_offset = (uint32_t)(has), \
      .stride = (uint32_t)(str), .max_count = (uint32_t)(most), .needed = need, .key = k, __VA_ARGS__ }
#define MGS_HAS_(s, has) (offsetof(s, has) + MGS_CHECK_(MGS_SIZEOF_(s, has) == 1))
#define MGS_SECTION_(n, l, ...) \
    MGS_PIECE_(n, l, MGS_CARDINALITY_ONE, 0, MGS_NO_OFFSET, 0, 0, NULL, NULL, __VA_ARGS__)
#define MGS_SECTION_MEMBER_(n, s, m, l, ...) \
    MGS_PIECE_(n, l, MGS_CARDINALITY_ONE, offsetof(s, m), MGS_NO_OFFSET, 0, 0, NULL, NULL, __VA_ARGS__)
#define MGS_SECTION_OPTIONAL_(n, s, m, has, l, ...) \
    MGS_PIECE_(n, l, MGS_CARDINALITY_OPTIONAL, offsetof(s, m), MGS_HAS_(s, has), 0, 0, NULL, NULL, __VA_ARGS__)
#define MGS_SECTION_MANY_(n, s, m, num, l, k, ...) \
    MGS_PIECE_(n, l, MGS_CARDINALITY_MANY, offsetof(s, m), MGS_NUMBER_(s, num), MGS_SIZEOF_(s, m[0]), \
        MGS_LENGTHOF_(s, m), NULL, k, __VA_ARGS__)
#define MGS_SUBSECTION_(n, l, need, ...) \
    MGS_PIECE_(n, l, MGS_CARDINALITY_ONE, 0, MGS_NO_OFFSET, 0, 0, need, NULL, __VA_ARGS__)
#define MGS_SUBSECTION_MEMBER_(n, s, m, has, l, ...) \
    MGS_PIECE_(n, l, MGS_CARDINALITY_ONE, offsetof(s, m), MGS_HAS_(s, has), 0, 0, NULL, NULL, __VA_ARGS__)

#ifdef __cplusplus
}
#endif

#endif /* MIGSTREAM_FIELDS_H */
