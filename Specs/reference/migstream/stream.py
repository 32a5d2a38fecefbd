"""The rules between records: what may come where, passes, sections, marks. One StreamState serves every reader."""
from . import bulk, end, images, index
from .layouts import read_layout
from .manifest import Manifest
from .records import FLAGS, IMAGE, KINDS, Channel, read_preamble
from .sections import REPLACES, read_section
from .wire import NONE32, REQUIRED, SKIPPABLE, Limits, Refused

READERS = {"layout": read_layout, "section": read_section, "memory": bulk.read_memory, "bytes": bulk.read_bytes,
           "barrier": bulk.read_barrier, "placement": images.read_placement, "placedMemory": images.read_placed_memory,
           "indexPage": index.read_page, "index": index.read_index, "abort": end.read_abort, "end": end.read_end}


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
        self.done = False

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
        if self.manifest is None:
            allowed = name == "manifest"
        elif image and self.areas is None:
            allowed = name == "placement"
        elif self.ofs_index:
            allowed = name == "end"
        elif self.pages:
            allowed = name in ("indexPage", "index", "abort")
        else:
            allowed = name not in ("manifest", "placement", "channelEnd", "memory" if image else "placedMemory")
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
        row.equal("pass_", self.num_barriers, "badPass")

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


def read_stream(octets, limits=None, trailing_allowed=False):
    """Yields the records of a stream on one channel; raises Refused at the first error."""
    try:
        preamble = read_preamble(octets)
        if preamble.num_channels > 1:
            raise Refused("notImplemented", preamble.at("num_channels"), None, preamble.num_channels)
    except Refused as fault:
        fault.stage = "preamble"
        raise
    state = StreamState(preamble, limits or Limits())
    channel = Channel(octets, 0, state)
    state.channels.append(channel)
    while not state.done:
        try:
            header = channel.header()
            content = state.content_of(header, channel.body(header))
            payload = channel.payload(header)
            plain = state.finish(header, content, payload)
        except Refused as fault:
            fault.stage = fault.stage or "record"
            raise
        yield Record(header, content, plain)
        channel.passed(header)
        if header.name == "placement":
            channel.skip_to(content.ofs_records)
        if header.name == "index":
            state.ofs_index = header.start
        state.done = header.name == "end"
    if state.areas:
        images.judge_areas(state, octets)
    if channel.octets < len(octets) and not trailing_allowed:
        raise Refused("trailingData", channel.octets, stage="end")
