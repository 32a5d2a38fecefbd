/* A manifest of one struct is saved and loaded again and again: from the second time on that asks for no memory, and gives
 * the octets, the effects and the errors of the first time. */
#include <migstream.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "counted_memory.h"

static struct memory memory = { 0, 0, -1 };
static const mgs_config config = {
    .size = sizeof(mgs_config), .allocator = { &memory, counted_allocate, counted_deallocate } };

/* ======   A device   ====== */

struct ring {
    uint64_t address;
    uint16_t size;
    bool is_ready;
};

struct filter {
    uint32_t mask;
};

struct nic {
    uint16_t mode;
    uint8_t kind;
    uint8_t mac[6];
    bool is_up, is_linked;
    uint64_t features;        /* configuration */
    uint32_t num_vlans;
    uint16_t vlans[8];
    uint32_t num_name;
    char name[12];
    struct ring rings[3];
    uint64_t deadline;        /* 0: none */
    bool has_filter;
    struct filter filter;
};

static const struct mgs_symbol kinds[] = { { 1, "plain" }, { 4, "fast" } };
static const struct mgs_field ring_fields[] = {
    MGS_ADDRESS64(struct ring, address, .alignment_log2 = 4), MGS_U16(struct ring, size), MGS_BOOL(struct ring, is_ready) };
static const struct mgs_layout ring_layout = MGS_LAYOUT("ring", struct ring, ring_fields);
static const struct mgs_field nic_fields[] = {
    MGS_U16(struct nic, mode, MGS_RANGE(0, 3)), MGS_ENUM8(struct nic, kind, MGS_SYMBOLS(kinds)), MGS_MAC(struct nic, mac),
    MGS_BOOL(struct nic, is_up), MGS_BOOL(struct nic, is_linked), MGS_U64(struct nic, features, .verify = true),
    MGS_COUNTED(struct nic, vlans, U16), MGS_STRING(struct nic, name), MGS_STRUCT_ARRAY(struct nic, rings, ring_layout),
};
static const struct mgs_layout nic_layout = MGS_LAYOUT("nic", struct nic, nic_fields);
static const struct mgs_field deadline_fields[] = { MGS_INSTANT(struct nic, deadline, MGS_PRESET(0)) };
static const struct mgs_layout deadline_layout = MGS_LAYOUT("deadline", struct nic, deadline_fields);
static bool has_deadline(const void *nic) { return ((const struct nic *)nic)->deadline != 0; }
static const struct mgs_field filter_fields[] = { MGS_U32(struct filter, mask) };
static const struct mgs_layout filter_layout = MGS_LAYOUT("filter", struct filter, filter_fields);

static const struct mgs_section plain_sections[] = { MGS_SECTION("nic", nic_layout) };
static const struct mgs_model plain = MGS_MODEL("test/nic", struct nic, plain_sections, .version = 1);

static const struct mgs_section rich_subsections[] = { MGS_SUBSECTION("deadline", deadline_layout, has_deadline) };
static const struct mgs_section rich_sections[] = {
    MGS_SECTION("nic", nic_layout, MGS_SUBSECTIONS(rich_subsections)),
    MGS_SECTION_MEMBER("filter", struct nic, filter, filter_layout) };
static const struct mgs_model rich = MGS_MODEL("test/nic", struct nic, rich_sections, .version = 1);

static const struct mgs_section optional_sections[] = {
    MGS_SECTION("nic", nic_layout),
    MGS_SECTION_OPTIONAL("filter", struct nic, filter, has_filter, filter_layout),
};
static const struct mgs_field seen_fields[] = { MGS_BOOL(struct nic, has_filter) };
static const struct mgs_layout seen_layout = MGS_LAYOUT("seen", struct nic, seen_fields);
static const struct mgs_section seen_sections[] = { MGS_SECTION("nic", nic_layout), MGS_SECTION("seen", seen_layout) };
static const struct mgs_model seen = MGS_MODEL("test/nic", struct nic, seen_sections, .version = 1);

/* States that differ in each turn; some are refused by whoever loads them. */
static struct nic state_of(int turn)
{
    struct nic nic = { .mode = (uint16_t)(turn % 4), .kind = turn % 2 ? 4 : 1, .mac = { 2, 0, 0, 0, 0, (uint8_t)turn },
                       .is_up = turn % 3 == 0, .is_linked = turn % 5 == 0, .features = 7, .num_vlans = (uint32_t)(turn % 9),
                       .num_name = (uint32_t)(turn % 4), .name = "abcd", .filter = { (uint32_t)turn } };
    for (int i = 0; i < 8; i++)
        nic.vlans[i] = (uint16_t)(turn * 8 + i);
    for (int i = 0; i < 3; i++)
        nic.rings[i] = (struct ring){ (uint64_t)(turn + i) << 12, (uint16_t)(turn + i), i == turn % 3 };
    switch (turn) {
    case 11: nic.mode = 4; break;
    case 12: nic.kind = 2; break;
    case 13: nic.features = 8; break;
    case 14: nic.rings[1].address |= 8; break;
    case 15: nic.deadline = 99; break;
    case 16: nic.deadline = 1; break;
    }
    return nic;
}
enum { TURNS = 20, TURN_OF_DEADLINE = 15 };

/* ======   Saving and loading   ====== */

static unsigned char stream[1 << 14], other[1 << 14];
static size_t stream_size, other_size;

static mgs_manifest *manifest_of(const struct mgs_model *model, struct nic *nic)
{
    const mgs_topology topology = { .size = sizeof topology, .producer = MGS_TEXT("test") };
    const mgs_device device = { .size = sizeof device, .path = MGS_TEXT("nic") };
    mgs_manifest *manifest = NULL;
    CHECK(mgs_manifest_new(&manifest, &topology, &config, NULL) == 0);
    CHECK(mgs_manifest_add_struct(manifest, &device, model, nic, NULL) == 0);
    return manifest;
}

static int keep(void *context, const mgs_octets *pieces, size_t num_pieces)
{
    (void)context;
    for (size_t i = 0; i < num_pieces; i++) {
        memcpy(other + other_size, pieces[i].octets, pieces[i].size);
        other_size += pieces[i].size;
    }
    return 0;
}

/* What an encoder makes of the manifest. */
static void encode_otherwise(mgs_manifest *manifest, const uint8_t *uuid)
{
    mgs_stream_options options = { .size = sizeof options, .flags = MGS_SINGLE_DEVICE };
    mgs_encoder *encoder = NULL;
    mgs_error error;
    if (uuid)
        memcpy(options.uuid, uuid, 16);
    other_size = 0;
    CHECK(mgs_encoder_new(&encoder, manifest, &options, keep, NULL, NULL, &error) == 0);
    CHECK(mgs_encoder_struct(encoder, 0, &error) == 0 && mgs_encoder_end(encoder, &error) == 0);
    mgs_encoder_free(encoder);
}

/* Loads with a manifest that has loaded before, and with one that has not: the same comes of it. */
static int load_both(mgs_manifest *warm, struct nic *nic, const struct mgs_model *model, size_t size)
{
    const struct nic before = *nic;
    struct nic fresh = *nic;
    mgs_error error = { .code = 0 }, expected = { .code = 0 };
    size_t taken = 1, taken_fresh = 2;
    mgs_manifest *cold = manifest_of(model, &fresh);
    const int wanted = mgs_decode_struct(cold, stream, size, &taken_fresh, &expected);
    mgs_manifest_free(cold);
    const int status = mgs_decode_struct(warm, stream, size, &taken, &error);
    CHECK(status == wanted && taken == taken_fresh);
    CHECK(memcmp(&error, &expected, sizeof error) == 0);
    CHECK(memcmp(nic, &fresh, sizeof fresh) == 0);
    CHECK(status == 0 || memcmp(nic, &before, sizeof before) == 0);
    return status;
}

static void save_and_load(const struct mgs_model *model)
{
    struct nic source = state_of(1), target = state_of(2);
    mgs_manifest *saving = manifest_of(model, &source), *loading = manifest_of(model, &target);
    int refused = 0;
    for (int turn = 0; turn < TURNS; turn++) {
        uint8_t uuid[16] = { (uint8_t)(turn / 3), 5 };
        mgs_error error;
        source = state_of(turn);
        CHECK(mgs_encode_struct(saving, turn % 4 ? uuid : NULL, stream, sizeof stream, &stream_size, &error) == 0);
        encode_otherwise(saving, turn % 4 ? uuid : NULL);
        CHECK(stream_size == other_size && memcmp(stream, other, stream_size) == 0);
        CHECK(mgs_verify(stream, stream_size, 0, NULL, NULL, &error) == 0);
        refused += load_both(loading, &target, model, stream_size) < 0;
        /* Octets behind it are another's. */
        memset(stream + stream_size, 0x55, 8);
        load_both(loading, &target, model, stream_size + 8);
    }
    CHECK(refused == 4);
    /* A stream of a target that is too small, and a state that cannot be saved. */
    mgs_error error;
    CHECK(mgs_encode_struct(saving, NULL, stream, 100, &stream_size, &error) == -MGS_ERROR_TARGET_TOO_SMALL);
    CHECK(stream_size == 0 && error.expected > 100 && error.found == 100);
    source.num_vlans = 9;
    CHECK(mgs_encode_struct(saving, NULL, stream, sizeof stream, &stream_size, &error) == -MGS_ERROR_BAD_VALUE);
    source = state_of(3);
    memset(&source.is_up, 2, 1);
    CHECK(mgs_encode_struct(saving, NULL, stream, sizeof stream, &stream_size, &error) == -MGS_ERROR_BAD_VALUE);
    source = state_of(3);
    CHECK(mgs_encode_struct(saving, NULL, stream, sizeof stream, &stream_size, &error) == 0);
    CHECK(load_both(loading, &target, model, stream_size) == 0);
    mgs_manifest_free(saving);
    mgs_manifest_free(loading);
    CHECK(memory.live == 0);
}

/* Every octet that is another one, and every end that is too early. */
static void damage(const struct mgs_model *model)
{
    struct nic source = state_of(1), target = state_of(2);
    mgs_manifest *saving = manifest_of(model, &source), *loading = manifest_of(model, &target);
    CHECK(mgs_encode_struct(saving, NULL, stream, sizeof stream, &stream_size, NULL) == 0);
    for (int i = 0; i < 3; i++)
        CHECK(load_both(loading, &target, model, stream_size) == 0);
    for (size_t i = 0; i < stream_size; i++) {
        stream[i] ^= (unsigned char)(1u << i % 8);
        load_both(loading, &target, model, stream_size);
        stream[i] ^= (unsigned char)(1u << i % 8);
        load_both(loading, &target, model, i);
    }
    CHECK(load_both(loading, &target, model, stream_size) == 0);
    mgs_manifest_free(saving);
    mgs_manifest_free(loading);
    CHECK(memory.live == 0);
}

/* ======   Memory   ====== */

static void no_allocations(void)
{
    struct nic source = state_of(1), target = state_of(2);
    mgs_manifest *saving = manifest_of(&plain, &source), *loading = manifest_of(&plain, &target);
    long calls = 0;
    for (int turn = 0; turn < 30; turn++) {
        if (turn == 10)
            calls = memory.calls;
        source = state_of(turn % 10);
        CHECK(mgs_encode_struct(saving, NULL, stream, sizeof stream, &stream_size, NULL) == 0);
        CHECK(mgs_decode_struct(loading, stream, stream_size, NULL, NULL) == 0 && target.filter.mask == 2);
        CHECK(target.mode == source.mode && target.rings[1].address == source.rings[1].address);
    }
    CHECK(memory.calls == calls);
    mgs_manifest_free(saving);
    mgs_manifest_free(loading);
    CHECK(memory.live == 0);
}

/* The call that fails is each one in turn: its error is told, or another way is found, and the next call is as ever. */
static void failing_allocations(void)
{
    int survived = 0;
    for (long failing = 0;; failing++) {
        struct nic source = state_of(1), target = state_of(2);
        mgs_manifest *saving = manifest_of(&plain, &source), *loading = manifest_of(&plain, &target);
        memory.failing = memory.calls + failing;
        for (int turn = 3; turn < 8; turn++) {
            mgs_error error;
            const struct nic before = target;
            source = state_of(turn);
            int status = mgs_encode_struct(saving, NULL, stream, sizeof stream, &stream_size, &error);
            CHECK(status == 0 || status == -MGS_ERROR_OUT_OF_MEMORY);
            if (status < 0 && mgs_encode_struct(saving, NULL, stream, sizeof stream, &stream_size, &error) < 0) {
                /* What ran out of memory while the manifest was closed is poisoned. */
                CHECK(error.code == MGS_ERROR_OUT_OF_MEMORY);
                break;
            }
            status = mgs_decode_struct(loading, stream, stream_size, NULL, &error);
            CHECK(status == 0 || (status == -MGS_ERROR_OUT_OF_MEMORY && memcmp(&target, &before, sizeof before) == 0));
            CHECK(status < 0 || (target.mode == source.mode && target.rings[2].address == source.rings[2].address));
        }
        const bool is_over = memory.calls <= memory.failing;
        survived += !is_over;
        memory.failing = -1;
        mgs_manifest_free(saving);
        mgs_manifest_free(loading);
        CHECK(memory.live == 0);
        if (is_over)
            break;
    }
    printf("%d failing allocations survived while a struct is saved and loaded again\n", survived);
}

int main(void)
{
    const struct mgs_model optional = MGS_MODEL("test/nic", struct nic, optional_sections, .version = 1);
    save_and_load(&plain);
    save_and_load(&rich);
    save_and_load(&seen);
    save_and_load(&optional);
    damage(&plain);
    damage(&rich);
    no_allocations();
    failing_allocations();
    return 0;
}
