/* c-reader: verifies a stream and shows what is in it. SPDX-License-Identifier: MIT */
#include "reader.h"
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_OCTETS = 16, CHANNELS_MAX = 17 };

#define LIMIT(name, number) {#name, offsetof(struct ms_limits, name)},
static const struct { const char *name; size_t at; } limit_names[] = {MS_LIMITS(LIMIT)};

/* Nothing that a terminal acts upon is printed. */
static void print_text(struct ms_octets text) {
  const uint8_t *end = text.octets + text.length;
  for (const uint8_t *at = text.octets; at < end; at++) putchar(*at < 0x20 || *at >= 0x7f ? '?' : *at);
}

static void print_octets(struct ms_octets octets) {
  for (size_t i = 0; i < octets.length && i < SHOWN_OCTETS; i++) printf("%02x", octets.octets[i]);
  if (octets.length > SHOWN_OCTETS) printf("... (%zu octets)", octets.length);
}

static void region(void *context, const struct ms_region *region) {
  (void)context;
  printf("  region %" PRIu32 " ", region->number);
  print_text(region->name);
  printf(" at 0x%" PRIx64 ", %" PRIu64 " octets\n", region->guest_address, region->length);
}

static void device(void *context, const struct ms_device *device) {
  (void)context;
  printf("  device %" PRIu32 " ", device->number);
  print_text(device->path);
  putchar(' ');
  print_text(device->model);
  printf(" version %" PRIu32 "\n", device->version);
}

static void piece(void *context, const struct ms_piece *piece) {
  (void)context;
  printf("%*s%" PRIu64 " %ssection ", 2 + 2 * (int)piece->level, "", piece->offset, piece->level != 0 ? "sub" : "");
  printf("%" PRIu32 " ", piece->number);
  print_text(piece->name);
  printf(" of device %" PRIu32 ", layout %" PRIu32 ", %zu octets\n", piece->device, piece->layout, piece->data.length);
}

/* An integer of up to 8 octets, with zeros or the sign above them. */
static uint64_t number(struct ms_octets octets, bool is_signed) {
  uint64_t value = is_signed && octets.octets[octets.length - 1] >= 0x80 ? UINT64_MAX : 0;
  for (size_t i = octets.length; i-- > 0;) value = value << 8 | octets.octets[i];
  return value;
}

static void field(void *context, const struct ms_field *field) {
  (void)context;
  unsigned type = field->type;
  bool raw = field->count != 0 || field->width > 8 || (type >= 7 && type <= 11) || type == 32;
  printf("%*s", 4 + 2 * (int)field->level, "");
  print_text(field->name);
  if (type >= 48) printf("[%" PRIu32 "]", field->element);
  putchar(' ');
  if (type > 48) printf("%" PRIu64, field->value);
  else if (field->secret) printf("(secret)");
  else if (type == 33) print_text(field->octets);
  else if (raw) print_octets(field->octets);
  else if (type == 2 || type == 17) printf("%" PRId64, (int64_t)number(field->octets, true));
  else if (type != 48) printf("%" PRIu64, number(field->octets, false));
  putchar('\n');
}

static void record(void *context, const struct ms_record *record) {
  (void)context;
  printf("%" PRIu64 " %s %04" PRIx32, record->offset, ms_kind_name(record->kind), record->kind);
  if (record->channel != 0) printf(" channel %" PRIu32, record->channel);
  if (record->device != MS_NO_DEVICE) printf(" device %" PRIu32, record->device);
  printf(" sequence %" PRIu64, record->sequence);
  printf(", body %zu, payload %zu\n", record->body.length, record->payload.length);
}

/* The whole of a file, "-" for standard input; exits when it cannot be read. */
static struct ms_octets read_all(const char *path) {
  FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
  uint8_t *octets = NULL, *more = NULL;
  size_t length = 0, capacity = 65536, count = 1;
  while (file != NULL && count != 0 && (more = realloc(octets, capacity)) != NULL) {
    octets = more;
    count = fread(octets + length, 1, capacity - length, file);
    length += count;
    if (length == capacity) capacity *= 2;
  }
  if (file == NULL || count != 0 || ferror(file)) {
    perror(path);
    exit(2);
  }
  if (file != stdin) fclose(file);
  return (struct ms_octets){octets, length};
}

static int usage(void) {
  fputs("usage: c-reader [-q] [--no-content] [--limit NAME=NUMBER]... FILE [--channel FILE]... [FILE ...]\n"
        "Verifies a stream and prints what is in it. -q: the verdict only. --no-content: does not compare the areas\n"
        "of an image and the pages of an index with the records. Exit: 0 accepted, 1 refused, 2 usage or input.\n",
        stderr);
  return 2;
}

static bool set_limit(struct ms_limits *limits, const char *text) {
  size_t length = strcspn(text, "=");
  char *end = NULL;
  uint64_t value = text[length] == '=' ? strtoull(text + length + 1, &end, 10) : 0;
  if (end == NULL || end == text + length + 1 || *end != 0) return false;
  for (size_t i = 0; i < sizeof limit_names / sizeof *limit_names; i++) {
    if (strlen(limit_names[i].name) != length || strncmp(text, limit_names[i].name, length) != 0) continue;
    memcpy((char *)limits + limit_names[i].at, &value, sizeof value);
    return true;
  }
  return false;
}

static int verify(const char *path, const struct ms_octets *channels, size_t count, const struct ms_limits *limits,
                  const struct ms_events *events) {
  struct ms_error e;
  ms_read(channels, count, limits, events, &e);
  for (size_t i = 0; i < count; i++) free((void *)channels[i].octets);
  printf("%s: %s", path, e.code == MS_accepted ? "accepted\n" : "refused ");
  if (e.code == MS_accepted) return 0;
  printf("%s in %s, channel %" PRIu32, ms_code_name(e.code), ms_stage_name(e.stage), e.channel);
  printf(" offset %" PRIu64 " expected %" PRIu64 " found %" PRIu64, e.offset, e.expected, e.found);
  printf(" record %" PRIu64 "\n", e.record);
  return 1;
}

int main(int argc, char **argv) {
  struct ms_limits limits;
  struct ms_events events = {.region = region, .device = device, .piece = piece, .field = field, .record = record};
  int status = 2, i = 1;
  ms_default_limits(&limits);
  for (; i < argc && argv[i][0] == '-' && argv[i][1] != 0; i++) {
    if (strcmp(argv[i], "-q") == 0) events = (struct ms_events){0};
    else if (strcmp(argv[i], "--no-content") == 0) limits.finalExtentsMax = 0;
    else if (strcmp(argv[i], "--limit") != 0 || i + 1 == argc || !set_limit(&limits, argv[++i])) return usage();
  }
  while (i < argc) {
    struct ms_octets channels[CHANNELS_MAX];
    size_t count = 0;
    const char *path = argv[i];
    do channels[count++] = read_all(argv[i++]);
    while (count < CHANNELS_MAX && i + 1 < argc && strcmp(argv[i], "--channel") == 0 && i++);
    if (i < argc && argv[i][0] == '-' && argv[i][1] != 0) return usage();
    status = verify(path, channels, count, &limits, &events) | (status & 1);
  }
  return status == 2 ? usage() : status;
}
