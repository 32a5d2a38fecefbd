/* The final content of memory, and INDEX_PAGE and INDEX held against what came (chapter 30 section 4).
 * SPDX-License-Identifier: MIT */
#include "internal.h"
#include <stdlib.h>

static int by_start(const void *left, const void *right) {
  const struct extent *a = left, *b = right;
  if (a->region != b->region) return a->region < b->region ? -1 : 1;
  if (a->start != b->start) return a->start < b->start ? -1 : 1;
  return a->order < b->order ? -1 : a->order > b->order;
}

/* Extents that are open where the sweep is, the latest on top. */
struct heap { const struct extent **items; size_t count; };

static void heap_push(struct heap *h, const struct extent *extent) {
  size_t i = h->count++;
  for (; i > 0 && h->items[(i - 1) / 2]->order < extent->order; i = (i - 1) / 2) h->items[i] = h->items[(i - 1) / 2];
  h->items[i] = extent;
}

static void heap_pop(struct heap *h) {
  const struct extent *last = h->items[--h->count];
  size_t i = 0;
  for (size_t child = 1; child < h->count; i = child, child = 2 * i + 1) {
    if (child + 1 < h->count && h->items[child + 1]->order > h->items[child]->order) child++;
    if (h->items[child]->order < last->order) break;
    h->items[i] = h->items[child];
  }
  h->items[i] = last;
}

static void give(struct reader *r, struct list *out, const struct extent *extent, uint64_t start, uint64_t end) {
  struct extent *last = out->count != 0 ? ITEM(*out, struct extent, out->count - 1) : NULL;
  if (last != NULL && last->order == extent->order && last->region == extent->region && last->end == start) {
    last->end = end;
    return;
  }
  last = ms_append(r, out, extent, sizeof *last);
  if (last == NULL) return;
  last->start = start;
  last->end = end;
}

/* Makes the extents that came those of the final content, ascending; n log n. */
static void settle(struct reader *r) {
  size_t count = r->extents.count;
  if (count == 0) return;
  struct list out = {0};
  struct heap heap = {.items = ms_allocate(r, count * sizeof *heap.items)};
  if (heap.items == NULL) return;
  qsort(r->extents.items, count, sizeof(struct extent), by_start);
  const struct extent *next = r->extents.items, *end = next + count;
  uint64_t at = 0;
  uint32_t region = 0;
  while (ok(r) && (next < end || heap.count != 0)) {
    if (heap.count == 0) {
      at = next->start;
      region = next->region;
    }
    while (next < end && next->region == region && next->start <= at) heap_push(&heap, next++);
    while (heap.count != 0 && heap.items[0]->end <= at) heap_pop(&heap);
    if (heap.count == 0) continue;
    uint64_t until = heap.items[0]->end;
    if (next < end && next->region == region && next->start < until) until = next->start;
    give(r, &out, heap.items[0], at, until);
    at = until;
  }
  free(heap.items);
  free(r->extents.items);
  r->extents = out;
}

/* One more extent of the content, in the order of the stream. */
void ms_collect(struct cursor *c, const struct extent *extent) {
  struct reader *r = c->r;
  uint64_t limit = r->limits.final_extents;
  if (limit == 0 || r->num_channels > 1 || !ok(r)) return;
  struct extent *kept = ms_append(r, &r->extents, extent, sizeof *kept);
  if (kept == NULL) return;
  kept->order = r->extent_order++;
  if (r->extents.count <= 2 * limit) return;
  settle(r);
  ms_demand(c, r->extents.count <= limit, MS_LIMIT_EXCEEDED, 8, limit, r->extents.count);
}

/* No extent comes any more. */
void ms_final_content(struct cursor *c) {
  struct reader *r = c->r;
  if (r->content_known || !ok(r)) return;
  r->content_known = true;
  settle(r);
  uint64_t limit = r->limits.final_extents;
  ms_demand(c, limit == 0 || r->extents.count <= limit, MS_LIMIT_EXCEEDED, 0, limit, r->extents.count);
}

static bool index_demand(struct cursor *c, bool right, uint64_t pos) { return ms_demand(c, right, MS_BAD_INDEX, pos, 0, 0); }

/* What the page says of an extent is what the records said. */
static bool is_final(struct reader *r, uint64_t region, uint64_t start, uint64_t word, uint64_t data, uint64_t record) {
  if (r->limits.final_extents == 0) return true;
  if (r->next_final == r->extents.count) return false;
  const struct extent *e = ITEM(r->extents, struct extent, r->next_final++);
  uint64_t there = e->kind != DATA_EXTENT || e->framed ? 0 : r->image ? data : e->origin + e->start;
  return e->region == region && e->start == start && ((uint64_t)e->kind << 56 | (e->end - e->start)) == word
    && there == data && e->record == record;
}

void ms_index_page(struct cursor *c, const struct record *record) {
  struct reader *r = c->r;
  const struct page *before = r->pages.count != 0 ? ITEM(r->pages, struct page, r->pages.count - 1) : NULL;
  if (before == NULL) r->first_page = record->seen.offset;
  ms_final_content(c);
  uint64_t region = ms_take(c, 4);
  index_demand(c, region < r->regions.count && (before == NULL || region >= before->region), 0);
  uint64_t num_extents = ms_take(c, 4);
  index_demand(c, num_extents >= 1 && num_extents <= 4096, 4);
  ms_reserved(c, 8);
  ms_need(c, 32 * num_extents);
  if (!ok(r)) return;
  const struct region *area = ITEM(r->regions, struct region, region);
  uint64_t end = before != NULL && before->region == region ? before->end : 0;
  struct page page = {.offset = record->seen.offset, .length = record->seen.length, .region = (uint32_t)region,
    .extents = (uint32_t)num_extents, .first = ms_load(c->base + c->pos, 8)};
  for (uint64_t i = 0; ok(r) && i < num_extents; i++) {
    uint64_t pos = c->pos, start = ms_take(c, 8), word = ms_take(c, 8), data = ms_take(c, 8), named = ms_take(c, 8);
    uint64_t length = word << 8 >> 8, kind = word >> 56;
    bool inside = start >= end && length >= 1 && start <= area->length && length <= area->length - start;
    bool placed = kind != DATA_EXTENT ? data == 0 : !r->image || data == area->area + start;
    bool there = named % 8 == 0 && named >= 64 && named < r->first_page;
    index_demand(c, kind >= DATA_EXTENT && kind <= DISCARD_EXTENT && inside && placed && there, pos);
    index_demand(c, ok(r) && is_final(r, region, start, word, data, named), pos);
    end = start + length;
  }
  page.end = end;
  ms_rest(c, 0, c->end);
  ms_append(r, &r->pages, &page, sizeof page);
}

/* An entry of so many octets is right when each number in it is; at its first octet otherwise. */
static void list_entry(struct cursor *c, const unsigned *widths, const uint64_t *numbers, unsigned count) {
  uint64_t pos = c->pos;
  for (unsigned i = 0; i < count; i++) {
    uint64_t number = ms_take(c, widths[i]);
    index_demand(c, number == numbers[i], pos);
  }
}

static void lists(struct cursor *c) {
  struct reader *r = c->r;
  static const unsigned layout[] = {8, 8}, section[] = {4, 2, 2, 8, 8}, page[] = {4, 4, 8, 8, 8, 8}, bytes[] = {4, 4, 8, 8};
  for (size_t i = 0; i < r->layouts.count; i++) {
    const struct layout *l = ITEM(r->layouts, struct layout, i);
    list_entry(c, layout, (uint64_t[]){l->offset, l->length}, 2);
  }
  for (size_t i = 0; i < r->devices.count; i++) {
    const struct device *d = ITEM(r->devices, struct device, i);
    for (unsigned k = 0; k < d->num_sections; k++) {
      const struct announcement *s = ITEM(r->announcements, struct announcement, d->first + k);
      index_demand(c, s->sent, c->pos);
      list_entry(c, section, (uint64_t[]){i, k, 0, s->offset, s->length}, 5);
    }
  }
  for (size_t i = 0; i < r->pages.count; i++) {
    const struct page *p = ITEM(r->pages, struct page, i);
    list_entry(c, page, (uint64_t[]){p->region, p->extents, p->first, p->end, p->offset, p->length}, 6);
  }
  for (size_t i = 0; i < r->devices.count; i++) {
    const struct byte_string *b = ITEM(r->bytes, struct byte_string, i);
    if (b->records != 0) list_entry(c, bytes, (uint64_t[]){i, b->records, b->first, b->octets}, 4);
  }
}

void ms_index(struct cursor *c, const struct record *record) {
  struct reader *r = c->r;
  uint64_t counts[4] = {r->layouts.count, 0, r->pages.count, 0};
  for (size_t i = 0; i < r->devices.count; i++) {
    counts[1] += ITEM(r->devices, struct device, i)->num_sections;
    counts[3] += ITEM(r->bytes, struct byte_string, i)->records != 0;
  }
  ms_final_content(c);
  for (unsigned i = 0; i < 4; i++) {
    uint64_t number = ms_take(c, 4);
    bool missing = i == 2 && r->limits.final_extents != 0 && r->next_final != r->extents.count;
    ms_demand(c, number == counts[i] && !missing, MS_BAD_INDEX, 4 * i, counts[i] + missing, number);
  }
  uint64_t ofs_manifest = ms_take(c, 8);
  ms_demand(c, ofs_manifest == 64, MS_BAD_INDEX, 16, 64, ofs_manifest);
  ms_reserved(c, 8);
  uint64_t length = 16 * counts[0] + 24 * counts[1] + 40 * counts[2] + 24 * counts[3];
  index_demand(c, c->end - c->pos == length, 0);
  if (ok(r)) lists(c);
  r->index_at = record->seen.offset;
}
