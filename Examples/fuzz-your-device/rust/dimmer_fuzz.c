/* The fuzz target of a device in Rust, and the glue that its VMM has: libdimmer.a is the device. */
#include "migstream_fuzz.h"

struct dimmer;
void *dimmer_create(void);
void dimmer_destroy(void *dimmer);
void dimmer_reset(void *dimmer);
void dimmer_run(void *dimmer, const uint8_t *octets, size_t size);
const void *dimmer_state(const void *dimmer);
int32_t dimmer_check(void *dimmer, const void *octets, size_t size);
void dimmer_commit(void *dimmer);

enum { DIMMER_STATE = 16 };

static void reset(void *context, uint32_t device)
{
    (void)device;
    dimmer_reset(context);
}

static int save(void *context, uint32_t device, uint32_t is_stopped, mgs_encoder *out)
{
    const mgs_section_data data = { .size = sizeof data, .data = { dimmer_state(context), DIMMER_STATE } };
    if (!is_stopped)
        return MGS_NO_DATA_NOW;
    const int status = mgs_encoder_section(out, device, 0, &data, NULL);
    return status < 0 ? status : MGS_DONE;
}

static int check(void *context, uint32_t device, const mgs_piece *piece)
{
    (void)device;
    return dimmer_check(context, piece->data.octets, piece->data.size);
}

static int commit(void *context, uint32_t device)
{
    (void)device;
    dimmer_commit(context);
    return 0;
}

static const mgs_device_ops ops = { .size = sizeof ops, .reset = reset, .save = save, .check = check, .commit = commit };

static void visible(void *device, mgsf_view *view)
{
    mgsf_see(view, "state", dimmer_state(device), DIMMER_STATE);
}

static const char model[] =
#include "dimmer_model.inc"
    ;

static const mgsf_device dimmer = {
    .size = sizeof dimmer,
    .model = model,
    .ops = &ops,
    .create = dimmer_create,
    .destroy = dimmer_destroy,
    .run = dimmer_run,
    .visible = visible,
    .flags = MGSF_MUST_TAKE,
};

MGSF_FUZZ_TARGET(dimmer)
