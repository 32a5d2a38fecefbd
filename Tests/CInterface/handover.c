/* A machine of a struct and some memory goes from a source to a destination that answers: well, refused, lost, given up, with
 * calls out of order, and with an allocator that fails at each of its calls. At most one side runs, always. */
#include "check.h"
#include "counted_memory.h"
#include "migstream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct memory memory = { 0, 0, -1 };

/* ======   Octets on their way, in either direction   ====== */

struct path {
    unsigned char octets[1 << 16];
    size_t size;
    int fails; /* what the writer returns */
};

static int send_octets(void *context, const mgs_octets *pieces, size_t num_pieces)
{
    struct path *path = context;
    for (size_t i = 0; i < num_pieces; i++) {
        CHECK(pieces[i].size <= sizeof path->octets - path->size);
        memcpy(path->octets + path->size, pieces[i].octets, pieces[i].size);
        path->size += pieces[i].size;
    }
    return path->fails;
}

/* ======   A machine   ====== */

struct lamp {
    uint32_t colour;
    uint32_t glows;
};

static const struct mgs_field lamp_fields[] = { MGS_U32(struct lamp, colour, MGS_RANGE(0, 7)) };
static const struct mgs_layout lamp_layout = MGS_LAYOUT("lamp", struct lamp, lamp_fields);
static const struct mgs_field glow_fields[] = { MGS_U32(struct lamp, glows) };
static const struct mgs_layout glow_layout = MGS_LAYOUT("glow", struct lamp, glow_fields);
static bool lamp_glows(const void *lamp) { return ((const struct lamp *)lamp)->glows != 0; }
static const struct mgs_section lamp_subsections[] = {
    MGS_SUBSECTION("glow", glow_layout, lamp_glows, .mark = MGS_SKIPPABLE),
};
static const struct mgs_section lamp_sections[] = {
    MGS_SECTION("state", lamp_layout, MGS_SUBSECTIONS(lamp_subsections)),
};
static const struct mgs_model lamp_model = MGS_MODEL("example/lamp", struct lamp, lamp_sections, .version = 1);
/* One that came before lamps that glow. */
static const struct mgs_section old_sections[] = { MGS_SECTION("state", lamp_layout) };
static const struct mgs_model old_model = MGS_MODEL("example/lamp", struct lamp, old_sections, .version = 1);

struct machine {
    mgs_machine *handle;
    struct lamp lamp;
    unsigned char ram[8192];
    unsigned state;       /* of the device, as it was moved last */
    int gave_ram;
    int refuses;          /* what `prepare` returns */
    int stuck;            /* what `move` to RUNNING returns */
    unsigned events[16];  /* how often each was told */
    unsigned errors;
};

static void count_event(void *context, uint32_t level, const mgs_error *what, const char *text)
{
    struct machine *machine = context;
    CHECK(text[0] != 0);
    if (level == MGS_LOG_ERROR) {
        machine->errors++;
        return;
    }
    CHECK(what->code == MGS_OK && what->expected >= 1 && what->expected <= MGS_EVENT_GUEST_STAYS);
    machine->events[what->expected]++;
}

static int move(void *context, uint32_t device, uint32_t from, uint32_t to)
{
    struct machine *machine = context;
    (void)device, (void)from;
    if (to == MGS_STATE_RUNNING && machine->stuck)
        return machine->stuck;
    machine->state = to;
    return 0;
}

static void reset(void *context, uint32_t device)
{
    struct machine *machine = context;
    (void)device;
    machine->state = MGS_STATE_RUNNING;
}

static int estimate(void *context, uint32_t device, mgs_estimate *estimate)
{
    struct machine *machine = context;
    (void)device;
    estimate->stop_copy_size = machine->gave_ram ? 0 : sizeof machine->ram;
    return 0;
}

static int save(void *context, uint32_t device, uint32_t is_stopped, mgs_encoder *out)
{
    struct machine *machine = context;
    (void)device;
    if (machine->gave_ram)
        return is_stopped ? MGS_DONE : MGS_NO_DATA_NOW;
    machine->gave_ram = 1;
    int status = mgs_encoder_memory(out, 0, 0, machine->ram, sizeof machine->ram, is_stopped ? MGS_STABLE : MGS_LIVE, NULL);
    return status < 0 ? status : MGS_MORE;
}

static int target(void *context, uint32_t region, uint64_t offset, size_t size, void **room, size_t *count)
{
    struct machine *machine = context;
    (void)region;
    *room = machine->ram + offset;
    *count = size;
    return 0;
}

static int clear(void *context, uint32_t region, uint64_t offset, uint64_t length, uint32_t is_discarded)
{
    struct machine *machine = context;
    (void)region, (void)is_discarded;
    memset(machine->ram + offset, 0, length);
    return 0;
}

static int prepare(void *context, uint32_t device)
{
    struct machine *machine = context;
    (void)device;
    return machine->refuses;
}

static const mgs_device_ops ops = {
    .size = sizeof ops, .move = move, .reset = reset, .estimate = estimate, .save = save, .target = target, .clear = clear,
    .prepare = prepare
};

static int make(struct machine *machine, const struct mgs_model *model, mgs_error *error)
{
    const mgs_config config = {
        .size = sizeof config, .allocator = { &memory, counted_allocate, counted_deallocate }, .log = count_event,
        .log_context = machine
    };
    const mgs_topology topology = { .size = sizeof topology, .producer = MGS_TEXT("handover"), .architecture = MGS_TEXT("x86_64") };
    const mgs_region ram = { .size = sizeof ram, .name = MGS_TEXT("ram"), .length = 8192, .owner = MGS_NO_DEVICE };
    const mgs_device device = {
        .size = sizeof device, .path = MGS_TEXT("lamp"), .capabilities = MGS_CAN_STOP_COPY | MGS_CAN_PRE_COPY
    };
    mgs_manifest *manifest = NULL;
    memset(machine, 0, sizeof *machine);
    machine->state = MGS_STATE_RUNNING;
    int status = mgs_manifest_new(&manifest, &topology, &config, error);
    if (status >= 0)
        status = mgs_manifest_add_region(manifest, &ram, error);
    if (status >= 0)
        status = mgs_manifest_add_struct(manifest, &device, model, &machine->lamp, error);
    if (status >= 0)
        status = mgs_machine_new(&machine->handle, manifest, &ops, machine, NULL, &config, error);
    mgs_manifest_free(manifest);
    return status;
}

/* ======   The two sides   ====== */

static struct machine source, destination;
static struct path forth, back;
static uint64_t session;

static int runs(const struct machine *machine)
{
    return machine->state == MGS_STATE_RUNNING || machine->state == MGS_STATE_PRE_COPY;
}

static void make_both(const struct mgs_model *model, mgs_error *error)
{
    CHECK(make(&source, &lamp_model, error) == 0 && make(&destination, model, error) == 0);
    source.lamp.colour = 5;
    source.lamp.glows = 1;
    memset(source.ram, 0x5a, sizeof source.ram);
    forth.size = back.size = 0;
    forth.fails = back.fails = 0;
}

static void free_both(void)
{
    CHECK(mgs_machine_free(source.handle) == 0 && mgs_machine_free(destination.handle) == 0 && memory.live == 0);
    source.handle = destination.handle = NULL;
}

/* What has been sent so far arrives, and what is answered is heard. Returns what the source has heard. */
static int deliver(mgs_error *refusal, mgs_error *error)
{
    int status = mgs_resume_write(destination.handle, session, forth.octets, forth.size, NULL, error);
    const size_t size = back.size;
    forth.size = back.size = 0;
    if (size == 0)
        return status < 0 ? status : MGS_WORD_NONE;
    return mgs_save_hear(source.handle, back.octets, size, refusal, error);
}

/* Both ends open, the manifest judged. */
static int open_both(const uint8_t uuid, mgs_error *refusal, mgs_error *error)
{
    const mgs_stream_options options = { .size = sizeof options, .uuid = { uuid }, .flags = MGS_PASSES | MGS_ANSWERED };
    int status = mgs_resume_open(destination.handle, send_octets, &back, &session, error);
    if (status >= 0)
        status = mgs_save_open(source.handle, &options, send_octets, &forth, error);
    return status < 0 ? status : deliver(refusal, error);
}

/* Everything up to END, which is sent. */
static int give(mgs_error *error)
{
    int status;
    do
        status = mgs_save_step(source.handle, error);
    while (status == MGS_STEP_MORE || status == MGS_STEP_PASS_ENDED);
    if (status >= 0)
        status = mgs_save_stop(source.handle, error);
    while (status >= 0 && (status = mgs_save_step(source.handle, error)) >= 0 && status != MGS_STEP_DONE)
        ;
    return status < 0 ? status : mgs_save_finish(source.handle, error);
}

static uint32_t phase(void)
{
    mgs_machine_status status = { .size = sizeof status };
    CHECK(mgs_machine_status_get(source.handle, &status) == 0);
    return status.save;
}

/* ======   What must hold   ====== */

static void hands_over(void)
{
    mgs_error error, refusal;
    make_both(&old_model, &error);
    CHECK(open_both(1, &refusal, &error) == MGS_WORD_FITS);
    CHECK(give(&error) == 0 && phase() == MGS_SAVE_LIMBO && !runs(&source));
    CHECK(mgs_save_cancel(source.handle, 1, NULL) == -MGS_ERROR_STATE_REFUSED);
    CHECK(deliver(&refusal, &error) == MGS_WORD_NONE && back.size == 0 && destination.lamp.colour == 0);
    CHECK(mgs_machine_request(destination.handle, MGS_STATE_RUNNING_P2P, NULL, NULL) == -MGS_ERROR_STATE_REFUSED);
    CHECK(mgs_resume_finish(destination.handle, session, 0, &error) == 0 && !runs(&destination) && back.size == 0);
    CHECK(mgs_resume_finish(destination.handle, session, 0, &error) == 0);
    CHECK(mgs_resume_write(destination.handle, session, "x", 1, NULL, NULL) == -MGS_ERROR_SESSION_CLOSED);
    CHECK(mgs_machine_request(destination.handle, MGS_STATE_STOP_COPY, NULL, NULL) == -MGS_ERROR_STATE_REFUSED);
    CHECK(mgs_machine_request(destination.handle, MGS_STATE_RUNNING, NULL, &error) == 0 && runs(&destination));
    CHECK(destination.lamp.colour == 5 && destination.lamp.glows == 0 && destination.ram[8191] == 0x5a);
    CHECK(back.size == 64 && mgs_save_hear(source.handle, back.octets, 64, NULL, &error) == MGS_WORD_RESUMED);
    CHECK(mgs_save_hear(source.handle, NULL, 0, NULL, &error) == MGS_WORD_RESUMED && phase() == MGS_SAVE_HANDED_OVER);
    CHECK(!runs(&source) && mgs_save_resume_here(source.handle, 2, NULL) == -MGS_ERROR_WRONG_CALL);
    CHECK(mgs_save_hand_over(source.handle, &error) == 0);
    /* What an operator reads afterwards. */
    CHECK(source.events[MGS_EVENT_SAVE_OPENED] == 1 && source.events[MGS_EVENT_DEVICES_STOPPED] == 1);
    CHECK(source.events[MGS_EVENT_LIMBO] == 1 && source.events[MGS_EVENT_HANDED_OVER] == 1 && !source.events[MGS_EVENT_GUEST_STAYS]);
    CHECK(destination.events[MGS_EVENT_STREAM_FITS] == 1 && destination.events[MGS_EVENT_SUBSECTION_SKIPPED] == 1);
    CHECK(destination.events[MGS_EVENT_DEVICE_LOADED] == 1 && destination.events[MGS_EVENT_GUEST_RUNS] == 1);
    /* Its guest is here: no other one comes before a reset. */
    CHECK(mgs_resume_open(destination.handle, send_octets, &back, &session, NULL) == -MGS_ERROR_STATE_REFUSED);
    CHECK(mgs_resume_abort(destination.handle, 1, NULL) == -MGS_ERROR_STATE_REFUSED && runs(&destination));
    free_both();
}

static void is_refused(void)
{
    mgs_error error, refusal = { 0 };
    make_both(&lamp_model, &error);
    destination.refuses = 77;
    CHECK(open_both(1, &refusal, &error) == MGS_WORD_FITS && give(&error) == 0);
    CHECK(deliver(&refusal, &error) == MGS_WORD_NONE);
    CHECK(mgs_resume_finish(destination.handle, session, 0, &error) == -MGS_ERROR_DEVICE_FAILED && error.found == 77);
    CHECK(mgs_machine_state(destination.handle, 0) == MGS_STATE_ERROR && back.size == 112);
    /* An octet at a time; nothing happens before the last one. */
    for (size_t i = 0; i < 111; i++)
        CHECK(mgs_save_hear(source.handle, back.octets + i, 1, &refusal, &error) == MGS_WORD_FITS && !runs(&source));
    CHECK(mgs_save_hear(source.handle, back.octets + 111, 1, &refusal, &error) == MGS_WORD_REFUSED && runs(&source));
    CHECK(refusal.code == MGS_ERROR_DEVICE_FAILED && refusal.found == 77 && refusal.device == 0 && phase() == MGS_SAVE_FAILED);
    CHECK(source.errors == 1 && source.events[MGS_EVENT_GUEST_STAYS] == 1);
    /* What was promised holds for this stream, and after a reset. */
    CHECK(mgs_machine_reset(destination.handle) == 0);
    source.gave_ram = 0;
    destination.refuses = 0;
    back.size = forth.size = 0;
    CHECK(open_both(1, &refusal, &error) == -MGS_ERROR_STATE_REFUSED && error.code == MGS_ERROR_STATE_REFUSED);
    CHECK(mgs_resume_abort(destination.handle, session, NULL) == 0 && open_both(2, &refusal, &error) == MGS_WORD_FITS);
    free_both();
}

/* The model does not fit: not one octet of bulk was sent. */
static void does_not_fit(void)
{
    static const struct mgs_model other = MGS_MODEL("example/candle", struct lamp, old_sections, .version = 1);
    mgs_error error, refusal = { 0 };
    make_both(&other, &error);
    CHECK(open_both(1, &refusal, &error) == MGS_WORD_REFUSED && refusal.code == MGS_ERROR_WRONG_MODEL && runs(&source));
    CHECK(phase() == MGS_SAVE_CANCELLED && mgs_save_step(source.handle, NULL) < 0);
    free_both();
}

static void is_lost(void)
{
    mgs_error error, refusal;
    make_both(&lamp_model, &error);
    const mgs_stream_options options = { .size = sizeof options, .uuid = { 1 }, .flags = MGS_ANSWERED };
    CHECK(mgs_save_hear(source.handle, "x", 1, NULL, &error) == -MGS_ERROR_WRONG_CALL);
    CHECK(mgs_save_open(source.handle, &options, send_octets, &forth, &error) == 0);
    /* END is not sent to who has not answered. */
    CHECK(give(&error) == -MGS_ERROR_NO_DATA_NOW && phase() == MGS_SAVE_STOP_COPY);
    CHECK(mgs_save_hear(source.handle, NULL, 0, NULL, &error) == -MGS_ERROR_TRUNCATED);
    CHECK(runs(&source) && phase() == MGS_SAVE_CANCELLED);
    /* Octets that nobody answers with are a lost link as well; the uuid is not used again. */
    source.gave_ram = 0;
    CHECK(mgs_save_open(source.handle, &options, send_octets, &forth, &error) == -MGS_ERROR_STATE_REFUSED);
    forth.size = 0;
    CHECK(open_both(2, &refusal, &error) == MGS_WORD_FITS && give(&error) == 0);
    static const unsigned char zeros[64];
    CHECK(mgs_save_hear(source.handle, zeros, 64, NULL, &error) == -MGS_ERROR_BAD_SYNC);
    CHECK(phase() == MGS_SAVE_LIMBO && !runs(&source));
    CHECK(mgs_save_hear(source.handle, zeros, 64, NULL, &error) == -MGS_ERROR_BAD_SYNC);
    /* The operator has looked. */
    CHECK(mgs_resume_abort(destination.handle, session, &error) == 0 && back.size == 112);
    CHECK(mgs_save_resume_here(source.handle, 2, &error) == 0 && runs(&source));
    free_both();
}

/* A destination that has everything, and then does not run the guest. */
static void is_given_up(void)
{
    mgs_error error, refusal;
    for (int resets = 0; resets < 2; resets++) {
        make_both(&lamp_model, &error);
        CHECK(open_both(1, &refusal, &error) == MGS_WORD_FITS && give(&error) == 0 && deliver(&refusal, &error) > 0);
        CHECK(mgs_resume_finish(destination.handle, session, 0, &error) == 0);
        const mgs_stream_options options = { .size = sizeof options, .uuid = { 9 } };
        CHECK(mgs_save_open(destination.handle, &options, send_octets, &forth, NULL) == -MGS_ERROR_STATE_REFUSED);
        if (resets)
            CHECK(mgs_machine_reset(destination.handle) == 0);
        else
            CHECK(mgs_resume_abort(destination.handle, session, &error) == 0
                  && mgs_machine_request(destination.handle, MGS_STATE_RUNNING, NULL, NULL) == -MGS_ERROR_STATE_REFUSED
                  && !runs(&destination));
        CHECK(back.size == 112 && mgs_save_hear(source.handle, back.octets, 112, &refusal, &error) == MGS_WORD_REFUSED);
        CHECK(refusal.code == MGS_ERROR_SESSION_CLOSED && runs(&source));
        free_both();
    }
    /* A device that does not start, before one that does: the destination may still refuse. */
    make_both(&lamp_model, &error);
    CHECK(open_both(1, &refusal, &error) == MGS_WORD_FITS && give(&error) == 0 && deliver(&refusal, &error) > 0);
    destination.stuck = 3;
    CHECK(mgs_machine_request(destination.handle, MGS_STATE_RUNNING, NULL, &error) == -MGS_ERROR_DEVICE_FAILED);
    CHECK(!runs(&destination) && back.size == 112);
    CHECK(mgs_save_hear(source.handle, back.octets, 112, &refusal, &error) == MGS_WORD_REFUSED && runs(&source));
    free_both();
}

/* Nothing that is wrong has an effect, and writers that fail lose answers, not guests. */
static void takes_no_nonsense(void)
{
    mgs_error error, refusal;
    make_both(&lamp_model, &error);
    CHECK(mgs_resume_open(destination.handle, NULL, NULL, &session, &error) == -MGS_ERROR_BAD_ARGUMENT);
    CHECK(mgs_resume_open(destination.handle, send_octets, &back, NULL, &error) == -MGS_ERROR_BAD_ARGUMENT);
    CHECK(mgs_resume_open(NULL, send_octets, &back, &session, &error) == -MGS_ERROR_BAD_HANDLE);
    CHECK(mgs_save_hear(NULL, NULL, 0, NULL, NULL) == -MGS_ERROR_BAD_HANDLE);
    CHECK(open_both(1, &refusal, &error) == MGS_WORD_FITS);
    CHECK(mgs_save_hear(source.handle, NULL, 16, NULL, &error) == -MGS_ERROR_BAD_ARGUMENT);
    CHECK(mgs_save_hear(source.handle, back.octets, SIZE_MAX, NULL, &error) == -MGS_ERROR_BAD_ARGUMENT);
    uint64_t second = 4;
    CHECK(mgs_resume_open(destination.handle, send_octets, &back, &second, &error) == -MGS_ERROR_SESSION_BUSY && second == 0);
    CHECK(mgs_resume_write(destination.handle, session + 1, "x", 1, NULL, NULL) == -MGS_ERROR_SESSION_CLOSED);
    CHECK(mgs_resume_finish(destination.handle, session + 1, 0, NULL) == -MGS_ERROR_SESSION_CLOSED);
    CHECK(mgs_resume_abort(destination.handle, session + 1, NULL) == -MGS_ERROR_SESSION_CLOSED);
    mgs_estimate left = { .size = sizeof left };
    CHECK(mgs_save_estimate(source.handle, &left) == 0 && left.stop_copy_size == 8192);
    back.fails = 1;
    CHECK(give(&error) == 0 && deliver(&refusal, &error) == MGS_WORD_NONE);
    CHECK(mgs_machine_request(destination.handle, MGS_STATE_RUNNING, NULL, &error) == 0 && runs(&destination) && !runs(&source));
    free_both();
}

/* ======   Memory that runs out   ====== */

/* Returns whether the guest was handed over. */
static int try_all(void)
{
    mgs_error error, refusal;
    int status = make(&source, &lamp_model, &error);
    if (status >= 0)
        status = make(&destination, &lamp_model, &error);
    source.lamp.colour = 5;
    forth.size = back.size = 0;
    if (status >= 0)
        status = open_both(1, &refusal, &error);
    if (status == MGS_WORD_FITS)
        status = give(&error);
    if (status >= 0)
        status = deliver(&refusal, &error);
    if (status >= 0)
        status = mgs_machine_request(destination.handle, MGS_STATE_RUNNING, NULL, &error);
    if (status >= 0)
        status = mgs_save_hear(source.handle, back.octets, back.size, &refusal, &error);
    CHECK(source.handle == NULL || destination.handle == NULL || runs(&source) || status >= 0 || phase() == MGS_SAVE_LIMBO);
    CHECK(destination.lamp.colour == 0 || destination.lamp.colour == 5);
    const int came = destination.handle != NULL && destination.lamp.colour == 5 && runs(&destination);
    CHECK(!came || !runs(&source));
    mgs_machine_free(source.handle);
    mgs_machine_free(destination.handle);
    source.handle = destination.handle = NULL;
    CHECK(memory.live == 0);
    return status == MGS_WORD_RESUMED;
}

int main(void)
{
    hands_over();
    is_refused();
    does_not_fit();
    is_lost();
    is_given_up();
    takes_no_nonsense();
    const struct memory fresh = { 0, 0, -1 };
    memory = fresh;
    CHECK(try_all());
    const long calls = memory.calls;
    for (long failing = 0; failing < calls; failing++) {
        memory = fresh;
        memory.failing = failing;
        CHECK(!try_all());
    }
    printf("guests handed over, refused and lost; %ld failing allocations survived\n", calls);
    return 0;
}
