"""The rules between records and channels; END, CHANNEL_END, ABORT: chapter 10 sections 3, 10 and 11, chapter 30."""
import collections
from . import bulk, index
from .layouts import read_layout
from .manifest import Manifest
from .records import FLAGS, IMAGE, KINDS, Channel, read_hello, read_preamble
from .sections import REPLACES, read_section
from .wire import NONE32, REQUIRED, SKIPPABLE, Limits, Refused, Table, demand, within

CHANNEL_END = Table("records:8 octets:8 chain:8 reserved:8")
END = Table("ofs_index:8 num_channels:4 num_passes:4 num_sections:8 reserved:8")
TOTALS, ABORT = Table("records:8 octets:8 chain:8"), Table("reason:4 len_text:2 reserved:2")
NO_CHANNEL = 0xFFFF

# A record that was read whole: header, what its body says, and the payload as it was before compression.
Record = collections.namedtuple("Record", "header name content payload")

class StreamState(Channel):
    """What was read of channel 0, the stream, or of another channel: then `main` is the state of channel 0."""

    def __init__(self, source, number, preamble, limits, main=None):
        super().__init__(source, number, preamble, limits)
        self.num_channels, self.flags = preamble.num_channels, preamble.flags_mandatory
        self.main, self.manifest, self.layouts, self.len_layouts = main, main and main.manifest, [], 0
        self.num_barriers = self.num_sections = self.ofs_index = self.num_paged = 0
        self.sections_seen, self.section_before, self.byte_strings = {}, None, {}  # the one before in this pass
        self.areas, self.pages, self.content, self.barriers = None, [], {}, []
        self.channels, self.pass_records, self.pass_runs = [self], [], {}

    def demand(self, flag, offset, needed=True):
        demand(not needed or self.flags & FLAGS[flag], "undeclaredFeature", offset, FLAGS[flag])

    def judge_mark(self, header, mark):
        demand(header.flags & 3 == mark, "badMark", header.at("flags"), mark, header.flags & 3, "record")

    def judge_kind(self, header):
        """Kind, flags, device: the last checks of a header."""
        name, image, device = header.name, self.preamble.profile == IMAGE, header.device
        usual = READERS.keys() - {"manifest", "placement", "channelEnd", "memory" if image else "placedMemory"}
        ways = ((self.number, ("memory", "bytes", "channelEnd", None)), (self.manifest is None, ("manifest",)),
                (image and self.areas is None, ("placement",)), (self.ofs_index, ("end",)),
                (self.pages, ("indexPage", "index", "abort")), (True, usual))
        allowed = name in next(names for now, names in ways if now)
        allowed = allowed and (self.num_channels == 1 or name not in ("index", "indexPage"))
        header.must(allowed, "kind", "recordOutOfOrder")
        if name is None:
            header.must(header.flags & 3 == SKIPPABLE, "kind", "unknownRequired")
            return
        self.demand("passes", header.at("kind"), name == "barrier")
        _, mark, has_device, has_payload, flags, _ = KINDS[name]
        header.must(header.flags & ~(flags | 3) == 0, "flags", "reservedNotZero", 0)
        if mark:
            self.judge_mark(header, mark)
        if has_device is False:
            header.equal("device", NONE32)
        elif has_device or device != NONE32:
            header.must(device < len(self.manifest.devices), "device", "unknownDevice")
        if mark is None and name != "section":
            self.judge_mark(header, REQUIRED if device == NONE32 else self.manifest.devices[device].flags & 3)
        header.must(has_payload or header.len_payload == 0, "len_payload", expected=0)

    def judge_pass(self, header, row):
        """On channel 0 a pass is the number of barriers so far; on others it never falls."""
        rises = self.main and self.flags & FLAGS["passes"]
        now = max(self.num_barriers, self.pass_records[-1][1] if rises and self.pass_records else 0)
        row.must(row.pass_ >= now if rises else row.pass_ == now, "pass_", "badPass", now)

    def judge_section_order(self, header, head):
        place, at, replaces = (header.device, head.section), head.at("section"), header.flags & REPLACES
        demand(place != self.section_before, "duplicateSection", at)
        demand(self.section_before is None or place > self.section_before, "sectionOutOfOrder", at)
        header.must(place in self.sections_seen or not replaces, "flags")
        demand(place not in self.sections_seen or replaces, "duplicateSection", at)
        self.section_before, self.sections_seen[place] = place, (header.start, header.length)
        self.num_sections += 1

    def judge_strings(self, header):
        demand(all(string.last for string in self.byte_strings.values()), "incompleteBytes", header.start, 0)

    def add_to_pass(self, header, row, extents):
        """Keeps the records that have a pass, and the runs of memory that each pass names."""
        self.pass_records.append((header.sequence, row.pass_, row.at("pass_")))
        runs, most = self.pass_runs.setdefault(row.pass_, []), self.limits.passRunsMax
        for offset, length, _ in extents:
            if runs and runs[-1][0] == row.region and runs[-1][2] == offset:
                runs[-1][2] = offset + length
            else:
                runs.append([row.region, offset, offset + length])
                good = self.num_channels == 1 or len(runs) <= most
                demand(good, "limitExceeded", row.at("num_extents"), most, len(runs))

def judge_totals(row, counted, names=TOTALS.places):
    for name in names:
        right = getattr(counted, name)
        row.must(getattr(row, name) == right, name, "totalsMismatch", getattr(row, name), right)

def read_channel_end(state, header, cursor):
    row = cursor.row(CHANNEL_END)
    cursor.must_end()
    state.judge_strings(header)
    judge_totals(row, state)
    return row.judge()

def read_end(state, header, cursor):
    demand(cursor.left >= 416, "truncatedData", cursor.at, 416, cursor.left)
    row, totals = cursor.row(END), [cursor.row(TOTALS) for _ in range(16)]
    cursor.must_end()
    for number, device in enumerate(state.manifest.devices):
        for section in range(device.num_sections):
            demand((number, section) in state.sections_seen, "missingSection", header.start, number << 32 | section)
    state.judge_strings(header)
    row.equal("ofs_index", state.ofs_index)
    state.num_passes = state.num_barriers + 1
    judge_totals(row, state, ("num_channels", "num_passes", "num_sections"))
    row.judge()
    for channel, total in zip(state.channels, totals):
        judge_totals(total, channel)
    unused = [total.values() for total in totals[state.num_channels :]]
    demand(not any(map(any, unused)), "reservedNotZero", row.end + TOTALS.size * state.num_channels)
    return row

def read_abort(state, header, cursor):
    row = cursor.group(cursor.head(ABORT), "text", state.limits.textBytesMax)
    cursor.must_end()
    return row

READERS = {
    "manifest": Manifest, "layout": read_layout, "section": read_section, "memory": bulk.read_memory,
    "bytes": bulk.read_bytes, "barrier": bulk.read_barrier, "placement": bulk.read_placement,
    "placedMemory": bulk.read_memory, "indexPage": index.read_page, "index": index.read_index,
    "abort": read_abort, "end": read_end, "channelEnd": read_channel_end, None: lambda state, header, cursor: None,
}

def open_channels(sources, main):
    """The channels besides 0, by number; `main` is the state of channel 0."""
    found = {}
    for octets in sources:
        with within("preamble", NO_CHANNEL, 0):
            number = read_hello(octets, main.preamble)
            demand(number not in found, "foreignChannel", 10, 0, number, channel=number)
        found[number] = StreamState(octets, number, main.preamble, main.limits, main)
    for number in range(1, main.num_channels):
        demand(number in found, "foreignChannel", 0, number, 0, "preamble", number, 0)
    return [channel for _, channel in sorted(found.items())]

def judge_together(main, end_header):
    """When all channels were read: passes against barriers, overlaps, byte strings."""
    most, owners = main.num_barriers, {}
    for channel in main.channels[1:]:
        for sequence, number, offset in channel.pass_records:
            demand(number <= most, "badPass", offset, most, number, "bulk", channel.number, sequence)
        for header, row in main.barriers:
            judge_barrier(header, row, channel)
    for number, header in enumerate([*(header for header, _ in main.barriers), end_header]):
        runs = [(*run, channel.number) for channel in main.channels for run in channel.pass_runs.get(number, ())]
        reach = {}  # of each channel the run that reaches farthest is enough
        for region, start, end, channel in sorted(runs):
            for other, (there, far) in reach.items():
                good = other == channel or there != region or start >= far
                demand(good, "badExtent", header.start, region, start, "bulk", 0, header.sequence)
            reach[channel] = max(reach.get(channel, (-1, 0)), (region, end))
    for number, device in ((channel.number, device) for channel in main.channels for device in channel.byte_strings):
        owner = owners.setdefault(device, number)
        demand(owner == number, "foreignChannel", end_header.start, owner, number, "bulk", 0, end_header.sequence)

def judge_barrier(header, row, channel):
    said, records = row.next[channel.number], channel.pass_records
    right, wanted, count = said.sequence_next, said.sequence_next, channel.records + 1  # with CHANNEL_END
    if any(sequence >= right and number == row.pass_ for sequence, number, _ in records):
        wanted += 1
    later = [sequence for sequence, number, _ in records if number > row.pass_ and sequence < right]
    if later or count < right:
        wanted = min([*later, count])
    demand(wanted == right, "badSequence", said.start, wanted, right, "bulk", 0, header.sequence)

def read_stream(octets, limits=None, others=()):
    """Yields the records of a stream; raises Refused at the first error. `others`: channels besides 0, in any order."""
    with within("preamble", 0, 0):
        state = StreamState(octets, 0, read_preamble(octets), limits or Limits())
    yield from read_channel(state, others)

def read_channel(state, others=()):
    last = False
    while not last:
        with within("record", state.number, state.records):
            header = state.header()
            state.judge_kind(header)
            name, cursor, last = header.name, state.body(header), header.name in ("end", "channelEnd")
        if name == "end" and state.num_channels > 1:
            for other in open_channels(others, state):
                yield from read_channel(other)
                state.channels.append(other)
            judge_together(state, header)
        with within("record", state.number, state.records):
            with within(KINDS[name][-1] if name else None):
                content = READERS[name](state, header, cursor)
            payload = state.payload(header)
            if name in ("memory", "bytes"):
                with within("bulk"):
                    payload = bulk.plain_octets(state, content, payload, header.payload_start)
            state.zeros(header.payload_start + header.len_payload, header.num_pad_back)
            if name == "abort":  # what it says counts when all of it is right
                with within("end"):
                    raise Refused("aborted", content.at("reason"), None, content.reason)
        yield Record(header, name, content, payload)
        if not last:
            state.passed(header)
        with within("bulk" if last else "record", state.number, state.records + last):
            if name == "placement":  # the octets up to the next record belong to no record
                over, state.octets = state.octets, content.ofs_records
                state.take(over, state.octets - over)
            over = header.start + header.length
            demand(not last or over == len(state.source), "trailingData", over, stage="end")
            if name == "end" and state.areas:
                bulk.judge_areas(state, state.source)
