"""MEMORY, BYTES, BARRIER; of images PLACEMENT and PLACED_MEMORY: chapter 10 sections 7 and 8, chapter 30 section 3."""
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
DATA, ZERO, DISCARD, LENGTH_MASK, FILE_END = 1, 2, 3, (1 << 56) - 1, 1 << 62
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
    regions, placed, place, after = state.manifest.regions, header.name == "placedMemory", header.payload_start, 0

    def region(row):
        row.below("region", len(regions), "unknownRegion")
        header.equal("device", regions[row.region].owner)

    def encoding(row):
        row.must(not (regions[row.region].flags & OPAQUE and row.encoding), "encoding")
        state.demand("zstd", row.at("encoding"), row.encoding)

    row = cursor.row(PLACED_MEMORY if placed else MEMORY)
    row.judge(state.limits, region=region, pass_=lambda row: state.judge_pass(header, row), encoding=encoding)
    region, row.extents = regions[row.region], []
    for _ in range(row.num_extents):
        entry = cursor.row(PLACED_EXTENT if placed else EXTENT)
        offset, length, kind = entry.offset, entry.length_kind & LENGTH_MASK, entry.length_kind >> 56
        entry.must(offset >= after, "offset", "badExtent", after)
        after, kinds = offset + length, (DATA,) if region.flags & OPAQUE else (DATA, ZERO, DISCARD)
        entry.must(length >= 1 and after <= region.len_region and kind in kinds, "length_kind", "badExtent")
        if placed:
            judge_placed(entry, region, state.areas[row.region], offset, length, kind == DATA)
        what = entry if placed else 0 if row.encoding else place
        name_last(state, row.region, offset, length, (header.start, kind, what))
        row.extents.append((offset, length, kind))
        place += length if kind == DATA else 0
    cursor.must_end()
    if not placed:
        state.add_to_pass(header, row, row.extents)
        row.equal("len_plain", place - header.payload_start)
        judge_lengths(state, header, row)
    return row

def judge_placed(entry, region, area, offset, length, data):
    end = offset + length
    entry.must(offset % area.granule == 0, "offset", "badPlacement")
    whole = end == offset + area.granule if data else end % area.granule == 0
    whole = whole or end == region.len_region and (not data or length <= area.granule)
    entry.must(whole, "length_kind", "badPlacement", found=length)
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
    if header.len_payload:
        good, string.unit_open = bool(flags & UNIT_FIRST) != string.unit_open, not flags & UNIT_LAST
    else:
        good = not flags & (UNIT_FIRST | UNIT_LAST) and not string.unit_open
    header.must(good and not (flags & LAST and string.unit_open), "flags", "badUnit")
    header.must(not (flags & INITIAL_DATA_END and string.initial_ended), "flags")
    string.initial_ended |= bool(flags & INITIAL_DATA_END)
    string.last, string.length = bool(flags & LAST), string.length + row.len_plain
    string.records += 1
    state.add_to_pass(header, row, ())
    state.byte_strings[header.device] = string
    return row

def read_barrier(state, header, cursor):
    row = cursor.head(BARRIER, pass_=lambda row: row.equal("pass_", state.num_barriers, "badPass"),
                      num_channels=lambda row: row.equal("num_channels", state.num_channels))
    row.next, most, found = [cursor.row(SEQUENCE)], state.limits.barriersMax, state.num_barriers + 1
    row.next[0].equal("sequence_next", header.sequence + 1, "badSequence")
    demand(state.num_channels == 1 or found <= most, "limitExceeded", row.at("pass_"), most, found)
    row.next += [cursor.row(SEQUENCE) for _ in range(row.num_channels - 1)]
    cursor.must_end()
    befores = [one.sequence_next for one in state.barriers[-1][1].next] if state.barriers else [0] * len(row.next)
    for one, before in zip(row.next, befores):
        one.must(one.sequence_next >= before, "sequence_next", "badSequence", before)
    state.barriers.append((header, row))
    state.num_barriers, state.section_before = state.num_barriers + 1, None
    return row

def read_placement(state, header, cursor):
    row, regions, areas, after = cursor.row(PLACEMENT), state.manifest.regions, [], cursor.end
    row.judge(num_areas=lambda row: row.equal("num_areas", len(regions), "badPlacement"))
    for region in regions:
        area = cursor.row(AREA)
        good = area.ofs_area % max(4096, region.page_size) == 0 and area.ofs_area >= after
        after = area.ofs_area + region.len_region
        area.must(good and after <= FILE_END, "ofs_area", "badPlacement")
        area.must(is_power_of_two(area.granule) and 4096 <= area.granule <= 64 << 20, "granule", "badPlacement")
        areas.append(area.judge())
    row.must(row.ofs_records % 64 == 0 and after <= row.ofs_records <= FILE_END, "ofs_records", "badPlacement")
    cursor.must_end()
    state.areas = areas
    return row

def judge_areas(state, octets):
    """What lies in the areas of an image, once END was read."""
    for number, (region, area) in enumerate(zip(state.manifest.regions, state.areas)):
        cursor = Cursor(octets, area.ofs_area, area.ofs_area + region.len_region)
        for start, end, _, (_, kind, entry) in state.content.get(number, ()):
            if kind == DATA:
                cursor.zeros(area.ofs_area + start - cursor.at)
                judge_digest(cursor.take(end - start), entry.digest, entry.at("digest"))
        cursor.zeros(cursor.left)
