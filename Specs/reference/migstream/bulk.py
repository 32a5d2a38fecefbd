"""MEMORY, BYTES, BARRIER, and in images PLACEMENT and PLACED_MEMORY: chapter 10 sections 7 and 8, chapter 30 section 3."""
import bisect
import types
from .manifest import OPAQUE
from .wire import Cursor, Table, decompress, demand, is_power_of_two, judge_digest

MEMORY = Table("region:4 pass_:4 num_extents:4=1..extentsMax encoding:1=..1 reserved:3 len_plain:8 digest_plain:8")
PLACED_MEMORY = Table("region:4 pass_:4 num_extents:4=1..extentsMax reserved:4")
EXTENT, PLACED_EXTENT = Table("offset:8 length_kind:8"), Table("offset:8 length_kind:8 ofs_data:8 digest:8")
BYTES = Table("offset:8 pass_:4 encoding:1=..1 reserved:3 len_plain:8 digest_plain:8")
BARRIER, SEQUENCE = Table("pass_:4 num_channels:4"), Table("sequence_next:8")
PLACEMENT, AREA = Table("num_areas:4 reserved:4 ofs_records:8"), Table("ofs_area:8 granule:8 reserved:8")
DATA, ZERO, DISCARD = 1, 2, 3
LENGTH_MASK, FILE_END = (1 << 56) - 1, 1 << 62
INITIAL_DATA_END, LAST, UNIT_FIRST, UNIT_LAST = 1 << 8, 1 << 9, 1 << 10, 1 << 11

def judge_lengths(state, header, row):
    if row.encoding:
        row.at_most("len_plain", state.limits.zstdPlainBytesMax)
        header.must(header.len_payload < row.len_plain, "len_payload", expected=row.len_plain)
    else:
        header.equal("len_payload", row.len_plain)
        row.equal("digest_plain", 0)

def plain_octets(state, row, payload, at):
    """What a payload holds, once its digest matched."""
    if row.encoding:
        payload = decompress(payload, at, row.len_plain, state.limits.zstdPlainBytesMax, state.limits)
        judge_digest(payload, row.digest_plain, row.at("digest_plain"))
    return payload

def read_extent(entry, extents, region):
    length, kind = entry.length_kind & LENGTH_MASK, entry.length_kind >> 56
    after = extents[-1][0] + extents[-1][1] if extents else 0
    entry.must(entry.offset >= after, "offset", "badExtent", after)
    good = length >= 1 and entry.offset + length <= region.len_region
    kinds = (DATA,) if region.flags & OPAQUE else (DATA, ZERO, DISCARD)
    entry.must(good and kind in kinds, "length_kind", "badExtent")
    extents.append((entry.offset, length, kind))
    return extents[-1]

def name_last(state, region, offset, length, what):
    """For each region the runs of octets that one extent names last: ascending [start, end, extent's start, what]."""
    runs, end = state.content.setdefault(region, []), offset + length
    first = bisect.bisect_right(runs, offset, key=lambda run: run[1])
    last = bisect.bisect_left(runs, end, key=lambda run: run[0])
    rest = [[run[0], offset, *run[2:]] for run in runs[first:last] if run[0] < offset]
    rest.append([offset, end, offset, what])
    runs[first:last] = rest + [[end, *run[1:]] for run in runs[first:last] if run[1] > end]

def read_memory(state, header, cursor):
    """The body of MEMORY or PLACED_MEMORY: its row, with `extents` as (offset, length, kind)."""
    regions, placed, place = state.manifest.regions, header.name == "placedMemory", header.payload_start

    def region(row):
        row.must(row.region < len(regions), "region", "unknownRegion", len(regions))
        header.equal("device", regions[row.region].owner)

    def encoding(row):
        row.must(not (regions[row.region].flags & OPAQUE and row.encoding), "encoding")
        state.demand("zstd", row.at("encoding"), row.encoding)

    row, extents = cursor.row(PLACED_MEMORY if placed else MEMORY), []
    row.judge(state.limits, region=region, pass_=lambda row: state.judge_pass(header, row), encoding=encoding)
    for _ in range(row.num_extents):
        entry = cursor.row(PLACED_EXTENT if placed else EXTENT)
        offset, length, kind = read_extent(entry, extents, regions[row.region])
        if placed:
            judge_placed(entry, regions[row.region], state.areas[row.region], *extents[-1])
        what = entry if placed else 0 if row.encoding else place
        name_last(state, row.region, offset, length, (header.start, kind, what))
        place += length if kind == DATA else 0
    cursor.must_end()
    row.extents = extents
    if not placed:
        state.passes.add(state, header, row, extents)
        row.equal("len_plain", place - header.payload_start)
        judge_lengths(state, header, row)
    return row

def judge_placed(entry, region, area, offset, length, kind):
    end, data = offset + length, kind == DATA
    entry.must(offset % area.granule == 0, "offset", "badPlacement")
    whole = end == offset + area.granule if data else end % area.granule == 0
    entry.must(whole or end == region.len_region and (not data or length <= area.granule), "length_kind", "badPlacement", found=length)
    entry.equal("ofs_data", area.ofs_area + offset if data else 0, "badPlacement")
    entry.must(data or entry.digest == 0, "digest", "badPlacement", 0)

def read_bytes(state, header, cursor):
    row, flags = cursor.row(BYTES), header.flags
    string = state.byte_strings.get(header.device) or types.SimpleNamespace(
        start=header.start, records=0, length=0, unit_open=False, initial_ended=False, last=False)
    header.must(not string.last, "device", "dataAfterLast")
    row.judge(offset=lambda row: row.equal("offset", string.length, "badOffset"),
              pass_=lambda row: state.judge_pass(header, row),
              encoding=lambda row: state.demand("zstd", row.at("encoding"), row.encoding))
    cursor.must_end()
    judge_lengths(state, header, row)
    good = bool(flags & UNIT_FIRST) != string.unit_open
    if header.len_payload:
        string.unit_open = not flags & UNIT_LAST
    else:
        good = not flags & (UNIT_FIRST | UNIT_LAST) and not string.unit_open
    header.must(good and not (flags & LAST and string.unit_open), "flags", "badUnit")
    header.must(not (flags & INITIAL_DATA_END and string.initial_ended), "flags")
    string.initial_ended |= bool(flags & INITIAL_DATA_END)
    string.last = bool(flags & LAST)
    string.length += row.len_plain
    string.records += 1
    state.passes.add(state, header, row, ())
    state.byte_strings[header.device] = string
    return row

def read_barrier(state, header, cursor):
    row = cursor.head(BARRIER, pass_=lambda row: row.equal("pass_", state.num_barriers, "badPass"),
                      num_channels=lambda row: row.equal("num_channels", state.num_channels))
    row.next = [cursor.row(SEQUENCE) for _ in range(row.num_channels)]
    cursor.must_end()
    row.next[0].equal("sequence_next", header.sequence + 1, "badSequence")
    most, found = state.limits.barriersMax, state.num_barriers + 1
    demand(state.num_channels == 1 or found <= most, "limitExceeded", row.at("pass_"), most, found)
    for place, one in enumerate(row.next):
        before = state.barriers[-1][1].next[place].sequence_next if state.barriers else 0
        one.must(one.sequence_next >= before, "sequence_next", "badSequence", before)
    state.barriers.append((header, row))
    state.num_barriers, state.section_before = state.num_barriers + 1, None
    return row

def read_placement(state, header, cursor):
    row, regions = cursor.row(PLACEMENT), state.manifest.regions
    row.judge(num_areas=lambda row: row.equal("num_areas", len(regions), "badPlacement"))
    after, row.areas = cursor.end, []
    for region in regions:
        area = cursor.row(AREA)
        good = area.ofs_area % max(4096, region.page_size) == 0 and area.ofs_area >= after
        after = area.ofs_area + region.len_region
        area.must(good and after <= FILE_END, "ofs_area", "badPlacement")
        area.must(is_power_of_two(area.granule) and 4096 <= area.granule <= 64 << 20, "granule", "badPlacement")
        row.areas.append(area.judge())
    row.must(row.ofs_records % 64 == 0 and after <= row.ofs_records <= FILE_END, "ofs_records", "badPlacement")
    cursor.must_end()
    state.areas = row.areas
    return row

def judge_areas(state, octets):
    """What lies in the areas of an image, once END was read."""
    def zeros(start, end):
        Cursor(octets, start, end).zeros(end - start)

    for number, (region, area) in enumerate(zip(state.manifest.regions, state.areas)):
        at, view = area.ofs_area, memoryview(octets)
        for start, end, _, (_, kind, entry) in state.content.get(number, ()):
            zeros(at, area.ofs_area + start)
            start, at = area.ofs_area + start, area.ofs_area + end
            if kind == DATA:
                judge_digest(view[start:at], entry.digest, entry.at("digest"))
            else:
                zeros(start, at)
        zeros(at, area.ofs_area + region.len_region)
