/* A device that writes the same few fields each time, and one with a version before and after: what they were called, what came
 * and went, what grew. */

struct uart {
    uint16_t divisor;
    uint8_t kind;
    uint8_t trigger;
    bool has_word;
    uint8_t word;
    uint32_t num_fifo;
    uint8_t fifo[16];
    int32_t offset;
};

static const struct mgs_symbol uart_kinds[] = { { 0, "8250" }, { 1, "16550" } };

static const struct mgs_field plain_fields[] = {
    MGS_U16(struct uart, divisor, MGS_RANGE(1, 0xffff)), MGS_BOOL(struct uart, has_word), MGS_U8(struct uart, word),
    MGS_COUNTED_BYTES(struct uart, fifo), MGS_I32(struct uart, offset, MGS_RANGE(-100, 100)),
};
static const struct mgs_layout plain_layout = MGS_LAYOUT("plain", struct uart, plain_fields);
static const struct mgs_field trigger_fields[] = { MGS_U8(struct uart, trigger, MGS_RANGE(0, 14)) };
static const struct mgs_layout trigger_layout = MGS_LAYOUT("trigger", struct uart, trigger_fields);
static const struct mgs_section plain_sections[] = { MGS_SECTION("plain", plain_layout), MGS_SECTION("trigger", trigger_layout) };
static const struct mgs_model plain_model = MGS_MODEL("fuzz/plain", struct uart, plain_sections, .version = 1);

struct old_uart {
    uint8_t divider;
    uint8_t kind;
    uint8_t gone;
    uint32_t num_fifo;
    uint8_t fifo[8];
};

static const struct mgs_field old_fields[] = {
    MGS_U8(struct old_uart, divider), MGS_ENUM8(struct old_uart, kind, MGS_SYMBOLS(uart_kinds)),
    MGS_U8(struct old_uart, gone), MGS_COUNTED(struct old_uart, fifo, U8),
};
static const struct mgs_layout old_layout = MGS_LAYOUT("uart", struct old_uart, old_fields);
static const struct mgs_section old_sections[] = { MGS_SECTION("uart", old_layout) };
static const struct mgs_model old_model = MGS_MODEL("fuzz/uart", struct old_uart, old_sections, .version = 1);

struct new_uart {
    uint16_t divisor;
    uint16_t kind;
    uint8_t gone;
    uint8_t trigger;
    uint32_t num_fifo;
    uint16_t fifo[16];
    int32_t offset;
    uint64_t held;
};

static const struct mgs_symbol new_kinds[] = { { 0, "8250" }, { 1, "16550" }, { 7, "16750" } };
static const struct mgs_field new_fields[] = {
    MGS_U16(struct new_uart, divisor, .was = "divider"),
    MGS_ENUM16(struct new_uart, kind, MGS_SYMBOLS(new_kinds)),
    MGS_U8(struct new_uart, gone, .until = 1, MGS_PRESET(3)),
    MGS_U8(struct new_uart, trigger, .since = 2, MGS_PRESET(8), MGS_RANGE(1, 14)),
    MGS_COUNTED(struct new_uart, fifo, U16),
    MGS_I32(struct new_uart, offset, .since = 2, MGS_PRESET(-1)),
};
static const struct mgs_layout new_layout = MGS_LAYOUT("uart", struct new_uart, new_fields);
static const struct mgs_field held_fields[] = { MGS_U64(struct new_uart, held, MGS_PRESET(0)) };
static const struct mgs_layout held_layout = MGS_LAYOUT("held", struct new_uart, held_fields);
static bool is_held(const void *uart) { return ((const struct new_uart *)uart)->held != 0; }
static const struct mgs_section new_subsections[] = { MGS_SUBSECTION("held", held_layout, is_held) };
static const struct mgs_section new_sections[] = {
    MGS_SECTION("uart", new_layout, .version = 2, MGS_SUBSECTIONS(new_subsections)),
};
static const struct mgs_model new_model = MGS_MODEL("fuzz/uart", struct new_uart, new_sections, .version = 2);

static void fill_plain(struct uart *uart, uint32_t variant)
{
    uart->divisor = (uint16_t)(1 + variant);
    uart->trigger = 14;
    uart->has_word = variant % 2 == 0;
    uart->num_fifo = variant % 17;
    uart->offset = -100;
}

static void fill_old(struct old_uart *uart, uint32_t variant)
{
    uart->kind = (uint8_t)(variant % 2);
    uart->num_fifo = variant % 9;
}

static void fill_new(struct new_uart *uart, uint32_t variant)
{
    uart->kind = variant % 3 == 0 ? 7 : variant % 2;
    uart->trigger = 14;
    uart->num_fifo = variant % 17;
    uart->held = variant % 4;
}
