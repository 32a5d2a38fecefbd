/* A counter with some memory is saved by one machine and loaded by another: first well, then with an allocator that fails
 * at its first call, its second, and so on until all calls are good. */
#include "counted_memory.h"
#include "migstream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ======   A stream in memory   ====== */

struct stream {
    unsigned char octets[65536];
    size_t size;
};

static int keep(void *context, const mgs_octets *pieces, size_t num_pieces)
{
    struct stream *stream = context;
    for (size_t i = 0; i < num_pieces; i++) {
        if (pieces[i].size > sizeof stream->octets - stream->size)
            return 1;
        memcpy(stream->octets + stream->size, pieces[i].octets, pieces[i].size);
        stream->size += pieces[i].size;
    }
    return 0;
}

/* ======   The device   ====== */

struct counter {
    uint64_t count;
    uint64_t arrived;
    unsigned char ram[8192];
    int gave_ram;
};

/* One unsigned number of 8 octets, at most 1000: Specs/20-layouts.md section 3. */
static const unsigned char counter_layout[104] = {
    [0] = 1, [8] = 12, [12] = 8, [16] = 7,                                  /* fields, text, block, name */
    [24] = 1, [26] = 1, [27] = 2, [28] = 8, [40] = 5, [64] = 0xe8, [65] = 3, /* unsigned, required, range, width, name, max */
    [88] = 'c', 'o', 'u', 'n', 't', 'e', 'r', 'c', 'o', 'u', 'n', 't'
};

static int save(void *context, uint32_t device, uint32_t is_stopped, mgs_encoder *out)
{
    struct counter *counter = context;
    mgs_section_data data = { .size = sizeof data, .data = { &counter->count, 8 } };
    if (!is_stopped)
        return MGS_NO_DATA_NOW;
    if (!counter->gave_ram) {
        int status = mgs_encoder_memory(out, 0, 0, counter->ram, sizeof counter->ram, MGS_LIVE, NULL);
        counter->gave_ram = 1;
        return status < 0 ? status : MGS_MORE;
    }
    int status = mgs_encoder_section(out, device, 0, &data, NULL);
    return status < 0 ? status : MGS_DONE;
}

static int target(void *context, uint32_t region, uint64_t offset, size_t size, void **memory, size_t *room)
{
    struct counter *counter = context;
    (void)region;
    *memory = counter->ram + offset;
    *room = size;
    return 0;
}

static int clear(void *context, uint32_t region, uint64_t offset, uint64_t length, uint32_t is_discarded)
{
    struct counter *counter = context;
    (void)region, (void)is_discarded;
    memset(counter->ram + offset, 0, length);
    return 0;
}

static int check(void *context, uint32_t device, const mgs_piece *piece)
{
    struct counter *counter = context;
    (void)device;
    if (piece->data.size != 8)
        return 1;
    memcpy(&counter->arrived, piece->data.octets, 8);
    return 0;
}

static int commit(void *context, uint32_t device)
{
    struct counter *counter = context;
    (void)device;
    counter->count = counter->arrived;
    return 0;
}

static const mgs_device_ops ops = {
    .size = sizeof ops, .save = save, .target = target, .clear = clear, .check = check, .commit = commit
};

/* ======   The two machines   ====== */

static int make_machine(mgs_machine **machine, struct counter *counter, const mgs_config *config, mgs_error *error)
{
    mgs_manifest *manifest = NULL;
    const mgs_topology topology = { .size = sizeof topology, .producer = MGS_TEXT("example"), .architecture = MGS_TEXT("x86_64") };
    const mgs_region ram = {
        .size = sizeof ram, .name = MGS_TEXT("ram"), .guest_address = 0, .length = 8192, .owner = MGS_NO_DEVICE
    };
    const mgs_device device = {
        .size = sizeof device, .path = MGS_TEXT("counter"), .model = MGS_TEXT("example/counter"), .version = 1, .version_min = 1
    };
    const mgs_announcement section = { .size = sizeof section, .name = MGS_TEXT("state"), .version = 1, .version_min = 1 };
    int status = mgs_manifest_new(&manifest, &topology, config, error);
    if (status >= 0)
        status = mgs_manifest_add_region(manifest, &ram, error);
    if (status >= 0)
        status = mgs_manifest_add_device(manifest, &device, error);
    if (status >= 0)
        status = mgs_manifest_add_layout(manifest, counter_layout, sizeof counter_layout, error);
    if (status >= 0)
        status = mgs_manifest_add_section(manifest, &section, error);
    if (status >= 0)
        status = mgs_machine_new(machine, manifest, &ops, counter, NULL, config, error);
    mgs_manifest_free(manifest);
    return status;
}

static int save_machine(mgs_machine *machine, struct stream *stream, mgs_error *error)
{
    const mgs_stream_options options = { .size = sizeof options, .uuid = { 1, 2, 3 } };
    int status = mgs_save_open(machine, &options, keep, stream, error);
    if (status >= 0)
        status = mgs_save_stop(machine, error);
    while (status >= 0 && (status = mgs_save_step(machine, error)) == MGS_STEP_MORE)
        ;
    if (status >= 0)
        status = mgs_save_finish(machine, error);
    if (status >= 0)
        status = mgs_save_hand_over(machine, error);
    return status;
}

static int load_machine(mgs_machine *machine, const struct stream *stream, mgs_error *error)
{
    uint64_t session = 0;
    int status = mgs_machine_request(machine, MGS_STATE_RESUMING, &session, error);
    if (status >= 0)
        status = mgs_resume_write(machine, session, stream->octets, stream->size, NULL, error);
    if (status >= 0)
        status = mgs_resume_finish(machine, session, 0, error);
    if (status >= 0)
        status = mgs_machine_request(machine, MGS_STATE_RUNNING, NULL, error);
    return status;
}

static int round_trip(struct counter *source, struct counter *destination, struct memory *memory, mgs_error *error)
{
    static struct stream stream;
    const mgs_config config = { .size = sizeof config, .allocator = { memory, counted_allocate, counted_deallocate } };
    mgs_machine *machine = NULL;
    mgs_summary summary = { .size = sizeof summary };
    stream.size = 0;
    int status = make_machine(&machine, source, &config, error);
    if (status >= 0)
        status = save_machine(machine, &stream, error);
    mgs_machine_free(machine);
    if (status >= 0)
        status = mgs_verify(stream.octets, stream.size, MGS_TIER_DEEP, &summary, &config, error);
    machine = NULL;
    if (status >= 0)
        status = make_machine(&machine, destination, &config, error);
    if (status >= 0)
        status = load_machine(machine, &stream, error);
    mgs_machine_free(machine);
    return status;
}

int main(void)
{
    static struct counter source, destination;
    struct memory memory = { 0, 0, -1 };
    mgs_error error;
    char text[200];
    source.count = 999;
    memset(source.ram, 0x5a, 4096);
    int status = round_trip(&source, &destination, &memory, &error);
    if (status < 0) {
        mgs_error_text(&error, text, sizeof text);
        printf("refused: %s\n", text);
        return 1;
    }
    if (destination.count != 999 || memcmp(source.ram, destination.ram, sizeof source.ram) != 0 || memory.live != 0) {
        printf("loaded %llu, %ld pieces of memory left\n", (unsigned long long)destination.count, memory.live);
        return 1;
    }
    const long calls = memory.calls;
    for (long failing = 0; failing < calls; failing++) {
        const struct memory fresh = { 0, 0, failing };
        memory = fresh;
        source.gave_ram = 0;
        destination.count = 5;
        status = round_trip(&source, &destination, &memory, &error);
        if (status != -MGS_ERROR_OUT_OF_MEMORY || destination.count != 5 || memory.live != 0) {
            printf("call %ld of the allocator fails: status %d, %ld pieces left\n", failing, status, memory.live);
            return 1;
        }
    }
    printf("libmigstream %s: saved and loaded; %ld failing allocations survived\n", mgs_version_string(), calls);
    return 0;
}
