/* A device with memory of its own that goes into place, and a parameter: what the example of the fuzz library has not.
 * -DPLANTED_BUG=1 makes a mistake in the way back of its memory. */
#include "migstream_fuzz.h"

#include <stdlib.h>
#include <string.h>

#ifndef PLANTED_BUG
#define PLANTED_BUG 0
#endif

enum { MEMORY = 8192 };

struct registers {
    uint64_t cursor;
};

struct frame {
    struct registers registers, arrived;
    uint8_t memory[MEMORY];
    int gave_memory;
};

static const char model[] =
    "{ \"format_version\": 1, \"model\": \"example.com/frame\", \"description\": \"A frame buffer.\", \"version\": 1,"
    "  \"apply\": \"inPlace\", \"clock\": \"virtual\","
    "  \"params\": { \"pages\": { \"type\": \"int\", \"init_value\": 1, \"off_value\": 1, \"allowed_values\": [\"1-4\"],"
    "                             \"description\": \"Pages of memory.\" } },"
    "  \"regions\": [ { \"name\": \"frame\", \"size\": { \"param\": \"pages\", \"times\": 4096 }, \"page_size\": 4096,"
    "                   \"description\": \"The picture.\" } ],"
    "  \"sections\": [ { \"name\": \"registers\", \"description\": \"All of them.\", \"fields\": ["
    "      { \"name\": \"cursor\", \"type\": \"u64\", \"range\": [0, 8191], \"description\": \"The next octet.\" } ] } ] }";

static void *create(void) { return calloc(1, sizeof(struct frame)); }

/* Two octets an operation: a step of the cursor, and what is written there. */
static void run(void *device, const uint8_t *octets, size_t size)
{
    struct frame *frame = device;
    for (size_t i = 0; i + 1 < size; i += 2) {
        frame->registers.cursor = (frame->registers.cursor + 37u * octets[i]) % MEMORY;
        frame->memory[frame->registers.cursor] = octets[i + 1];
    }
}

static void visible(void *device, mgsf_view *view)
{
    struct frame *frame = device;
    mgsf_see_number(view, "cursor", frame->registers.cursor);
    mgsf_see(view, "memory", frame->memory, MEMORY);
}

static int move(void *context, uint32_t device, uint32_t from, uint32_t to)
{
    struct frame *frame = context;
    (void)device, (void)from;
    if (to == MGS_STATE_STOP_COPY || to == MGS_STATE_PRE_COPY)
        frame->gave_memory = 0;
    return 0;
}

static void reset(void *context, uint32_t device)
{
    (void)device;
    memset(context, 0, sizeof(struct frame));
}

static int save(void *context, uint32_t device, uint32_t is_stopped, mgs_encoder *out)
{
    struct frame *frame = context;
    if (!is_stopped)
        return MGS_NO_DATA_NOW;
    if (!frame->gave_memory) {
        const int status = mgs_encoder_memory(out, 0, 0, frame->memory, MEMORY, MGS_LIVE, NULL);
        frame->gave_memory = 1;
        return status < 0 ? status : MGS_MORE;
    }
    const mgs_section_data data = { .size = sizeof data, .data = { &frame->registers, sizeof frame->registers } };
    const int status = mgs_encoder_section(out, device, 0, &data, NULL);
    return status < 0 ? status : MGS_DONE;
}

static int target(void *context, uint32_t region, uint64_t offset, size_t size, void **memory, size_t *room)
{
    struct frame *frame = context;
    (void)region;
    *memory = frame->memory + offset;
    *room = size;
    return 0;
}

static int clear(void *context, uint32_t region, uint64_t offset, uint64_t length, uint32_t is_discarded)
{
    struct frame *frame = context;
    (void)region, (void)is_discarded;
    if (!PLANTED_BUG) /* memory that was written before is still there */
        memset(frame->memory + offset, 0, length);
    return 0;
}

static int check(void *context, uint32_t device, const mgs_piece *piece)
{
    struct frame *frame = context;
    (void)device;
    if (piece->data.size != sizeof frame->arrived)
        return 1;
    memcpy(&frame->arrived, piece->data.octets, sizeof frame->arrived);
    return 0;
}

static int commit(void *context, uint32_t device)
{
    struct frame *frame = context;
    (void)device;
    frame->registers = frame->arrived;
    return 0;
}

static const mgs_device_ops ops = {
    .size = sizeof ops, .move = move, .reset = reset, .save = save, .target = target, .clear = clear, .check = check,
    .commit = commit
};

static const mgsf_device frame = {
    .size = sizeof frame,
    .model = model,
    .parameters = "pages=2",
    .ops = &ops,
    .create = create,
    .destroy = free,
    .run = run,
    .visible = visible,
    .flags = MGSF_MUST_TAKE | MGSF_MUST_REFUSE,
};

MGSF_FUZZ_TARGET(frame)
