/* SPDX-License-Identifier: MIT */
#include "machine.h"
#include <string.h>

enum { CPU = 0, CHUNK_PAGES = 64 };  /* the processor's device number */

/* ======   What travels of the devices: the processors' own tables are beside them   ====== */

static const struct mgs_field serial_fields[] = {
  MGS_U64(struct serial, sent, .unit = "octets"),
  MGS_U64(struct serial, held, .unit = "octets", MGS_RANGE(0, FIFO - 1)),
  MGS_BYTES(struct serial, fifo),
};
static const struct mgs_layout serial_layout = MGS_LAYOUT("serial", struct serial, serial_fields);
static const struct mgs_section serial_sections[] = {MGS_SECTION("state", serial_layout)};
static const struct mgs_model serial_model =
  MGS_MODEL("migstream.example/tiny/serial", struct serial, serial_sections, .version = 1);

static const struct mgs_field timer_fields[] = {
  MGS_U64(struct timer, period, MGS_RANGE(1, UINT32_MAX)),
  MGS_U64(struct timer, reads),
};
static const struct mgs_layout timer_layout = MGS_LAYOUT("timer", struct timer, timer_fields);
static const struct mgs_section timer_sections[] = {MGS_SECTION("state", timer_layout)};
static const struct mgs_model timer_model =
  MGS_MODEL("migstream.example/tiny/timer", struct timer, timer_sections, .version = 1);

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

/* Memory belongs to the processor; the structs the library saves by itself once this is done. */
static int save(void *context, uint32_t device, uint32_t is_stopped, mgs_encoder *out) {
  return device == CPU ? save_pages(context, is_stopped, out) : MGS_DONE;
}

static int estimate(void *context, uint32_t device, mgs_estimate *estimate) {
  struct vmm *vmm = context;
  estimate->dirty_size = estimate->stop_copy_size = device == CPU ? (uint64_t)guest_dirty_count(&vmm->guest) * PAGE : 0;
  return 0;
}

/* The processor runs in RUNNING and PRE_COPY, and in no other state. What is left to send is looked for from the start. */
static int move(void *context, uint32_t device, uint32_t from, uint32_t to) {
  struct vmm *vmm = context;
  (void)from;
  if (device != CPU) return 0;
  vmm->next_page = 0;
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

/* The structs are loaded by now. A host that does not take the processor's state refuses the guest. */
static int commit(void *context, uint32_t device) {
  struct guest *guest = &((struct vmm *)context)->guest;
  return device != CPU || guest->processor->load == NULL || guest->processor->load(guest) ? 0 : -1;
}

static void reset(void *context, uint32_t device) {
  struct vmm *vmm = context;
  if (device == CPU) guest_pause(&vmm->guest);
}

int vmm_new(struct vmm *vmm, mgs_log log, mgs_error *error) {
  static const mgs_device_ops ops = {.size = sizeof ops, .move = move, .reset = reset, .estimate = estimate, .save = save,
    .target = target, .clear = clear, .commit = commit};
  const struct processor *processor = vmm->guest.processor;
  const mgs_config config = {.size = sizeof config, .log = log};
  const mgs_topology topology = {.size = sizeof topology, .producer = MGS_TEXT("tinyvmm"),
    .architecture = {processor->architecture, strlen(processor->architecture)}, .guest_endianness = 1, .page_size = PAGE};
  const mgs_region ram = {.size = sizeof ram, .name = MGS_TEXT("ram"), .length = RAM, .owner = MGS_NO_DEVICE};
  const mgs_device cpu = {.size = sizeof cpu, .path = MGS_TEXT("cpu0"), .capabilities = MGS_CAN_STOP_COPY | MGS_CAN_PRE_COPY};
  const mgs_device serial = {.size = sizeof serial, .path = MGS_TEXT("serial0")};
  const mgs_device timer = {.size = sizeof timer, .path = MGS_TEXT("timer0")};
  mgs_manifest *manifest = NULL;
  int status = mgs_manifest_new(&manifest, &topology, NULL, error);
  if (status >= 0) status = mgs_manifest_add_region(manifest, &ram, error);
  if (status >= 0) status = mgs_manifest_add_struct(manifest, &cpu, processor->model, vmm->guest.state, error);
  if (status >= 0) status = mgs_manifest_add_struct(manifest, &serial, &serial_model, &vmm->guest.serial, error);
  if (status >= 0) status = mgs_manifest_add_struct(manifest, &timer, &timer_model, &vmm->guest.timer, error);
  if (status >= 0) status = mgs_machine_new(&vmm->machine, manifest, &ops, vmm, NULL, &config, error);
  mgs_manifest_free(manifest);
  return status;
}
