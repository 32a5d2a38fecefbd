/* SECTION: its data by its layout, its subsections and their targets (chapter 10 section 6, chapter 20 section 4).
 * The data of a piece is walked once. Heads of subsections are judged on the way: the next one when the place that the
 * one before belongs to was met, since they stand in the order of places. SPDX-License-Identifier: MIT */
#include "internal.h"
#include <string.h>

enum { NO_PLACE = 64, HEAD = 24 };

struct head {  /* of a subsection */
  uint64_t pos, length, number, num_subsections, layout, num_target, len_data, steps[NESTING_MAX];
};

struct piece {
  struct cursor *c;  /* the body; its position is where the next head stands */
  struct reader *r;
  uint32_t device;
  unsigned level;
  uint64_t start, end, heads_left, declared;  /* the last: number that said where the end is */
  bool pending;
  struct head next, before;
  uint64_t steps[NESTING_MAX + 1];  /* path of the place that the walk has come to */
};

static const struct layout *layout_of(struct cursor *c, uint64_t number, uint64_t pos) {
  bool there = number < c->r->layouts.count;
  return ms_demand(c, there, MS_UNKNOWN_LAYOUT, pos, 0, number) ? ITEM(c->r->layouts, struct layout, number) : NULL;
}

/* -1, 0 or 1 as the target and number of one head come before, with or behind those of another. */
static int order(const struct head *a, const struct head *b) {
  for (uint64_t i = 0; i < a->num_target && i < b->num_target; i++) {
    if (a->steps[i] != b->steps[i]) return a->steps[i] < b->steps[i] ? -1 : 1;
  }
  if (a->num_target != b->num_target) return a->num_target < b->num_target ? -1 : 1;
  return a->number < b->number ? -1 : a->number > b->number;
}

/* Judges the head of the next subsection, or that nothing is left where there is none. */
static void next_head(struct piece *p) {
  struct cursor *c = p->c;
  p->pending = false;
  if (p->heads_left == 0) {
    ms_rest(c, p->start, p->declared);
    return;
  }
  struct head h = {.pos = c->pos};
  bool first = p->before.length == 0;
  ms_demand(c, p->level < NESTING_MAX, MS_LIMIT_EXCEEDED, h.pos, NESTING_MAX, NESTING_MAX + 1);
  h.length = ms_take(c, 4);
  h.number = ms_take(c, 2);
  h.num_subsections = ms_take(c, 2);
  h.layout = ms_take(c, 4);
  h.num_target = ms_take(c, 2);
  ms_reserved(c, 2);
  h.len_data = ms_take(c, 8);
  uint64_t steps_end = HEAD + 8 * h.num_target, there = p->end - h.pos;
  unsigned announced = ITEM(p->r->devices, struct device, p->device)->num_subsections;
  ms_demand(c, h.length % 8 == 0 && h.length >= HEAD, MS_BAD_VALUE, h.pos, 0, h.length);
  ms_demand(c, h.number < announced, MS_UNKNOWN_SECTION, h.pos + 4, 0, h.number);
  ms_demand(c, h.num_target <= NESTING_MAX, MS_BAD_VALUE, h.pos + 12, NESTING_MAX, h.num_target);
  ms_demand(c, steps_end <= h.length, MS_TRUNCATED_DATA, h.pos + 12, steps_end, h.length);
  ms_demand(c, h.len_data % 8 == 0, MS_BAD_VALUE, h.pos + 16, 0, h.len_data);
  ms_demand(c, h.len_data <= h.length - steps_end, MS_TRUNCATED_DATA, h.pos + 16, h.len_data, h.length - steps_end);
  if (!ms_demand(c, h.length <= there, MS_TRUNCATED_DATA, h.pos, h.length, there)) return;
  for (unsigned i = 0; i < h.num_target; i++) {  /* field and element as one number that sorts like the pair */
    uint64_t field = ms_take(c, 4);
    h.steps[i] = field << 32 | ms_take(c, 4);
  }
  if (!ms_demand(c, first || order(&p->before, &h) < 0, MS_BAD_ORDER, h.pos, 0, 0)) return;
  c->pos = h.pos + h.length;
  p->next = p->before = h;
  p->heads_left--;
  p->pending = true;
}

/* The walk is at the place of so many steps; behind one of an external layout every step is taken. */
static void meet(struct piece *p, unsigned steps, bool external) {
  while (ok(p->r) && p->pending && steps <= NESTING_MAX
         && (p->next.num_target == steps || (external && p->next.num_target > steps))
         && memcmp(p->steps, p->next.steps, steps * sizeof *p->steps) == 0)
    next_head(p);
}

uint64_t ms_octets_in_block(const struct entry *e) {
  return e->shape == 2 ? 4 : e->shape == 1 ? (uint64_t)e->width * e->count : e->width;
}

struct data {  /* where the walk of the data is */
  struct piece *p;
  const struct layout *layout;
  struct cursor vary;  /* the next variable octets, and where they end */
  unsigned depth, steps;
};

static void part(struct data *d, uint32_t first, uint32_t end);
static void entries(struct data *d, uint32_t first, uint32_t end, uint64_t block);

static void show(struct data *d, const struct entry *e, uint64_t pos, uint64_t length, uint64_t element, uint64_t value) {
  struct reader *r = d->p->r;
  if (!ok(r) || r->events.field == NULL) return;
  struct ms_field field = {.offset = d->vary.offset + pos, .name = e->name, .octets = {d->vary.base + pos, length},
    .level = d->depth, .type = e->type, .width = e->width, .secret = e->flags & 1, .element = (uint32_t)element,
    .count = e->shape == 0 || e->type >= 32 ? 0 : e->shape == 1 ? e->count : (uint32_t)(length / e->width), .value = value};
  r->events.field(r->events.context, &field);
}

/* One level more, whose first octet is at pos. */
static bool deeper(struct data *d, uint64_t pos) {
  return ms_demand(&d->vary, d->depth < NESTING_MAX, MS_LIMIT_EXCEEDED, pos, NESTING_MAX, NESTING_MAX + 1);
}

/* Into element `element` of entry `number`, which subsections may belong to. */
static void step_into(struct data *d, uint32_t number, uint64_t element, bool external) {
  if (d->steps < NESTING_MAX) d->p->steps[d->steps] = (uint64_t)number << 32 | element;
  d->steps++;
  d->depth++;
  meet(d->p, d->steps, external);
}

static void list(struct data *d, const struct entry *e, uint32_t number, uint64_t block, uint64_t count) {
  struct cursor *v = &d->vary;
  struct data outer = *d;
  if (e->shape != 0) d->steps = NO_PLACE;
  for (uint64_t i = 0; ok(d->p->r) && i < count; i++) {
    unsigned steps = d->steps;
    if (!deeper(d, v->pos) || !ms_need(v, 8)) return;
    uint64_t pos = v->pos, layout_number = ms_take(v, 4), len_element = ms_take(v, 4);
    const struct layout *layout = layout_of(v, layout_number, pos);
    ms_demand(v, len_element % 8 == 0, MS_BAD_VALUE, pos + 4, 0, len_element);
    if (!ms_need(v, len_element) || layout == NULL) return;
    uint64_t start = v->pos, end = v->end;
    show(d, e, pos, 8 + len_element, i, count);
    step_into(d, number, i, layout->num_entries == 0);
    d->layout = layout;
    v->end = start + len_element;
    if (layout->num_entries != 0) {
      part(d, 0, layout->num_entries);
      ms_rest(v, start, len_element);
    }
    v->pos = v->end;
    v->end = end;
    d->layout = outer.layout;
    d->depth = outer.depth;
    d->steps = steps;
  }
  d->steps = outer.steps;
  if (count == 0) show(d, e, block, 4, 0, 0);
}

static void counted(struct data *d, const struct entry *e, uint64_t i, uint64_t length) {
  struct cursor *v = &d->vary;
  if (!ms_need(v, length)) return;
  uint64_t bad = e->type == 33 ? ms_bad_utf8(v->base + v->pos, length, true) : length;
  if (!ms_demand(v, bad == length, MS_BAD_TEXT, v->pos, 0, 0)) return;
  uint64_t start = v->pos;
  v->pos += length;
  ms_zeros(v, pad8(length) - length);
  show(d, e, start, length, i, length);
}

/* A union or an optional: a number in the block, then the part of what it says is present. */
static void present(struct data *d, const struct entry *e, uint32_t number, uint64_t block, uint64_t element, uint64_t value) {
  uint32_t first = number + 1, end = number + 1 + e->num_descendants;
  uint64_t which = e->type == 50 ? value : 0;
  for (; which > 0 && first < end; which--) first += 1 + d->layout->entries[first].num_descendants;
  if (first >= end || (e->type == 51 && value > 1)) {
    ms_demand(&d->vary, false, MS_BAD_VALUE, block, 0, value);
    return;
  }
  show(d, e, block, 4, element, value);
  if (e->type == 51 && value == 0) return;
  if (e->type == 50) end = first + 1 + d->layout->entries[first].num_descendants;
  if (!deeper(d, d->vary.pos)) return;
  step_into(d, number, element, false);
  part(d, first, end);
  d->depth--;
  d->steps--;
}

/* What one element owes, in the block and behind it; plain numbers owe nothing. */
static void element(struct data *d, uint32_t number, uint64_t block, uint64_t i) {
  const struct entry *e = &d->layout->entries[number];
  struct cursor *v = &d->vary;
  if (e->type == 48) {
    if (!deeper(d, block)) return;
    show(d, e, block, e->width, i, 0);
    step_into(d, number, i, false);
    entries(d, number + 1, number + 1 + e->num_descendants, block);
    d->depth--;
    d->steps--;
  } else if (e->type == 4) {
    ms_demand(v, v->base[block] <= 1, MS_BAD_VALUE, block, 1, v->base[block]);
  } else if (e->type == 19) {
    for (uint64_t k = block; k < block + e->width; k++)
      if (!ms_demand(v, v->base[k] == 0, MS_BAD_PADDING, k, 0, v->base[k])) return;
  } else if (e->type >= 32) {
    uint64_t value = ms_load(v->base + block, 4);
    bool in_range = e->type >= 50 || !(e->flags & 2) || (value >= e->min && value <= e->max);
    if (!ms_demand(v, in_range, MS_BAD_VALUE, block, value < e->min ? e->min : e->max, value)) return;
    if (e->type >= 50) present(d, e, number, block, i, value);
    else if (e->type == 49) list(d, e, number, block, value);
    else counted(d, e, i, value);
  }
}

static void entries(struct data *d, uint32_t first, uint32_t end, uint64_t block) {
  struct cursor *v = &d->vary;
  for (uint32_t i = first; ok(d->p->r) && i < end; i += 1 + d->layout->entries[i].num_descendants) {
    const struct entry *e = &d->layout->entries[i];
    uint64_t count = e->shape == 0 ? 1 : e->shape == 1 ? e->count : ms_load(v->base + block, 4), at = block;
    block += ms_octets_in_block(e);
    if (e->shape == 2) {
      ms_demand(v, count <= e->count, MS_BAD_VALUE, at, e->count, count);
      at = v->pos;
      if (!ms_need(v, count * e->width)) return;
      v->pos += count * e->width;
      ms_zeros(v, pad8(count * e->width) - count * e->width);
    }
    if (e->type < 32 && e->type != 19) show(d, e, at, count * e->width, 0, 0);
    bool owes = e->type == 4 || e->type == 19 || e->type >= 32;
    for (uint64_t k = 0; owes && ok(d->p->r) && k < count; k++) element(d, i, at + k * e->width, k);
  }
}

static void part(struct data *d, uint32_t first, uint32_t end) {
  struct cursor *v = &d->vary;
  uint64_t block = v->pos, length = 0;
  const struct entry *e = d->layout->entries;
  for (uint32_t i = first; i < end; i += 1 + e[i].num_descendants) length += ms_octets_in_block(&e[i]);
  if (!ms_need(v, length)) return;
  v->pos += length;
  ms_zeros(v, pad8(length) - length);
  if (ok(d->p->r)) entries(d, first, end, block);
}

/* A section or subsection whose data starts at `start`; `c` stands behind it and ends where the piece ends. */
static void piece(struct cursor *c, uint32_t device, unsigned level, uint64_t begins, uint64_t start, uint64_t declared,
                  const struct head *h, uint64_t layout_at) {
  struct reader *r = c->r;
  const struct layout *layout = layout_of(c, h->layout, layout_at);
  if (layout == NULL) return;
  const struct device *owner = ITEM(r->devices, struct device, device);
  struct piece p = {.c = c, .r = r, .device = device, .level = level, .start = begins, .end = c->end,
    .heads_left = h->num_subsections, .declared = declared};
  struct ms_piece seen = {.offset = c->offset + begins, .level = level, .number = (unsigned)h->number, .device = device,
    .layout = (uint32_t)h->layout, .data = {c->base + start, h->len_data},
    .name = ITEM(r->announcements, struct announcement, owner->first + h->number + (level ? owner->num_sections : 0))->name};
  if (r->events.piece) r->events.piece(r->events.context, &seen);
  uint64_t first = c->pos;
  next_head(&p);
  meet(&p, 0, layout->num_entries == 0);
  if (layout->num_entries != 0) {
    struct data d = {.p = &p, .layout = layout, .vary = *c};
    d.vary.pos = start;
    d.vary.end = start + h->len_data;
    if (ok(r)) part(&d, 0, layout->num_entries);
    ms_rest(&d.vary, start, h->len_data);
  }
  ms_demand(c, !p.pending, MS_BAD_TARGET, p.next.pos + HEAD, 0, 0);
  for (uint64_t i = 0, pos = first; ok(r) && i < h->num_subsections; i++) {
    const uint8_t *at = c->base + pos;
    struct head inner = {.length = ms_load(at, 4), .number = ms_load(at + 4, 2), .num_subsections = ms_load(at + 6, 2),
      .layout = ms_load(at + 8, 4), .num_target = ms_load(at + 12, 2), .len_data = ms_load(at + 16, 8)};
    uint64_t data = pos + HEAD + 8 * inner.num_target;
    struct cursor within = *c;
    within.pos = data + inner.len_data;
    within.end = pos + inner.length;
    piece(&within, device, level + 1, pos, data, inner.length, &inner, pos + 8);
    pos += inner.length;
  }
}

void ms_section(struct cursor *c, const struct record *record) {
  struct reader *r = c->r;
  uint32_t device = record->seen.device;
  const struct device *owner = ITEM(r->devices, struct device, device);
  uint64_t header = record->seen.offset, flags = record->seen.flags;
  struct head h = {.number = ms_take(c, 2)};
  h.num_subsections = ms_take(c, 2);
  h.layout = ms_take(c, 4);
  if (!ms_demand(c, h.number < owner->num_sections, MS_UNKNOWN_SECTION, 0, 0, h.number)) return;
  struct announcement *announced = ITEM(r->announcements, struct announcement, owner->first + h.number);
  if ((flags & 3) != announced->mark) {
    r->stage = MS_IN_RECORD;
    ms_refuse(r, MS_BAD_MARK, header + 6, announced->mark, flags & 3);
  }
  layout_of(c, h.layout, 4);
  ms_pass(c, ms_take(c, 4));
  ms_reserved(c, 4);
  h.len_data = ms_take(c, 8);
  ms_demand(c, h.len_data % 8 == 0, MS_BAD_VALUE, 16, 0, h.len_data);
  ms_demand(c, h.len_data <= c->end - c->pos, MS_TRUNCATED_DATA, 16, h.len_data, c->end - c->pos);
  uint64_t key = (uint64_t)device << 16 | h.number;
  ms_demand(c, !r->section_in_pass || key != r->last_section, MS_DUPLICATE_SECTION, 0, 0, 0);
  ms_demand(c, !r->section_in_pass || key > r->last_section, MS_SECTION_OUT_OF_ORDER, 0, 0, 0);
  ms_demand(c, !announced->sent || (flags & REPLACES), MS_DUPLICATE_SECTION, 0, 0, 0);
  if (ok(r) && !announced->sent && (flags & REPLACES)) ms_refuse(r, MS_BAD_VALUE, header + 6, 0, flags);
  if (!ok(r)) return;
  announced->sent = r->section_in_pass = true;
  announced->offset = record->seen.offset;
  announced->length = record->seen.length;
  r->last_section = key;
  r->num_sections++;
  c->pos += h.len_data;
  piece(c, device, 0, 0, HEAD, c->end, &h, 4);
}
