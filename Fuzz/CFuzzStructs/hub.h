/* Sections of every cardinality, and subsections of the whole and of elements. */

struct queue {
    uint32_t head;
    uint16_t job;           /* 0: none */
};

struct port {
    uint8_t number;
    uint16_t speed;
    struct queue queues[2];
    bool has_note;
    struct alarm note;
};

struct hub {
    uint32_t features;      /* configuration: compared, not loaded */
    uint32_t num_ports;
    struct port ports[3];
    bool has_fault;
    struct point fault;
    uint64_t deadline;      /* 0: none */
};

static const struct mgs_field queue_fields[] = { MGS_U32(struct queue, head) };
static const struct mgs_layout queue_layout = MGS_LAYOUT("queue", struct queue, queue_fields);
static const struct mgs_field job_fields[] = { MGS_U16(struct queue, job, MGS_PRESET(0)) };
static const struct mgs_layout job_layout = MGS_LAYOUT("job", struct queue, job_fields);
static bool has_job(const void *queue) { return ((const struct queue *)queue)->job != 0; }

static const struct mgs_field port_fields[] = {
    MGS_U8(struct port, number, MGS_RANGE(0, 2)), MGS_U16(struct port, speed), MGS_STRUCT_ARRAY(struct port, queues, queue_layout) };
static const struct mgs_layout port_layout = MGS_LAYOUT("port", struct port, port_fields);
static const struct mgs_section port_subsections[] = {
    MGS_SUBSECTION_MEMBER("note", struct port, note, has_note, alarm_layout, .mark = MGS_SKIPPABLE),
    MGS_SUBSECTION("job", job_layout, has_job, .target = "queues"),
};

static const struct mgs_field hub_fields[] = { MGS_U32(struct hub, features, .verify = true) };
static const struct mgs_layout hub_layout = MGS_LAYOUT("hub", struct hub, hub_fields);
static const struct mgs_field deadline_fields[] = { MGS_INSTANT(struct hub, deadline, MGS_PRESET(0)) };
static const struct mgs_layout deadline_layout = MGS_LAYOUT("deadline", struct hub, deadline_fields);
static bool has_deadline(const void *hub) { return ((const struct hub *)hub)->deadline != 0; }
static const struct mgs_section hub_subsections[] = { MGS_SUBSECTION("deadline", deadline_layout, has_deadline) };

static const struct mgs_section hub_sections[] = {
    MGS_SECTION("hub", hub_layout, MGS_SUBSECTIONS(hub_subsections)),
    MGS_SECTION_MANY("port", struct hub, ports, num_ports, port_layout, "number", MGS_SUBSECTIONS(port_subsections)),
    MGS_SECTION_OPTIONAL("fault", struct hub, fault, has_fault, point_layout),
};
static const struct mgs_model hub_model = MGS_MODEL("fuzz/hub", struct hub, hub_sections, .version = 1);

static void fill_hub(struct hub *hub, uint32_t variant)
{
    hub->features = 0xf00f;
    hub->num_ports = variant % 4;
    for (uint32_t i = 0; i < 3; i++) {
        hub->ports[i].number = (uint8_t)(2 - i);
        hub->ports[i].has_note = variant % 3 == i;
        hub->ports[i].note.bell = 9;
        for (uint32_t j = 0; j < 2; j++)
            hub->ports[i].queues[j].job = (uint16_t)((variant + j) % 2);
    }
    hub->has_fault = variant % 2 == 0;
    hub->deadline = variant % 3;
}
