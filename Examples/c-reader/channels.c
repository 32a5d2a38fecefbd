/* Passes, ends, and what only several channels together show (chapter 30 sections 1 and 2, chapter 10 sections 10 and
 * 11). SPDX-License-Identifier: MIT */
#include "internal.h"
#include <stdlib.h>
#include <string.h>

/* On channel 0 the pass is the number of barriers; on another it never falls, and what it is, is judged at the end. */
void ms_pass(struct cursor *c) {
  struct reader *r = c->r;
  struct delivery now = {.sequence = r->sequence, .offset = c->offset + c->pos, .channel = r->channel};
  r->pass = now.pass = (uint32_t)ms_take_in(c, 4, MS_badPass, r->pass, r->channel == 0 ? r->pass : UINT32_MAX);
  if (r->channel != 0) ms_append(r, &r->deliveries, &now, sizeof now);
}

void ms_barrier(struct cursor *c) {
  struct reader *r = c->r;
  struct barrier now = {.offset = c->offset};
  const struct list *before = &r->barriers;
  uint64_t limit = r->limits.barriersMax;
  ms_take_same(c, 4, MS_badPass, r->pass);
  ms_take_same(c, 4, MS_badValue, r->num_channels);
  now.next[0] = ms_take_same(c, 8, MS_badSequence, r->sequence + 1);
  ms_demand(c, r->num_channels == 1 || before->count < limit, MS_limitExceeded, 0, limit, before->count + 1);
  for (unsigned i = 1; i < r->num_channels; i++) now.next[i] = ms_take(c, 8);
  ms_rest(c, 0, c->end);
  c->pos = 16;
  for (unsigned i = 1; ok(r) && i < r->num_channels && before->count != 0; i++)
    ms_take_in(c, 8, MS_badSequence, ITEM(*before, struct barrier, before->count - 1)->next[i], UINT64_MAX);
  if (r->num_channels > 1) ms_append(r, &r->barriers, &now, sizeof now);
  r->pass++;
  r->section_in_pass = false;
}

void ms_abort(struct cursor *c) {
  ms_take(c, 4);
  uint64_t len_text = ms_take(c, 2);
  ms_reserved(c, 2);
  ms_text(c, len_text);
  ms_pad(c, len_text);
  ms_rest(c, 0, c->end);
}

/* A body of fixed length is judged by it first. */
static void body_is(struct cursor *c, uint64_t size) {
  ms_need(c, size);
  ms_demand(c, c->end == size, MS_unexpectedData, size, c->end, size);
}

static void byte_strings_ended(struct reader *r) {
  for (size_t i = 0; i < r->devices.count; i++) {
    const struct byte_string *bytes = &ITEM(r->devices, struct device, i)->bytes;
    if (bytes->records != 0 && !bytes->ended) ms_refuse(r, MS_incompleteBytes, r->record.offset, i, 0);
  }
}

static void total(struct cursor *c, unsigned width, uint64_t counted) {
  uint64_t pos = c->pos, said = ms_take(c, width);
  ms_demand(c, said == counted, MS_totalsMismatch, pos, said, counted);
}

static void totals(struct cursor *c, const struct channel *channel) {
  total(c, 8, channel->records);
  total(c, 8, channel->octets);
  total(c, 8, channel->chain);
}

void ms_channel_end(struct cursor *c) {
  struct reader *r = c->r;
  struct channel *here = &r->channels[r->channel];
  body_is(c, 32);
  byte_strings_ended(r);
  *here = (struct channel){true, r->sequence, r->record.offset, r->chain};
  totals(c, here);
  ms_reserved(c, 8);
}

void ms_end(struct cursor *c) {
  struct reader *r = c->r;
  body_is(c, 416);
  for (size_t i = 0; i < r->announcements.count; i++) {
    const struct announcement *a = ITEM(r->announcements, struct announcement, i);
    if (a->of_section && a->length == 0)
      ms_refuse(r, MS_missingSection, r->record.offset, (uint64_t)a->device << 32 | a->number, 0);
  }
  byte_strings_ended(r);
  ms_take_same(c, 8, MS_badValue, r->index_at);
  total(c, 4, r->num_channels);
  total(c, 4, (uint64_t)r->pass + 1);
  total(c, 8, r->num_sections);
  ms_reserved(c, 8);
  r->channels[0] = (struct channel){true, r->sequence, r->record.offset, r->chain};
  totals(c, &r->channels[0]);
  if (ok(r)) c->pos = 32 + 24 * (uint64_t)r->num_channels;
  ms_reserved(c, 416 - c->pos);
}

/* Extents of a pass that go on where the channel's last one ended are one run. */
void ms_run(struct cursor *c, const struct extent *extent) {
  struct reader *r = c->r;
  if (r->num_channels == 1 || !ok(r)) return;
  struct run *last = r->runs.count != 0 ? ITEM(r->runs, struct run, r->runs.count - 1) : NULL;
  bool same_pass = last != NULL && last->channel == r->channel && last->pass == r->pass;
  bool goes_on = same_pass && last->region == extent->region && last->end == extent->start;
  struct run run = {extent->start, extent->end, r->pass, extent->region, r->channel};
  r->runs_in_pass = same_pass ? r->runs_in_pass + !goes_on : 1;
  ms_demand(c, r->runs_in_pass <= r->limits.passRunsMax, MS_limitExceeded, 8, r->limits.passRunsMax, r->runs_in_pass);
  if (goes_on) last->end = extent->end;
  else ms_append(r, &r->runs, &run, sizeof run);
}

static int by_place(const void *left, const void *right) {
  const struct run *a = left, *b = right;
  if (a->pass != b->pass) return ms_order(a->pass, b->pass);
  return a->region != b->region ? ms_order(a->region, b->region) : ms_order(a->start, b->start);
}

/* In one pass no octet comes on two channels; the first that does is named, at the record that closes the pass. */
static void overlaps(struct reader *r) {
  uint64_t ends[CHANNELS_MAX] = {0};
  const struct run *before = r->runs.items;
  if (r->runs.count != 0) qsort(r->runs.items, r->runs.count, sizeof(struct run), by_place);
  for (size_t i = 0; ok(r) && i < r->runs.count; before = ITEM(r->runs, struct run, i++)) {
    const struct run *run = ITEM(r->runs, struct run, i);
    if (before->pass != run->pass || before->region != run->region) memset(ends, 0, sizeof ends);
    for (unsigned k = 0; k < r->num_channels; k++) {
      if (k == run->channel || ends[k] <= run->start) continue;
      bool last = run->pass >= r->barriers.count;
      const struct barrier *closes = last ? NULL : ITEM(r->barriers, struct barrier, run->pass);
      r->sequence = last ? r->channels[0].records : closes->next[0] - 1;
      ms_refuse(r, MS_badExtent, last ? r->channels[0].octets : closes->offset - HEADER, run->region, run->start);
    }
    if (ends[run->channel] < run->end) ends[run->channel] = run->end;
  }
}

static void wrong_border(struct reader *r, const struct barrier *barrier, unsigned channel, uint64_t expected) {
  r->sequence = barrier->next[0] - 1;
  ms_refuse(r, MS_badSequence, barrier->offset + 8 + 8 * channel, expected, barrier->next[channel]);
}

/* What came on the other channels lies between the barriers that open and close its pass, and there is as much of it as
 * the last one says: sequence_next never falls from one barrier to the next. */
static void borders(struct reader *r) {
  const struct barrier *barriers = r->barriers.items;
  size_t count = r->barriers.count;
  for (size_t i = 0; ok(r) && i < r->deliveries.count; i++) {
    const struct delivery *d = ITEM(r->deliveries, struct delivery, i);
    size_t opens = d->pass < count ? d->pass : count;
    uint64_t first = opens > 0 ? barriers[opens - 1].next[d->channel] : 0;
    uint64_t next = d->pass < count ? barriers[d->pass].next[d->channel] : UINT64_MAX;
    if (d->sequence >= next) wrong_border(r, &barriers[d->pass], d->channel, next + 1);
    else if (d->sequence < first) wrong_border(r, &barriers[opens - 1], d->channel, d->sequence);
    else if (d->pass > count) {
      r->channel = d->channel;
      r->sequence = d->sequence;
      ms_refuse(r, MS_badPass, d->offset, count, d->pass);
    }
  }
  for (unsigned i = 1; ok(r) && count != 0 && i < r->num_channels; i++) {
    uint64_t most = r->channels[i].records + 1;
    if (barriers[count - 1].next[i] > most) wrong_border(r, &barriers[count - 1], i, most);
  }
}

/* When all channels were read: each came, they do not contradict each other, and END says what they gave. */
void ms_between_channels(struct cursor *c) {
  struct reader *r = c->r;
  r->stage = MS_IN_preamble;
  r->sequence = 0;
  for (r->channel = 1; r->channel < r->num_channels; r->channel++)
    if (!r->channels[r->channel].came) ms_refuse(r, MS_foreignChannel, 0, r->channel, 0);
  r->stage = MS_IN_bulk;
  r->channel = 0;
  borders(r);
  overlaps(r);
  r->sequence = r->channels[0].records;
  for (size_t i = 0; i < r->devices.count; i++) {
    unsigned channels = ITEM(r->devices, struct device, i)->channels, lower = 0, higher;
    if (power_of_two(channels) || channels == 0) continue;
    while (!(channels >> lower & 1)) lower++;
    for (higher = lower + 1; !(channels >> higher & 1);) higher++;
    ms_refuse(r, MS_foreignChannel, r->channels[0].octets, lower, higher);
  }
  r->stage = MS_IN_end;
  c->offset = r->channels[0].octets + HEADER;
  c->base += c->offset;
  c->end -= c->offset;
  c->pos = 56;
  for (unsigned i = 1; i < r->num_channels; i++) totals(c, &r->channels[i]);
}
