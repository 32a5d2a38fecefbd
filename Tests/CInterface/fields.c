/* Structs are saved and loaded through field tables: every type there and back, older and newer versions of a table, streams
 * and tables that are refused without a trace in the struct, machines, and an allocator that fails at each of its calls. */
#include "check.h"
#include "counted_memory.h"
#include "every_type.h"
#include "migstream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct memory memory = { 0, 0, -1 };

/* ======   A device in one call each   ====== */

static unsigned char stream[1 << 16];
static size_t stream_size;

/* What the log said was stepped over. */
static struct notice {
    unsigned count;
    mgs_error what;
    char text[256];
} notice;

static void note(void *context, uint32_t level, const mgs_error *what, const char *text)
{
    struct notice *kept = context;
    if (level != MGS_LOG_NOTICE || what->expected != MGS_EVENT_SUBSECTION_SKIPPED)
        return;
    kept->count++;
    kept->what = *what;
    snprintf(kept->text, sizeof kept->text, "%s", text);
}

static int open_manifest(mgs_manifest **manifest, const struct mgs_model *model, void *state, mgs_error *error)
{
    const mgs_config config = {
        .size = sizeof config, .allocator = { &memory, counted_allocate, counted_deallocate }, .log = note, .log_context = &notice
    };
    const mgs_topology topology = { .size = sizeof topology, .producer = MGS_TEXT("fields") };
    const mgs_device device = { .size = sizeof device, .path = MGS_TEXT("device") };
    int status = mgs_manifest_new(manifest, &topology, &config, error);
    return status < 0 ? status : mgs_manifest_add_struct(*manifest, &device, model, state, error);
}

static int save(const struct mgs_model *model, void *state, mgs_error *error)
{
    mgs_manifest *manifest = NULL;
    int status = open_manifest(&manifest, model, state, error);
    if (status >= 0)
        status = mgs_encode_struct(manifest, NULL, stream, sizeof stream, &stream_size, error);
    mgs_manifest_free(manifest);
    return status;
}

static int load(const struct mgs_model *model, void *state, mgs_error *error)
{
    mgs_manifest *manifest = NULL;
    size_t taken = 0;
    int status = open_manifest(&manifest, model, state, error);
    if (status >= 0)
        status = mgs_decode_struct(manifest, stream, stream_size, &taken, error);
    CHECK(status < 0 || taken == stream_size);
    mgs_manifest_free(manifest);
    return status;
}

/* ======   Every type   ====== */

static struct point far_source[10], far_target[10];
static char text_source[64], text_target[64];
static struct job jobs_source[4], jobs_target[4];

static void fill(struct all *all)
{
    unsigned char *octets = (unsigned char *)all;
    for (size_t i = 0; i < sizeof *all; i++)
        octets[i] = (unsigned char)(i * 7 + 1);
    all->u32 = 4711;
    all->i8 = -5;
    all->flag = true;
    all->kind = 3;
    all->flags = 0x2009;
    all->address = 0x12340;
    all->count = all->num_ring = 5;
    all->index = 3;
    all->num_path = 2;
    all->num_far = 7;
    all->far = far_source;
    all->num_blob = 20;
    all->num_text = 11;
    all->text = text_source;
    memcpy(text_source, "hello world", 11);
    all->has_spare = true;
    all->choice_shape = 1;
    all->maybes[0].has_value = false;
    all->maybes[1].has_value = true;
    all->num_jobs = 3;
    all->jobs = jobs_source;
    all->num_gap = 6;
    for (int i = 0; i < 10; i++)
        far_source[i].x = (int16_t)i, far_source[i].y = -i;
    jobs_source[0].layout = 1, jobs_source[0].u.task.id = 9;
    jobs_source[0].u.task.num_name = 2, memcpy(jobs_source[0].u.task.name, "ab", 2);
    jobs_source[1].layout = 0, jobs_source[1].u.alarm.bell = 77;
    jobs_source[2].layout = 1, jobs_source[2].u.task.num_name = 0;
}

static void empty(struct all *all)
{
    memset(all, 0, sizeof *all);
    all->far = far_target;
    all->text = text_target;
    all->jobs = jobs_target;
    all->local = 42;
}

static bool same_point(const struct point *left, const struct point *right) { return left->x == right->x && left->y == right->y; }

#define SAME(member) CHECK(memcmp(&a->member, &b->member, sizeof a->member) == 0)

static void expect_same(const struct all *a, const struct all *b)
{
    SAME(u8); SAME(u16); SAME(u32); SAME(u64); SAME(u128); SAME(i8); SAME(i16); SAME(i32); SAME(i64); SAME(i128); SAME(f32);
    SAME(f64); SAME(flag); SAME(kind); SAME(flags); SAME(bitmap); SAME(vector); SAME(bytes); SAME(uuid); SAME(mac); SAME(pci);
    SAME(address); SAME(size); SAME(count); SAME(index); SAME(duration); SAME(instant); SAME(words); SAME(num_ring);
    SAME(num_path); SAME(num_far); SAME(num_blob); SAME(blob); SAME(num_text); SAME(has_spare); SAME(choice_shape);
    SAME(num_jobs);
    for (int i = 0; i < 3; i++)
        CHECK(same_point(&a->points[i], &b->points[i]));
    CHECK(memcmp(a->ring, b->ring, 4 * a->num_ring) == 0);
    for (uint32_t i = 0; i < a->num_path; i++)
        CHECK(same_point(&a->path[i], &b->path[i]));
    for (uint32_t i = 0; i < a->num_far; i++)
        CHECK(same_point(&a->far[i], &b->far[i]));
    CHECK(memcmp(a->text, b->text, a->num_text) == 0);
    CHECK(same_point(&a->spare, &b->spare) && same_point(&a->shape.corner, &b->shape.corner));
    CHECK(!b->maybes[0].has_value && b->maybes[1].has_value && same_point(&a->maybes[1].value, &b->maybes[1].value));
    CHECK(b->jobs[0].layout == 1 && b->jobs[0].u.task.id == 9 && b->jobs[0].u.task.num_name == 2);
    CHECK(memcmp(b->jobs[0].u.task.name, "ab", 2) == 0);
    CHECK(b->jobs[1].layout == 0 && b->jobs[1].u.alarm.bell == 77 && b->jobs[2].layout == 1);
}

/* The first octets of the saved section's data; they begin with those of `u8` and `u16`. */
static unsigned char *data_of_all(const struct all *all)
{
    for (size_t i = 0; i + 7 < stream_size; i += 8)
        if (stream[i] == all->u8 && memcmp(stream + i + 1, &all->u16, 2) == 0 && memcmp(stream + i + 3, &all->u32, 4) == 0)
            return stream + i;
    return NULL;
}

static void every_type(void)
{
    struct all source, target;
    mgs_error error;
    mgs_summary summary = { .size = sizeof summary };
    fill(&source);
    empty(&target);
    CHECK(save(&all_model, &source, &error) == 0);
    CHECK(mgs_verify(stream, stream_size, MGS_TIER_DEEP, &summary, NULL, &error) == 0 && summary.num_sections == 1);
    CHECK(load(&all_model, &target, &error) == 0);
    expect_same(&source, &target);
    CHECK(target.local == 42 && target.far == far_target && target.text == text_target && target.jobs == jobs_target);
    CHECK(memory.live == 0);

    /* What a table does not have is not saved. */
    source.num_path = 5;
    CHECK(save(&all_model, &source, &error) == -MGS_ERROR_BAD_VALUE && error.expected == 4 && error.found == 5);
    fill(&source);
    source.choice_shape = 2;
    CHECK(save(&all_model, &source, &error) == -MGS_ERROR_BAD_VALUE && error.found == 2);
    fill(&source);
    source.far = NULL;
    CHECK(save(&all_model, &source, &error) == -MGS_ERROR_BAD_VALUE);
}

/* What a reader refuses changes nothing. */
static void expect_refused(struct all *source, int code)
{
    struct all target, before;
    mgs_error error;
    empty(&target);
    memset(&target.words, 0x5a, sizeof target.words);
    before = target;
    CHECK(save(&all_model, source, &error) == 0);
    const unsigned char *data = data_of_all(source);
    CHECK(data != NULL);
    CHECK(load(&all_model, &target, &error) == -code);
    CHECK(error.code == code && error.device == 0);
    CHECK(error.offset >= (uint64_t)(data - stream) && error.offset < stream_size);
    CHECK(memcmp(&target, &before, sizeof target) == 0);
    if (code == MGS_ERROR_VALUE_OUT_OF_RANGE && source->u32 == 0)
        CHECK(error.offset == (uint64_t)(data - stream) + 3 && error.expected == 1 && error.found == 0);
}

static void refusals(void)
{
    struct all source, target, before;
    mgs_error error;
    fill(&source), source.u32 = 0;
    expect_refused(&source, MGS_ERROR_VALUE_OUT_OF_RANGE);
    fill(&source), source.i8 = -6;
    expect_refused(&source, MGS_ERROR_VALUE_OUT_OF_RANGE);
    fill(&source), source.address = 0x12348;
    expect_refused(&source, MGS_ERROR_VALUE_OUT_OF_RANGE);
    fill(&source), source.kind = 2;
    expect_refused(&source, MGS_ERROR_SYMBOL_CHANGED);
    fill(&source), source.index = 4;
    expect_refused(&source, MGS_ERROR_VALUE_OUT_OF_RANGE);
    fill(&source), source.count = 4;
    expect_refused(&source, MGS_ERROR_RULE_VIOLATED);

    /* Elements came, and there is no memory for them. */
    fill(&source);
    CHECK(save(&all_model, &source, &error) == 0);
    empty(&target), target.far = NULL, before = target;
    CHECK(load(&all_model, &target, &error) == -MGS_ERROR_DEVICE_FAILED && error.stage == MGS_STAGE_RESUME);
    CHECK(memcmp(&target, &before, sizeof target) == 0);

    /* Any octet that is not the source's. */
    for (size_t i = 0; i < stream_size; i += 61) {
        empty(&target), before = target;
        stream[i] ^= 0x40;
        CHECK(load(&all_model, &target, &error) < 0);
        CHECK(memcmp(&target, &before, sizeof target) == 0);
        stream[i] ^= 0x40;
    }
}

static void failing_allocations(void)
{
    struct all source, target, before;
    mgs_error error;
    fill(&source);
    for (long failing = 0;; failing++) {
        const struct memory fresh = { 0, 0, failing };
        memory = fresh;
        empty(&target), before = target;
        int status = save(&all_model, &source, &error);
        if (status == 0)
            status = load(&all_model, &target, &error);
        CHECK(memory.live == 0);
        if (status == 0)
            break;
        CHECK(status == -MGS_ERROR_OUT_OF_MEMORY);
        CHECK(memcmp(&target, &before, sizeof target) == 0);
    }
    printf("%ld failing allocations survived\n", memory.failing);
    memory.failing = -1;
}

/* ======   Versions: an uart whose second version has a FIFO, and more   ====== */

struct uart {
    uint16_t divisor;
    uint8_t speed;
    uint8_t trigger;
    uint32_t num_fifo;
    uint8_t fifo[16];
    uint64_t timeout;
    uint32_t statistics;
    uint8_t model;
};

static const struct mgs_field uart_1_fields[] = {
    MGS_U16(struct uart, divisor, MGS_RANGE(1, 65535)),
    MGS_FIELD("baud", struct uart, speed, U8),
    MGS_U8(struct uart, model, .verify = true),
};
static const struct mgs_layout uart_1_layout = MGS_LAYOUT("uart", struct uart, uart_1_fields);
static const struct mgs_section uart_1_sections[] = { MGS_SECTION("uart", uart_1_layout) };
static const struct mgs_model uart_1 = MGS_MODEL("test/uart", struct uart, uart_1_sections, .version = 1);

static bool has_timeout(const void *uart) { return ((const struct uart *)uart)->timeout != 0; }
static bool has_statistics(const void *uart) { return ((const struct uart *)uart)->statistics != 0; }

static const struct mgs_field timeout_fields[] = { MGS_INSTANT(struct uart, timeout, MGS_PRESET(0)) };
static const struct mgs_layout timeout_layout = MGS_LAYOUT("timeout", struct uart, timeout_fields);
static const struct mgs_field statistics_fields[] = { MGS_U32(struct uart, statistics) };
static const struct mgs_layout statistics_layout = MGS_LAYOUT("statistics", struct uart, statistics_fields);

static const struct mgs_field uart_2_fields[] = {
    MGS_U16(struct uart, divisor, MGS_RANGE(1, 65535)),
    MGS_U8(struct uart, speed, .was = "baud"),
    MGS_U8(struct uart, model, .verify = true),
    MGS_U8(struct uart, trigger, .since = 2, MGS_PRESET(14), .mark = MGS_SKIPPABLE),
    MGS_COUNTED(struct uart, fifo, U8, .since = 2, .mark = MGS_SKIPPABLE),
};
static const struct mgs_layout uart_2_layout = MGS_LAYOUT("uart", struct uart, uart_2_fields);
static const struct mgs_section uart_2_subsections[] = {
    MGS_SUBSECTION("timeout", timeout_layout, has_timeout),
    MGS_SUBSECTION("statistics", statistics_layout, has_statistics, .mark = MGS_SKIPPABLE),
};
static const struct mgs_section uart_2_sections[] = {
    MGS_SECTION("uart", uart_2_layout, .version = 2, MGS_SUBSECTIONS(uart_2_subsections)),
};
static const struct mgs_model uart_2 = MGS_MODEL("test/uart", struct uart, uart_2_sections, .version = 2);

static void versions(void)
{
    struct uart old = { .divisor = 12, .speed = 3, .model = 5 }, new = { .divisor = 1, .trigger = 99, .model = 5, .timeout = 8 };
    const struct uart fresh = { .divisor = 1, .trigger = 99, .model = 5 };
    struct uart before;
    mgs_error error;

    /* A newer reader: presets for what came later, the older name, nothing where a subsection did not come. */
    new.num_fifo = 3;
    CHECK(save(&uart_1, &old, &error) == 0);
    CHECK(load(&uart_2, &new, &error) == 0);
    CHECK(new.divisor == 12 && new.speed == 3 && new.trigger == 14 && new.num_fifo == 0 && new.timeout == 0);

    /* Configuration is compared, and not written. */
    new = fresh, new.model = 6, before = new;
    CHECK(load(&uart_2, &new, &error) == -MGS_ERROR_VERIFY_MISMATCH && error.expected == 6 && error.found == 5);
    CHECK(memcmp(&new, &before, sizeof new) == 0);

    /* An older reader, which knows "baud" only. */
    new = fresh, new.statistics = 1000, new.num_fifo = 2, new.speed = 7;
    CHECK(save(&uart_2, &new, &error) == 0);
    before = old;
    CHECK(load(&uart_1, &old, &error) == -MGS_ERROR_MISSING_FIELD && memcmp(&old, &before, sizeof old) == 0);
    new.timeout = 77;
    CHECK(save(&uart_2, &new, &error) == 0);
    old = fresh;
    CHECK(load(&uart_2, &old, &error) == 0 && old.timeout == 77 && old.statistics == 1000 && old.num_fifo == 2);
}

/* The subsections alone, at a reader that knows none of them. */
static const struct mgs_section plain_sections[] = { MGS_SECTION("uart", uart_2_layout, .version = 2) };
static const struct mgs_model plain_uart = MGS_MODEL("test/uart", struct uart, plain_sections, .version = 2);

static void unknown_subsections(void)
{
    struct uart source = { .divisor = 5, .statistics = 3 }, target = { .divisor = 9 }, before;
    mgs_error error;
    CHECK(save(&uart_2, &source, &error) == 0);
    notice.count = 0;
    CHECK(load(&plain_uart, &target, &error) == 0 && target.divisor == 5 && target.statistics == 0);
    CHECK(notice.count == 1 && notice.what.code == MGS_OK && notice.what.stage == MGS_STAGE_SECTION && notice.what.device == 0);
    CHECK(notice.what.record != MGS_NO_RECORD && notice.what.offset > 0 && notice.what.offset < stream_size);
    CHECK(strcmp(notice.text + strlen(notice.text) - strlen(": statistics"), ": statistics") == 0);
    CHECK(load(&uart_2, &target, &error) == 0 && target.statistics == 3 && notice.count == 1);
    target.statistics = 0;
    source.timeout = 1;
    target.divisor = 9, before = target;
    CHECK(save(&uart_2, &source, &error) == 0);
    CHECK(load(&plain_uart, &target, &error) == -MGS_ERROR_UNKNOWN_REQUIRED && memcmp(&target, &before, sizeof target) == 0);
}

/* ======   Sections that come many times, or not, and subsections of elements   ====== */

struct queue {
    uint16_t number;
    uint16_t size;
    bool has_work;
    struct {
        uint32_t num_heads;
        uint16_t heads[4];
    } work;
};

struct port {
    uint8_t number;
    uint32_t num_queues;
    struct queue *queues;
    bool has_note;
    struct alarm note;
};

struct hub {
    uint32_t num_ports;
    struct port ports[3];
    bool has_fault;
    struct point fault;
};

static const struct mgs_field work_fields[] = {
    MGS_FIELD_COUNTED("heads", struct queue, work.heads, work.num_heads, U16),
};
static const struct mgs_layout work_layout = MGS_LAYOUT("work", struct queue, work_fields);
static const struct mgs_field queue_fields[] = { MGS_U16(struct queue, number), MGS_U16(struct queue, size) };
static const struct mgs_layout queue_layout = MGS_LAYOUT("queue", struct queue, queue_fields);
static const struct mgs_field port_fields[] = {
    MGS_U8(struct port, number),
    MGS_STRUCT_POINTER(struct port, queues, 4, queue_layout),
};
static const struct mgs_layout port_layout = MGS_LAYOUT("port", struct port, port_fields);
static bool queue_works(const void *queue) { return ((const struct queue *)queue)->has_work; }
static const struct mgs_section port_subsections[] = {
    MGS_SUBSECTION_MEMBER("note", struct port, note, has_note, alarm_layout),
    MGS_SUBSECTION("work", work_layout, queue_works, .target = "queues"),
};
static const struct mgs_section hub_sections[] = {
    MGS_SECTION_MANY("port", struct hub, ports, num_ports, port_layout, "number", MGS_SUBSECTIONS(port_subsections)),
    MGS_SECTION_OPTIONAL("fault", struct hub, fault, has_fault, point_layout),
};
static const struct mgs_model hub_model = MGS_MODEL("test/hub", struct hub, hub_sections, .version = 1);

static void hubs(void)
{
    static struct queue queues[2][3][4];
    struct hub source, target;
    mgs_error error;
    memset(&source, 0, sizeof source);
    memset(&target, 0, sizeof target);
    for (int i = 0; i < 3; i++) {
        source.ports[i].number = (uint8_t)(10 + i);
        source.ports[i].queues = queues[0][i];
        target.ports[i].queues = queues[1][i];
        target.ports[i].has_note = true;
        source.ports[i].num_queues = (uint32_t)i + 1;
        for (int q = 0; q < 4; q++)
            queues[0][i][q].number = (uint16_t)q, queues[0][i][q].size = 256;
    }
    source.num_ports = 3;
    source.ports[1].has_note = true, source.ports[1].note.bell = 8;
    queues[0][2][1].has_work = true;
    queues[0][2][1].work.num_heads = 2, queues[0][2][1].work.heads[1] = 999;
    CHECK(save(&hub_model, &source, &error) == 0);
    target.has_fault = true;
    CHECK(load(&hub_model, &target, &error) == 0);
    CHECK(target.num_ports == 3 && !target.has_fault && target.ports[2].num_queues == 3 && target.ports[2].number == 12);
    CHECK(!target.ports[0].has_note && target.ports[1].has_note && target.ports[1].note.bell == 8);
    CHECK(queues[1][2][1].work.num_heads == 2 && queues[1][2][1].work.heads[1] == 999 && queues[1][2][2].size == 256);

    /* Two ports of one number. */
    source.ports[2].number = 10;
    source.has_fault = true, source.fault.y = -3;
    CHECK(save(&hub_model, &source, &error) == 0);
    CHECK(load(&hub_model, &target, &error) == -MGS_ERROR_DUPLICATE_KEY && target.ports[2].number == 12);
    source.ports[2].number = 11, source.ports[1].number = 10, source.ports[0].number = 9;
    source.num_ports = 2;
    CHECK(save(&hub_model, &source, &error) == 0);
    CHECK(load(&hub_model, &target, &error) == 0 && target.num_ports == 2 && target.has_fault && target.fault.y == -3);
    source.num_ports = 4;
    CHECK(save(&hub_model, &source, &error) == -MGS_ERROR_BAD_VALUE && error.expected == 3 && error.found == 4);
}

/* ======   Tables that are wrong   ====== */

static void expect_bad(const struct mgs_field *fields, uint32_t num_fields, uint32_t size, uint64_t found)
{
    unsigned char state[512] = { 0 };
    const struct mgs_layout layout = { "bad", fields, num_fields, size };
    const struct mgs_section sections[] = { MGS_SECTION("bad", layout) };
    const struct mgs_model model = { .name = "test/bad", .size = sizeof state, .sections = sections, .num_sections = 1, .version = 1 };
    mgs_error error;
    CHECK(save(&model, state, &error) < 0);
    CHECK(error.stage == MGS_STAGE_USE && error.expected == 0 && error.found == found);
    CHECK(memory.live == 0);
}

#define EXPECT_BAD(size, found, ...) \
    do { \
        const struct mgs_field fields[] = { __VA_ARGS__ }; \
        expect_bad(fields, MGS_LENGTH(fields), size, found); \
    } while (0)

static void bad_tables(void)
{
    const struct mgs_field good = MGS_U32(struct uart, statistics);
    struct mgs_field field = good;
    EXPECT_BAD(sizeof(struct uart), 1, good, MGS_FIELD("again", struct uart, statistics, U32));
    EXPECT_BAD(4, 0, good);
    EXPECT_BAD(sizeof(struct uart), 1, good, MGS_FIELD("statistics", struct uart, divisor, U16));
    field.offset = UINT32_MAX - 2;
    EXPECT_BAD(sizeof(struct uart), 0, field);
    field = good, field.width = 3, field.stride = 3;
    EXPECT_BAD(sizeof(struct uart), 0, field);
    field = good, field.width = 2;
    EXPECT_BAD(sizeof(struct uart), 0, field);
    field = good, field.type = 77;
    EXPECT_BAD(sizeof(struct uart), 0, field);
    field = good, field.shape = 3;
    EXPECT_BAD(sizeof(struct uart), 0, field);
    field = good, field.count = 2;
    EXPECT_BAD(sizeof(struct uart), 0, field);
    field = good, field.shape = MGS_SHAPE_FIXED, field.count = UINT32_MAX;
    EXPECT_BAD(sizeof(struct uart), 0, field);
    field = good, field.name = "";
    EXPECT_BAD(sizeof(struct uart), 0, field);
    field = good, field.has_range = true, field.min = 2, field.max = 1;
    EXPECT_BAD(sizeof(struct uart), 0, field);
    EXPECT_BAD(sizeof(struct all), 0, MGS_STRING_POINTER(struct all, text));
    EXPECT_BAD(sizeof(struct all), 0, MGS_COUNT16(struct all, count, .ref = "/nowhere"));
    EXPECT_BAD(sizeof(struct all), 0, MGS_LIST(struct all, jobs, job_elements, MGS_RANGE(0, 4)));
    /* A structure that holds itself. */
    struct mgs_field inner[1];
    const struct mgs_layout knot = { "knot", inner, 1, sizeof(struct point) };
    const struct mgs_field self = {
        .name = "self", .type = MGS_TYPE_STRUCT, .num_offset = MGS_NO_OFFSET, .stride = sizeof(struct point), .fields = &knot
    };
    inner[0] = self;
    EXPECT_BAD(sizeof(struct point), 8, self);
    mgs_error error;
    CHECK(save(&all_model, NULL, &error) == -MGS_ERROR_BAD_ARGUMENT);
    CHECK(save(NULL, &field, &error) == -MGS_ERROR_BAD_ARGUMENT);
}

/* ======   A machine of structs, with an encoder's stream   ====== */

static int keep(void *context, const mgs_octets *pieces, size_t num_pieces)
{
    (void)context;
    for (size_t i = 0; i < num_pieces; i++) {
        memcpy(stream + stream_size, pieces[i].octets, pieces[i].size);
        stream_size += pieces[i].size;
    }
    return 0;
}

static int make_manifest(mgs_manifest **manifest, struct uart *first, struct uart *second)
{
    const mgs_topology topology = { .size = sizeof topology, .producer = MGS_TEXT("fields"), .architecture = MGS_TEXT("x86_64") };
    const mgs_device one = { .size = sizeof one, .path = MGS_TEXT("one") }, two = { .size = sizeof two, .path = MGS_TEXT("two") };
    const mgs_parameter parameter = { .size = sizeof parameter, .name = MGS_TEXT("base"), .kind = 2, .value = 115200 };
    CHECK(mgs_manifest_new(manifest, &topology, NULL, NULL) == 0);
    CHECK(mgs_manifest_add_struct(*manifest, &one, &uart_2, first, NULL) == 0);
    CHECK(mgs_manifest_add_parameter(*manifest, &parameter, NULL) == 0);
    return mgs_manifest_add_struct(*manifest, &two, &uart_2, second, NULL);
}

static void machines(void)
{
    struct uart source[2] = { { .divisor = 3 }, { .divisor = 4, .timeout = 9 } }, target[2] = { { .divisor = 1 }, { .divisor = 1 } };
    const mgs_device_ops ops = { .size = sizeof ops };
    const mgs_stream_options options = { .size = sizeof options, .uuid = { 1 } };
    mgs_manifest *manifest = NULL;
    mgs_machine *machine = NULL;
    mgs_encoder *encoder = NULL;
    mgs_error error;
    uint64_t session = 0;
    CHECK(make_manifest(&manifest, &source[0], &source[1]) == 1);
    CHECK(mgs_machine_new(&machine, manifest, &ops, NULL, NULL, NULL, &error) == 0);
    stream_size = 0;
    CHECK(mgs_save_open(machine, &options, keep, NULL, &error) == 0 && mgs_save_stop(machine, &error) == 0);
    while (mgs_save_step(machine, &error) == MGS_STEP_MORE)
        ;
    CHECK(mgs_save_finish(machine, &error) == 0 && mgs_save_hand_over(machine, &error) == 0);
    mgs_machine_free(machine);

    /* An encoder makes the same stream. */
    static unsigned char saved[sizeof stream];
    const size_t saved_size = stream_size;
    memcpy(saved, stream, stream_size);
    stream_size = 0;
    CHECK(mgs_encoder_new(&encoder, manifest, &options, keep, NULL, NULL, &error) == 0);
    CHECK(mgs_encoder_struct(encoder, 0, &error) == 0 && mgs_encoder_struct(encoder, 1, &error) == 0);
    CHECK(mgs_encoder_struct(encoder, 2, &error) == -MGS_ERROR_UNKNOWN_DEVICE);
    CHECK(mgs_encoder_end(encoder, &error) == 0);
    mgs_encoder_free(encoder);
    CHECK(stream_size == saved_size && memcmp(saved, stream, saved_size) == 0);
    mgs_manifest_free(manifest);

    manifest = NULL;
    CHECK(make_manifest(&manifest, &target[0], &target[1]) == 1);
    CHECK(mgs_machine_new(&machine, manifest, &ops, NULL, NULL, NULL, &error) == 0);
    mgs_manifest_free(manifest);
    CHECK(mgs_machine_request(machine, MGS_STATE_RESUMING, &session, &error) == 0);
    CHECK(mgs_resume_write(machine, session, stream, stream_size, NULL, &error) == 0 && target[0].divisor == 1);
    CHECK(mgs_resume_finish(machine, session, 0, &error) == 0);
    CHECK(target[0].divisor == 3 && target[1].divisor == 4 && target[1].timeout == 9 && target[0].timeout == 0);
    CHECK(mgs_machine_request(machine, MGS_STATE_RUNNING, NULL, &error) == 0);
    mgs_machine_free(machine);
}

int main(void)
{
    every_type();
    refusals();
    failing_allocations();
    versions();
    unknown_subsections();
    hubs();
    bad_tables();
    machines();
    printf("structs saved and loaded through field tables\n");
    return 0;
}
