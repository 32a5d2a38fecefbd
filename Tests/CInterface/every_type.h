/* A struct with a member of every type and shape, and its field table: for tests of field tables and for FuzzStruct. */
#ifndef EVERY_TYPE_H
#define EVERY_TYPE_H

#include "migstream_fields.h"

struct point {
    int16_t x;
    uint8_t unsent;
    int32_t y;
};

static const struct mgs_field point_fields[] = {
    MGS_I16(struct point, x),
    MGS_I32(struct point, y, MGS_PRESET(-7)),
};
static const struct mgs_layout point_layout = MGS_LAYOUT("point", struct point, point_fields);

union shape {
    uint64_t round;
    struct point corner;
};

static const struct mgs_field shape_fields[] = {
    MGS_U64(union shape, round),
    MGS_STRUCT(union shape, corner, point_layout),
};
static const struct mgs_layout shape_layout = MGS_LAYOUT("shape", union shape, shape_fields);

/* An array of what may be absent: each stands in a struct of its own. */
struct maybe_point {
    bool has_value;
    struct point value;
};

static const struct mgs_field maybe_point_fields[] = { MGS_FIELD_OPTIONAL("maybes", struct maybe_point, value, has_value, point_layout) };
static const struct mgs_layout maybe_point_layout = MGS_LAYOUT("maybes", struct maybe_point, maybe_point_fields);

struct task {
    uint32_t id;
    char name[8];
    uint32_t num_name;
};

struct alarm {
    uint8_t bell;
};

static const struct mgs_field task_fields[] = {
    MGS_U32(struct task, id),
    MGS_STRING(struct task, name),
};
static const struct mgs_layout task_layout = MGS_LAYOUT("task", struct task, task_fields);
static const struct mgs_field alarm_fields[] = { MGS_U8(struct alarm, bell) };
static const struct mgs_layout alarm_layout = MGS_LAYOUT("alarm", struct alarm, alarm_fields);
static const struct mgs_layout *const all_elements[] = { &task_layout, &alarm_layout };

struct job {
    uint32_t layout;
    union {
        struct alarm alarm;
        struct task task;
    } u;
};
static const uint32_t job_elements[] = { 1, 0 };

struct all {
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    mgs_u128 u128;
    int8_t i8;
    int16_t i16;
    int32_t i32;
    int64_t i64;
    mgs_u128 i128;
    float f32;
    double f64;
    bool flag;
    uint8_t kind;
    uint16_t flags;
    uint64_t bitmap[3];
    uint8_t vector[16];
    uint8_t bytes[5];
    uint8_t uuid[16];
    uint8_t mac[6];
    uint32_t pci;
    uint64_t address;
    uint32_t size;
    uint16_t count;
    uint8_t index;
    int64_t duration;
    uint64_t instant;
    uint16_t words[4];
    struct point points[3];
    uint32_t num_ring;
    uint32_t ring[8];
    uint32_t num_path;
    struct point path[4];
    uint32_t num_far;
    struct point *far;
    uint32_t num_blob;
    uint8_t blob[20];
    uint32_t num_text;
    char *text;
    bool has_spare;
    struct point spare;
    uint32_t choice_shape;
    union shape shape;
    struct maybe_point maybes[2];
    uint32_t num_jobs;
    struct job *jobs;
    uint32_t num_gap;
    uint64_t local; /* no field */
};

static const struct mgs_symbol all_kinds[] = { { 0, "none" }, { 3, "some" } };
static const struct mgs_symbol all_flags[] = { { 1, "one" }, { 8, "eight" } };

static const struct mgs_field all_fields[] = {
    MGS_U8(struct all, u8),
    MGS_U16(struct all, u16, .unit = "steps", .radix = 16),
    MGS_U32(struct all, u32, MGS_RANGE(1, 100000)),
    MGS_PADDING("reserved", 3),
    MGS_U64(struct all, u64),
    MGS_U128(struct all, u128),
    MGS_I8(struct all, i8, MGS_RANGE(-5, 5)),
    MGS_I16(struct all, i16),
    MGS_I32(struct all, i32),
    MGS_I64(struct all, i64),
    MGS_I128(struct all, i128),
    MGS_F32(struct all, f32),
    MGS_F64(struct all, f64),
    MGS_BOOL(struct all, flag),
    MGS_ENUM8(struct all, kind, MGS_SYMBOLS(all_kinds)),
    MGS_FLAGS16(struct all, flags, MGS_SYMBOLS(all_flags), .open = true),
    MGS_BITMAP(struct all, bitmap),
    MGS_VECTOR(struct all, vector),
    MGS_BYTES(struct all, bytes, .secret = true),
    MGS_UUID(struct all, uuid),
    MGS_MAC(struct all, mac),
    MGS_PCI_ADDRESS(struct all, pci),
    MGS_ADDRESS64(struct all, address, .alignment_log2 = 4),
    MGS_SIZE32(struct all, size),
    MGS_COUNT16(struct all, count, .ref = "ring"),
    MGS_INDEX8(struct all, index, .ref = "/words"),
    MGS_DURATION(struct all, duration),
    MGS_INSTANT(struct all, instant, .clock = MGS_CLOCK_VIRTUAL),
    MGS_ARRAY(struct all, words, U16),
    MGS_STRUCT_ARRAY(struct all, points, point_layout),
    MGS_COUNTED(struct all, ring, U32),
    MGS_STRUCT_COUNTED(struct all, path, point_layout),
    MGS_STRUCT_POINTER(struct all, far, 10, point_layout),
    MGS_COUNTED_BYTES(struct all, blob),
    MGS_STRING_POINTER(struct all, text, MGS_RANGE(0, 64)),
    MGS_OPTIONAL(struct all, spare, point_layout),
    MGS_UNION(struct all, shape, shape_layout),
    MGS_FIELD_WRAPPED_ARRAY("maybes", struct all, maybes, OPTIONAL, maybe_point_layout),
    MGS_LIST(struct all, jobs, job_elements, MGS_RANGE(0, 4)),
    MGS_PADDING_COUNTED("gap", 2, 6, struct all, num_gap),
};
static const struct mgs_layout all_layout = MGS_LAYOUT("all", struct all, all_fields);
static const struct mgs_section all_sections[] = { MGS_SECTION("all", all_layout) };
static const struct mgs_model all_model = MGS_MODEL("test/all", struct all, all_sections, .version = 1, MGS_ELEMENTS(all_elements));

#endif
