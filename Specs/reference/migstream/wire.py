"""Octets, tables of fields, digests, limits and errors: chapter 10 section 1, chapter 40 sections 3 and 4."""
import dataclasses
import xxhash

NONE32, NONE64 = 2**32 - 1, 2**64 - 1
REQUIRED, SKIPPABLE = 1, 2

class Refused(Exception):
    """A reader's one error. The stage is filled in by whoever knows which body was being read."""

    def __init__(self, code, offset, expected=None, found=None, stage=None, channel=None, released=None):
        super().__init__(code)
        self.code, self.offset, self.expected, self.found = code, offset, expected, found
        self.stage, self.channel, self.released = stage, channel, released

    def __str__(self):
        return f"{self.code} at {self.offset} ({self.stage}), expected {self.expected}, found {self.found}"

@dataclasses.dataclass
class Limits:
    recordBodyBytesMax: int = 16 << 20
    payloadBytesMax: int = 64 << 20
    devicesMax: int = 65536
    regionsMax: int = 4096
    parametersMax: int = 1024
    sectionsMax: int = 4096
    subsectionsMax: int = 4096
    textBytesMax: int = 1024
    layoutsMax: int = 65536
    layoutBytesMax: int = 8 << 20
    layoutBytesTotalMax: int = 16 << 20
    fieldsMax: int = 65536
    nestingMax: int = 8
    blockBytesMax: int = 16 << 20
    extentsMax: int = 1 << 20
    zstdWindowBytesMax: int = 4 << 20
    zstdPlainBytesMax: int = 4 << 20
    passRunsMax: int = 1 << 20
    barriersMax: int = 65536

def digest(octets, seed=0):
    return xxhash.xxh3_64_intdigest(octets, seed)

def to_multiple(length, of=8):
    """How many octets bring `length` to a multiple."""
    return -length % of

def is_power_of_two(value):
    return value > 0 and value & (value - 1) == 0

def signed(value, size):
    return value - (1 << 8 * size) if value >> (8 * size - 1) else value

class Table:
    """Fields of fixed size, one after the other, as the chapters list them: "name:octets name:octets ..."."""

    def __init__(self, text):
        self.places, self.size = {}, 0
        for word in text.split():
            name, _, size = word.partition(":")
            self.places[name] = (self.size, int(size))
            self.size += int(size)

    def pack(self, **values):
        assert values.keys() <= self.places.keys(), values.keys() - self.places.keys()
        octets = bytearray(self.size)
        for name, value in values.items():
            at, size = self.places[name]
            if isinstance(value, int):
                value = (value & ((1 << 8 * size) - 1)).to_bytes(size, "little")
            octets[at : at + size] = value
        return bytes(octets)

class Row:
    """One table's fields as they stand in a stream: `row.name` is a value, `row.at("name")` its offset. A field is there
    once it is asked for: fields are read and judged one after the other, and the first that is not whole is named."""

    def __init__(self, table, octets, start, end=None):
        self.table, self.source, self.start, self.end = table, octets, start, start + table.size
        self.source_end = self.end if end is None else end

    def __getattr__(self, name):
        if name not in self.__dict__.get("table", Table("")).places:
            raise AttributeError(name)
        self.whole(name)
        at, size = self.table.places[name]
        value = int.from_bytes(self.source[self.start + at : self.start + at + size], "little")
        setattr(self, name, value)
        return value

    def whole(self, last=None):
        """All fields up to `last` are there."""
        for name, (at, size) in self.table.places.items() if self.end > self.source_end else ():
            if self.start + at + size > self.source_end:
                raise Refused("truncatedData", self.start + at, size, max(0, self.source_end - self.start - at))
            if name == last:
                break

    def at(self, name):
        return self.start + self.table.places[name][0]

    def must(self, condition, name, code="badValue", expected=None, found=None):
        if not condition:
            raise Refused(code, self.at(name), expected, getattr(self, name) if found is None else found)

    def equal(self, name, expected, code="badValue"):
        self.must(getattr(self, name) == expected, name, code, expected)

    def at_most(self, name, limit):
        self.must(getattr(self, name) <= limit, name, "limitExceeded", limit)

    def zero(self, name="reserved"):
        self.must(getattr(self, name) == 0, name, "reservedNotZero", 0)

    def one_mark(self, name):
        """Exactly one of the two bits of a mark, and nothing else in the field."""
        self.must(getattr(self, name) >> 2 == 0, name, "reservedNotZero", 0)
        self.must(getattr(self, name) in (REQUIRED, SKIPPABLE), name, "badMark")

class Cursor:
    """A place in octets, and where they end."""

    def __init__(self, octets, at, end):
        self.octets, self.at, self.end, self.pending = octets, at, end, None

    @property
    def left(self):
        return self.end - self.at

    def take(self, count):
        """The next octets, whole."""
        if self.pending:
            self.pending.whole()
        start = self.at
        if count > self.left:
            raise Refused("truncatedData", start, count, self.left)
        self.at += count
        return self.octets[start : self.at]

    def row(self, table):
        """A table that is whole or not there: the head of a bulk record, an extent."""
        start = self.at
        self.take(table.size)
        return Row(table, self.octets, start)

    def head(self, table):
        """A table that is read field by field."""
        self.take(0)
        self.pending = Row(table, self.octets, self.at, self.end)
        self.at += table.size
        return self.pending

    def zeros(self, count):
        octets = self.take(count)
        if any(octets):
            place = next(place for place, octet in enumerate(octets) if octet)
            raise Refused("badPadding", self.at - count + place, 0, octets[place])

    def text(self, length, limit=None, code="badText"):
        start = self.at
        if limit is not None and length > limit:
            raise Refused("limitExceeded", start, limit, length)
        octets = self.take(length)
        text = utf8(octets, start)
        if any(octet < 0x20 or octet == 0x7F for octet in octets):
            raise Refused("badText", start)
        return text

    def group(self, lengths, limit=None):
        """A text group: several texts, then zero octets up to a multiple of 8."""
        texts = [self.text(length, limit) for length in lengths]
        self.zeros(to_multiple(sum(lengths)))
        return texts

    def must_end(self, start):
        """What was declared from `start` on was consumed whole."""
        self.take(0)
        if self.left:
            raise Refused("unexpectedData", self.at, self.end - start, self.at - start)

def utf8(octets, offset):
    try:
        return bytes(octets).decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("badText", offset) from None
