/* SECTION: its data by its layout, its subsections and their targets (chapter 10 section 6, chapter 20 section 4).
 * The data of a piece is walked once. Heads of subsections are judged on the way: the next one when the place that the
 * one before belongs to was met, since they stand in the order of places. SPDX-License-Identifier: MIT */
#include "internal.h"
#include <string.h>

enum { NO_PLACE = 64, HEAD = 24 };

struct head {  /* of a subsection, or what stands for one in a section */
  uint64_t pos, length, number, num_subsections, layout, layout_pos, num_target, len_data, data;
  uint64_t steps[NESTING_MAX];  /* field in the upper half, element in the lower: sorts like the pair */
};

struct piece {
  struct cursor *c;  /* its position is where the next head stands; ends with the piece */
  const struct head *own;
  unsigned level;
  uint64_t heads_left;
  bool pending;      /* `next` has not met its place */
  struct head next;
  uint64_t steps[NESTING_MAX];  /* path of the place that the walk has come to */
};

static const struct layout *layout_of(struct cursor *c, uint64_t number, uint64_t pos) {
  bool there = number < c->r->layouts.count;
  return ms_demand(c, there, MS_unknownLayout, pos, 0, number) ? ITEM(c->r->layouts, struct layout, number) : NULL;
}

/* -1, 0 or 1 as the target and number of one head come before, with or behind those of another. */
static int order(const struct head *a, const struct head *b) {
  for (uint64_t i = 0; i < a->num_target && i < b->num_target; i++)
    if (a->steps[i] != b->steps[i]) return ms_order(a->steps[i], b->steps[i]);
  return a->num_target != b->num_target ? ms_order(a->num_target, b->num_target) : ms_order(a->number, b->number);
}

static struct head take_head(struct cursor *c) {
  struct head h = {.pos = c->pos, .layout_pos = c->pos + 8};
  h.length = ms_take(c, 4);
  h.number = ms_take(c, 2);
  h.num_subsections = ms_take(c, 2);
  h.layout = ms_take(c, 4);
  h.num_target = ms_take(c, 2);
  ms_reserved(c, 2);
  h.len_data = ms_take(c, 8);
  h.data = c->pos + 8 * h.num_target;
  return h;
}

/* Judges the head of the next subsection, or that nothing is left where there is none. */
static void next_head(struct piece *p) {
  struct cursor *c = p->c;
  p->pending = p->heads_left > 0;
  if (!p->pending) {
    ms_rest(c, p->own->pos, p->own->length);
    return;
  }
  uint64_t there = c->end - c->pos;
  ms_demand(c, p->level < NESTING_MAX, MS_limitExceeded, c->pos, NESTING_MAX, NESTING_MAX + 1);
  struct head h = take_head(c);
  uint64_t before_data = h.data - h.pos, left = h.length - before_data;
  unsigned announced = ITEM(c->r->devices, struct device, c->r->device)->seen.num_subsections;
  ms_demand(c, h.length % 8 == 0 && h.length >= HEAD, MS_badValue, h.pos, 0, h.length);
  ms_demand(c, h.number < announced, MS_unknownSection, h.pos + 4, 0, h.number);
  ms_demand(c, h.num_target <= NESTING_MAX, MS_badValue, h.pos + 12, NESTING_MAX, h.num_target);
  ms_demand(c, before_data <= h.length, MS_truncatedData, h.pos + 12, before_data, h.length);
  ms_demand(c, h.len_data % 8 == 0, MS_badValue, h.pos + 16, 0, h.len_data);
  ms_demand(c, h.len_data <= left, MS_truncatedData, h.pos + 16, h.len_data, left);
  if (!ms_demand(c, h.length <= there, MS_truncatedData, h.pos, h.length, there)) return;
  const uint8_t *at = c->base + c->pos;
  for (unsigned i = 0; i < h.num_target; i++) h.steps[i] = ms_load(at + 8 * i, 4) << 32 | ms_load(at + 8 * i + 4, 4);
  bool first = p->heads_left == p->own->num_subsections;
  ms_demand(c, first || order(&p->next, &h) < 0, MS_badOrder, h.pos, 0, 0);
  c->pos = h.pos + h.length;
  p->next = h;
  p->heads_left--;
}

/* The walk is at the place of so many steps; behind one of an external layout every step is taken. */
static void meet(struct piece *p, unsigned steps, bool external) {
  while (ok(p->c->r) && p->pending && steps <= NESTING_MAX
         && (p->next.num_target == steps || (external && p->next.num_target > steps))
         && memcmp(p->steps, p->next.steps, steps * sizeof *p->steps) == 0)
    next_head(p);
}

uint64_t ms_octets_in_block(const struct entry *e) {
  return e->shape == 2 ? 4 : e->shape == 1 ? (uint64_t)e->width * e->count : e->width;
}

struct data {  /* where the walk of the data is */
  struct piece *p;
  struct cursor *vary;  /* the next variable octets, and where they end */
  const struct layout *layout;
  unsigned depth, steps;
};

static void part(const struct data *d, uint32_t first, uint32_t end);
static void entries(const struct data *d, uint32_t first, uint32_t end, uint64_t block);

static uint32_t behind(const struct data *d, uint32_t number) {
  return number + 1 + d->layout->entries[number].num_descendants;
}

static void show(const struct data *d, const struct entry *e, uint64_t at, uint64_t length, uint64_t i, uint64_t said) {
  const struct ms_events *events = &d->vary->r->events;
  if (!ok(d->vary->r) || events->field == NULL) return;
  struct ms_field field = {.offset = d->vary->offset + at, .name = e->name, .octets = {d->vary->base + at, length},
    .level = d->depth, .type = e->type, .width = e->width, .secret = e->flags & 1, .element = (uint32_t)i,
    .count = e->shape == 0 || e->type >= 32 ? 0 : (uint32_t)(length / e->width), .value = said};
  events->field(events->context, &field);
}

/* One level deeper, whose first octet is at pos. */
static struct data deeper(const struct data *d, uint64_t pos) {
  struct data inner = *d;
  ms_demand(d->vary, inner.depth++ < NESTING_MAX, MS_limitExceeded, pos, NESTING_MAX, NESTING_MAX + 1);
  return inner;
}

/* Into element `element` of entry `number`, which subsections may belong to. */
static void step_into(struct data *inner, uint32_t number, uint64_t element) {
  if (inner->steps < NESTING_MAX) inner->p->steps[inner->steps] = (uint64_t)number << 32 | element;
  meet(inner->p, ++inner->steps, inner->layout->num_entries == 0);
}

/* So many octets at `start` are one part by the whole layout; of an external one nothing is known. */
static void whole(struct data d, uint64_t start, uint64_t length) {
  struct cursor octets = *d.vary;
  if (d.layout->num_entries == 0) return;
  octets.pos = start;
  octets.end = start + length;
  d.vary = &octets;
  part(&d, 0, d.layout->num_entries);
  ms_rest(&octets, start, length);
}

static void list(const struct data *d, const struct entry *e, uint32_t number, uint64_t block, uint64_t count) {
  struct cursor *v = d->vary;
  if (count == 0) show(d, e, block, 4, 0, 0);
  for (uint64_t i = 0; ok(v->r) && i < count; i++) {
    uint64_t pos = v->pos;
    struct data inner = deeper(d, pos);
    ms_need(v, 8);
    inner.layout = layout_of(v, ms_take(v, 4), pos);
    uint64_t length = ms_take(v, 4);
    ms_demand(v, length % 8 == 0, MS_badValue, pos + 4, 0, length);
    if (!ms_need(v, length)) return;
    show(d, e, pos, 8 + length, i, count);
    if (e->shape != 0) inner.steps = NO_PLACE;
    step_into(&inner, number, i);
    whole(inner, v->pos, length);
    v->pos += length;
  }
}

static void counted(const struct data *d, const struct entry *e, uint64_t i, uint64_t length) {
  struct cursor *v = d->vary;
  if (!ms_need(v, length)) return;
  uint64_t start = v->pos;
  ms_demand(v, e->type != 33 || ms_is_text((struct ms_octets){v->base + start, length}, true), MS_badText, start, 0, 0);
  v->pos += length;
  ms_pad(v, length);
  show(d, e, start, length, i, length);
}

/* A union or an optional: a number in the block, then the part of what it says is present. */
static void present(const struct data *d, uint32_t number, uint64_t block, uint64_t i, uint64_t value) {
  const struct entry *e = &d->layout->entries[number];
  uint32_t first = number + 1, end = behind(d, number);
  if (e->type == 50) {
    for (uint64_t left = value; left > 0 && first < end; left--) first = behind(d, first);
    if (first < end) end = behind(d, first);
  }
  if (!ms_demand(d->vary, first < end && (e->type == 50 || value <= 1), MS_badValue, block, 0, value)) return;
  show(d, e, block, 4, i, value);
  if (e->type == 51 && value == 0) return;
  struct data inner = deeper(d, d->vary->pos);
  step_into(&inner, number, i);
  part(&inner, first, end);
}

/* What one element of a type that owes something owes, in the block and behind it. */
static void element(const struct data *d, uint32_t number, uint64_t block, uint64_t i) {
  const struct entry *e = &d->layout->entries[number];
  struct cursor *v = d->vary;
  if (e->type == 48) {
    struct data inner = deeper(d, block);
    show(d, e, block, e->width, i, 0);
    step_into(&inner, number, i);
    entries(&inner, number + 1, behind(d, number), block);
    return;
  }
  uint64_t value = ms_load(v->base + block, e->width);
  uint64_t least = e->flags & 2 ? e->min : 0, most = e->type == 4 ? 1 : e->flags & 2 ? e->max : UINT64_MAX;
  if (!ms_demand(v, value >= least && value <= most, MS_badValue, block, value < least ? least : most, value)) return;
  if (e->type >= 50) present(d, number, block, i, value);
  else if (e->type == 49) list(d, e, number, block, value);
  else if (e->type >= 32) counted(d, e, i, value);
}

static void entries(const struct data *d, uint32_t first, uint32_t end, uint64_t block) {
  struct cursor *v = d->vary;
  for (uint32_t i = first; ok(v->r) && i < end; i = behind(d, i)) {
    const struct entry *e = &d->layout->entries[i];
    uint64_t count = e->shape == 0 ? 1 : e->shape == 1 ? e->count : ms_load(v->base + block, 4), at = block;
    uint64_t length = count * e->width;
    block += ms_octets_in_block(e);
    if (e->shape == 2) {
      ms_demand(v, count <= e->count, MS_badValue, at, e->count, count);
      if (!ms_need(v, length)) return;
      at = v->pos;
      v->pos += length;
      ms_pad(v, length);
    }
    struct cursor octets = *v;
    octets.pos = at;
    if (e->type == 19) ms_zeros(&octets, length);
    else if (e->type < 32) show(d, e, at, length, 0, 0);
    bool owes = e->type == 4 || e->type >= 32;
    for (uint64_t k = 0; owes && ok(v->r) && k < count; k++) element(d, i, at + k * e->width, k);
  }
}

static void part(const struct data *d, uint32_t first, uint32_t end) {
  struct cursor *v = d->vary;
  uint64_t block = v->pos, length = 0;
  for (uint32_t i = first; i < end; i = behind(d, i)) length += ms_octets_in_block(&d->layout->entries[i]);
  if (!ms_need(v, length)) return;
  v->pos += length;
  ms_pad(v, length);
  entries(d, first, end, block);
}

/* A section or subsection with its head; `c` stands behind its data and ends where the piece ends. */
static void piece(struct cursor *c, unsigned level, const struct head *own) {
  struct reader *r = c->r;
  const struct layout *layout = layout_of(c, own->layout, own->layout_pos);
  if (layout == NULL) return;
  const struct device *device = ITEM(r->devices, struct device, r->device);
  uint64_t announced = device->first + own->number + (level != 0 ? device->seen.num_sections : 0);
  struct ms_piece seen = {.offset = c->offset + own->pos, .level = level, .number = (unsigned)own->number,
    .device = r->device, .layout = (uint32_t)own->layout, .data = {c->base + own->data, own->len_data},
    .name = ITEM(r->announcements, struct announcement, announced)->name};
  if (r->events.piece) r->events.piece(r->events.context, &seen);
  struct piece p = {.c = c, .own = own, .level = level, .heads_left = own->num_subsections};
  struct cursor heads = *c;
  next_head(&p);
  meet(&p, 0, layout->num_entries == 0);
  whole((struct data){.p = &p, .vary = &heads, .layout = layout}, own->data, own->len_data);
  ms_demand(c, !p.pending, MS_badTarget, p.next.pos + HEAD, 0, 0);
  for (uint64_t i = 0; ok(r) && i < own->num_subsections; i++) {
    struct cursor within = heads;
    struct head inner = take_head(&heads);
    heads.pos = within.end = inner.pos + inner.length;
    within.pos = inner.data + inner.len_data;
    piece(&within, level + 1, &inner);
  }
}

void ms_section(struct cursor *c) {
  struct reader *r = c->r;
  const struct device *device = ITEM(r->devices, struct device, r->device);
  unsigned flags = r->record.flags;
  struct head own = {.length = c->end, .data = HEAD, .number = ms_take(c, 2), .layout_pos = 4};
  own.num_subsections = ms_take(c, 2);
  own.layout = ms_take(c, 4);
  if (!ms_demand(c, own.number < device->seen.num_sections, MS_unknownSection, 0, 0, own.number)) return;
  struct announcement *announced = ITEM(r->announcements, struct announcement, device->first + own.number);
  bool marked = (flags & 3) == announced->mark;
  if (!marked) r->stage = MS_IN_record;
  ms_demand(&r->header, marked, MS_badMark, 6, announced->mark, flags & 3);
  layout_of(c, own.layout, 4);
  ms_pass(c);
  ms_reserved(c, 4);
  own.len_data = ms_take(c, 8);
  ms_demand(c, own.len_data % 8 == 0, MS_badValue, 16, 0, own.len_data);
  ms_demand(c, own.len_data <= c->end - c->pos, MS_truncatedData, 16, own.len_data, c->end - c->pos);
  uint64_t key = (uint64_t)r->device << 16 | own.number;
  bool sent = announced->length != 0, replaces = flags & REPLACES;
  ms_demand(c, !r->section_in_pass || key != r->last_section, MS_duplicateSection, 0, 0, 0);
  ms_demand(c, !r->section_in_pass || key > r->last_section, MS_sectionOutOfOrder, 0, 0, 0);
  ms_demand(c, !sent || replaces, MS_duplicateSection, 0, 0, 0);
  if (!ms_demand(&r->header, sent || !replaces, MS_badValue, 6, 0, flags)) return;
  announced->offset = r->record.offset;
  announced->length = r->record.length;
  r->section_in_pass = true;
  r->last_section = key;
  r->num_sections++;
  c->pos += own.len_data;
  piece(c, 0, &own);
}
