"""Preamble, hello, record headers and the octets around bodies and payloads: chapter 10 sections 2 and 3."""
from .wire import REQUIRED, SKIPPABLE, Cursor, Row, Table, demand, digest, judge_digest, to_multiple

PREAMBLE = Table("magic:8 major:2=1..1!unsupportedMajor minor:2 minor_reader_min:2=..0!unsupportedMinor profile:2=1..2"
                 " flags_mandatory:4 flags_optional:4 digest_kind:2=1..1!unsupportedDigest num_channels:2=1..16"
                 " reserved:4 len_record_max:8 uuid:16 digest_preamble:8")
HELLO = Table("magic:8 major:2=1..1!unsupportedMajor channel:2 num_channels:2 reserved:2 uuid:16"
              " reserved2:24 digest_hello:8")
HEADER = Table("sync:4 kind:2 flags:2 channel:2 num_pad_front:1 num_pad_back:1 device:4 sequence:8 len_body:8"
               " digest_body:8 len_payload:8 digest_payload:8 digest_header:8")
MAGIC, HELLO_MAGIC, SYNC = b"\x89MGS\r\n\x1a\n", b"\x89MGC\r\n\x1a\n", 0x52474DD6
STREAM, IMAGE = 1, 2
FLAGS = {"singleDevice": 1, "channels": 2, "passes": 4, "zstd": 8, "externalLayouts": 16, "opaqueMemory": 32}
# By kind: value, mark (None: by manifest), whether it has a device (None: memory, by region) and may have a payload,
# flags besides the mark, stage of its body.
KINDS = {
    "manifest": (0x1, REQUIRED, False, False, 0, "manifest"), "layout": (0x2, REQUIRED, False, False, 0, "layout"),
    "section": (0x3, None, True, False, 4, "section"), "memory": (0x4, None, None, True, 0, "bulk"),
    "bytes": (0x5, None, True, True, 0xF00, "bulk"), "barrier": (0x6, REQUIRED, False, False, 0, "bulk"),
    "placement": (0x7, REQUIRED, False, False, 0, "bulk"), "placedMemory": (0x8, None, None, False, 0, "bulk"),
    "indexPage": (0x9, SKIPPABLE, False, False, 0, "index"), "index": (0xA, SKIPPABLE, False, False, 0, "index"),
    "abort": (0xB, REQUIRED, False, False, 0, "end"), "channelEnd": (0xC, REQUIRED, False, False, 0, "end"),
    "end": (0xD, REQUIRED, False, False, 0, "end"),
}
NAMES = {row[0]: name for name, row in KINDS.items()}

def first_row(table, octets, magic):
    """A preamble or hello whose magic and digest are right."""
    for place, (octet, right) in enumerate(zip(octets, magic)):
        demand(octet == right, "badMagic", place, right, octet)
    demand(len(octets) >= 64, "truncated", len(octets), 64, len(octets))
    judge_digest(octets[:56], int.from_bytes(octets[56:64], "little"), 56)
    return Row(table, octets, 0)

def read_preamble(octets):
    def flags_mandatory(row):
        unknown = row.flags_mandatory & ~sum(FLAGS.values())
        demand(not unknown, "unknownMandatoryFlag", 16, None, unknown)

    def num_channels(row):
        row.must(row.num_channels == 1 or row.profile != IMAGE, "num_channels", expected=1)
        row.must((row.num_channels > 1) == bool(row.flags_mandatory & FLAGS["channels"]), "flags_mandatory")

    row = first_row(PREAMBLE, octets, MAGIC).judge(flags_mandatory=flags_mandatory, num_channels=num_channels)
    row.uuid = bytes(octets[40:56])
    return row

def read_hello(octets, preamble):
    row, count = first_row(HELLO, octets, HELLO_MAGIC), preamble.num_channels
    row.equal("major", 1, "unsupportedMajor")
    row.must(bytes(octets[16:32]) == preamble.uuid, "uuid", "foreignChannel")
    row.equal("num_channels", count)
    row.must(1 <= row.channel < count, "channel", expected=count - 1)
    return row.judge().channel

class Channel:
    """One channel's octets: where the next record starts, and what END says about the ones before."""

    def __init__(self, source, number, preamble, limits):
        self.source, self.number, self.preamble, self.limits = source, number, preamble, limits
        self.octets, self.records, self.chain = 64, 0, 0  # octets before the next record; a preamble or hello came

    def take(self, start, length):
        size = len(self.source)
        demand(start + length <= size, "truncated", size, length, max(0, size - start), "record")
        return self.source[start : start + length]

    def header(self):
        """The next header, judged in the order that chapter 10 section 3 gives, up to its kind; nothing of the body."""
        start, limits, preamble = self.octets, self.limits, self.preamble
        octets = self.take(start, HEADER.size)
        header = Row(HEADER, self.source, start)
        header.equal("sync", SYNC, "badSync")
        judge_digest(octets[:56], header.digest_header, header.at("digest_header"), digest(preamble.uuid))
        header.equal("channel", self.number, "foreignChannel")
        header.equal("sequence", self.records, "badSequence")
        header.must(header.flags & 3 in (REQUIRED, SKIPPABLE), "flags", "badMark")
        header.at_most("len_body", limits.recordBodyBytesMax)
        header.at_most("len_payload", limits.payloadBytesMax)
        header.length = 64 + header.len_body + header.num_pad_front + header.len_payload + header.num_pad_back
        most = preamble.len_record_max or header.length
        demand(header.length <= most, "limitExceeded", header.at("len_body"), most, header.length)
        header.must(header.len_body % 8 == 0, "len_body")
        header.body_end = header.end + header.len_body
        header.equal("num_pad_front", to_multiple(header.body_end, 64) if header.len_payload else 0, "badPadding")
        header.equal("num_pad_back", to_multiple(header.len_payload), "badPadding")
        header.payload_start, header.name = header.body_end + header.num_pad_front, NAMES.get(header.kind)
        return header

    def body(self, header):
        judge_digest(self.take(header.end, header.len_body), header.digest_body, header.at("digest_body"))
        return Cursor(self.source, header.end, header.body_end)

    def payload(self, header):
        """Front padding, payload and its digest."""
        self.zeros(header.body_end, header.num_pad_front)
        payload = self.take(header.payload_start, header.len_payload)
        judge_digest(payload, header.digest_payload, header.at("digest_payload"))
        return payload

    def zeros(self, start, length):
        Cursor(self.source, start, len(self.source)).zeros(min(length, len(self.source) - start))
        self.take(start, length)

    def passed(self, header):
        self.octets, self.records = self.octets + header.length, self.records + 1
        self.chain = digest(self.chain.to_bytes(8, "little") + header.digest_header.to_bytes(8, "little"))
