/* Prints the field tables of a generated header, one field a line, and whether its members lie where they can.
 *
 * Compiled with -DGENERATED="file", whose names begin with `t`.
 */
#include GENERATED
#include <inttypes.h>
#include <stdio.h>

static bool is_wrapped(const struct mgs_field *field) {
    return field->shape != MGS_SHAPE_ONE
        && ((field->type >= MGS_TYPE_COUNTED_BYTES && field->type < MGS_TYPE_STRUCT) || field->type > MGS_TYPE_STRUCT);
}

/* The table of the fields inside; NULL: none. */
static const struct mgs_layout *children(const struct mgs_field *field) {
    if (is_wrapped(field)) {
        return field->fields->fields[0].fields;
    }
    return field->fields;
}

/* Octets in the block of the stream. */
static uint64_t width(const struct mgs_field *field) {
    uint64_t sum = 0;
    uint32_t i;
    if (field->type != MGS_TYPE_STRUCT) {
        return field->width;
    }
    for (i = 0; i < field->fields->num_fields; i++) {
        const struct mgs_field *child = &field->fields->fields[i];
        switch (child->shape) {
        case MGS_SHAPE_ONE: sum += width(child); break;
        case MGS_SHAPE_FIXED: sum += width(child) * child->count; break;
        default: sum += 4;
        }
    }
    return sum;
}

static void print_hex(const char *text) {
    putchar(' ');
    if (text == NULL || *text == 0) {
        putchar('-');
        return;
    }
    for (; *text != 0; text++) {
        printf("%02x", (unsigned)(unsigned char)*text);
    }
}

/* Octets of memory of a member. */
static uint64_t size_of(const struct mgs_field *field) {
    if (field->memory == MGS_AT_POINTER) {
        return sizeof(void *);
    }
    if (field->shape == MGS_SHAPE_ONE) {
        return field->capacity != 0 ? field->capacity : field->stride;
    }
    return (uint64_t)field->stride * field->count;
}

/* Whether members are inside of the struct, and apart unless it is a union. */
static bool is_sound(const struct mgs_layout *layout, bool is_union) {
    uint64_t end = 0;
    uint32_t i;
    for (i = 0; i < layout->num_fields; i++) {
        const struct mgs_field *field = &layout->fields[i];
        if (field->num_offset != MGS_NO_OFFSET) {
            if (!is_union && field->num_offset < end) {
                return false;
            }
            end = field->num_offset + 1u;
        }
        if (field->offset == MGS_NO_OFFSET) {
            continue;
        }
        if (!is_union && field->offset < end) {
            return false;
        }
        end = field->offset + size_of(field);
        if (end > layout->size) {
            return false;
        }
    }
    return true;
}

static void print_layout(const struct mgs_layout *layout, unsigned depth, bool is_union) {
    uint32_t i, j;
    if (!is_sound(layout, is_union)) {
        printf("unsound %s\n", layout->name);
    }
    for (i = 0; i < layout->num_fields; i++) {
        const struct mgs_field *field = &layout->fields[i];
        printf("%u", depth);
        print_hex(field->name);
        printf(" %u %u %" PRIu64 " %" PRIu32 " %u %u %u %u %u %u %" PRIu32 " %" PRIu32, field->type, field->shape, width(field),
            field->count, field->mark, field->secret, field->verify, field->radix, field->clock, field->alignment_log2,
            field->since, field->until);
        print_hex(field->unit);
        print_hex(field->ref);
        printf(" %u %" PRIu64 " %" PRIu64 " %u %" PRIu64, field->has_range, field->min, field->max, field->has_preset,
            field->preset);
        for (j = 0; j < field->num_symbols; j++) {
            printf(" %" PRIu64, field->symbols[j].value);
            print_hex(field->symbols[j].name);
        }
        putchar('\n');
        if (is_wrapped(field) && !is_sound(field->fields, false)) {
            printf("unsound %s\n", field->name);
        }
        if (children(field) != NULL) {
            print_layout(children(field), depth + 1, field->type == MGS_TYPE_UNION);
        }
    }
}

static void print_section(const struct mgs_section *section) {
    uint32_t i;
    printf("layout");
    print_hex(section->layout->name);
    printf(" %" PRIu32 " %" PRIu32 " %u\n", section->version, section->version_min, section->mark);
    print_layout(section->layout, 0, false);
    for (i = 0; i < section->num_subsections; i++) {
        print_section(&section->subsections[i]);
    }
}

int main(void) {
    uint32_t i;
    for (i = 0; i < t_model.num_sections; i++) {
        print_section(&t_model.sections[i]);
    }
    for (i = 0; i < t_model.num_elements; i++) {
        printf("layout");
        print_hex(t_model.elements[i]->name);
        printf(" 0 0 0\n");
        print_layout(t_model.elements[i], 0, false);
    }
    return 0;
}
