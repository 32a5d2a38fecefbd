/* A device of C is saved by one version of itself and loaded by another, through field tables.
 *
 *     cc device.c $(pkg-config --cflags --libs migstream) */
#include "uart.h"

#include <stdio.h>
#include <string.h>

static unsigned char stream[4096];
static size_t stream_size;

/* A manifest of the one device; it is made anew for each save and load. */
static int open_manifest(mgs_manifest **manifest, const struct mgs_model *version, struct uart *uart, mgs_error *error)
{
    const mgs_topology topology = { .size = sizeof topology, .producer = MGS_TEXT("c-device") };
    const mgs_device device = { .size = sizeof device, .path = MGS_TEXT("uart") };
    int status = mgs_manifest_new(manifest, &topology, NULL, error);
    return status < 0 ? status : mgs_manifest_add_struct(*manifest, &device, version, uart, error);
}

static int save(const struct mgs_model *version, struct uart *uart, mgs_error *error)
{
    mgs_manifest *manifest = NULL;
    int status = open_manifest(&manifest, version, uart, error);
    if (status >= 0)
        status = mgs_encode_struct(manifest, NULL, stream, sizeof stream, &stream_size, error);
    mgs_manifest_free(manifest);
    return status;
}

static int load(const struct mgs_model *version, struct uart *uart, mgs_error *error)
{
    mgs_manifest *manifest = NULL;
    int status = open_manifest(&manifest, version, uart, error);
    if (status >= 0)
        status = mgs_decode_struct(manifest, stream, stream_size, NULL, error);
    mgs_manifest_free(manifest);
    return status;
}

/* Saves with one version, loads with the other, and says what became of it. `expected`: 0, or the code of a refusal. */
static int migrate(
    const char *what, const struct mgs_model *from, struct uart *source, const struct mgs_model *to, struct uart *target, int expected)
{
    mgs_error error;
    char text[200];
    struct uart before = *target;
    int status = save(from, source, &error);
    if (status == 0)
        status = load(to, target, &error);
    printf("%s\n  version %u to version %u, %zu octets: ", what, from->version, to->version, stream_size);
    if (status < 0) {
        mgs_error_text(&error, text, sizeof text);
        printf("refused: %s\n", text);
    } else {
        printf("divisor %u, trigger %u, timeout %llu, overruns %u\n", target->divisor, target->trigger,
            (unsigned long long)target->timeout_due, target->overruns);
    }
    if (status != -expected || (status < 0 && memcmp(target, &before, sizeof before) != 0)) {
        printf("  that was not expected\n");
        return 1;
    }
    return 0;
}

int main(int count, char **arguments)
{
    struct uart old = { .divisor = 12, .line_control = 3, .num_received = 2, .received = "ok" };
    struct uart new = { .divisor = 1, .line_control = 3, .trigger = 8 };
    struct uart target = { .divisor = 9, .timeout_due = 77, .overruns = 1 };
    int failures = 0;

    failures += migrate("A newer device reads an older stream", &uart_v1, &old, &uart_v2, &target, 0);
    failures += migrate("An older one reads a newer stream", &uart_v2, &new, &uart_v1, &target, 0);
    new.overruns = 5;
    failures += migrate("It steps over a subsection that may be skipped", &uart_v2, &new, &uart_v1, &target, 0);
    new.timeout_due = 1000;
    failures += migrate("It refuses one that is required, and its struct is as before", &uart_v2, &new, &uart_v1, &target, MGS_ERROR_UNKNOWN_REQUIRED);
    failures += migrate("Which a newer one takes", &uart_v2, &new, &uart_v2, &target, 0);
    new.divisor = 0;
    failures += migrate("No version takes a divisor of 0", &uart_v2, &new, &uart_v2, &target, MGS_ERROR_VALUE_OUT_OF_RANGE);

    /* The last stream, to be looked at: streamtool dump FILE. */
    if (count > 1) {
        FILE *file = fopen(arguments[1], "wb");
        if (file == NULL || fwrite(stream, 1, stream_size, file) != stream_size || fclose(file) != 0)
            return 2;
    }
    return failures != 0;
}
