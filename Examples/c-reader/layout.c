/* LAYOUT and the canonical layout (chapter 10 section 5, chapter 20 sections 2 and 3). SPDX-License-Identifier: MIT */
#include "internal.h"
#include <stdlib.h>
#include <string.h>

enum { ENTRY = 64, SYMBOL = 16, HEAD = 24 };
enum { SIGNED = 2, RANGE = 4, DEFAULT = 8, CLOCK = 16, ALIGNED = 32, REFERS = 64, SYMBOLS = 128, GROUP = 256 };

/* What is common to a type: the widths it may have, each a bit by its power of two, or a fixed one, and its attributes. */
static const struct type { uint16_t widths, attributes; } types[] = {
  [1] = {1 | 2 | 4 | 8 | 16, RANGE | DEFAULT}, [2] = {1 | 2 | 4 | 8 | 16, RANGE | DEFAULT | SIGNED},
  [3] = {4 | 8, DEFAULT}, [4] = {1, DEFAULT}, [5] = {1 | 2 | 4 | 8, SYMBOLS | RANGE | DEFAULT},
  [6] = {1 | 2 | 4 | 8, SYMBOLS | RANGE | DEFAULT}, [7] = {0xffff, 0}, [8] = {16 | 32 | 64, 0}, [9] = {0xffff, 0},
  [10] = {16, 0}, [11] = {0xffff, DEFAULT}, [12] = {4, DEFAULT}, [13] = {4 | 8, RANGE | DEFAULT | ALIGNED},
  [14] = {1 | 2 | 4 | 8, RANGE | DEFAULT | ALIGNED}, [15] = {1 | 2 | 4 | 8, RANGE | DEFAULT | REFERS},
  [16] = {1 | 2 | 4 | 8, RANGE | DEFAULT | REFERS}, [17] = {8, RANGE | DEFAULT | SIGNED | CLOCK},
  [18] = {8, RANGE | DEFAULT | CLOCK}, [19] = {0xffff, 0}, [32] = {4, RANGE}, [33] = {4, RANGE}, [48] = {0xffff, GROUP},
  [49] = {4, RANGE}, [50] = {4, GROUP}, [51] = {4, GROUP}};

struct check {  /* of one canonical layout */
  struct cursor *c;
  struct layout *layout;
  uint64_t num_entries, symbol, symbols_left, symbols_at, text, text_end;
  struct group { uint32_t number, end, children; uint64_t width; } groups[NESTING_MAX + 1];  /* the first is the top */
  unsigned depth;
  struct named *names;
};

static bool layout_demand(struct check *k, bool right, uint64_t pos) { return ms_demand(k->c, right, MS_BAD_LAYOUT, pos, 0, 0); }

static bool width_is_right(unsigned type, uint64_t width) {
  if (type == 7) return width != 0 && width % 8 == 0;
  if (type == 11) return width == 6;
  if (types[type].widths == 0xffff) return width != 0;
  return power_of_two(width) && width <= 64 && (types[type].widths & width) != 0;
}

/* A value read with the sign of the type has no more octets than the width. */
static bool fits(uint64_t value, unsigned width, bool is_signed) {
  if (width >= 8) return true;
  if (!is_signed) return value >> (8 * width) == 0;
  uint64_t above = value >> (8 * width - 1);
  return above == 0 || above == UINT64_MAX >> (8 * width - 1);
}

static struct ms_octets name(struct check *k, uint64_t length, uint64_t attribute) {
  struct ms_octets text = {k->c->base + k->text, 0};
  if (!layout_demand(k, length <= k->text_end - k->text, attribute)) return text;
  uint64_t bad = ms_bad_utf8(text.octets, length, false);
  ms_demand(k->c, bad == length, MS_BAD_TEXT, k->text, 0, 0);
  k->text += length;
  text.length = length;
  return text;
}

static void symbols(struct check *k, uint64_t count, uint64_t width) {
  uint64_t before = 0;
  for (uint64_t i = 0; ok(k->c->r) && i < count; i++, k->symbol += SYMBOL, k->symbols_left--) {
    const uint8_t *at = k->c->base + k->symbol;
    uint64_t value = ms_load(at, 8), len_name = ms_load(at + 8, 2);
    layout_demand(k, fits(value, (unsigned)width, false), k->symbol);
    ms_demand(k->c, i == 0 || value > before, MS_BAD_ORDER, k->symbol, 0, 0);
    ms_demand(k->c, ms_load(at + 10, 6) == 0, MS_RESERVED_NOT_ZERO, k->symbol + 10, 0, 0);
    layout_demand(k, len_name >= 1 && len_name <= 255, k->symbol + 8);
    name(k, len_name, k->symbol + 8);
    before = value;
  }
}

/* Ends the groups whose last descendant was judged: a structure is as wide as its children. */
static void end_groups(struct check *k, uint32_t next) {
  while (ok(k->c->r) && k->depth > 0 && k->groups[k->depth].end == next) {
    struct group *group = &k->groups[k->depth--];
    const struct entry *entry = &k->layout->entries[group->number];
    layout_demand(k, entry->type != 48 || entry->width == group->width, HEAD + ENTRY * (uint64_t)group->number + 4);
  }
}

/* The place of an entry in the tree. */
static void place(struct check *k, uint32_t number, const struct entry *entry, uint64_t pos) {
  struct group *parent = &k->groups[k->depth];
  bool group = types[entry->type].attributes & GROUP;
  k->names[number] = (struct named){.parent = k->depth == 0 ? NONE32 : parent->number, .pos = pos};
  parent->width += ms_octets_in_block(entry);
  parent->children++;
  layout_demand(k, entry->num_descendants < parent->end - number, pos + 12);
  ms_demand(k->c, !group || k->depth < NESTING_MAX, MS_LIMIT_EXCEEDED, pos, NESTING_MAX, NESTING_MAX + 1);
  bool in_union = k->depth > 0 && k->layout->entries[parent->number].type == 50;
  layout_demand(k, !in_union || parent->children <= 256, pos);
  uint64_t most = k->c->r->limits.block;
  ms_demand(k->c, in_union || parent->width <= most, MS_LIMIT_EXCEEDED, pos + 4, most, parent->width);
  if (ok(k->c->r) && group)
    k->groups[++k->depth] = (struct group){.number = number, .end = number + 1 + entry->num_descendants};
  else
    end_groups(k, number + 1);
}

/* Range and default: each by itself, then max against min. */
static void values(struct check *k, const struct entry *entry, uint64_t default_value, uint64_t pos) {
  unsigned attributes = types[entry->type].attributes, width = entry->width;
  bool sign = attributes & SIGNED, range = entry->flags & 2, has_default = entry->flags & 4;
  bool scalar = width <= 8 && entry->shape != 2;
  layout_demand(k, !range || ((attributes & RANGE) && width <= 8), pos + 3);
  layout_demand(k, !has_default || ((attributes & DEFAULT) && scalar), pos + 3);
  layout_demand(k, range ? fits(entry->min, width, sign) : entry->min == 0, pos + 32);
  layout_demand(k, range ? fits(entry->max, width, sign) : entry->max == 0, pos + 40);
  layout_demand(k, has_default ? fits(default_value, width, sign) : default_value == 0, pos + 48);
  layout_demand(k, sign ? (int64_t)entry->max >= (int64_t)entry->min : entry->max >= entry->min, pos + 40);
  layout_demand(k, entry->type != 4 || default_value <= 1, pos + 48);
}

static void entry(struct check *k, uint32_t number) {
  struct cursor *c = k->c;
  uint64_t pos = HEAD + ENTRY * (uint64_t)number, block = c->r->limits.block;
  const uint8_t *at = c->base + pos;
  struct entry *e = &k->layout->entries[number];
  *e = (struct entry){.type = at[0], .shape = at[1], .flags = at[3], .width = (uint32_t)ms_load(at + 4, 4),
    .count = (uint32_t)ms_load(at + 8, 4), .num_descendants = (uint32_t)ms_load(at + 12, 4),
    .min = ms_load(at + 32, 8), .max = ms_load(at + 40, 8)};
  bool known = e->type < sizeof types / sizeof *types && types[e->type].widths != 0;
  if (!layout_demand(k, known, pos)) return;
  unsigned attributes = types[e->type].attributes;
  uint64_t octets = (uint64_t)e->width * (e->shape == 1 ? e->count : 1), num_symbols = ms_load(at + 24, 4);
  layout_demand(k, e->shape <= 2, pos + 1);
  ms_demand(c, at[2] == REQUIRED || at[2] == SKIPPABLE, MS_BAD_MARK, pos + 2, 0, at[2]);
  ms_demand(c, e->flags <= 15, MS_RESERVED_NOT_ZERO, pos + 3, 0, e->flags);
  ms_demand(c, at[23] == 0, MS_RESERVED_NOT_ZERO, pos + 23, 0, at[23]);
  layout_demand(k, width_is_right(e->type, e->width), pos + 4);
  layout_demand(k, (e->shape == 0) == (e->count == 0), pos + 8);
  ms_demand(c, e->width <= block, MS_LIMIT_EXCEEDED, pos + 4, block, e->width);
  ms_demand(c, octets <= block, MS_LIMIT_EXCEEDED, pos + 8, block, octets);
  layout_demand(k, ((attributes & GROUP) != 0) == (e->num_descendants != 0), pos + 12);
  if (ok(c->r)) place(k, number, e, pos);
  layout_demand(k, at[20] == 0 || at[20] == 2 || at[20] == 8 || at[20] == 10 || at[20] == 16, pos + 20);
  layout_demand(k, at[21] <= 3 && (at[21] == 0 || (attributes & CLOCK)), pos + 21);
  layout_demand(k, at[22] <= 63 && (at[22] == 0 || (attributes & ALIGNED)), pos + 22);
  layout_demand(k, ms_load(at + 28, 4) == 0 || (attributes & REFERS), pos + 28);
  uint64_t until = ms_load(at + 60, 4);
  layout_demand(k, until == 0 || until >= ms_load(at + 56, 4), pos + 60);
  values(k, e, ms_load(at + 48, 8), pos);
  uint64_t len_name = ms_load(at + 16, 2), len_unit = ms_load(at + 18, 2);
  layout_demand(k, len_name >= 1 && len_name <= 255, pos + 16);
  e->name = name(k, len_name, pos + 16);
  if (ok(c->r)) k->names[number].name = e->name;
  layout_demand(k, len_unit <= 255, pos + 18);
  name(k, len_unit, pos + 18);
  bool may = num_symbols == 0 || ((attributes & SYMBOLS) && num_symbols <= k->symbols_left);
  if (layout_demand(k, may, pos + 24)) symbols(k, num_symbols, e->width);
}

static void references(struct check *k) {
  for (uint64_t i = 0; ok(k->c->r) && i < k->num_entries; i++) {
    uint64_t pos = HEAD + ENTRY * i + 28, reference = ms_load(k->c->base + pos, 4);
    bool leads = reference == 0 || (reference <= k->num_entries && k->layout->entries[reference - 1].shape != 0);
    layout_demand(k, leads, pos);
  }
}

/* The canonical layout that begins at c->base and takes all octets up to c->end. */
static void canonical(struct cursor *c, struct layout *layout) {
  struct reader *r = c->r;
  struct check k = {.c = c, .layout = layout};
  uint64_t num_entries = k.num_entries = ms_take(c, 4);
  k.symbols_left = ms_take(c, 4);
  uint64_t len_text = ms_take(c, 4), len_block = ms_take(c, 4), len_name = ms_take(c, 2);
  layout_demand(&k, num_entries >= 1, 0);
  ms_demand(c, num_entries <= r->limits.fields, MS_LIMIT_EXCEEDED, 0, r->limits.fields, num_entries);
  ms_reserved(c, 6);
  uint64_t text = HEAD + ENTRY * num_entries + SYMBOL * k.symbols_left, whole = text + pad8(len_text);
  ms_demand(c, whole <= c->end, MS_TRUNCATED_DATA, c->end, whole, c->end);
  ms_demand(c, whole >= c->end, MS_UNEXPECTED_DATA, whole, c->end, whole);
  if (!ok(r)) return;
  k.symbol = HEAD + ENTRY * num_entries;
  k.text = text;
  k.text_end = text + len_text;
  k.groups[0].end = (uint32_t)num_entries;
  layout_demand(&k, len_name >= 1 && len_name <= 255, 16);
  name(&k, len_name, 16);
  layout->entries = ok(r) ? ms_allocate(r, num_entries * sizeof *layout->entries) : NULL;
  k.names = ok(r) ? ms_allocate(r, num_entries * sizeof *k.names) : NULL;
  layout->num_entries = (uint32_t)num_entries;
  for (uint32_t i = 0; ok(r) && i < num_entries; i++) entry(&k, i);
  layout_demand(&k, k.symbols_left == 0, 4);
  layout_demand(&k, k.text == k.text_end, 8);
  layout_demand(&k, k.groups[0].width == len_block, 12);
  c->pos = k.text_end;
  if (ok(r)) ms_zeros(c, whole - k.text_end);
  references(&k);
  uint64_t twice = ok(r) ? ms_twice(k.names, num_entries) : 0;
  ms_demand(c, twice == UINT64_MAX, MS_DUPLICATE_NAME, twice, 0, 0);
  free(k.names);
}

void ms_layout(struct cursor *c, const struct record *record) {
  struct reader *r = c->r;
  const struct ms_limits *l = &r->limits;
  uint64_t number = ms_take(c, 4), next = r->layouts.count, form = ms_take(c, 1);
  ms_demand(c, number == next, MS_BAD_ORDER, 0, next, number);
  ms_demand(c, number < l->layouts, MS_LIMIT_EXCEEDED, 0, l->layouts, number + 1);
  ms_demand(c, form <= 2, MS_BAD_VALUE, 4, 2, form);
  unsigned guard = form == 1 ? ZSTD : form == 2 ? EXTERNAL_LAYOUTS : 0;
  ms_demand(c, (r->flags & guard) == guard, MS_UNDECLARED_FEATURE, 4, guard, 0);
  ms_reserved(c, 3);
  uint64_t len_canonical = ms_take(c, 8), fingerprint = ms_take(c, 8), len_stored = ms_take(c, 8);
  ms_demand(c, len_canonical <= l->layout, MS_LIMIT_EXCEEDED, 8, l->layout, len_canonical);
  ms_demand(c, len_stored <= c->end - c->pos, MS_TRUNCATED_DATA, 24, len_stored, c->end - c->pos);
  r->layout_octets += form == 2 && len_stored > len_canonical ? len_stored : len_canonical;
  ms_demand(c, r->layout_octets <= l->layout_total, MS_LIMIT_EXCEEDED, 8, l->layout_total, r->layout_octets);
  bool right = form == 0 ? len_stored == len_canonical : form == 1 ? len_stored < len_canonical : len_stored >= 1;
  ms_demand(c, right, MS_BAD_VALUE, 24, form == 0 ? len_canonical : 0, len_stored);
  struct cursor stored = *c;
  if (form == 2) ms_text(c, len_stored, l->text);
  else if (ok(r)) c->pos += len_stored;
  ms_zeros(c, pad8(len_stored) - len_stored);
  ms_rest(c, 0, c->end);
  struct layout sent = {.offset = record->seen.offset, .length = record->seen.length};
  struct layout *layout = ms_append(r, &r->layouts, &sent, sizeof sent);
  if (layout == NULL || form == 2) return;
  struct cursor inner = {.r = r, .base = c->base + stored.pos, .end = len_canonical, .framed = form == 1,
    .offset = c->offset + stored.pos};
  if (form == 1) inner.base = layout->frame_content = ms_unpack(&stored, len_stored, len_canonical);
  if (!ok(r)) return;
  uint64_t digest = ms_digest(inner.base, len_canonical);
  ms_demand(c, digest == fingerprint, MS_DIGEST_MISMATCH, 16, fingerprint, digest);
  if (ok(r)) canonical(&inner, layout);
}
