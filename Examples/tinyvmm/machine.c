/* SPDX-License-Identifier: MIT */
#include "machine.h"
#include <string.h>

enum { CPU, SERIAL, TIMER, DEVICES };
enum { CHUNK_PAGES = 64, UNSIGNED = 1, OCTETS = 9, FIELDS_MAX = 4, LAYOUT_MAX = 24 + 64 * FIELDS_MAX + 128 };

struct field { const char *name; uint32_t type, width, count; };  /* count 0: no array */
static const struct device {
  const char *path, *model;
  struct field fields[FIELDS_MAX + 1];
} devices[DEVICES] = {
  {"cpu0", "migstream.example/tiny/cpu",
   {{"registers", UNSIGNED, 8, REGISTERS}, {"pc", UNSIGNED, 8, 0}, {"retired", UNSIGNED, 8, 0}, {"halted", UNSIGNED, 8, 0}}},
  {"serial0", "migstream.example/tiny/serial",
   {{"sent", UNSIGNED, 8, 0}, {"held", UNSIGNED, 8, 0}, {"fifo", OCTETS, FIFO, 0}}},
  {"timer0", "migstream.example/tiny/timer", {{"period", UNSIGNED, 8, 0}, {"reads", UNSIGNED, 8, 0}}}};

static void put(uint8_t *at, uint64_t value, unsigned width) {
  for (unsigned i = 0; i < width; i++) at[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t get(const uint8_t *at) {
  uint64_t value = 0;
  for (unsigned i = 8; i-- > 0;) value = value << 8 | at[i];
  return value;
}

/* The canonical layout of a device (Specs/20-layouts.md section 3); returns its octets. */
static size_t make_layout(const struct device *device, uint8_t *at) {
  const char *layout_name = strrchr(device->model, '/') + 1;
  size_t count = 0, block = 0, text;
  while (device->fields[count].name != NULL) count++;
  memset(at, 0, LAYOUT_MAX);
  text = 24 + 64 * count + strlen(layout_name);
  memcpy(at + 24 + 64 * count, layout_name, strlen(layout_name));
  for (size_t i = 0; i < count; i++) {
    const struct field *field = &device->fields[i];
    uint8_t *entry = at + 24 + 64 * i;
    entry[0] = (uint8_t)field->type;
    entry[1] = field->count != 0;
    entry[2] = 1;
    put(entry + 4, field->width, 4);
    put(entry + 8, field->count, 4);
    put(entry + 16, strlen(field->name), 2);
    block += field->width * (field->count != 0 ? field->count : 1);
    memcpy(at + text, field->name, strlen(field->name));
    text += strlen(field->name);
  }
  put(at, count, 4);
  put(at + 8, text - 24 - 64 * count, 4);
  put(at + 12, block, 4);
  put(at + 16, strlen(layout_name), 2);
  return (text + 7) / 8 * 8;
}

/* ======   Saving   ====== */

/* The next run of dirty pages, one chunk at most; while the guest runs, the octets are copied before they are hashed. */
static int save_pages(struct vmm *vmm, bool stopped, mgs_encoder *out) {
  struct guest *guest = &vmm->guest;
  uint32_t first = guest_take_dirty(guest, vmm->next_page), count = 1;
  if (first == PAGES) {
    vmm->next_page = 0;
    return stopped ? MGS_DONE : MGS_NO_DATA_NOW;
  }
  while (count < CHUNK_PAGES && first + count < PAGES && atomic_exchange(&guest->dirty[first + count], 0)) count++;
  vmm->next_page = first + count;
  vmm->pages_sent += count;
  const int status = mgs_encoder_memory(out, 0, (uint64_t)first * PAGE, guest->ram + (size_t)first * PAGE,
                                        (size_t)count * PAGE, stopped ? MGS_STABLE : MGS_LIVE, NULL);
  return status < 0 ? status : MGS_MORE;
}

static int save(void *context, uint32_t device, uint32_t is_stopped, mgs_encoder *out) {
  struct vmm *vmm = context;
  const struct guest *guest = &vmm->guest;
  uint8_t data[8 * (REGISTERS + 3)];
  size_t size = 0;
  if (device == CPU) {
    int status = save_pages(vmm, is_stopped, out);
    if (status != MGS_DONE || !is_stopped) return status;
    for (; size < REGISTERS; size++) put(data + 8 * size, guest->cpu.registers[size], 8);
    put(data + 8 * size++, guest->cpu.pc, 8);
    put(data + 8 * size++, guest->cpu.retired, 8);
    put(data + 8 * size++, guest->cpu.halted, 8);
  } else if (!is_stopped) {
    return MGS_DONE;
  } else if (device == SERIAL) {
    put(data, guest->serial.sent, 8);
    put(data + 8, guest->serial.held, 8);
    memcpy(data + 16, guest->serial.fifo, FIFO);
    size = 2 + FIFO / 8;
  } else {
    put(data, guest->timer.period, 8);
    put(data + 8, guest->timer.reads, 8);
    size = 2;
  }
  const mgs_section_data section = {.size = sizeof section, .data = {data, 8 * size}};
  int status = mgs_encoder_section(out, device, 0, &section, NULL);
  return status < 0 ? status : MGS_DONE;
}

static int estimate(void *context, uint32_t device, mgs_estimate *estimate) {
  struct vmm *vmm = context;
  estimate->dirty_size = estimate->stop_copy_size = device == CPU ? (uint64_t)guest_dirty_count(&vmm->guest) * PAGE : 0;
  return 0;
}

/* The processor runs in RUNNING and PRE_COPY, and in no other state. */
static int move(void *context, uint32_t device, uint32_t from, uint32_t to) {
  struct vmm *vmm = context;
  (void)from;
  if (device != CPU) return 0;
  if (to == MGS_STATE_RUNNING || to == MGS_STATE_PRE_COPY) guest_run(&vmm->guest);
  else guest_pause(&vmm->guest);
  return 0;
}

/* ======   Resuming   ====== */

static int target(void *context, uint32_t region, uint64_t offset, size_t size, void **memory, size_t *room) {
  struct vmm *vmm = context;
  (void)region;
  *memory = vmm->guest.ram + offset;
  *room = size;
  return 0;
}

static int clear(void *context, uint32_t region, uint64_t offset, uint64_t length, uint32_t is_discarded) {
  struct vmm *vmm = context;
  (void)region, (void)is_discarded;
  memset(vmm->guest.ram + offset, 0, length);
  return 0;
}

/* Everything that the devices could not work with is refused here, before one of them has changed. */
static int check(void *context, uint32_t device, const mgs_piece *piece) {
  struct vmm *vmm = context;
  const uint8_t *data = piece->data.octets;
  if (device == CPU) {
    for (unsigned i = 0; i < REGISTERS; i++) vmm->cpu.registers[i] = get(data + 8 * i);
    data += 8 * REGISTERS;
    vmm->cpu.pc = get(data);
    vmm->cpu.retired = get(data + 8);
    vmm->cpu.halted = get(data + 16);
    return vmm->cpu.registers[0] != 0 || vmm->cpu.halted > 1;
  }
  if (device == SERIAL) {
    vmm->serial.sent = get(data);
    vmm->serial.held = get(data + 8);
    memcpy(vmm->serial.fifo, data + 16, FIFO);
    return vmm->serial.held >= FIFO;
  }
  vmm->timer.period = get(data);
  vmm->timer.reads = get(data + 8);
  return vmm->timer.period == 0;
}

static int commit(void *context, uint32_t device) {
  struct vmm *vmm = context;
  if (device == CPU) vmm->guest.cpu = vmm->cpu;
  if (device == SERIAL) vmm->guest.serial = vmm->serial;
  if (device == TIMER) vmm->guest.timer = vmm->timer;
  return 0;
}

static void reset(void *context, uint32_t device) {
  struct vmm *vmm = context;
  if (device == CPU) guest_pause(&vmm->guest);
}

int vmm_new(struct vmm *vmm, mgs_error *error) {
  static const mgs_device_ops ops = {.size = sizeof ops, .move = move, .reset = reset, .estimate = estimate, .save = save,
    .target = target, .clear = clear, .check = check, .commit = commit};
  const mgs_topology topology = {.size = sizeof topology, .producer = MGS_TEXT("tinyvmm"), .architecture = MGS_TEXT("tiny"),
    .guest_endianness = 1, .page_size = PAGE};
  const mgs_region ram = {.size = sizeof ram, .name = MGS_TEXT("ram"), .length = RAM, .owner = MGS_NO_DEVICE};
  const mgs_announcement section = {.size = sizeof section, .name = MGS_TEXT("state"), .version = 1, .version_min = 1};
  mgs_manifest *manifest = NULL;
  int status = mgs_manifest_new(&manifest, &topology, NULL, error);
  if (status >= 0) status = mgs_manifest_add_region(manifest, &ram, error);
  for (unsigned i = 0; status >= 0 && i < DEVICES; i++) {
    uint8_t layout[LAYOUT_MAX];
    const size_t size = make_layout(&devices[i], layout);
    const mgs_device device = {.size = sizeof device, .path = {devices[i].path, strlen(devices[i].path)},
      .model = {devices[i].model, strlen(devices[i].model)}, .version = 1, .version_min = 1,
      .capabilities = MGS_CAN_STOP_COPY | (i == CPU ? MGS_CAN_PRE_COPY : 0)};
    status = mgs_manifest_add_device(manifest, &device, error);
    if (status >= 0) status = mgs_manifest_add_layout(manifest, layout, size, error);
    if (status >= 0) status = mgs_manifest_add_section(manifest, &section, error);
  }
  if (status >= 0) status = mgs_machine_new(&vmm->machine, manifest, &ops, vmm, NULL, NULL, error);
  mgs_manifest_free(manifest);
  return status;
}
