"""The image profile: PLACEMENT, PLACED_MEMORY and what lies in the areas (chapter 30 section 3)."""
from .bulk import DATA, read_extent
from .manifest import OPAQUE
from .wire import Cursor, Refused, Table, digest, is_power_of_two

PLACEMENT = Table("num_areas:4 reserved:4 ofs_records:8")
AREA = Table("ofs_area:8 granule:8 reserved:8")
PLACED_MEMORY = Table("region:4 pass_:4 num_extents:4 reserved:4")
PLACED_EXTENT = Table("offset:8 length_kind:8 ofs_data:8 digest:8")
FILE_END = 1 << 62

def read_placement(state, header, cursor):
    start = cursor.at
    row = cursor.row(PLACEMENT)
    row.equal("num_areas", len(state.manifest.regions), "badPlacement")
    row.zero()
    after, areas = cursor.end, []
    for region in state.manifest.regions:
        area = cursor.row(AREA)
        good = area.ofs_area % max(4096, region.page_size) == 0 and area.ofs_area >= after
        area.must(good and area.ofs_area + region.len_region <= FILE_END, "ofs_area", "badPlacement")
        area.must(is_power_of_two(area.granule) and 4096 <= area.granule <= 64 << 20, "granule", "badPlacement")
        area.zero()
        after = area.ofs_area + region.len_region
        areas.append(area)
    row.must(row.ofs_records % 64 == 0 and after <= row.ofs_records <= FILE_END, "ofs_records", "badPlacement")
    cursor.must_end(start)
    state.areas, row.areas = areas, areas
    return row

def read_placed_memory(state, header, cursor):
    start = cursor.at
    row = cursor.row(PLACED_MEMORY)
    row.must(row.region < len(state.manifest.regions), "region", "unknownRegion", len(state.manifest.regions))
    region, area = state.manifest.regions[row.region], state.areas[row.region]
    header.equal("device", region.owner)
    state.judge_pass(header, row)
    row.must(row.num_extents >= 1, "num_extents")
    row.at_most("num_extents", state.limits.extentsMax)
    row.zero()
    row.extents = []
    for _ in range(row.num_extents):
        entry = cursor.row(PLACED_EXTENT)
        offset, length, kind = read_extent(entry, row.extents, region, region.flags & OPAQUE)
        entry.must(offset % area.granule == 0, "offset", "badPlacement")
        end, data = offset + length, kind == DATA
        whole = end == min(offset + area.granule, region.len_region) if data else end in (region.len_region, end // area.granule * area.granule)
        entry.must(whole, "length_kind", "badPlacement", found=length)
        entry.equal("ofs_data", area.ofs_area + offset if data else 0, "badPlacement")
        entry.must(data or entry.digest == 0, "digest", "badPlacement", 0)
        row.extents.append((offset, length, kind))
        state.content.name(row.region, offset, length, (header.start, kind, entry))
    cursor.must_end(start)
    return row

def judge_areas(state, octets, released):
    """Looks into the areas, once END was read."""
    try:
        judge_content(state, octets)
    except Refused as fault:
        fault.stage, fault.released = "bulk", released
        raise

def judge_content(state, octets):
    for number, (region, area) in enumerate(zip(state.manifest.regions, state.areas)):
        at, view = 0, memoryview(octets)
        for offset, length, (_, kind, entry) in [*state.content.final(number), (region.len_region, 0, (0, 0, None))]:
            judge_zeros(octets, area.ofs_area + at, area.ofs_area + offset)
            start, at = area.ofs_area + offset, offset + length
            if kind != DATA:
                judge_zeros(octets, start, start + length)
            elif digest(view[start : start + length]) != entry.digest:
                raise Refused("digestMismatch", entry.at("digest"), entry.digest, digest(view[start : start + length]))

def judge_zeros(octets, start, end):
    Cursor(octets, start, end).zeros(end - start)
