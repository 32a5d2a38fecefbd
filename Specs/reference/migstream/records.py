"""Preamble, record headers and the octets around bodies and payloads: chapter 10 sections 2 and 3."""
from .wire import REQUIRED, SKIPPABLE, Cursor, Refused, Row, Table, digest, to_multiple

PREAMBLE = Table("magic:8 major:2 minor:2 minor_reader_min:2 profile:2 flags_mandatory:4 flags_optional:4 digest_kind:2"
                 " num_channels:2 reserved:4 len_record_max:8 uuid:16 digest_preamble:8")
HEADER = Table("sync:4 kind:2 flags:2 channel:2 num_pad_front:1 num_pad_back:1 device:4 sequence:8 len_body:8"
               " digest_body:8 len_payload:8 digest_payload:8 digest_header:8")
MAGIC = bytes.fromhex("894d47530d0a1a0a")
SYNC = 0x52474DD6
MINOR = 0
STREAM, IMAGE = 1, 2
FLAGS = {"singleDevice": 1, "channels": 2, "passes": 4, "zstd": 8, "externalLayouts": 16, "opaqueMemory": 32}
INDEXED, CANONICAL = 1, 2
# By kind: value, mark (None: by manifest), whether it has a device (None: memory, by region) and may have a payload,
# flags besides the mark, stage of its body.
KINDS = {"manifest": (0x1, REQUIRED, False, False, 0, "manifest"), "layout": (0x2, REQUIRED, False, False, 0, "layout"),
    "section": (0x3, None, True, False, 4, "section"), "memory": (0x4, None, None, True, 0, "bulk"),
    "bytes": (0x5, None, True, True, 0xF00, "bulk"), "barrier": (0x6, REQUIRED, False, False, 0, "bulk"),
    "placement": (0x7, REQUIRED, False, False, 0, "bulk"), "placedMemory": (0x8, None, None, False, 0, "bulk"),
    "indexPage": (0x9, SKIPPABLE, False, False, 0, "index"), "index": (0xA, SKIPPABLE, False, False, 0, "index"),
    "abort": (0xB, REQUIRED, False, False, 0, "end"), "channelEnd": (0xC, REQUIRED, False, False, 0, "end"),
    "end": (0xD, REQUIRED, False, False, 0, "end"),}
NAMES = {row[0]: name for name, row in KINDS.items()}

def judge_magic(octets, magic):
    for place, octet in enumerate(magic):
        if place < len(octets) and octets[place] != octet:
            raise Refused("badMagic", place, octet, octets[place])
    if len(octets) < 64:
        raise Refused("truncated", len(octets), 64, len(octets))

def read_preamble(octets):
    judge_magic(octets, MAGIC)
    row = Row(PREAMBLE, octets, 0)
    row.uuid = bytes(octets[40:56])
    if digest(octets[:56]) != row.digest_preamble:
        raise Refused("digestMismatch", 56, row.digest_preamble, digest(octets[:56]))
    row.equal("major", 1, "unsupportedMajor")
    row.must(row.minor_reader_min <= MINOR, "minor_reader_min", "unsupportedMinor", MINOR)
    row.must(row.profile in (STREAM, IMAGE), "profile")
    unknown = row.flags_mandatory & ~sum(FLAGS.values())
    if unknown:
        raise Refused("unknownMandatoryFlag", 16, None, unknown)
    row.equal("digest_kind", 1, "unsupportedDigest")
    row.must(1 <= row.num_channels <= 16, "num_channels")
    row.must(row.num_channels == 1 or row.profile != IMAGE, "num_channels", expected=1)
    row.must((row.num_channels > 1) == bool(row.flags_mandatory & FLAGS["channels"]), "flags_mandatory")
    row.zero()
    return row

class Channel:
    """One channel's octets: where the next record starts, and what END says about the ones before."""

    def __init__(self, octets, number, state):
        self.source, self.number, self.state = octets, number, state
        self.octets, self.records, self.chain = 64, 0, 0  # octets before the next record; a preamble or hello came

    def take(self, start, length):
        if start + length > len(self.source):
            raise Refused("truncated", len(self.source), length, max(0, len(self.source) - start), "record")
        return self.source[start : start + length]

    def header(self):
        """The next header, judged in the order that chapter 10 section 3 gives; nothing of the body yet."""
        start, limits, state = self.octets, self.state.limits, self.state
        self.take(start, HEADER.size)
        header = Row(HEADER, self.source, start)
        header.equal("sync", SYNC, "badSync")
        found = digest(self.source[start : start + 56], seed=digest(state.preamble.uuid))
        if header.digest_header != found:
            raise Refused("digestMismatch", header.at("digest_header"), header.digest_header, found)
        header.equal("channel", self.number, "foreignChannel")
        header.equal("sequence", self.records, "badSequence")
        header.must(header.flags & 3 in (REQUIRED, SKIPPABLE), "flags", "badMark")
        header.at_most("len_body", limits.recordBodyBytesMax)
        header.at_most("len_payload", limits.payloadBytesMax)
        length = 64 + header.len_body + header.num_pad_front + header.len_payload + header.num_pad_back
        if state.preamble.len_record_max and length > state.preamble.len_record_max:
            raise Refused("limitExceeded", header.at("len_body"), state.preamble.len_record_max, length)
        header.must(header.len_body % 8 == 0, "len_body")
        body_end = start + 64 + header.len_body
        front, back = 0, 0
        if header.len_payload:
            front, back = to_multiple(body_end, 64), to_multiple(header.len_payload)
        header.equal("num_pad_front", front, "badPadding")
        header.equal("num_pad_back", back, "badPadding")
        header.body_end, header.payload_start = body_end, body_end + front
        header.length = length
        header.name = NAMES.get(header.kind)
        state.judge_kind(header, self)
        return header

    def body(self, header):
        self.take(header.end, header.len_body)
        found = digest(self.source[header.end : header.body_end])
        if found != header.digest_body:
            raise Refused("digestMismatch", header.at("digest_body"), header.digest_body, found)
        return Cursor(self.source, header.end, header.body_end)

    def payload(self, header):
        """Front padding, payload and its digest, back padding."""
        self.zeros(header.body_end, header.num_pad_front)
        payload = self.take(header.payload_start, header.len_payload)
        if digest(payload) != header.digest_payload:
            raise Refused("digestMismatch", header.at("digest_payload"), header.digest_payload, digest(payload))
        self.zeros(header.payload_start + header.len_payload, header.num_pad_back)
        return payload

    def zeros(self, start, length):
        self.take(start, length)
        Cursor(self.source, start, start + length).zeros(length)

    def skip_to(self, offset):
        """The octets from PLACEMENT to the next record belong to no record."""
        if len(self.source) < offset:
            raise Refused("truncated", len(self.source), offset - self.octets, len(self.source) - self.octets, "record")
        self.octets = offset

    def passed(self, header):
        """The record is whole and right: it counts."""
        self.octets += header.length
        self.records += 1
        self.chain = digest(self.chain.to_bytes(8, "little") + header.digest_header.to_bytes(8, "little"))
