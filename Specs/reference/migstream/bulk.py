"""MEMORY, BYTES and BARRIER: chapter 10 sections 7 and 8, chapter 30 section 2."""
from . import frames
from .manifest import OPAQUE
from .wire import Refused, Table, digest

MEMORY = Table("region:4 pass_:4 num_extents:4 encoding:1 reserved:3 len_plain:8 digest_plain:8")
EXTENT = Table("offset:8 length_kind:8")
BYTES = Table("offset:8 pass_:4 encoding:1 reserved:3 len_plain:8 digest_plain:8")
BARRIER = Table("pass_:4 num_channels:4")
SEQUENCE = Table("sequence_next:8")
DATA, ZERO, DISCARD = 1, 2, 3
LENGTH_MASK = (1 << 56) - 1
INITIAL_DATA_END, LAST, UNIT_FIRST, UNIT_LAST = 1 << 8, 1 << 9, 1 << 10, 1 << 11

def judge_encoding(state, header, row):
    """What MEMORY and BYTES have in common, but for where len_plain comes from."""
    row.must(row.encoding <= 1, "encoding")
    if row.encoding:
        state.demand("zstd", row.at("encoding"))

def judge_lengths(state, header, row):
    if row.encoding:
        row.at_most("len_plain", state.limits.zstdPlainBytesMax)
        header.must(header.len_payload < row.len_plain, "len_payload", expected=row.len_plain)
    else:
        header.equal("len_payload", row.len_plain)
        row.equal("digest_plain", 0)

def plain_octets(state, row, payload, at):
    """What a payload holds, once its digest matched."""
    if not row.encoding:
        return payload
    plain = frames.decompress(payload, at, row.len_plain, state.limits.zstdPlainBytesMax, state.limits)
    if digest(plain) != row.digest_plain:
        raise Refused("digestMismatch", row.at("digest_plain"), row.digest_plain, digest(plain))
    return plain

def read_memory(state, header, cursor):
    """The body of MEMORY: its row, with `extents` as (offset, length, kind)."""
    start = cursor.at
    row = cursor.row(MEMORY)
    row.must(row.region < len(state.manifest.regions), "region", "unknownRegion", len(state.manifest.regions))
    region = state.manifest.regions[row.region]
    header.equal("device", region.owner)
    state.judge_pass(header, row)
    row.must(row.num_extents >= 1, "num_extents")
    row.at_most("num_extents", state.limits.extentsMax)
    opaque = region.flags & OPAQUE
    row.must(not (opaque and row.encoding), "encoding")
    judge_encoding(state, header, row)
    row.zero()
    row.extents, place = [], header.payload_start
    for _ in range(row.num_extents):
        extent = read_extent(cursor.row(EXTENT), row.extents, region, opaque)
        row.extents.append(extent)
        state.content.name(row.region, *extent[:2], (header.start, extent[2], place if not row.encoding else 0))
        place += extent[1] if extent[2] == DATA else 0
    cursor.must_end(start)
    state.passes.add(state, header, row, row.extents)
    row.equal("len_plain", sum(length for _, length, kind in row.extents if kind == DATA))
    judge_lengths(state, header, row)
    return row

def read_extent(entry, before, region, opaque):
    length, kind = entry.length_kind & LENGTH_MASK, entry.length_kind >> 56
    after = before[-1][0] + before[-1][1] if before else 0
    entry.must(entry.offset >= after, "offset", "badExtent", after)
    good = length >= 1 and entry.offset + length <= region.len_region
    entry.must(good and kind in ((DATA,) if opaque else (DATA, ZERO, DISCARD)), "length_kind", "badExtent")
    return entry.offset, length, kind

class ByteString:
    """What a reader knows of one device's BYTES so far."""

    def __init__(self, start):
        self.start, self.records = start, 0
        self.length, self.unit_open, self.initial_ended, self.last = 0, False, False, False

def read_bytes(state, header, cursor):
    start = cursor.at
    row = cursor.row(BYTES)
    string = state.byte_strings.get(header.device) or ByteString(header.start)
    header.must(not string.last, "device", "dataAfterLast")
    row.equal("offset", string.length, "badOffset")
    state.judge_pass(header, row)
    judge_encoding(state, header, row)
    row.zero()
    cursor.must_end(start)
    judge_lengths(state, header, row)
    flags = header.flags
    if header.len_payload:
        good = bool(flags & UNIT_FIRST) != string.unit_open
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
    start = cursor.at
    row = cursor.head(BARRIER)
    row.equal("pass_", state.num_barriers, "badPass")
    row.equal("num_channels", state.num_channels)
    row.next = [cursor.row(SEQUENCE) for _ in range(row.num_channels)]
    cursor.must_end(start)
    row.next[0].equal("sequence_next", header.sequence + 1, "badSequence")
    if state.num_channels > 1 and state.num_barriers >= state.limits.barriersMax:
        raise Refused("limitExceeded", row.at("pass_"), state.limits.barriersMax, state.num_barriers + 1)
    for place, one in enumerate(row.next):
        before = state.barriers[-1][1].next[place].sequence_next if state.barriers else 0
        one.must(one.sequence_next >= before, "sequence_next", "badSequence", before)
    state.barriers.append((header, row))
    state.num_barriers += 1
    return row
