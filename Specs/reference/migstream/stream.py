"""The rules between records: what may come where, passes, sections, marks. One StreamState serves every reader."""
from . import bulk, channels, end, images, index
from .layouts import read_layout
from .manifest import Manifest
from .records import FLAGS, IMAGE, KINDS, Channel, read_preamble
from .sections import REPLACES, read_section
from .wire import NONE32, REQUIRED, SKIPPABLE, Limits, Refused

READERS = {"layout": read_layout, "section": read_section, "memory": bulk.read_memory, "bytes": bulk.read_bytes,
           "barrier": bulk.read_barrier, "placement": images.read_placement, "placedMemory": images.read_placed_memory,
           "indexPage": index.read_page, "index": index.read_index, "abort": end.read_abort, "end": end.read_end,
           "channelEnd": channels.read_channel_end}

class Record:
    """A record that was read whole: header, what its body says, and the payload as it was before compression."""

    def __init__(self, header, content, payload):
        self.header, self.name, self.content, self.payload = header, header.name, content, payload

class StreamState:
    def __init__(self, preamble, limits):
        self.preamble, self.limits = preamble, limits
        self.num_channels = preamble.num_channels
        self.channels = []
        self.manifest, self.layouts, self.len_layouts = None, [], 0
        self.num_barriers = self.num_sections = self.ofs_index = 0
        self.sections_seen, self.section_before = {}, None  # the one before in this pass
        self.byte_strings = {}
        self.areas, self.pages, self.num_paged, self.content = None, [], 0, index.FinalContent()
        self.main, self.passes, self.barriers = None, channels.Passes(), []

    def side(self):
        """The state of another channel of the same stream."""
        side = StreamState(self.preamble, self.limits)
        side.main, side.manifest = self, self.manifest
        return side

    def demand(self, flag, offset):
        if not self.preamble.flags_mandatory & FLAGS[flag]:
            raise Refused("undeclaredFeature", offset, FLAGS[flag])

    def mark_of(self, device):
        return REQUIRED if device == NONE32 else self.manifest.devices[device].flags & 3

    def judge_mark(self, header, mark):
        if header.flags & 3 != mark:
            raise Refused("badMark", header.at("flags"), mark, header.flags & 3, "record")

    def judge_kind(self, header, channel):
        """Kind, flags, device: the last checks of a header."""
        name, image = header.name, self.preamble.profile == IMAGE
        if channel.number:
            allowed = name in ("memory", "bytes", "channelEnd", None)
        elif self.manifest is None:
            allowed = name == "manifest"
        elif image and self.areas is None:
            allowed = name == "placement"
        elif self.ofs_index:
            allowed = name == "end"
        elif self.pages:
            allowed = name in ("indexPage", "index", "abort")
        else:
            allowed = name not in ("manifest", "placement", "channelEnd", "memory" if image else "placedMemory")
        allowed = allowed and not (self.num_channels > 1 and name in ("index", "indexPage"))
        header.must(allowed, "kind", "recordOutOfOrder")
        if name is None:
            header.must(header.flags & 3 == SKIPPABLE, "kind", "unknownRequired")
            return
        if name == "barrier":
            self.demand("passes", header.at("kind"))
        _, mark, has_device, has_payload, flags, _ = KINDS[name]
        header.must(header.flags & ~(flags | 3) == 0, "flags", "reservedNotZero", 0)
        if mark:
            self.judge_mark(header, mark)
        if has_device:
            header.must(header.device < len(self.manifest.devices), "device", "unknownDevice")
        elif has_device is False:
            header.equal("device", NONE32)
        elif header.device != NONE32:
            header.must(header.device < len(self.manifest.devices), "device", "unknownDevice")
        if mark is None and name != "section":
            self.judge_mark(header, self.mark_of(header.device))
        if not has_payload:
            header.equal("len_payload", 0)

    def judge_pass(self, header, row):
        """On channel 0 a pass is the number of barriers so far; on others it never falls."""
        now = self.num_barriers
        if self.main and self.passes.records and self.preamble.flags_mandatory & FLAGS["passes"]:
            now = max(now, self.passes.records[-1][1])
        falls = self.main and self.preamble.flags_mandatory & FLAGS["passes"]
        row.must(row.pass_ >= now if falls else row.pass_ == now, "pass_", "badPass", now)

    def judge_section_order(self, header, head):
        place = (header.device, head.section)
        if self.section_before is not None and place <= self.section_before:
            if place == self.section_before:
                raise Refused("duplicateSection", head.at("section"))
            raise Refused("sectionOutOfOrder", head.at("section"))
        seen, replaces = place in self.sections_seen, bool(header.flags & REPLACES)
        header.must(seen or not replaces, "flags")
        if seen and not replaces:
            raise Refused("duplicateSection", head.at("section"))

        self.section_before = place
        self.sections_seen[place] = (header.start, header.length)
        self.num_sections += 1

    def content_of(self, header, cursor):
        """What a body says; an error in it has the stage of the kind."""
        try:
            return self.read_body(header, cursor)
        except Refused as fault:
            fault.stage = fault.stage or KINDS[header.name][-1]
            raise

    def read_body(self, header, cursor):
        name, flags = header.name, self.preamble.flags_mandatory
        if name == "manifest":
            self.manifest = Manifest(cursor, self.limits, flags & FLAGS["singleDevice"], flags & FLAGS["opaqueMemory"])
            return self.manifest
        if name == "barrier":
            self.section_before = None
        return READERS[name](self, header, cursor) if name else None

    def finish(self, header, content, payload):
        """What a payload holds; what the record leaves behind."""
        try:
            if header.name in ("memory", "bytes"):
                return bulk.plain_octets(self, content, payload, header.payload_start)
        except Refused as fault:
            fault.stage = fault.stage or "bulk"
            raise
        return payload

def read_stream(octets, limits=None, others=()):
    """Yields the records of a stream; raises Refused at the first error. `others`: the channels besides 0, in any order."""
    try:
        state = StreamState(read_preamble(octets), limits or Limits())
    except Refused as fault:
        fault.stage, fault.channel, fault.released = "preamble", 0, 0
        raise
    yield from read_channel(Channel(octets, 0, state), others)

def read_channel(channel, others=()):
    state = channel.state
    state.channels.append(channel)
    last = False
    while not last:
        try:
            header = channel.header()
            cursor, last = channel.body(header), header.name in ("end", "channelEnd")
            if header.name == "end" and state.num_channels > 1:
                for _, other in sorted(channels.open_channels(others, state).items()):
                    yield from read_channel(other)
                    state.channels.append(other)
                channels.judge_together(state, header)
            content = state.content_of(header, cursor)
            record = Record(header, content, state.finish(header, content, channel.payload(header)))
        except Refused as fault:
            named(fault, "record", channel)
            raise
        yield record
        if not last:
            channel.passed(header)
        try:
            if header.name == "placement":
                channel.skip_to(content.ofs_records)
            if header.name == "index":
                state.ofs_index = header.start
            if header.name == "end" and state.areas:
                images.judge_areas(state, channel.source, channel.records + 1)
            end_of_record = header.start + header.length
            if last and end_of_record < len(channel.source):
                raise Refused("trailingData", end_of_record, None, None, "end", None, channel.records + 1)
        except Refused as fault:
            named(fault, "record", channel)
            raise

def named(fault, stage, channel):
    """Whose error it is, unless it says so itself."""
    fault.stage = fault.stage or stage
    fault.channel = channel.number if fault.channel is None else fault.channel
    fault.released = channel.records if fault.released is None else fault.released
