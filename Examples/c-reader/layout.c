/* LAYOUT and the canonical layout (chapter 10 section 5, chapter 20 sections 2 and 3). SPDX-License-Identifier: MIT */
#include "internal.h"
#include <stdlib.h>

enum { ENTRY = 64, SYMBOL = 16, HEAD = 24 };
enum { NARROW = 1 | 2 | 4 | 8, WIDE = NARROW | 16, ANY = 1 << 15 };  /* sets of widths */
enum { SIGNED = 1, RANGE = 2, DEFAULT = 4, CLOCK = 8, ALIGNED = 16, REFERS = 32, SYMBOLS = 64, GROUP = 128 };

/* What is common to a type: the widths it may have, each a bit by its power of two, and its attributes. */
static const struct { uint16_t widths, attributes; } types[] = {
  [1] = {WIDE, RANGE | DEFAULT}, [2] = {WIDE, RANGE | DEFAULT | SIGNED}, [3] = {4 | 8, DEFAULT}, [4] = {1, DEFAULT},
  [5] = {NARROW, SYMBOLS | RANGE | DEFAULT}, [6] = {NARROW, SYMBOLS | RANGE | DEFAULT}, [7] = {ANY, 0},
  [8] = {16 | 32 | 64, 0}, [9] = {ANY, 0}, [10] = {16, 0}, [11] = {ANY, DEFAULT}, [12] = {4, DEFAULT},
  [13] = {4 | 8, RANGE | DEFAULT | ALIGNED}, [14] = {NARROW, RANGE | DEFAULT | ALIGNED},
  [15] = {NARROW, RANGE | DEFAULT | REFERS}, [16] = {NARROW, RANGE | DEFAULT | REFERS},
  [17] = {8, RANGE | DEFAULT | SIGNED | CLOCK}, [18] = {8, RANGE | DEFAULT | CLOCK}, [19] = {ANY, 0}, [32] = {4, RANGE},
  [33] = {4, RANGE}, [48] = {ANY, GROUP}, [49] = {4, RANGE}, [50] = {4, GROUP}, [51] = {4, GROUP}};

struct check {  /* of one canonical layout */
  struct cursor *c, symbols, text;
  struct layout *layout;
  struct named *names;
  struct group { uint32_t number, end, children; uint64_t width; } groups[NESTING_MAX + 1];  /* the first is the top */
  unsigned depth;
};

static bool layout_demand(struct check *k, bool right, uint64_t pos) {
  return ms_demand(k->c, right, MS_badLayout, pos, 0, 0);
}

static bool width_is_right(unsigned type, uint64_t width) {
  if (types[type].widths != ANY) return power_of_two(width) && width <= 64 && (types[type].widths & width) != 0;
  return type == 7 ? width != 0 && width % 8 == 0 : type == 11 ? width == 6 : width != 0;
}

/* A value read with the sign of the type has no more octets than the width. */
static bool fits(uint64_t value, uint64_t width, bool is_signed) {
  uint64_t above = width >= 8 ? 0 : value >> (8 * width - is_signed);
  return above == 0 || (is_signed && above == UINT64_MAX >> (8 * width - 1));
}

/* The next text; what is wrong with its length stands at `attribute`. */
static struct ms_octets name(struct check *k, uint64_t least, uint64_t length, uint64_t attribute) {
  struct cursor *t = &k->text;
  struct ms_octets text = {t->base + t->pos, 0};
  if (!layout_demand(k, length >= least && length <= 255 && length <= t->end - t->pos, attribute)) return text;
  text.length = length;
  ms_demand(t, ms_is_text(text, false), MS_badText, t->pos, 0, 0);
  t->pos += length;
  return text;
}

static void symbols(struct check *k, uint64_t count, uint64_t width) {
  struct cursor *s = &k->symbols;
  uint64_t before = 0;
  for (uint64_t i = 0; ok(s->r) && i < count; i++) {
    uint64_t pos = s->pos, value = ms_take(s, 8), len_name = ms_take(s, 2);
    layout_demand(k, fits(value, width, false), pos);
    ms_demand(s, i == 0 || value > before, MS_badOrder, pos, 0, 0);
    ms_reserved(s, 6);
    name(k, 1, len_name, pos + 8);
    before = value;
  }
}

/* The place of an entry in the tree; the structures that end with it are as wide as their children. */
static void place(struct check *k, uint32_t number, const struct entry *e, uint64_t pos) {
  const struct entry *entries = k->layout->entries;
  struct group *parent = &k->groups[k->depth];
  bool in_union = k->depth > 0 && entries[parent->number].type == 50, group = types[e->type].attributes & GROUP;
  uint64_t most = k->c->r->limits.blockBytesMax;
  k->names[number] = (struct named){.parent = k->depth == 0 ? NONE32 : parent->number, .pos = pos};
  parent->width += ms_octets_in_block(e);
  parent->children++;
  layout_demand(k, e->num_descendants < parent->end - number, pos + 12);
  ms_demand(k->c, !group || k->depth < NESTING_MAX, MS_limitExceeded, pos, NESTING_MAX, NESTING_MAX + 1);
  layout_demand(k, !in_union || parent->children <= 256, pos);
  ms_demand(k->c, in_union || parent->width <= most, MS_limitExceeded, pos + 4, most, parent->width);
  if (ok(k->c->r) && group)
    k->groups[++k->depth] = (struct group){.number = number, .end = number + 1 + e->num_descendants};
  for (; ok(k->c->r) && k->depth > 0 && k->groups[k->depth].end == number + 1; k->depth--) {
    const struct group *ended = &k->groups[k->depth];
    const struct entry *its = &entries[ended->number];
    layout_demand(k, its->type != 48 || its->width == ended->width, HEAD + ENTRY * (uint64_t)ended->number + 4);
  }
}

/* Range and default: each by itself, then max against min. */
static void values(struct check *k, const struct entry *e, uint64_t default_value, uint64_t pos) {
  unsigned attributes = types[e->type].attributes;
  bool sign = attributes & SIGNED, range = e->flags & 2, has_default = e->flags & 4, narrow = e->width <= 8;
  layout_demand(k, !range || ((attributes & RANGE) && narrow), pos + 3);
  layout_demand(k, !has_default || ((attributes & DEFAULT) && narrow && e->shape != 2), pos + 3);
  layout_demand(k, range ? fits(e->min, e->width, sign) : e->min == 0, pos + 32);
  layout_demand(k, range ? fits(e->max, e->width, sign) : e->max == 0, pos + 40);
  layout_demand(k, has_default ? fits(default_value, e->width, sign) : default_value == 0, pos + 48);
  layout_demand(k, sign ? (int64_t)e->max >= (int64_t)e->min : e->max >= e->min, pos + 40);
  layout_demand(k, e->type != 4 || default_value <= 1, pos + 48);
}

static void entry(struct check *k, uint32_t number) {
  struct cursor *c = k->c;
  uint64_t pos = HEAD + ENTRY * (uint64_t)number, block = c->r->limits.blockBytesMax;
  const uint8_t *at = c->base + pos;
  struct entry *e = &k->layout->entries[number];
  *e = (struct entry){.type = at[0], .shape = at[1], .flags = at[3], .width = (uint32_t)ms_load(at + 4, 4),
    .count = (uint32_t)ms_load(at + 8, 4), .num_descendants = (uint32_t)ms_load(at + 12, 4),
    .min = ms_load(at + 32, 8), .max = ms_load(at + 40, 8)};
  bool known = e->type < sizeof types / sizeof *types && types[e->type].widths != 0;
  if (!layout_demand(k, known, pos)) return;
  unsigned attributes = types[e->type].attributes;
  uint64_t octets = (uint64_t)e->width * (e->shape == 1 ? e->count : 1);
  layout_demand(k, e->shape <= 2, pos + 1);
  ms_demand(c, at[2] == REQUIRED || at[2] == SKIPPABLE, MS_badMark, pos + 2, 0, at[2]);
  ms_demand(c, e->flags <= 15, MS_reservedNotZero, pos + 3, 0, e->flags);
  ms_demand(c, at[23] == 0, MS_reservedNotZero, pos + 23, 0, at[23]);
  layout_demand(k, width_is_right(e->type, e->width), pos + 4);
  layout_demand(k, (e->shape == 0) == (e->count == 0), pos + 8);
  ms_demand(c, e->width <= block, MS_limitExceeded, pos + 4, block, e->width);
  ms_demand(c, octets <= block, MS_limitExceeded, pos + 8, block, octets);
  layout_demand(k, ((attributes & GROUP) != 0) == (e->num_descendants != 0), pos + 12);
  if (!ok(c->r)) return;
  place(k, number, e, pos);
  layout_demand(k, at[20] == 0 || at[20] == 2 || at[20] == 8 || at[20] == 10 || at[20] == 16, pos + 20);
  layout_demand(k, at[21] <= (attributes & CLOCK ? 3 : 0), pos + 21);
  layout_demand(k, at[22] <= (attributes & ALIGNED ? 63 : 0), pos + 22);
  layout_demand(k, ms_load(at + 28, 4) == 0 || (attributes & REFERS), pos + 28);
  layout_demand(k, ms_load(at + 60, 4) == 0 || ms_load(at + 60, 4) >= ms_load(at + 56, 4), pos + 60);
  values(k, e, ms_load(at + 48, 8), pos);
  e->name = k->names[number].name = name(k, 1, ms_load(at + 16, 2), pos + 16);
  name(k, 0, ms_load(at + 18, 2), pos + 18);
  uint64_t num_symbols = ms_load(at + 24, 4), left = (k->symbols.end - k->symbols.pos) / SYMBOL;
  layout_demand(k, num_symbols <= (attributes & SYMBOLS ? left : 0), pos + 24);
  symbols(k, num_symbols, e->width);
}

/* References lead to arrays, and siblings have names of their own. */
static void between_entries(struct check *k) {
  const struct layout *l = k->layout;
  for (uint64_t i = 0; ok(k->c->r) && i < l->num_entries; i++) {
    uint64_t pos = HEAD + ENTRY * i + 28, to = ms_load(k->c->base + pos, 4);
    layout_demand(k, to == 0 || (to <= l->num_entries && l->entries[to - 1].shape != 0), pos);
  }
  uint64_t twice = ok(k->c->r) ? ms_twice(k->names, l->num_entries) : UINT64_MAX;
  ms_demand(k->c, twice == UINT64_MAX, MS_duplicateName, twice, 0, 0);
}

/* The canonical layout that begins at c->base and takes all octets up to c->end. */
static void canonical(struct cursor *c, struct layout *layout) {
  struct reader *r = c->r;
  struct check k = {.c = c, .layout = layout};
  uint64_t num_entries = ms_take(c, 4), num_symbols = ms_take(c, 4), len_text = ms_take(c, 4);
  uint64_t len_block = ms_take(c, 4), len_name = ms_take(c, 2);
  layout_demand(&k, num_entries >= 1, 0);
  ms_demand(c, num_entries <= r->limits.fieldsMax, MS_limitExceeded, 0, r->limits.fieldsMax, num_entries);
  ms_reserved(c, 6);
  uint64_t symbols_at = HEAD + ENTRY * num_entries, text = symbols_at + SYMBOL * num_symbols;
  uint64_t whole = text + ((len_text + 7) & ~(uint64_t)7);
  ms_demand(c, whole <= c->end, MS_truncatedData, c->end, whole, c->end);
  if (!ms_demand(c, whole >= c->end, MS_unexpectedData, whole, c->end, whole)) return;
  k.symbols = k.text = *c;
  k.symbols.pos = symbols_at;
  k.symbols.end = k.text.pos = text;
  k.text.end = text + len_text;
  k.groups[0].end = layout->num_entries = (uint32_t)num_entries;
  name(&k, 1, len_name, 16);
  layout->entries = ms_allocate(r, num_entries * sizeof *layout->entries);
  k.names = ms_allocate(r, num_entries * sizeof *k.names);
  for (uint32_t i = 0; ok(r) && i < num_entries; i++) entry(&k, i);
  layout_demand(&k, k.symbols.pos == k.symbols.end, 4);
  layout_demand(&k, k.text.pos == k.text.end, 8);
  layout_demand(&k, k.groups[0].width == len_block, 12);
  c->pos = k.text.pos;
  ms_pad(c, len_text);
  between_entries(&k);
  free(k.names);
}

void ms_layout(struct cursor *c) {
  struct reader *r = c->r;
  const struct ms_limits *l = &r->limits;
  uint64_t number = ms_take_same(c, 4, MS_badOrder, r->layouts.count);
  ms_demand(c, number < l->layoutsMax, MS_limitExceeded, 0, l->layoutsMax, number + 1);
  uint64_t form = ms_take_in(c, 1, MS_badValue, 0, 2);
  unsigned guard = form == 1 ? ZSTD : form == 2 ? EXTERNAL_LAYOUTS : 0;
  ms_demand(c, (r->flags & guard) == guard, MS_undeclaredFeature, 4, guard, 0);
  ms_reserved(c, 3);
  uint64_t len_canonical = ms_take(c, 8), stored_at = 32;
  ms_take(c, 8);
  uint64_t len_stored = ms_take(c, 8);
  ms_demand(c, len_canonical <= l->layoutBytesMax, MS_limitExceeded, 8, l->layoutBytesMax, len_canonical);
  ms_demand(c, len_stored <= c->end - c->pos, MS_truncatedData, 24, len_stored, c->end - c->pos);
  r->layout_octets += form == 2 && len_stored > len_canonical ? len_stored : len_canonical;
  uint64_t all = r->layout_octets;
  ms_demand(c, all <= l->layoutBytesTotalMax, MS_limitExceeded, 8, l->layoutBytesTotalMax, all);
  bool right = form == 0 ? len_stored == len_canonical : form == 1 ? len_stored < len_canonical : len_stored >= 1;
  ms_demand(c, right, MS_badValue, 24, form == 0 ? len_canonical : 0, len_stored);
  struct cursor stored = *c;
  if (form == 2) ms_text(c, len_stored);
  else if (ok(r)) c->pos += len_stored;
  ms_pad(c, len_stored);
  ms_rest(c, 0, c->end);
  struct layout sent = {.offset = r->record.offset, .length = r->record.length};
  struct layout *layout = ms_append(r, &r->layouts, &sent, sizeof sent);
  if (layout == NULL || form == 2) return;
  struct cursor inner = {.r = r, .base = c->base + stored_at, .end = len_canonical, .framed = form == 1,
    .offset = c->offset + stored_at};
  if (form == 1) inner.base = layout->frame_content = ms_unpack(&stored, len_stored, len_canonical);
  if (!ok(r)) return;
  ms_demand_digest(c, 16, ms_digest((struct ms_octets){inner.base, len_canonical}));
  if (ok(r)) canonical(&inner, layout);
}
