"""Random valid streams, and damaged ones whose digests are right again. Everything follows from a seed."""
import random
from migstream import bulk, layouts, writer
from migstream.layouts import COUNTED_ARRAY, EXTERNAL, FIXED_ARRAY, PLAIN, RANGE, TYPES, ZSTD, Layout
from migstream.records import HEADER, KINDS
from migstream.wire import NONE32, NONE64, Cursor, Limits, Row, compress, digest, to_multiple
from migstream.writer import StreamWriter

EDGES = (0, 1, 2, 3, 4, 7, 8, 9, 16, 24, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 2**31, NONE32, 2**56,
         2**63, NONE64 - 7, NONE64)


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def name(self, least=1):
        return "".join(self.random.choice("abcdefghij_0é") for _ in range(self.random.randint(least, 9)))

    def names(self, count):
        return sorted(sorted({self.name() for _ in range(count)}), key=lambda _: self.random.random())

    # Layouts and data.

    def fields(self, depth=0):
        return [self.field(name, depth) for name in self.names(self.random.randint(1, 6 if depth == 0 else 3))]

    def field(self, name, depth):
        pick = self.random
        kind = pick.choice([name for name, _ in TYPES.values() if depth < 3 or name not in layouts.GROUPS])
        widths = next(widths for other, widths in TYPES.values() if other == kind)
        field = {"name": name, "type": kind, "width": pick.choice(widths) if widths else pick.randint(1, 9),
                 "mark": pick.choice((1, 1, 2)), "flags": pick.choice((0, 0, 0, 1, 8)), "shape": pick.choice((0, 0, 0, 1, 2)),
                 "radix": pick.choice((0, 0, 2, 8, 10, 16)), "since": pick.choice((0, 1)), "until": pick.choice((0, 0, 3))}
        if kind == "bitmap":
            field["width"] = 8 * pick.randint(1, 3)
        if kind in layouts.GROUPS:
            field["children"] = self.fields(depth + 1)
            if kind == "structure":
                field["width"] = sum(map(writer.len_in_block, field["children"]))
        if field["shape"]:
            field["count"] = pick.randint(1, 5)
        if kind in ("instant", "duration"):
            field["clock"] = pick.randint(0, 3)
        if kind in ("enumeration", "flags"):
            field["symbols"] = {value: self.name() for value in {pick.randint(0, 255) for _ in range(pick.randint(0, 3))}}
        if pick.random() < 0.2:
            field["unit"] = self.name()
        if kind in layouts.COUNTED and pick.random() < 0.3:
            field.update(flags=field["flags"] | RANGE, min=0, max=pick.randint(4, 12))
        elif kind in layouts.INTEGERS and field["width"] <= 8 and pick.random() < 0.2:
            field.update(flags=field["flags"] | RANGE, min=0, max=pick.randint(1, 127))
        if kind in layouts.INTEGERS and field["width"] <= 8 and field["shape"] != COUNTED_ARRAY and pick.random() < 0.2:
            field.update(flags=field["flags"] | layouts.DEFAULT, default=pick.randint(0, 127))
        return field

    def octets(self, length):
        if self.random.random() < 0.3:
            return bytes(length)
        return self.random.randbytes(length)

    def part(self, fields, depth=0):
        return writer.part_octets(fields, self.values(fields, depth))

    def values(self, fields, depth):
        counts = [(field, field.count if field.shape == FIXED_ARRAY else self.random.randint(0, field.count)) for field in fields]
        return {field.name: [self.element(field, depth) for _ in range(count if field.shape else 1)] for field, count in counts}

    def element(self, field, depth):
        kind, pick = field.kind, self.random
        if kind == "structure":
            return self.values(field.children, depth + 1)
        if kind == "optional":
            return None if pick.random() < 0.5 else self.values(field.children, depth + 1)
        if kind == "union":
            child = pick.randrange(len(field.children))
            return child, self.values([field.children[child]], depth + 1)
        if kind == "list":
            return [self.list_element(depth + 1) for _ in range(0 if depth > 2 else pick.randint(0, 2))]
        if kind in ("countedBytes", "string"):
            octets = self.octets(pick.randint(0, 4))
            return bytes(octet & 0x7F for octet in octets) if kind == "string" else octets
        if kind == "bool":
            return bytes([pick.randint(0, 1)])
        if kind == "padding":
            return bytes(field.width)
        if field.flags & RANGE:
            return pick.randint(field.min, field.max).to_bytes(field.width, "little")
        return self.octets(field.width)

    def list_element(self, depth):
        number = self.random.randrange(len(self.layouts))
        fields = self.layouts[number]
        if fields is None:
            return number, self.octets(8 * self.random.randint(0, 2))
        return number, self.part(fields, depth + 3)

    # Streams.

    def announcements(self, count):
        return [{"name": name, "flags": self.random.choice((1, 1, 2)), "version": 2, "version_min": self.random.randint(0, 2)}
                for name in self.names(count)]

    def device(self, number, path):
        pick = self.random
        parameters = {name: pick.choice((True, False, pick.randint(-2**63, 2**63 - 1), self.name(0)))
                      for name in self.names(pick.randint(0, 3))}
        return {"path": path, "address": self.name(0), "model": self.name(0), "parameters": parameters,
                "sections": self.announcements(pick.randint(0, 3)), "subsections": self.announcements(pick.randint(0, 3)),
                "parent": pick.randrange(number) if number and pick.random() < 0.5 else NONE32,
                "flags": pick.choice((1, 1, 2)), "apply": pick.randint(1, 3), "clock": pick.randint(0, 3), "version": 3,
                "version_min": pick.randint(0, 3), "len_initial": pick.randint(0, 9), "len_total": pick.randint(0, 99)}

    def regions(self, num_devices, opaque):
        pick = self.random
        return [{"name": name, "flags": pick.randint(0, 7 if opaque else 3), "guest_address": pick.choice((0, NONE64, 2**32)),
                 "owner": 0 if self.single else pick.choice((NONE32, *range(num_devices))),
                 "len_region": pick.randint(1, 9) * 4096 - pick.choice((0, 0, 1)), "page_size": pick.choice((1, 4096, 2**21))}
                for name in self.names(pick.randint(0, 3))]

    def stream(self):
        pick, self.layouts = self.random, []
        features = {name for name in ("passes", "zstd", "externalLayouts", "opaqueMemory") if pick.random() < 0.6}
        self.single = pick.random() < 0.15
        if self.single:
            features.add("singleDevice")
        self.features = features
        out = StreamWriter(pick.randbytes(16), features, flags_optional=pick.choice((0, 0, 2, 1 << 9)), minor=pick.choice((0, 7)),
                           len_record_max=pick.choice((0, 0, 1 << 30)))
        paths = self.names(1 if self.single else pick.randint(0, 4))
        devices = [self.device(number, path) for number, path in enumerate(paths)]
        self.regions_now = self.regions(len(devices), "opaqueMemory" in features)
        if self.single:
            out.manifest(self.name(), self.name(0), "", self.regions_now, devices)
        else:
            out.manifest(self.name(), self.name(0), self.name(0), self.regions_now, devices, guest_endianness=pick.randint(0, 2),
                         page_size=pick.choice((0, 4096)))
        self.strings = {}
        for last in ([False] * pick.randint(0, 2) if "passes" in features else []) + [True]:
            self.one_pass(out, devices, last)
            if not last:
                out.barrier()
        out.end()
        return bytes(out.octets)

    def one_pass(self, out, devices, last):
        pick = self.random
        for _ in range(pick.randint(0, 3)):
            self.layout(out)
        for _ in range(pick.randint(0, 4)):
            pick.choice((self.memory, self.memory, self.bytes, self.unknown))(out, devices)
        if not self.layouts and any(device["sections"] for device in devices):
            self.layout(out)
        for number, device in enumerate(devices):
            for position in range(len(device["sections"])):
                if last or pick.random() < 0.3:
                    self.section(out, number, position, device)
        if last:
            for number, string in self.strings.items():
                if not string["last"]:
                    flags = bulk.LAST
                    out.bytes(number, string["length"], b"", flags)

    def layout(self, out):
        form = self.random.choice((PLAIN, ZSTD, PLAIN, EXTERNAL))
        if form == EXTERNAL and "externalLayouts" in self.features:
            out.layout(len(self.layouts), f"{self.name()}@1/{self.name()}", EXTERNAL)
            self.layouts.append(None)
            return
        fields = self.fields()
        canonical = writer.canonical_octets(self.name(), fields)
        shorter = len(compress(canonical)) < len(canonical)
        out.layout(len(self.layouts), canonical, ZSTD if form == ZSTD and "zstd" in self.features and shorter else PLAIN)
        self.layouts.append(Layout(canonical).parse(Cursor(canonical, 0, len(canonical)), Limits()).top)

    def data(self):
        number = self.random.randrange(len(self.layouts))
        fields = self.layouts[number]
        return number, self.octets(8 * self.random.randint(0, 3)) if fields is None else self.part(fields)

    def section(self, out, number, position, device):
        layout, data = self.data()
        subsections = self.subsections(device, 0)
        sent = self.__dict__.setdefault("sent", set())
        out.section(number, position, layout, data, subsections, (number, position) in sent)
        sent.add((number, position))

    def subsections(self, device, depth):
        found = []
        for position in range(len(device["subsections"])):
            if self.random.random() < 0.4 and depth < 3:
                layout, data = self.data()
                found.append(writer.subsection_octets(position, layout, data, self.subsections(device, depth + 1)))
        return found

    def memory(self, out, devices):
        if not self.regions_now:
            return
        pick = self.random
        number = pick.randrange(len(self.regions_now))
        region, extents, at, octets = self.regions_now[number], [], 0, b""
        for _ in range(pick.randint(1, 4)):
            at += pick.choice((0, 0, 5, 64))
            length = min(pick.choice((1, 64, 100, 1000)), region["len_region"] - at)
            if length < 1:
                break
            kind = 1 if region["flags"] & 4 else pick.randint(1, 3)
            extents.append((at, length, kind))
            octets += self.octets(length) if kind == 1 else b""
            at += length
        zstd = "zstd" in self.features and not region["flags"] & 4 and len(compress(octets)) < len(octets)
        if extents:
            out.memory(number, extents, octets, zstd and pick.random() < 0.7)

    def bytes(self, out, devices):
        pick = self.random
        if not devices:
            return
        number = pick.randrange(len(devices))
        string = self.strings.setdefault(number, {"length": 0, "last": False, "initial": False})
        if string["last"]:
            return
        for unit in range(pick.randint(0, 2)):
            records = pick.randint(1, 2)
            for record in range(records):
                octets = self.octets(pick.choice((1, 8, 100)))
                flags = bulk.UNIT_FIRST * (record == 0) | bulk.UNIT_LAST * (record == records - 1)
                if not string["initial"] and pick.random() < 0.2:
                    string["initial"] = True
                    flags |= bulk.INITIAL_DATA_END
                zstd = "zstd" in self.features and len(compress(octets)) < len(octets)
                out.bytes(number, string["length"], octets, flags, zstd)
                string["length"] += len(octets)

    def unknown(self, out, devices):
        pick = self.random
        out.record(pick.choice((0x4F, 0x6F, 0x8001, 0x20)), self.octets(8 * pick.randint(0, 3)), self.octets(pick.choice((0, 5))),
                   2 | pick.choice((0, 0xFFF0)), pick.choice((0, NONE32, 77)))


# Damage.

class Pieces:
    """A stream cut into preamble and records, so that it can be changed and put together with right digests."""

    def __init__(self, octets):
        self.preamble, self.records, at = bytearray(octets[:64]), [], 64
        while at < len(octets):
            header = Row(HEADER, octets, at)
            body_end = at + 64 + header.len_body
            start = body_end + header.num_pad_front
            self.records.append([bytearray(octets[at : at + 64]), bytearray(octets[at + 64 : body_end]),
                                 bytearray(octets[start : start + header.len_payload])])
            at = start + header.len_payload + header.num_pad_back

    def join(self, overrides=None, totals=True):
        """`overrides`: (record, field, value) that a header gets whatever would be right."""
        self.preamble[56:] = digest(self.preamble[:56]).to_bytes(8, "little")
        uuid, out, chain = bytes(self.preamble[40:56]), bytearray(self.preamble), 0
        for number, (head, body, payload) in enumerate(self.records):
            fields = {name: getattr(Row(HEADER, head, 0), name) for name in HEADER.places}
            if fields["kind"] == KINDS["end"][0] and totals and len(body) >= 56:
                body[32:56] = b"".join(value.to_bytes(8, "little") for value in (number, len(out), chain))
            front = to_multiple(len(out) + 64 + len(body), 64) if payload else 0
            fields.update(sequence=number, len_body=len(body), digest_body=digest(body), len_payload=len(payload),
                          digest_payload=digest(payload), num_pad_front=front, num_pad_back=to_multiple(len(payload)))
            fields.update({name: value for record, name, value in overrides or () if record == number})
            packed = HEADER.pack(**fields)
            sealed = digest(packed[:56], seed=digest(uuid)).to_bytes(8, "little")
            out += packed[:56] + sealed + body + bytes(front) + payload + bytes(to_multiple(len(payload)))
            chain = digest(chain.to_bytes(8, "little") + sealed)
        return bytes(out)


def damaged(octets, seed):
    """The stream with one thing wrong, or a few, or none: whoever reads it says which."""
    pick = random.Random(seed)
    pieces = Pieces(octets)
    way = pick.choice(("body", "body", "body", "body", "body", "header", "header", "length", "order", "payload", "preamble",
                       "raw", "cut", "behind"))
    number = pick.randrange(len(pieces.records))
    head, body, payload = pieces.records[number]
    overrides = []
    if way == "raw":
        changed = bytearray(octets)
        changed[pick.randrange(len(octets))] ^= 1 << pick.randrange(8)
        return bytes(changed)
    if way == "cut":
        return octets[: pick.randrange(len(octets))]
    if way == "behind":
        return octets + pick.randbytes(pick.randint(1, 9))
    if way == "preamble":
        change(pieces.preamble, 0, 40, pick)
    elif way == "body" and body:
        for _ in range(pick.choice((1, 1, 1, 2))):
            change(body, 0, len(body), pick)
        if head[4] == 2 and len(body) > 32 and pick.random() < 0.9:
            repair_fingerprint(body)
    elif way == "header":
        name = pick.choice(tuple(HEADER.places)[:-1])
        value = getattr(Row(HEADER, head, 0), name)
        overrides = [(number, name, pick.choice((value ^ 1 << pick.randrange(8 * HEADER.places[name][1]), pick.choice(EDGES),
                                                 value + 8, value + 1)))]
        if name in ("kind", "flags", "device"):
            overrides = [(number, name, pick.choice((overrides[0][2], pick.randrange(15))))]
    elif way == "length":
        words = pick.randint(1, 4) * 8
        pieces.records[number][1] = body + pick.choice((bytes(words), pick.randbytes(words))) if pick.random() < 0.4 else body[:-words]
    elif way == "order":
        other = pick.randrange(len(pieces.records))
        action = pick.choice(("swap", "drop", "double"))
        if action == "swap":
            pieces.records[number], pieces.records[other] = pieces.records[other], pieces.records[number]
        elif action == "drop":
            del pieces.records[number]
        else:
            pieces.records.insert(other, [bytearray(piece) for piece in pieces.records[number]])
    elif way == "payload" and payload:
        change(payload, 0, len(payload), pick)
        if pick.random() < 0.3:
            payload += pick.randbytes(pick.randint(1, 3))
    return pieces.join(overrides, totals=pick.random() < 0.9)


def change(octets, start, end, pick):
    """One bit, one octet, or one number of 2, 4 or 8 octets at a multiple of its size."""
    size = min(pick.choice((1, 1, 1, 2, 2, 4, 4, 8)), end - start)
    at = start + pick.randrange(0, end - start - size + 1, size)
    value = int.from_bytes(octets[at : at + size], "little")
    value = pick.choice((value ^ 1 << pick.randrange(8 * size), pick.choice(EDGES), value + 1, value - 1, value + 8, value - 8))
    octets[at : at + size] = (value % (1 << 8 * size)).to_bytes(size, "little")


def repair_fingerprint(body):
    form, stored = body[4], int.from_bytes(body[24:32], "little")
    canonical = bytes(body[32 : 32 + stored])
    if form == PLAIN:
        body[16:24] = digest(canonical).to_bytes(8, "little")
