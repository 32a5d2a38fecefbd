/* What no other program here calls: manifests, simple calls, encoder, decoder by push, pull and places, memory that is filled
 * from outside. All of it once well, and then with an allocator that fails at each of its calls. */
#include "check.h"
#include "counted_memory.h"
#include "migstream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Goes on only when a call was good. */
#define DO(call) \
    do { \
        int status_ = (call); \
        if (status_ < 0) \
            return status_; \
    } while (0)

static struct memory memory;
static const mgs_config config = { .size = sizeof config, .allocator = { &memory, counted_allocate, counted_deallocate } };

struct stream {
    unsigned char octets[1 << 16];
    size_t size;
};

static int keep(void *context, const mgs_octets *pieces, size_t num_pieces)
{
    struct stream *stream = context;
    for (size_t i = 0; i < num_pieces; i++) {
        CHECK(pieces[i].size <= sizeof stream->octets - stream->size);
        memcpy(stream->octets + stream->size, pieces[i].octets, pieces[i].size);
        stream->size += pieces[i].size;
    }
    return 0;
}

/* Handles, which are freed whatever becomes of them. */
static mgs_manifest *manifest;
static mgs_encoder *encoder;
static mgs_decoder *decoder;
static mgs_machine *machine;

static void free_all(void)
{
    CHECK(mgs_manifest_free(manifest) == 0 && mgs_encoder_free(encoder) == 0 && mgs_decoder_free(decoder) == 0);
    CHECK(mgs_machine_free(machine) == 0);
    manifest = NULL;
    encoder = NULL;
    decoder = NULL;
    machine = NULL;
}

/* ======   Manifests   ====== */

/* One unsigned number of 8 octets, at most 1000: Specs/20-layouts.md section 3. */
static const unsigned char counter_layout[104] = {
    [0] = 1, [8] = 12, [12] = 8, [16] = 7,                                  /* fields, text, block, name */
    [24] = 1, [26] = 1, [27] = 2, [28] = 8, [40] = 5, [64] = 0xe8, [65] = 3, /* unsigned, required, range, width, name, max */
    [88] = 'c', 'o', 'u', 'n', 't', 'e', 'r', 'c', 'o', 'u', 'n', 't'
};
static const mgs_device counter = {
    .size = sizeof counter, .path = MGS_TEXT("counter"), .model = MGS_TEXT("example/counter"), .version = 1, .version_min = 1
};

static int add_counter(mgs_error *error)
{
    const mgs_parameter parameter = { .size = sizeof parameter, .name = MGS_TEXT("fast"), .kind = 1, .value = 1 };
    const mgs_announcement section = { .size = sizeof section, .name = MGS_TEXT("state"), .version = 1, .version_min = 1 };
    const mgs_announcement extra = {
        .size = sizeof extra, .name = MGS_TEXT("extra"), .mark = MGS_SKIPPABLE, .version = 1, .version_min = 1
    };
    mgs_octets canonical = { NULL, 0 };
    DO(mgs_manifest_add_device(manifest, &counter, error));
    DO(mgs_manifest_add_parameter(manifest, &parameter, error));
    DO(mgs_manifest_add_layout(manifest, counter_layout, sizeof counter_layout, error));
    DO(mgs_manifest_add_section(manifest, &section, error));
    DO(mgs_manifest_add_subsection(manifest, &extra, error));
    CHECK(mgs_manifest_layout(manifest, 0, 0, &canonical) == 0);
    CHECK(canonical.size == sizeof counter_layout && memcmp(canonical.octets, counter_layout, canonical.size) == 0);
    CHECK(mgs_manifest_layout(manifest, 0, 1, &canonical) < 0);
    return 0;
}

static int new_manifest(mgs_error *error)
{
    const mgs_topology topology = { .size = sizeof topology, .producer = MGS_TEXT("calls"), .architecture = MGS_TEXT("x86_64") };
    const mgs_region ram = { .size = sizeof ram, .name = MGS_TEXT("ram"), .length = 16384, .owner = MGS_NO_DEVICE };
    DO(mgs_manifest_new(&manifest, &topology, &config, error));
    DO(mgs_manifest_add_region(manifest, &ram, error));
    return add_counter(error);
}

/* ======   One device   ====== */

static uint64_t taken_count;

static int take(void *context, const mgs_piece *piece)
{
    (void)context;
    memcpy(&taken_count, piece->data.octets, sizeof taken_count);
    return 0;
}

static int try_simple(mgs_error *error)
{
    static struct stream stream;
    const mgs_topology topology = { .size = sizeof topology, .producer = MGS_TEXT("calls") };
    const uint64_t count = 42;
    const mgs_octets data = { &count, sizeof count };
    size_t taken = 0;
    DO(mgs_manifest_new(&manifest, &topology, &config, error));
    DO(add_counter(error));
    const size_t bound = mgs_device_bound(manifest, sizeof count);
    CHECK((bound == 0 || bound <= sizeof stream.octets) && mgs_device_bound(manifest, SIZE_MAX) == 0);
    DO(mgs_encode_device(manifest, &data, 1, NULL, stream.octets, sizeof stream.octets, &stream.size, error));
    CHECK(bound == 0 || stream.size <= bound);
    DO(mgs_manifest_check(manifest, stream.octets, stream.size, error));
    int status = mgs_manifest_check(manifest, stream.octets, 63, error);
    CHECK(status < 0);
    if (status != -MGS_ERROR_TRUNCATED)
        return status;
    taken_count = 0;
    DO(mgs_decode_device(manifest, stream.octets, stream.size, take, NULL, &taken, error));
    CHECK(taken_count == 42 && taken == stream.size);
    free_all();
    return 0;
}

/* ======   A stream, record by record   ====== */

static struct stream whole;

static int encode(mgs_error *error)
{
    static const unsigned char page[4096] = { 1 };
    const uint64_t count = 7;
    const mgs_section_data data = { .size = sizeof data, .data = { &count, sizeof count } };
    const mgs_stream_options options = { .size = sizeof options, .uuid = { 1 }, .flags = MGS_PASSES };
    const uint32_t last = MGS_BYTES_UNIT_FIRST | MGS_BYTES_UNIT_LAST | MGS_BYTES_LAST;
    uint32_t base = 9;
    uint64_t offset = 0;
    whole.size = 0;
    DO(mgs_encoder_new(&encoder, manifest, &options, keep, &whole, &config, error));
    CHECK(mgs_encoder_layout_base(encoder, 0, &base) == 0 && base == 0);
    DO(mgs_encoder_memory(encoder, 0, 0, page, sizeof page, MGS_LIVE, error));
    DO(mgs_encoder_zero(encoder, 0, 8192, 8192, MGS_EXTENT_DISCARD, error));
    DO(mgs_encoder_barrier(encoder, error));
    DO(mgs_encoder_memory(encoder, 0, 0, page, sizeof page, MGS_STABLE, error));
    DO(mgs_encoder_bytes(encoder, 0, "octets", 6, last, MGS_STABLE, error));
    DO(mgs_encoder_section(encoder, 0, 0, &data, error));
    DO(mgs_encoder_end(encoder, error));
    CHECK(mgs_encoder_offset(encoder, &offset) == 0 && offset == whole.size);
    CHECK(mgs_encoder_free(encoder) == 0);
    encoder = NULL;
    return 0;
}

static int encode_abort(mgs_error *error)
{
    static struct stream given_up;
    const mgs_text why = MGS_TEXT("the operator wants it");
    const mgs_stream_options options = { .size = sizeof options, .uuid = { 2 } };
    given_up.size = 0;
    DO(mgs_encoder_new(&encoder, manifest, &options, keep, &given_up, &config, error));
    DO(mgs_encoder_abort(encoder, 1, why, error));
    int status = mgs_verify(given_up.octets, given_up.size, MGS_TIER_DEEP, NULL, &config, error);
    CHECK(status == -MGS_ERROR_ABORTED || status == -MGS_ERROR_OUT_OF_MEMORY);
    CHECK(mgs_encoder_free(encoder) == 0);
    encoder = NULL;
    return status == -MGS_ERROR_ABORTED ? 0 : status;
}

/* ======   Decoders   ====== */

struct heard {
    unsigned records, payload_octets, ends, extents;
};

static int hear_record(void *context, const mgs_record *record)
{
    struct heard *heard = context;
    mgs_extent extent;
    heard->records++;
    if (record->kind == MGS_RECORD_MEMORY)
        for (uint32_t i = 0; i < record->count; i++)
            heard->extents += mgs_record_extent(record, i, &extent) == 0;
    CHECK(mgs_record_extent(record, record->count, &extent) < 0);
    return 0;
}

static int hear_payload(void *context, const void *octets, size_t size, uint64_t position)
{
    struct heard *heard = context;
    (void)octets, (void)position;
    heard->payload_octets += (unsigned)size;
    return 0;
}

static int hear_end(void *context, uint64_t sequence)
{
    struct heard *heard = context;
    (void)sequence;
    heard->ends++;
    return 0;
}

/* What MANIFEST said. */
static void look(void)
{
    mgs_topology topology = { .size = sizeof topology };
    mgs_region region = { .size = sizeof region };
    mgs_device device = { .size = sizeof device };
    mgs_parameter parameter = { .size = sizeof parameter };
    mgs_announcement piece = { .size = sizeof piece };
    CHECK(mgs_decoder_topology(decoder, &topology) == 0 && topology.num_devices == 1 && topology.num_regions == 1);
    CHECK(mgs_decoder_region(decoder, 0, &region) == 0 && region.length == 16384);
    CHECK(mgs_decoder_device(decoder, 0, &device) == 0 && device.num_sections == 1 && device.num_subsections == 1);
    CHECK(mgs_decoder_parameter(decoder, 0, 0, &parameter) == 0 && parameter.value == 1);
    CHECK(mgs_decoder_section(decoder, 0, 0, &piece) == 0 && memcmp(piece.name.octets, "state", 5) == 0);
    CHECK(mgs_decoder_subsection(decoder, 0, 0, &piece) == 0 && piece.mark == MGS_SKIPPABLE);
    CHECK(mgs_decoder_device(decoder, 1, &device) == -MGS_ERROR_BAD_ARGUMENT);
}

/* Octets where places are named, the rest as much as is wanted. */
static int push(mgs_error *error)
{
    static unsigned char room[4096];
    static const mgs_handler handler = { sizeof handler, hear_record, hear_payload, hear_end };
    struct heard heard = { 0, 0, 0, 0 };
    mgs_summary summary = { .size = sizeof summary };
    mgs_place places[4];
    uint64_t offset = 0;
    size_t placed = 0, wanted = 0, taken = 0;
    DO(mgs_decoder_new(&decoder, &handler, &heard, MGS_TIER_DEEP, &config, error));
    for (;;) {
        CHECK(mgs_decoder_offset(decoder, &offset) == 0 && mgs_decoder_wanted(decoder, &wanted) == 0);
        const int count = mgs_decoder_places(decoder, places, 4);
        CHECK(count >= 0 && (count == 0 || wanted == 0));
        if (count == 0 && wanted == 0)
            break;
        if (count == 0) {
            DO(mgs_decoder_push(decoder, whole.octets + offset, wanted, &taken, error));
            CHECK(taken == wanted);
            continue;
        }
        for (int i = 0; i < count; i++) {
            CHECK(places[i].length <= sizeof room);
            memcpy(room, whole.octets + offset, places[i].length);
            DO(mgs_decoder_placed(decoder, room, places[i].length, error));
            offset += places[i].length;
            placed += places[i].length;
        }
    }
    look();
    DO(mgs_decoder_finish(decoder, 0, &summary, error));
    CHECK(offset == whole.size && placed >= 2 * 4096 && summary.num_sections == 1 && summary.num_records == heard.records);
    CHECK(heard.ends == heard.records && heard.extents == 3);
    CHECK(mgs_decoder_free(decoder) == 0);
    decoder = NULL;
    return 0;
}

static int pull(mgs_error *error)
{
    mgs_record record = { .size = sizeof record };
    unsigned count = 0;
    int status;
    DO(mgs_decoder_new(&decoder, NULL, NULL, 0, &config, error));
    while ((status = mgs_decoder_next(decoder, whole.octets, whole.size, &record, error)) == 1)
        count++;
    DO(status);
    CHECK(count == 9 || count == 8);
    look();
    DO(mgs_decoder_finish(decoder, 0, NULL, error));
    CHECK(mgs_decoder_free(decoder) == 0);
    decoder = NULL;
    return 0;
}

/* ======   Machines   ====== */

static unsigned char ram[16384];
static size_t position;

static int lend(void *context, uint32_t region, uint64_t offset, size_t size, void **room, size_t *count)
{
    (void)context, (void)region;
    *room = ram + offset;
    *count = size;
    return 0;
}

static int clear(void *context, uint32_t region, uint64_t offset, uint64_t length, uint32_t is_discarded)
{
    (void)context, (void)region, (void)is_discarded;
    memset(ram + offset, 0, length);
    return 0;
}

static int take_bytes(void *context, uint32_t device, const void *octets, size_t size, uint64_t offset)
{
    (void)context, (void)device;
    return size == 6 && offset == 0 && memcmp(octets, "octets", 6) == 0 ? 0 : 1;
}

static int64_t fill(void *context, void *room, size_t size)
{
    (void)context;
    memcpy(room, whole.octets + position, size);
    position += size;
    return (int64_t)size;
}

static int resume(mgs_error *error)
{
    static const mgs_device_ops ops = { .size = sizeof ops, .target = lend, .clear = clear, .bytes = take_bytes };
    mgs_machine_status state = { .size = sizeof state };
    uint64_t session = 0;
    size_t count = 0;
    DO(mgs_machine_new(&machine, manifest, &ops, NULL, NULL, &config, error));
    DO(mgs_machine_request(machine, MGS_STATE_RESUMING, &session, error));
    position = 0;
    for (;;) {
        CHECK(mgs_machine_status_get(machine, &state) == 0);
        if (state.session == MGS_SESSION_COMPLETE)
            break;
        if (state.wanted != 0) {
            DO(mgs_resume_write(machine, session, whole.octets + position, (size_t)state.wanted, &count, error));
            position += count;
        } else {
            DO(mgs_resume_fill(machine, session, 1000, fill, NULL, &count, error));
        }
    }
    DO(mgs_resume_finish(machine, session, 0, error));
    CHECK(mgs_machine_state(machine, 0) == MGS_STATE_STOP && ram[0] == 1);
    CHECK(mgs_resume_abort(machine, session, NULL) == -MGS_ERROR_SESSION_CLOSED);
    CHECK(mgs_machine_reset(machine) == 0 && mgs_machine_state(machine, 0) == MGS_STATE_RUNNING);
    CHECK(mgs_machine_free(machine) == 0);
    machine = NULL;
    return 0;
}

static int save_nothing(void *context, uint32_t device, uint32_t is_stopped, mgs_encoder *out)
{
    (void)context, (void)device, (void)out;
    return is_stopped ? MGS_DONE : MGS_NO_DATA_NOW;
}

/* A layout that is known by its name alone; and a save that is cancelled. */
static int save_external(mgs_error *error)
{
    static const mgs_device_ops ops = { .size = sizeof ops, .save = save_nothing };
    static struct stream stream;
    const mgs_text identity = MGS_TEXT("example.org/somebody/layout");
    const mgs_stream_options options = { .size = sizeof options, .uuid = { 3 } };
    const mgs_topology topology = { .size = sizeof topology, .producer = MGS_TEXT("calls") };
    mgs_estimate left = { .size = sizeof left };
    stream.size = 0;
    DO(mgs_manifest_new(&manifest, &topology, &config, error));
    DO(mgs_manifest_add_device(manifest, &counter, error));
    DO(mgs_manifest_add_external_layout(manifest, identity, error));
    DO(mgs_machine_new(&machine, manifest, &ops, NULL, NULL, &config, error));
    DO(mgs_save_open(machine, &options, keep, &stream, error));
    DO(mgs_save_stop(machine, error));
    CHECK(mgs_save_estimate(machine, &left) == 0 && left.stop_copy_size == 0);
    CHECK(mgs_save_resume_here(machine, 1, NULL) == -MGS_ERROR_WRONG_CALL);
    DO(mgs_save_cancel(machine, 1, error));
    CHECK(mgs_machine_state(machine, 0) == MGS_STATE_RUNNING);
    return 0;
}

/* ======   All of it   ====== */

static int try_all(mgs_error *error)
{
    DO(try_simple(error));
    DO(new_manifest(error));
    DO(encode(error));
    DO(encode_abort(error));
    DO(push(error));
    DO(pull(error));
    DO(resume(error));
    free_all();
    return save_external(error);
}

int main(void)
{
    const struct memory fresh = { 0, 0, -1 };
    mgs_error error = { 0 };
    char line[200];
    CHECK(mgs_version_number() == MGS_VERSION_NUMBER && strcmp(mgs_version_string(), MGS_VERSION_STRING) == 0);
    CHECK(mgs_format_version() == (MGS_FORMAT_MAJOR << 16 | MGS_FORMAT_MINOR));
    CHECK(strcmp(mgs_code_name(-MGS_ERROR_BAD_MAGIC), "badMagic") == 0 && strcmp(mgs_stage_name(99), "unknown") == 0);
    memory = fresh;
    const int status = try_all(&error);
    if (status < 0) {
        mgs_error_text(&error, line, sizeof line);
        printf("refused: %s\n", line);
        return 1;
    }
    free_all();
    CHECK(memory.live == 0);
    const long calls = memory.calls;
    for (long failing = 0; failing < calls; failing++) {
        memory = fresh;
        memory.failing = failing;
        memset(ram, 0, sizeof ram);
        CHECK(try_all(&error) == -MGS_ERROR_OUT_OF_MEMORY);
        free_all();
        CHECK(memory.live == 0);
    }
    printf("every other call made; %ld failing allocations survived\n", calls);
    return 0;
}
