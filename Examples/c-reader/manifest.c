/* MANIFEST: regions, devices, parameters, announcements (chapter 10 section 4). SPDX-License-Identifier: MIT */
#include "internal.h"
#include <stdlib.h>
#include <string.h>

static uint16_t take_mark(struct cursor *c) {
  uint64_t pos = c->pos, flags = ms_take(c, 2);
  ms_demand(c, flags <= 3, MS_reservedNotZero, pos, 0, flags);
  ms_demand(c, one_mark(flags), MS_badMark, pos, 0, flags);
  return (uint16_t)flags;
}

static void region(struct cursor *c, uint32_t number, uint64_t num_devices) {
  struct reader *r = c->r;
  struct region region = {.seen.number = number};
  struct ms_region *seen = &region.seen;
  uint64_t pos = c->pos, len_name = ms_take_in(c, 2, MS_badValue, 1, UINT16_MAX);
  seen->flags = (unsigned)ms_take(c, 2);
  ms_demand(c, seen->flags <= 7, MS_reservedNotZero, pos + 2, 0, seen->flags);
  bool declared = !(seen->flags & REGION_OPAQUE) || (r->flags & OPAQUE_MEMORY);
  ms_demand(c, declared, MS_undeclaredFeature, pos + 2, OPAQUE_MEMORY, 0);
  seen->owner = (uint32_t)ms_take(c, 4);
  ms_demand(c, seen->owner == NONE32 || seen->owner < num_devices, MS_unknownDevice, pos + 4, 0, seen->owner);
  ms_demand(c, !(r->flags & SINGLE_DEVICE) || seen->owner == 0, MS_badValue, pos + 4, 0, seen->owner);
  seen->guest_address = ms_take(c, 8);
  seen->length = ms_take_in(c, 8, MS_badValue, 1, ((uint64_t)1 << 56) - 1);
  region.page_size = ms_take(c, 8);
  ms_demand(c, power_of_two(region.page_size), MS_badValue, pos + 24, 0, region.page_size);
  seen->name = ms_text(c, len_name);
  ms_pad(c, len_name);
  if (ms_append(r, &r->regions, &region, sizeof region) && r->events.region) r->events.region(r->events.context, seen);
}

/* One more, whose name comes behind that of the one before. */
static struct ms_octets parameter(struct cursor *c, struct ms_octets before) {
  uint64_t pos = c->pos, len_name = ms_take_in(c, 2, MS_badValue, 1, UINT16_MAX);
  uint64_t type = ms_take_in(c, 1, MS_badValue, 1, 3);
  ms_reserved(c, 1);
  uint64_t len_text = ms_take_in(c, 4, MS_badValue, 0, type == 3 ? UINT32_MAX : 0);
  ms_take_in(c, 8, MS_badValue, 0, type == 2 ? UINT64_MAX : type == 1);
  struct ms_octets name = ms_text(c, len_name);
  ms_text(c, len_text);
  ms_pad(c, len_name + len_text);
  int order = memcmp(before.octets, name.octets, before.length < name.length ? before.length : name.length);
  ms_demand(c, order < 0 || (order == 0 && before.length < name.length), MS_badOrder, pos + 16, 0, 0);
  return name;
}

static void announcement(struct cursor *c, uint32_t device, uint32_t number, bool of_section) {
  uint64_t len_name = ms_take_in(c, 2, MS_badValue, 1, UINT16_MAX);
  struct announcement announced = {.device = device, .number = number, .of_section = of_section};
  announced.mark = take_mark(c);
  ms_take_in(c, 4, MS_badValue, 0, ms_take(c, 4));
  ms_reserved(c, 4);
  announced.name = ms_text(c, len_name);
  ms_pad(c, len_name);
  ms_append(c->r, &c->r->announcements, &announced, sizeof announced);
}

static void device(struct cursor *c, uint32_t number) {
  struct reader *r = c->r;
  struct device device = {.seen.number = number, .first = (uint32_t)r->announcements.count};
  struct ms_device *seen = &device.seen;
  uint64_t start = c->pos, there = c->end - start, length = ms_take(c, 4), larger = length < 48 ? 48 : length;
  ms_demand(c, length % 8 == 0, MS_badValue, start, 0, length);
  ms_demand(c, larger == length && length <= there, MS_truncatedData, start, larger, length < there ? length : there);
  seen->parent = (uint32_t)ms_take(c, 4);
  ms_demand(c, seen->parent == NONE32 || seen->parent < number, MS_unknownDevice, start + 4, 0, seen->parent);
  device.mark = take_mark(c);
  ms_take_in(c, 1, MS_badValue, 1, 3);
  ms_take_in(c, 1, MS_badValue, 0, 3);
  uint64_t len_path = ms_take_in(c, 2, MS_badValue, !(r->flags & SINGLE_DEVICE), UINT16_MAX);
  uint64_t len_address = ms_take(c, 2), len_model = ms_take(c, 2);
  uint64_t num_parameters = ms_take_in(c, 2, MS_limitExceeded, 0, r->limits.parametersMax);
  seen->num_sections = (unsigned)ms_take_in(c, 2, MS_limitExceeded, 0, r->limits.sectionsMax);
  seen->num_subsections = (unsigned)ms_take_in(c, 2, MS_limitExceeded, 0, r->limits.subsectionsMax);
  seen->version = (uint32_t)ms_take(c, 4);
  seen->version_min = (uint32_t)ms_take_in(c, 4, MS_badValue, 0, seen->version);
  ms_take(c, 8);
  ms_take(c, 8);
  seen->path = ms_text(c, len_path);
  ms_text(c, len_address);
  seen->model = ms_text(c, len_model);
  ms_pad(c, len_path + len_address + len_model);
  struct ms_octets name = {c->base, 0};
  for (uint64_t i = 0; ok(r) && i < num_parameters; i++) name = parameter(c, name);
  for (uint32_t i = 0; ok(r) && i < seen->num_sections; i++) announcement(c, number, i, true);
  for (uint32_t i = 0; ok(r) && i < seen->num_subsections; i++) announcement(c, number, i, false);
  uint64_t used = c->pos - start;
  ms_demand(c, used <= length, MS_truncatedData, start, used, length);
  ms_demand(c, used >= length, MS_unexpectedData, c->pos, length, used);
  if (ms_append(r, &r->devices, &device, sizeof device) && r->events.device) r->events.device(r->events.context, seen);
}

void ms_manifest(struct cursor *c) {
  struct reader *r = c->r;
  bool single = r->flags & SINGLE_DEVICE;
  uint64_t len_producer = ms_take_in(c, 2, MS_badValue, 1, UINT16_MAX), len_version = ms_take(c, 2);
  uint64_t len_architecture = ms_take(c, 2);
  uint64_t endianness = ms_take_in(c, 1, MS_badValue, 0, 2);
  ms_reserved(c, 1);
  uint64_t page_size = ms_take(c, 4);
  ms_demand(c, page_size == 0 || power_of_two(page_size), MS_badValue, 8, 0, page_size);
  uint64_t num_regions = ms_take_in(c, 4, MS_limitExceeded, 0, r->limits.regionsMax);
  uint64_t num_devices = ms_take_in(c, 4, MS_limitExceeded, 0, r->limits.devicesMax);
  ms_reserved(c, 4);
  ms_demand(c, !single || len_architecture == 0, MS_badValue, 4, 0, len_architecture);
  ms_demand(c, !single || endianness == 0, MS_badValue, 6, 0, endianness);
  ms_demand(c, !single || page_size == 0, MS_badValue, 8, 0, page_size);
  ms_demand(c, !single || num_devices == 1, MS_badValue, 16, 1, num_devices);
  ms_text(c, len_producer);
  ms_text(c, len_version);
  ms_text(c, len_architecture);
  ms_pad(c, len_producer + len_version + len_architecture);
  for (uint32_t i = 0; ok(r) && i < num_regions; i++) region(c, i, num_devices);
  for (uint32_t i = 0; ok(r) && i < num_devices; i++) device(c, i);
  ms_rest(c, 0, c->end);
  struct named *paths = ms_allocate(r, r->devices.count * sizeof *paths);
  for (size_t i = 0; paths != NULL && i < r->devices.count; i++) {
    paths[i].name = ITEM(r->devices, struct device, i)->seen.path;
    paths[i].pos = (uint64_t)(paths[i].name.octets - c->base);
  }
  uint64_t twice = paths != NULL ? ms_twice(paths, r->devices.count) : 0;
  free(paths);
  ms_demand(c, twice == UINT64_MAX, MS_duplicateName, twice, 0, 0);
}
