/* Channels other than 0, ends, and what only several channels together show (chapter 30 sections 1 and 2, chapter 10
 * section 11). SPDX-License-Identifier: MIT */
#include "internal.h"
#include <stdlib.h>
#include <string.h>

/* Checks in the order that the chapter names. The channel is known when all was right. */
void ms_hello(struct reader *r) {
  struct cursor c = {.r = r, .base = r->octets, .end = r->length};
  if (!ms_opening(&c, 'C')) return;
  ms_demand(&c, memcmp(r->octets + 16, r->uuid, 16) == 0, MS_FOREIGN_CHANNEL, 16, 0, 0);
  uint64_t num_channels = ms_load(r->octets + 12, 2), channel = ms_load(r->octets + 10, 2);
  ms_demand(&c, num_channels == r->num_channels, MS_BAD_VALUE, 12, r->num_channels, num_channels);
  ms_demand(&c, channel >= 1 && channel < num_channels, MS_BAD_VALUE, 10, r->num_channels - 1, channel);
  c.pos = 14;
  ms_reserved(&c, 2);
  for (unsigned i = 32; i < 56; i++) ms_demand(&c, r->octets[i] == 0, MS_RESERVED_NOT_ZERO, 32, 0, 0);
  if (!ok(r)) return;
  r->channel = (uint32_t)channel;
  ms_demand(&c, !r->others[channel].came, MS_FOREIGN_CHANNEL, 10, 0, channel);
  r->others[channel].came = true;
}

static void byte_strings_ended(struct reader *r, const struct record *record) {
  for (size_t i = 0; i < r->bytes.count; i++) {
    const struct byte_string *bytes = ITEM(r->bytes, struct byte_string, i);
    if (bytes->records != 0 && !bytes->ended) ms_refuse(r, MS_INCOMPLETE_BYTES, record->seen.offset, i, 0);
  }
}

static void total(struct cursor *c, unsigned width, uint64_t counted) {
  uint64_t pos = c->pos, said = ms_take(c, width);
  ms_demand(c, said == counted, MS_TOTALS_MISMATCH, pos, said, counted);
}

/* A body of fixed length is judged by it first. */
static void body_is(struct cursor *c, uint64_t size) {
  ms_need(c, size);
  ms_demand(c, c->end == size, MS_UNEXPECTED_DATA, size, c->end, size);
}

void ms_channel_end(struct cursor *c, const struct record *record) {
  struct reader *r = c->r;
  body_is(c, 32);
  byte_strings_ended(r, record);
  total(c, 8, r->sequence);
  total(c, 8, record->seen.offset);
  total(c, 8, r->chain);
  ms_reserved(c, 8);
  struct channel *channel = &r->others[r->channel];
  channel->records = r->sequence;
  channel->octets = record->seen.offset;
  channel->chain = r->chain;
}

void ms_end(struct cursor *c, const struct record *record) {
  struct reader *r = c->r;
  body_is(c, 416);
  for (size_t i = 0; ok(r) && i < r->devices.count; i++) {
    const struct device *d = ITEM(r->devices, struct device, i);
    for (unsigned k = 0; k < d->num_sections; k++)
      if (!ITEM(r->announcements, struct announcement, d->first + k)->sent)
        ms_refuse(r, MS_MISSING_SECTION, record->seen.offset, (uint64_t)i << 32 | k, 0);
  }
  byte_strings_ended(r, record);
  uint64_t ofs_index = ms_take(c, 8);
  ms_demand(c, ofs_index == r->index_at, MS_BAD_VALUE, 0, r->index_at, ofs_index);
  total(c, 4, r->num_channels);
  total(c, 4, (uint64_t)r->pass + 1);
  total(c, 8, r->num_sections);
  ms_reserved(c, 8);
  total(c, 8, r->sequence);
  total(c, 8, record->seen.offset);
  total(c, 8, r->chain);
  uint64_t unused = 32 + 24 * (uint64_t)r->num_channels;
  for (uint64_t i = unused; ok(r) && i < 416; i++) ms_demand(c, c->base[i] == 0, MS_RESERVED_NOT_ZERO, unused, 0, c->base[i]);
  r->end_at = record->seen.offset;
  r->end_sequence = r->sequence;
  r->last_pass = r->pass;
}

/* Extents of a pass that go on where the channel's last one ended are one run. */
void ms_run(struct cursor *c, const struct extent *extent) {
  struct reader *r = c->r;
  if (r->num_channels == 1 || !ok(r)) return;
  struct run *last = r->runs.count != 0 ? ITEM(r->runs, struct run, r->runs.count - 1) : NULL;
  bool same_pass = last != NULL && last->channel == r->channel && last->pass == r->pass;
  if (same_pass && last->region == extent->region && last->end == extent->start) {
    last->end = extent->end;
    return;
  }
  r->runs_in_pass = same_pass ? r->runs_in_pass + 1 : 1;
  ms_demand(c, r->runs_in_pass <= r->limits.pass_runs, MS_LIMIT_EXCEEDED, 8, r->limits.pass_runs, r->runs_in_pass);
  struct run run = {extent->start, extent->end, r->pass, extent->region, r->channel};
  ms_append(r, &r->runs, &run, sizeof run);
}

static int by_place(const void *left, const void *right) {
  const struct run *a = left, *b = right;
  if (a->pass != b->pass) return a->pass < b->pass ? -1 : 1;
  if (a->region != b->region) return a->region < b->region ? -1 : 1;
  return a->start < b->start ? -1 : a->start > b->start;
}

/* In one pass no octet comes on two channels; the first that does is named, at the record that closes the pass. */
static void overlaps(struct reader *r) {
  uint64_t ends[CHANNELS_MAX] = {0};
  const struct run *before = NULL;
  if (r->runs.count != 0) qsort(r->runs.items, r->runs.count, sizeof(struct run), by_place);
  for (size_t i = 0; ok(r) && i < r->runs.count; i++) {
    const struct run *run = ITEM(r->runs, struct run, i);
    if (before != NULL && (before->pass != run->pass || before->region != run->region)) memset(ends, 0, sizeof ends);
    before = run;
    for (unsigned k = 0; k < r->num_channels; k++) {
      if (k == run->channel || ends[k] <= run->start) continue;
      const struct barrier *closes = run->pass < r->barriers.count ? ITEM(r->barriers, struct barrier, run->pass) : NULL;
      r->sequence = closes != NULL ? closes->next[0] - 1 : r->end_sequence;
      ms_refuse(r, MS_BAD_EXTENT, closes != NULL ? closes->offset - 64 : r->end_at, run->region, run->start);
    }
    if (ends[run->channel] < run->end) ends[run->channel] = run->end;
  }
}

/* What each barrier says of a channel, against the records of each pass that came on it. */
static void borders(struct reader *r, unsigned number) {
  const struct channel *channel = &r->others[number];
  const struct step *step = channel->steps.items, *end = channel->steps.count != 0 ? step + channel->steps.count : step;
  for (size_t n = 0; ok(r) && n < r->barriers.count; n++) {
    const struct barrier *barrier = ITEM(r->barriers, struct barrier, n);
    uint64_t next = barrier->next[number], field = barrier->offset + 8 + 8 * (uint64_t)number;
    r->sequence = barrier->next[0] - 1;
    if (step < end && step->pass == n) {
      if (step->last >= next) ms_refuse(r, MS_BAD_SEQUENCE, field, next + 1, next);
      step++;
    }
    uint64_t most = step < end ? step->first : channel->records + 1;
    if (next > most) ms_refuse(r, MS_BAD_SEQUENCE, field, most, next);
  }
}

/* The first pass on the channel that no barrier opens. */
static void passes_of_channel(struct reader *r, unsigned number) {
  const struct list *steps = &r->others[number].steps;
  size_t i = 0;
  while (i < steps->count && ITEM(*steps, struct step, i)->pass <= r->last_pass) i++;
  if (!ok(r) || i == steps->count) return;
  const struct step *step = ITEM(*steps, struct step, i);
  r->channel = number;
  r->sequence = step->first;
  ms_refuse(r, MS_BAD_PASS, step->offset, r->last_pass, step->pass);
}

/* When all channels were read: each came, they do not contradict each other, and END says what they gave. */
void ms_between_channels(struct reader *r, const uint8_t *end_body) {
  for (unsigned i = 1; ok(r) && i < r->num_channels; i++) {
    r->stage = MS_IN_PREAMBLE;
    r->channel = i;
    r->sequence = 0;
    if (!r->others[i].came) ms_refuse(r, MS_FOREIGN_CHANNEL, 0, i, 0);
  }
  r->stage = MS_IN_BULK;
  r->channel = 0;
  for (unsigned i = 1; ok(r) && i < r->num_channels; i++) borders(r, i);
  for (unsigned i = 1; ok(r) && i < r->num_channels; i++) passes_of_channel(r, i);
  overlaps(r);
  r->sequence = r->end_sequence;
  for (size_t i = 0; ok(r) && i < r->devices.count; i++) {
    unsigned channels = ITEM(r->devices, struct device, i)->channels, lower = 0, higher;
    if (power_of_two(channels) || channels == 0) continue;
    while (!(channels >> lower & 1)) lower++;
    for (higher = lower + 1; !(channels >> higher & 1);) higher++;
    ms_refuse(r, MS_FOREIGN_CHANNEL, r->end_at, lower, higher);
  }
  r->stage = MS_IN_END;
  struct cursor c = {.r = r, .base = end_body, .pos = 56, .end = 416, .offset = r->end_at + 64};
  for (unsigned i = 1; ok(r) && i < r->num_channels; i++) {
    total(&c, 8, r->others[i].records);
    total(&c, 8, r->others[i].octets);
    total(&c, 8, r->others[i].chain);
  }
}
