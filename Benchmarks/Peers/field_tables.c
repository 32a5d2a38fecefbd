/* A device's state through field tables of the C library, against other codecs, from and to the same C struct. Rows as
 * CodecBench prints them.
 *
 * usage: field_tables [--interface] [--quick]
 *
 *   --interface   what calls take that do nothing
 *
 * With malloccount.c in front of the C library it counts allocations instead. */
#include "net_tables.h"
#include "peer_codec.h"
#include "CPeers.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS_MAX = 21, CONTENDERS_MAX = 16, OURS = 2 };
/* Devices of a machine: as many as share 300 KB or so. */
#ifdef NET_SMALL
#define GROUP "tables-small"
enum { DEVICES = 64 };
#else
#define GROUP "tables"
enum { DEVICES = 64 };
#endif

unsigned long malloccount_calls(void) __attribute__((weak));

/* CPU time: what other processes do must not lie in a sample of a millisecond. */
static uint64_t now(void)
{
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int rounds = 21, operations = DEVICES * (2048 / DEVICES);
static net_state saved, loaded, copy;
static uint64_t sink;

static void fail(const char *what, const mgs_error *error)
{
  char text[200] = "";
  if (error) mgs_error_text(error, text, sizeof text);
  fprintf(stderr, "field_tables: %s %s\n", what, text);
  exit(1);
}

static mgs_manifest *manifest_of(net_state *state, int count)
{
  mgs_manifest *manifest = NULL;
  mgs_error error;
  const mgs_topology topology = { .size = sizeof topology, .producer = MGS_TEXT("bench") };
  if (mgs_manifest_new(&manifest, &topology, NULL, &error) < 0) fail("manifest", &error);
  for (int i = 0; i < count; i++) {
    char path[16];
    const mgs_device device = {
      .size = sizeof device, .path = { path, (size_t)snprintf(path, sizeof path, "net-%02d", i) } };
    if (mgs_manifest_add_struct(manifest, &device, &net_model, state, &error) < 0) fail("table", &error);
  }
  return manifest;
}

/* ======   Ours: sections of an open stream, 64 devices   ====== */

static unsigned char stream[DEVICES * 16384];
static size_t stream_size, opening_size;
static mgs_manifest *sources;
static mgs_machine *machine;

static int keep(void *context, const mgs_octets *pieces, size_t count)
{
  (void)context;
  for (size_t i = 0; i < count; i++) {
    memcpy(stream + stream_size, pieces[i].octets, pieces[i].size);
    stream_size += pieces[i].size;
  }
  return 0;
}

/* When it is timed a device's octets go to where those of others went, as a peer's message does. */
static int put(void *context, const mgs_octets *pieces, size_t count)
{
  static unsigned char ring[16384];
  size_t *at = context;
  for (size_t i = 0; i < count; i++) {
    if (pieces[i].size > sizeof ring - *at) *at = 0;
    if (pieces[i].size > sizeof ring) continue;
    memcpy(ring + *at, pieces[i].octets, pieces[i].size);
    *at += pieces[i].size;
  }
  return 0;
}

static mgs_encoder *opened(mgs_writer writer, void *context, uint32_t flags)
{
  const mgs_stream_options options = { .size = sizeof options, .flags = flags };
  mgs_encoder *encoder = NULL;
  mgs_error error;
  if (mgs_encoder_new(&encoder, sources, &options, writer, context, NULL, &error) < 0) fail("encoder", &error);
  return encoder;
}

static void save_devices(mgs_encoder *encoder)
{
  mgs_error error;
  for (uint32_t i = 0; i < DEVICES; i++)
    if (mgs_encoder_struct(encoder, i, &error) < 0) fail("save", &error);
}

static void make_stream(void)
{
  mgs_error error;
  stream_size = 0;
  mgs_encoder *encoder = opened(keep, NULL, 0);
  opening_size = stream_size;
  save_devices(encoder);
  if (mgs_encoder_end(encoder, &error) < 0) fail("end", &error);
  mgs_encoder_free(encoder);
}

/* A pass of a stream that is open all the time. */
static uint64_t save_sections(void)
{
  static size_t at;
  static mgs_encoder *encoder;
  mgs_error error;
  if (!encoder) encoder = opened(put, &at, MGS_PASSES);
  save_devices(encoder);
  if (mgs_encoder_barrier(encoder, &error) < 0) fail("barrier", &error);
  return 0;
}

/* Octets of one device's record: they are all alike. 480 are END's. */
static size_t record_size(void) { return (stream_size - opening_size - 480) / DEVICES; }

/* Gives the nanoseconds that went into what comes before the first section. */
static uint64_t load_sections(void)
{
  const uint64_t start = now();
  mgs_error error;
  uint64_t session;
  if (mgs_machine_request(machine, MGS_STATE_RESUMING, &session, &error) < 0) fail("resume", &error);
  if (mgs_resume_write(machine, session, stream, opening_size, NULL, &error) < 0) fail("opening", &error);
  const uint64_t begun = now();
  if (mgs_resume_write(machine, session, stream + opening_size, stream_size - opening_size, NULL, &error) < 0)
    fail("load", &error);
  if (mgs_resume_finish(machine, session, 0, &error) < 0) fail("finish", &error);
  const uint64_t ended = now();
  return begun - start + (now() - ended);
}

/* ======   Ours: a stream of one device   ====== */

static unsigned char single[65536];
static size_t single_size;
static mgs_manifest *source, *target;

static uint64_t save_single(void)
{
  mgs_error error;
  if (mgs_encode_struct(source, NULL, single, sizeof single, &single_size, &error) < 0) fail("save", &error);
  return 0;
}

static uint64_t load_single(void)
{
  mgs_error error;
  if (mgs_decode_struct(target, single, single_size, NULL, &error) < 0) fail("load", &error);
  return 0;
}

/* ======   Contest   ====== */

struct contender {
  char name[64];
  uint64_t (*work)(void);
  const peer_codec *codec;
  int has_digest, is_saving;
  int devices;              /* that one call of `work` saves */
  double times[ROUNDS_MAX];
};
static struct contender contenders[CONTENDERS_MAX];
static int contender_count;

static uint64_t once(const struct contender *who)
{
  if (who->work) return who->work();
  if (who->codec) {
    sink += who->is_saving ? who->codec->encode(&saved, who->has_digest) : (size_t)who->codec->decode(&loaded, who->has_digest);
  } else {
    sink += who->is_saving ? peer_copy_and_xxh3(&copy, &saved, sizeof copy) : peer_copy_and_xxh3(&loaded, &saved, sizeof copy);
  }
  return 0;
}

static double sample(const struct contender *who)
{
  uint64_t set_up = 0;
  const int turns = operations / who->devices;
  const uint64_t start = now();
  for (int i = 0; i < turns; i++) set_up += once(who);
  return (double)(now() - start - set_up) / (turns * who->devices);
}

static int by_value(const void *left, const void *right)
{
  const double a = *(const double *)left, b = *(const double *)right;
  return a < b ? -1 : a > b;
}

static double *sorted(const double *values)
{
  static double copies[ROUNDS_MAX];
  memcpy(copies, values, sizeof copies);
  qsort(copies, (size_t)rounds, sizeof(double), by_value);
  return copies;
}

static double median(const double *values) { return sorted(values)[rounds / 2]; }

static void print_row(const char *task, const struct contender *ours, size_t octets, const struct contender *peer)
{
  double ratios[ROUNDS_MAX];
  for (int i = 0; i < rounds; i++) ratios[i] = peer->times[i] / ours->times[i];
  const double mine = median(ours->times), theirs = median(peer->times);
  const double budget = peer->codec ? 1 : 0.5;
  const double *spread = sorted(ratios);
  const double middle = spread[rounds / 2], low = spread[0], high = spread[rounds - 1];
  const char *verdict = middle >= budget ? "met" : high >= budget ? "undecided" : "missed";
  printf("{\"group\": \"" GROUP "\", \"row\": \"%s, %s\", \"ours\": %.2f, \"peer\": \"%s\", \"peer_value\": %.2f, \"unit\": \"ns\","
         " \"octets\": %zu, \"ratio_of\": \"speed\", \"ratio\": %.4f, \"ratio_low\": %.4f, \"ratio_high\": %.4f,"
         " \"budget_kind\": \"at_least\", \"budget\": %g, \"verdict\": \"%s\"}\n",
         task, ours->name, mine, peer->name, theirs, octets, middle, low, high, budget, verdict);
}

static struct contender *enter(const char *name, int is_saving)
{
  struct contender *who = &contenders[contender_count++];
  memset(who, 0, sizeof *who);
  snprintf(who->name, sizeof who->name, "%s", name);
  who->is_saving = is_saving;
  who->devices = 1;
  return who;
}

static void contest(int is_saving)
{
  contender_count = 0;
  struct contender *ours = enter("one section of an open stream", is_saving);
  ours->work = is_saving ? save_sections : load_sections;
  ours->devices = DEVICES;
  enter("a single-device stream with its layout", is_saving)->work = is_saving ? save_single : load_single;
  enter("memcpy + XXH3", is_saving);
  size_t count;
  const peer_codec *codecs = peer_codecs(&count);
  for (size_t i = 0; i < 2 * count; i++) {
    char name[64];
    const peer_codec *codec = &codecs[i / 2];
    snprintf(name, sizeof name, "%s%s", codec->name, i % 2 ? " + XXH3" : "");
    struct contender *who = enter(name, is_saving);
    who->codec = codec;
    who->has_digest = i % 2;
    if (!codec->encode(&saved, who->has_digest)) fail(name, NULL);
    memset(&loaded, 0, sizeof loaded);
    if (!codec->decode(&loaded, who->has_digest) || memcmp(&loaded, &saved, sizeof saved) != 0) fail(name, NULL);
  }
  for (int round = 0; round <= rounds; round++) {
    for (int turn = 0; turn < contender_count; turn++) {
      struct contender *who = &contenders[(turn + round) % contender_count];
      /* What a codec reads is what it wrote last. */
      if (who->codec && !is_saving) who->codec->encode(&saved, who->has_digest);
      const double time = sample(who);
      if (round > 0) who->times[round - 1] = time;
    }
  }
  for (int i = 0; i < OURS; i++)
    for (int peer = OURS; peer < contender_count; peer++)
      print_row(is_saving ? "save" : "load", &contenders[i], i == 0 ? record_size() : single_size,
                &contenders[peer]);
}

/* ======   Calls that do nothing   ====== */

static void print_value(const char *row, double value, const char *unit, double most)
{
  printf("{\"group\": \"interface\", \"row\": \"%s\", \"ours\": %.2f, \"unit\": \"%s\", \"budget_kind\": \"value_at_most\","
         " \"budget\": %g, \"verdict\": \"%s\"}\n", row, value, unit, most, value <= most ? "met" : "missed");
}

static void empty_calls(void)
{
  static const char *const names[] = {
    "mgs_version_number", "mgs_code_name", "mgs_decoder_offset", "mgs_decoder_push of nothing", "mgs_machine_state" };
  mgs_decoder *decoder = NULL;
  mgs_error error;
  if (mgs_decoder_new(&decoder, NULL, NULL, 0, NULL, &error) < 0) fail("decoder", &error);
  const int count = operations * 50;
  for (int which = 0; which < 5; which++) {
    double times[ROUNDS_MAX];
    for (int round = 0; round <= rounds; round++) {
      const uint64_t start = now();
      for (int i = 0; i < count; i++) {
        uint64_t offset = 0;
        switch (which) {
        case 0: sink += mgs_version_number(); break;
        case 1: sink += (uintptr_t)mgs_code_name(i & 63); break;
        case 2: sink += (uint64_t)mgs_decoder_offset(decoder, &offset); break;
        case 3: sink += (uint64_t)mgs_decoder_push(decoder, NULL, 0, NULL, &error); break;
        case 4: sink += (uint64_t)mgs_machine_state(machine, 0); break;
        }
      }
      if (round > 0) times[round - 1] = (double)(now() - start) / count;
    }
    print_value(names[which], median(times), "ns", 20);
  }
  mgs_decoder_free(decoder);
}

/* ======   Allocations, counted from outside   ====== */

static int record(void *context, const mgs_record *record)
{
  (void)context;
  if (record->kind == MGS_RECORD_SECTION) sink += 1;
  return 0;
}

/* Those of the second half of the devices, without END: buffers have grown by then. */
static unsigned long encoder_allocations(void)
{
  size_t at = 0;
  mgs_encoder *encoder = opened(put, &at, 0);
  unsigned long calls = 0;
  mgs_error error;
  for (uint32_t i = 0; i < DEVICES; i++) {
    if (i == DEVICES / 2) calls = malloccount_calls();
    if (mgs_encoder_struct(encoder, i, &error) < 0) fail("save", &error);
  }
  calls = malloccount_calls() - calls;
  mgs_encoder_free(encoder);
  return calls;
}

static size_t half_size(void) { return opening_size + record_size() * (DEVICES / 2); }

static unsigned long push_allocations(void)
{
  const mgs_handler handler = { .size = sizeof handler, .record = record };
  mgs_decoder *decoder = NULL;
  mgs_error error;
  if (mgs_decoder_new(&decoder, &handler, NULL, 0, NULL, &error) < 0) fail("decoder", &error);
  if (mgs_decoder_push(decoder, stream, half_size(), NULL, &error) < 0) fail("push", &error);
  const unsigned long calls = malloccount_calls();
  if (mgs_decoder_push(decoder, stream + half_size(), stream_size - half_size(), NULL, &error) < 0) fail("push", &error);
  const unsigned long made = malloccount_calls() - calls;
  mgs_decoder_free(decoder);
  return made;
}

static unsigned long resume_allocations(void)
{
  mgs_error error;
  uint64_t session;
  if (mgs_machine_request(machine, MGS_STATE_RESUMING, &session, &error) < 0) fail("resume", &error);
  if (mgs_resume_write(machine, session, stream, half_size(), NULL, &error) < 0) fail("load", &error);
  const unsigned long calls = malloccount_calls();
  if (mgs_resume_write(machine, session, stream + half_size(), stream_size - half_size(), NULL, &error) < 0)
    fail("load", &error);
  const unsigned long made = malloccount_calls() - calls;
  if (mgs_resume_finish(machine, session, 0, &error) < 0) fail("finish", &error);
  return made;
}

static unsigned long single_allocations(uint64_t (*work)(void))
{
  const unsigned long calls = malloccount_calls();
  work();
  return malloccount_calls() - calls;
}

static void allocations(void)
{
  const char *unit = "calls";
  print_value("allocations of mgs_encoder_struct, half of the devices", (double)encoder_allocations(), unit, 0);
  print_value("allocations of mgs_decoder_push, half of the devices", (double)push_allocations(), unit, 0);
  /* Octets, pieces and sections that are staged lie in three lists, each of which doubles once or twice here. */
  print_value("allocations of mgs_resume_write, half of the devices", (double)resume_allocations(), unit, 6);
  print_value("allocations of mgs_encode_struct", (double)single_allocations(save_single), unit, 0);
  print_value("allocations of mgs_decode_struct", (double)single_allocations(load_single), unit, 0);
}

int main(int argc, char **argv)
{
  int is_interface = 0;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--quick") == 0) rounds = 3, operations = DEVICES;
    if (strcmp(argv[i], "--interface") == 0) is_interface = 1;
  }
  net_state_fill(&saved);
  const mgs_device_ops ops = { .size = sizeof ops };
  mgs_error error;
  mgs_manifest *targets = manifest_of(&loaded, DEVICES);
  sources = manifest_of(&saved, DEVICES);
  source = manifest_of(&saved, 1);
  target = manifest_of(&loaded, 1);
  if (mgs_machine_new(&machine, targets, &ops, NULL, NULL, NULL, &error) < 0) fail("machine", &error);

  make_stream();
  load_sections();
  if (memcmp(&saved, &loaded, sizeof saved) != 0) fail("another state came out", NULL);
  save_single();
  /* The third load is as all that follow. */
  for (int i = 0; i < 3; i++) {
    memset(&loaded, 0, sizeof loaded);
    load_single();
    if (memcmp(&saved, &loaded, sizeof saved) != 0) fail("another state came out", NULL);
  }
  if (malloccount_calls) {
    allocations();
  } else if (is_interface) {
    empty_calls();
  } else {
    contest(1);
    contest(0);
  }
  mgs_machine_free(machine);
  mgs_manifest_free(targets);
  mgs_manifest_free(sources);
  mgs_manifest_free(source);
  mgs_manifest_free(target);
  return sink == 1 ? 2 : 0;
}
