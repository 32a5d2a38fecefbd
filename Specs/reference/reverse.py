"""What a destination tells the source: resume-path section 9."""
from migstream.records import HEADER, SYNC, first_row
from migstream.wire import NONE32, REQUIRED, SKIPPABLE, Row, Table, demand, digest, judge_digest, within

MAGIC, CHANNEL, BODY_MAX = b"\x89MGV\r\n\x1a\n", 0xFFFF, 4096
HELLO = Table("magic:8 major:2=1..1!unsupportedMajor minor:2 minor_reader_min:2=..0!unsupportedMinor reserved:2 uuid:16"
              " reserved2:24 digest_hello:8")
REFUSED = Table("code:4 stage:1 reserved:1 channel:2 offset:8 expected:8 found:8 sequence:8 device:4 reserved2:4")
# By kind: name, octets of its body, whether it names a device.
KINDS = {0x40: ("compatible", 0, False), 0x41: ("refused", 48, False), 0x42: ("initialLoaded", 0, True),
         0x43: ("resumed", 0, False)}
# By what came last: what may be next, of the known kinds.
NEXT = {None: ("compatible", "refused"), "compatible": ("initialLoaded", "refused", "resumed")}


def take(octets, start, length):
    demand(start + length <= len(octets), "truncated", len(octets), length, len(octets) - start, "record")


def read_header(octets, start, uuid, sequence, phase, devices):
    take(octets, start, 64)
    header = Row(HEADER, octets, start)
    header.equal("sync", SYNC, "badSync")
    judge_digest(octets[start : start + 56], header.digest_header, header.at("digest_header"), digest(uuid))
    header.equal("channel", CHANNEL, "foreignChannel")
    header.equal("sequence", sequence, "badSequence")
    header.must(header.flags & 3 in (REQUIRED, SKIPPABLE), "flags", "badMark")
    header.must(header.len_body <= BODY_MAX, "len_body", "limitExceeded", BODY_MAX)
    header.must(header.len_body % 8 == 0, "len_body")
    header.equal("num_pad_front", 0, "badPadding")
    header.equal("num_pad_back", 0, "badPadding")
    if header.kind in KINDS:
        name, _, has_device = KINDS[header.kind]
        header.must(name in NEXT[phase], "kind", "recordOutOfOrder", 0)
        header.must(header.flags & ~3 == 0, "flags", "reservedNotZero", 0, header.flags & ~3)
        header.must(header.flags & 3 == REQUIRED, "flags", "badMark")
        if has_device:
            header.must(header.device < devices, "device", "unknownDevice", devices)
        else:
            header.equal("device", NONE32)
    else:
        header.must(header.flags & 3 == SKIPPABLE, "kind", "unknownRequired", 0)
    header.equal("len_payload", 0)
    return header


def read_event(octets, header):
    """The record as one word, as the corpus has it."""
    take(octets, header.end, header.len_body)
    end = header.end + header.len_body
    judge_digest(octets[header.end : end], header.digest_body, header.at("digest_body"))
    name, length, _ = KINDS.get(header.kind, (f"skipped={header.kind}", None, False))
    if name == "initialLoaded":
        name += f"={header.device}"
    if length is not None:
        with within("resume"):
            demand(header.len_body >= length, "truncatedData", header.end, length, header.len_body)
            if length:
                row = Row(REFUSED, octets, header.end).judge()
                values = [value for field, value in zip(REFUSED.places, row.values()) if not field.startswith("reserved")]
                name += "=" + "/".join(map(str, values))
            demand(header.len_body == length, "unexpectedData", header.end + length, header.len_body, length)
    judge_digest(b"", header.digest_payload, header.at("digest_payload"))
    return name


def read_reverse(octets, uuid, devices):
    """Yields one word a record; raises Refused."""
    with within("preamble", CHANNEL):
        row = first_row(HELLO, octets, MAGIC)
        row.equal("major", 1, "unsupportedMajor")
        row.must(row.minor_reader_min == 0, "minor_reader_min", "unsupportedMinor", 0)
        row.must(bytes(octets[16:32]) == uuid, "uuid", "foreignChannel")
        row.judge()
    start, sequence, phase = 64, 0, None
    with within("record", CHANNEL):
        while True:
            header = read_header(octets, start, uuid, sequence, phase, devices)
            event = read_event(octets, header)
            start, sequence = start + 64 + header.len_body, sequence + 1
            yield event
            if header.kind in (0x41, 0x43):
                break
            phase = "compatible" if header.kind in KINDS else phase
        demand(start == len(octets), "trailingData", start, 0, 0, "end")
