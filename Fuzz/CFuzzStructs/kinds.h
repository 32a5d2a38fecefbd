/* One section with a member of every type and shape. */

struct pair {
    int16_t low;
    int32_t high;
};

static const struct mgs_field pair_fields[] = { MGS_I16(struct pair, low), MGS_I32(struct pair, high, MGS_PRESET(-3)) };
static const struct mgs_layout pair_layout = MGS_LAYOUT("pair", struct pair, pair_fields);

union value {
    uint64_t plain;
    struct pair both;
};

static const struct mgs_field value_fields[] = { MGS_U64(union value, plain), MGS_STRUCT(union value, both, pair_layout) };
static const struct mgs_layout value_layout = MGS_LAYOUT("value", union value, value_fields);

struct request {
    uint32_t tag;
    uint32_t num_label;
    char label[6];
};

static const struct mgs_field request_fields[] = { MGS_U32(struct request, tag), MGS_STRING(struct request, label) };
static const struct mgs_layout request_layout = MGS_LAYOUT("request", struct request, request_fields);

struct tick {
    uint8_t level;
};

static const struct mgs_field tick_fields[] = { MGS_U8(struct tick, level, MGS_RANGE(0, 9)) };
static const struct mgs_layout tick_layout = MGS_LAYOUT("tick", struct tick, tick_fields);
static const struct mgs_layout *const kinds_elements[] = { &request_layout, &tick_layout };

struct entry {
    uint32_t layout;
    union {
        struct request request;
        struct tick tick;
    } u;
};
static const uint32_t entry_elements[] = { 1, 0 };

struct kinds {
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
    bool is_on;
    uint8_t mode;
    uint16_t causes;
    uint64_t map[2];
    uint8_t vector[16];
    uint8_t octets[3];
    uint8_t uuid[16];
    uint8_t mac[6];
    uint32_t pci;
    uint64_t address;
    uint32_t size;
    uint16_t used;
    uint8_t current;
    int64_t duration;
    uint64_t instant;
    uint16_t words[3];
    struct pair pairs[2];
    uint32_t num_ring;
    uint32_t ring[4];
    uint32_t num_near;
    struct pair near[3];
    uint32_t num_far;
    struct pair *far;
    uint32_t num_blob;
    uint8_t blob[9];
    uint32_t num_text;
    char *text;
    bool has_spare;
    struct pair spare;
    uint32_t choice_value;
    union value value;
    uint32_t num_entries;
    struct entry *entries;
    uint32_t num_gap;
};

static const struct mgs_symbol modes[] = { { 0, "idle" }, { 2, "busy" } };
static const struct mgs_symbol causes[] = { { 1, "first" }, { 4, "third" } };

static const struct mgs_field kinds_fields[] = {
    MGS_U8(struct kinds, u8),
    MGS_U16(struct kinds, u16, .unit = "steps", .radix = 16),
    MGS_U32(struct kinds, u32, MGS_RANGE(1, 1000)),
    MGS_PADDING("reserved", 3),
    MGS_U64(struct kinds, u64),
    MGS_U128(struct kinds, u128),
    MGS_I8(struct kinds, i8, MGS_RANGE(-5, 5)),
    MGS_I16(struct kinds, i16),
    MGS_I32(struct kinds, i32),
    MGS_I64(struct kinds, i64),
    MGS_I128(struct kinds, i128),
    MGS_F32(struct kinds, f32),
    MGS_F64(struct kinds, f64),
    MGS_BOOL(struct kinds, is_on),
    MGS_ENUM8(struct kinds, mode, MGS_SYMBOLS(modes)),
    MGS_FLAGS16(struct kinds, causes, MGS_SYMBOLS(causes), .open = true),
    MGS_BITMAP(struct kinds, map),
    MGS_VECTOR(struct kinds, vector),
    MGS_BYTES(struct kinds, octets, .secret = true),
    MGS_UUID(struct kinds, uuid),
    MGS_MAC(struct kinds, mac),
    MGS_PCI_ADDRESS(struct kinds, pci),
    MGS_ADDRESS64(struct kinds, address, .alignment_log2 = 4),
    MGS_SIZE32(struct kinds, size),
    MGS_COUNT16(struct kinds, used, .ref = "ring"),
    MGS_INDEX8(struct kinds, current, .ref = "/words"),
    MGS_DURATION(struct kinds, duration),
    MGS_INSTANT(struct kinds, instant, .clock = MGS_CLOCK_VIRTUAL),
    MGS_ARRAY(struct kinds, words, U16),
    MGS_STRUCT_ARRAY(struct kinds, pairs, pair_layout),
    MGS_COUNTED(struct kinds, ring, U32),
    MGS_STRUCT_COUNTED(struct kinds, near, pair_layout),
    MGS_STRUCT_POINTER(struct kinds, far, 5, pair_layout),
    MGS_COUNTED_BYTES(struct kinds, blob),
    MGS_STRING_POINTER(struct kinds, text, MGS_RANGE(0, 16)),
    MGS_OPTIONAL(struct kinds, spare, pair_layout),
    MGS_UNION(struct kinds, value, value_layout),
    MGS_LIST(struct kinds, entries, entry_elements, MGS_RANGE(0, 3)),
    MGS_PADDING_COUNTED("gap", 2, 4, struct kinds, num_gap),
};
static const struct mgs_layout kinds_layout = MGS_LAYOUT("kinds", struct kinds, kinds_fields);
static const struct mgs_section kinds_sections[] = { MGS_SECTION("kinds", kinds_layout) };
static const struct mgs_model kinds_model =
    MGS_MODEL("fuzz/kinds", struct kinds, kinds_sections, .version = 1, MGS_ELEMENTS(kinds_elements));

/* What members point to, from FUZZ_STRUCT_SIZE on. */
enum { KINDS_FAR = 0, KINDS_TEXT = 128, KINDS_ENTRIES = 256 };

static void fill_kinds(struct kinds *kinds, unsigned char *beyond, uint32_t variant)
{
    kinds->u32 = 1 + variant % 1000;
    kinds->i8 = -5;
    kinds->is_on = true;
    kinds->mode = 2;
    kinds->causes = 0x2005;
    kinds->address = 0x12340;
    kinds->num_ring = kinds->used = 1 + variant % 4;
    kinds->current = 2;
    kinds->num_near = variant % 4;
    kinds->num_far = variant % 6;
    kinds->far = (struct pair *)(void *)(beyond + KINDS_FAR);
    kinds->num_blob = 9;
    kinds->num_text = 5;
    kinds->text = memcpy(beyond + KINDS_TEXT, "hello", 5);
    kinds->has_spare = variant % 2 == 0;
    kinds->choice_value = variant % 2;
    kinds->entries = (struct entry *)(void *)(beyond + KINDS_ENTRIES);
    kinds->num_entries = variant % 4;
    for (uint32_t i = 0; i < 3; i++) {
        kinds->entries[i].layout = i % 2;
        if (i % 2 == 0)
            kinds->entries[i].u.tick.level = 7;
        else
            kinds->entries[i].u.request.num_label = 2, memcpy(kinds->entries[i].u.request.label, "ab", 2);
    }
}
