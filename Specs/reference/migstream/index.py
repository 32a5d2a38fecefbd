"""INDEX and INDEX_PAGE, and the final content of memory that pages hold: chapter 30 section 4."""
from .bulk import DATA, LENGTH_MASK
from .wire import Table, demand

INDEX = Table("num_layouts:4 num_sections:4 num_pages:4 num_byte_strings:4 ofs_manifest:8 reserved:8")
LAYOUT, SECTION = Table("ofs_record:8 len_record:8"), Table("device:4 section:2 reserved:2 ofs_record:8 len_record:8")
PAGE = Table("region:4 num_extents:4 ofs_first:8 ofs_end:8 ofs_record:8 len_record:8")
BYTE_STRING = Table("device:4 num_records:4 ofs_record:8 len_string:8")
PAGE_HEAD = Table("region:4 num_extents:4=1..4096!badIndex reserved:8")
PAGE_EXTENT = Table("offset:8 length_kind:8 ofs_data:8 ofs_record:8")

def final_extents(state):
    """What pages must list: (region, offset, length, kind, offset of the data, offset of the record)."""
    for region in range(len(state.manifest.regions)):
        for start, end, origin, (record, kind, place) in state.content.get(region, ()):
            place = state.areas[region].ofs_area + origin if state.areas else place
            yield region, start, end - start, kind, place + start - origin if kind == DATA and place else 0, record

def read_page(state, header, cursor):
    count, least = len(state.manifest.regions), state.pages[-1].region if state.pages else 0
    row = cursor.head(PAGE_HEAD, region=lambda row: row.must(least <= row.region < count, "region", "badIndex"))
    length = row.num_extents * PAGE_EXTENT.size
    demand(cursor.left >= length, "truncatedData", cursor.at, length, cursor.left)
    expected = list(final_extents(state))[state.num_paged :]
    row.extents = [cursor.row(PAGE_EXTENT) for _ in range(row.num_extents)]
    for place, extent in enumerate(row.extents):
        length, kind = extent.length_kind & LENGTH_MASK, extent.length_kind >> 56
        this = (row.region, extent.offset, length, kind, extent.ofs_data, extent.ofs_record)
        demand(expected[place : place + 1] == [this], "badIndex", extent.start)
    cursor.must_end()
    row.record, row.len_record, row.end_in_region = header.start, header.length, extent.offset + length
    state.num_paged += row.num_extents
    state.pages.append(row)
    return row

def read_index(state, header, cursor):
    sections = sorted((device, section, 0, *place) for (device, section), place in state.sections_seen.items())
    strings = sorted((device, one.records, one.start, one.length) for device, one in state.byte_strings.items())
    pages = [(page.region, page.num_extents, page.extents[0].offset, page.end_in_region, page.record, page.len_record)
             for page in state.pages]
    lists = {"num_layouts": (LAYOUT, [layout.place for layout in state.layouts]), "num_sections": (SECTION, sections),
             "num_pages": (PAGE, pages), "num_byte_strings": (BYTE_STRING, strings)}
    counts = {name: len(entries) for name, (_, entries) in lists.items()}
    counts["num_sections"] = sum(device.num_sections for device in state.manifest.devices)

    def ofs_manifest(row):
        missing = state.num_paged != len(list(final_extents(state)))
        row.must(not missing, "num_pages", "badIndex", len(pages) + 1)
        row.equal("ofs_manifest", 64, "badIndex")

    hooks = {name: lambda row, name=name: row.equal(name, counts[name], "badIndex") for name in counts}
    row = cursor.head(INDEX, ofs_manifest=ofs_manifest, **hooks)
    length = sum(getattr(row, name) * table.size for name, (table, _) in lists.items())
    demand(cursor.left == length, "badIndex", row.start)
    for name, (table, entries) in lists.items():
        for place in range(getattr(row, name)):
            entry = cursor.row(table)
            demand(entries[place : place + 1] == [entry.values()], "badIndex", entry.start)
    state.ofs_index = header.start
    return row
