/* The final content of memory, and what is held against it: areas of an image, INDEX_PAGE and INDEX (chapter 30
 * sections 3.3 and 4). SPDX-License-Identifier: MIT */
#include "internal.h"
#include <stdlib.h>

struct point {  /* where an extent starts or ends */
  uint64_t region, at;
  size_t next;                 /* itself, or nearer to the first point behind it that nobody painted */
  const struct extent *owner;  /* of what lies between this point and the next one */
};

static int by_place(const void *left, const void *right) {
  const struct point *a = left, *b = right;
  return a->region != b->region ? ms_order(a->region, b->region) : ms_order(a->at, b->at);
}

static struct point *unpainted(struct point *points, size_t i) {
  while (points[i].next != i) i = points[i].next = points[points[i].next].next;
  return &points[i];
}

/* Makes the extents that came those of the final content, ascending; n log n. The latest is painted first, and none
 * paints what was painted before. A limit that is exceeded stands at `pos`. */
static void settle(struct cursor *c, uint64_t pos) {
  struct reader *r = c->r;
  const struct extent *extents = r->extents.items, *before = NULL;
  size_t num_points = 2 * r->extents.count;
  struct point *points = ms_allocate(r, (num_points + 1) * sizeof *points);
  if (points == NULL) return;
  for (size_t i = 0; i < num_points; i++) {
    const struct extent *e = &extents[i / 2];
    points[i] = (struct point){.region = e->region, .at = i % 2 == 0 ? e->start : e->end};
  }
  qsort(points, num_points, sizeof *points, by_place);
  points[num_points].region = NONE32;
  for (size_t i = 0; i <= num_points; i++) points[i].next = i;
  for (size_t i = r->extents.count; i-- > 0;) {
    const struct extent *e = &extents[i];
    struct point key = {.region = e->region, .at = e->start};
    struct point *p = bsearch(&key, points, num_points, sizeof *points, by_place);
    while ((p = unpainted(points, (size_t)(p - points)))->region == e->region && p->at < e->end) {
      p->owner = e;
      p->next++;
    }
  }
  struct list final = {0};
  for (const struct point *p = points; p < points + num_points; p++) {
    if (p->owner == NULL || p[0].at == p[1].at) continue;
    struct extent piece = *p->owner;
    piece.start = p[0].at;
    piece.end = p[1].at;
    if (p->owner == before) ITEM(final, struct extent, final.count - 1)->end = piece.end;
    else if (ms_append(r, &final, &piece, sizeof piece) == NULL) break;
    before = p->owner;
  }
  free(points);
  free(r->extents.items);
  r->extents = final;
  ms_demand(c, final.count <= r->limits.finalExtentsMax, MS_limitExceeded, pos, r->limits.finalExtentsMax, final.count);
}

/* One more extent of the content, in the order of the stream. */
void ms_collect(struct cursor *c, const struct extent *extent) {
  struct reader *r = c->r;
  uint64_t limit = r->limits.finalExtentsMax;
  if (limit == 0 || r->num_channels > 1) return;
  ms_append(r, &r->extents, extent, sizeof *extent);
  if ((r->extents.count + 1) / 2 > limit) settle(c, 8);
}

/* No extent comes any more. */
void ms_final_content(struct cursor *c) {
  struct reader *r = c->r;
  if (r->content_known || r->limits.finalExtentsMax == 0) return;
  r->content_known = true;
  settle(c, 0);
}

/* Digests of data, zeros everywhere else. The cursor has the whole file. */
void ms_areas(struct cursor *c) {
  struct reader *r = c->r;
  const struct extent *e = r->extents.items, *end = r->extents.count != 0 ? e + r->extents.count : e;
  r->stage = MS_IN_bulk;
  for (size_t i = 0; ok(r) && i < r->regions.count; i++) {
    const struct region *region = ITEM(r->regions, struct region, i);
    c->pos = region->area;
    for (; ok(r) && e < end && e->region == i; e++) {
      if (e->kind != DATA_EXTENT) continue;
      ms_zeros(c, region->area + e->start - c->pos);
      if (!ok(r)) return;
      ms_demand_digest(c, e->origin, ms_digest((struct ms_octets){c->base + c->pos, e->end - e->start}));
      c->pos = region->area + e->end;
    }
    ms_zeros(c, region->area + region->seen.length - c->pos);
  }
}

static void index_demand(struct cursor *c, uint64_t pos, bool right) { ms_demand(c, right, MS_badIndex, pos, 0, 0); }

/* What the page says of an extent is what the records said. */
static bool is_final(struct reader *r, uint64_t region, uint64_t start, uint64_t word, uint64_t data, uint64_t record) {
  if (r->limits.finalExtentsMax == 0) return true;
  if (r->next_final == r->extents.count) return false;
  const struct extent *e = ITEM(r->extents, struct extent, r->next_final++);
  uint64_t there = e->kind != DATA_EXTENT || e->framed ? 0 : r->image ? data : e->origin + e->start;
  return e->region == region && e->start == start && ((uint64_t)e->kind << 56 | (e->end - e->start)) == word
    && there == data && e->record == record;
}

void ms_index_page(struct cursor *c) {
  struct reader *r = c->r;
  const struct page *before = r->pages.count != 0 ? ITEM(r->pages, struct page, r->pages.count - 1) : NULL;
  if (before == NULL) r->first_page = r->record.offset;
  ms_final_content(c);
  uint64_t region = ms_take(c, 4), least = before != NULL ? before->region : 0;
  index_demand(c, 0, region < r->regions.count && region >= least);
  uint64_t num_extents = ms_take(c, 4);
  index_demand(c, 4, num_extents >= 1 && num_extents <= 4096);
  ms_reserved(c, 8);
  if (!ms_need(c, 32 * num_extents)) return;
  const struct region *of = ITEM(r->regions, struct region, region);
  struct page page = {.offset = r->record.offset, .length = r->record.length, .region = (uint32_t)region,
    .extents = (uint32_t)num_extents, .first = ms_load(c->base + c->pos, 8)};
  page.end = before != NULL && before->region == region ? before->end : 0;
  for (uint64_t i = 0; ok(r) && i < num_extents; i++) {
    uint64_t pos = c->pos, start = ms_take(c, 8), word = ms_take(c, 8), data = ms_take(c, 8), record = ms_take(c, 8);
    uint64_t length = word << 8 >> 8, kind = word >> 56;
    bool inside = start >= page.end && length >= 1 && start <= of->seen.length && length <= of->seen.length - start;
    bool placed = kind != DATA_EXTENT ? data == 0 : !r->image || data == of->area + start;
    bool there = record % 8 == 0 && record >= 64 && record < r->first_page;
    index_demand(c, pos, kind >= DATA_EXTENT && kind <= DISCARD_EXTENT && inside && placed && there);
    index_demand(c, pos, ok(r) && is_final(r, region, start, word, data, record));
    page.end = start + length;
  }
  ms_rest(c, 0, c->end);
  ms_append(r, &r->pages, &page, sizeof page);
}

/* An entry is right when each number in it is; at its first octet otherwise. */
static void lists(struct cursor *c) {
  struct reader *r = c->r;
  uint64_t pos = c->pos;
  for (size_t i = 0; ok(r) && i < r->layouts.count; i++, pos = c->pos) {
    const struct layout *l = ITEM(r->layouts, struct layout, i);
    index_demand(c, pos, ms_take(c, 8) == l->offset && ms_take(c, 8) == l->length);
  }
  for (size_t i = 0; ok(r) && i < r->announcements.count; i++, pos = c->pos) {
    const struct announcement *a = ITEM(r->announcements, struct announcement, i);
    if (!a->of_section) continue;
    bool named = ms_take(c, 4) == a->device && ms_take(c, 2) == a->number && ms_take(c, 2) == 0;
    index_demand(c, pos, named && a->length != 0 && ms_take(c, 8) == a->offset && ms_take(c, 8) == a->length);
  }
  for (size_t i = 0; ok(r) && i < r->pages.count; i++, pos = c->pos) {
    const struct page *p = ITEM(r->pages, struct page, i);
    bool same = ms_take(c, 4) == p->region && ms_take(c, 4) == p->extents && ms_take(c, 8) == p->first;
    index_demand(c, pos, same && ms_take(c, 8) == p->end && ms_take(c, 8) == p->offset && ms_take(c, 8) == p->length);
  }
  for (size_t i = 0; ok(r) && i < r->devices.count; i++, pos = c->pos) {
    const struct byte_string *b = &ITEM(r->devices, struct device, i)->bytes;
    if (b->records == 0) continue;
    bool named = ms_take(c, 4) == i && ms_take(c, 4) == b->records;
    index_demand(c, pos, named && ms_take(c, 8) == b->first && ms_take(c, 8) == b->octets);
  }
}

void ms_index(struct cursor *c) {
  struct reader *r = c->r;
  uint64_t counts[4] = {r->layouts.count, 0, r->pages.count, 0};
  for (size_t i = 0; i < r->devices.count; i++) {
    counts[1] += ITEM(r->devices, struct device, i)->seen.num_sections;
    counts[3] += ITEM(r->devices, struct device, i)->bytes.records != 0;
  }
  ms_final_content(c);
  for (unsigned i = 0; i < 4; i++) {
    uint64_t number = ms_take(c, 4);
    bool missing = i == 2 && r->limits.finalExtentsMax != 0 && r->next_final != r->extents.count;
    ms_demand(c, number == counts[i] && !missing, MS_badIndex, 4 * i, counts[i] + missing, number);
  }
  ms_take_same(c, 8, MS_badIndex, 64);
  ms_reserved(c, 8);
  index_demand(c, 0, c->end - c->pos == 16 * counts[0] + 24 * counts[1] + 40 * counts[2] + 24 * counts[3]);
  lists(c);
  r->index_at = r->record.offset;
}
