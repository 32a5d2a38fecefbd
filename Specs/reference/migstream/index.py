"""INDEX, INDEX_PAGE and the final content of memory that pages hold: chapter 30 section 4."""
import bisect
from .bulk import DATA, DISCARD, LENGTH_MASK
from .wire import Refused, Table

INDEX = Table("num_layouts:4 num_sections:4 num_pages:4 num_byte_strings:4 ofs_manifest:8 reserved:8")
LAYOUT = Table("ofs_record:8 len_record:8")
SECTION = Table("device:4 section:2 reserved:2 ofs_record:8 len_record:8")
PAGE = Table("region:4 num_extents:4 ofs_first:8 ofs_end:8 ofs_record:8 len_record:8")
BYTE_STRING = Table("device:4 num_records:4 ofs_record:8 len_string:8")
PAGE_HEAD = Table("region:4 num_extents:4 reserved:8")
PAGE_EXTENT = Table("offset:8 length_kind:8 ofs_data:8 ofs_record:8")

class FinalContent:
    """For each region the runs of octets that one extent names last: ascending [start, end, extent's start, what]."""

    def __init__(self):
        self.regions = {}

    def name(self, region, offset, length, what):
        runs, end = self.regions.setdefault(region, []), offset + length
        first = bisect.bisect_right(runs, offset, key=lambda run: run[1])
        last = bisect.bisect_left(runs, end, key=lambda run: run[0])
        rest = [[run[0], offset, *run[2:]] for run in runs[first:last] if run[0] < offset]
        rest.append([offset, end, offset, what])
        rest += [[end, *run[1:]] for run in runs[first:last] if run[1] > end]
        runs[first:last] = rest

    def final(self, region):
        return [(start, end - start, what) for start, end, _, what in self.regions.get(region, ())]

def final_extents(state):
    """What pages must list: (region, offset, length, kind, offset of the data, offset of the record)."""
    found = []
    for region in range(len(state.manifest.regions)):
        for start, end, origin, (record, kind, place) in state.content.regions.get(region, ()):
            if state.areas:
                place = state.areas[region].ofs_area + origin
            data = place + start - origin if kind == DATA and place else 0
            found.append((region, start, end - start, kind, data, record))
    return found

def read_page(state, header, cursor):
    start = cursor.at
    row = cursor.head(PAGE_HEAD)
    before = state.pages[-1] if state.pages else None
    least = before.region if before else 0
    row.must(least <= row.region < len(state.manifest.regions), "region", "badIndex")
    row.must(1 <= row.num_extents <= 4096, "num_extents", "badIndex")
    row.zero()
    if cursor.left < row.num_extents * PAGE_EXTENT.size:
        raise Refused("truncatedData", cursor.at, row.num_extents * PAGE_EXTENT.size, cursor.left)
    after = before.end_in_region if before and before.region == row.region else 0
    region, first_page = state.manifest.regions[row.region], state.pages[0].record if state.pages else header.start
    expected = final_extents(state)[state.num_paged :]
    row.extents = [cursor.row(PAGE_EXTENT) for _ in range(row.num_extents)]
    for place, extent in enumerate(row.extents):
        length, kind = extent.length_kind & LENGTH_MASK, extent.length_kind >> 56
        good = extent.offset >= after and length >= 1 and DATA <= kind <= DISCARD
        after = extent.offset + length
        good = good and after <= region.len_region and (kind == DATA or extent.ofs_data == 0)
        if state.areas and kind == DATA:
            good = good and extent.ofs_data == state.areas[row.region].ofs_area + extent.offset
        good = good and extent.ofs_record % 8 == 0 and 64 <= extent.ofs_record < first_page
        this = (row.region, extent.offset, length, kind, extent.ofs_data, extent.ofs_record)
        if not good or expected[place : place + 1] != [this]:
            raise Refused("badIndex", extent.start)
    cursor.must_end(start)
    row.record, row.len_record, row.end_in_region = header.start, header.length, after
    state.num_paged += row.num_extents
    state.pages.append(row)
    return row

def read_index(state, header, cursor):
    start = cursor.at
    row = cursor.head(INDEX)
    sections = sorted((device, section, 0, *place) for (device, section), place in state.sections_seen.items())
    strings = sorted((device, string.records, string.start, string.length) for device, string in state.byte_strings.items())
    pages = [(page.region, page.num_extents, page.extents[0].offset, page.end_in_region, page.record, page.len_record)
             for page in state.pages]
    lists = (("num_layouts", LAYOUT, [layout.place for layout in state.layouts]), ("num_sections", SECTION, sections),
             ("num_pages", PAGE, pages), ("num_byte_strings", BYTE_STRING, strings))
    announced = sum(device.num_sections for device in state.manifest.devices)
    for name, _, entries in lists:
        row.equal(name, announced if name == "num_sections" else len(entries), "badIndex")
    if state.num_paged != len(final_extents(state)):
        raise Refused("badIndex", row.at("num_pages"), len(state.pages) + 1, row.num_pages)
    row.equal("ofs_manifest", 64, "badIndex")
    row.zero()
    if cursor.left != sum(getattr(row, name) * table.size for name, table, _ in lists):
        raise Refused("badIndex", start)
    for name, table, entries in lists:
        for place in range(getattr(row, name)):
            entry = cursor.row(table)
            if entries[place : place + 1] != [tuple(getattr(entry, field) for field in table.places)]:
                raise Refused("badIndex", entry.start)
    return row
