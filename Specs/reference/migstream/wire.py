"""Octets, tables of fields, texts, digests, limits, errors: chapter 10 sections 1 and 9, 40 sections 3 and 4."""
import contextlib
import re
import types
import xxhash
import zstandard

NONE32, NONE64, REQUIRED, SKIPPABLE = 2**32 - 1, 2**64 - 1, 1, 2
LIMITS = {
    "recordBodyBytesMax": 16 << 20, "payloadBytesMax": 64 << 20, "devicesMax": 65536, "regionsMax": 4096,
    "parametersMax": 1024, "sectionsMax": 4096, "subsectionsMax": 4096, "textBytesMax": 1024, "layoutsMax": 65536,
    "layoutBytesMax": 8 << 20, "layoutBytesTotalMax": 16 << 20, "fieldsMax": 65536, "nestingMax": 8,
    "blockBytesMax": 16 << 20, "extentsMax": 1 << 20, "zstdWindowBytesMax": 4 << 20, "zstdPlainBytesMax": 4 << 20,
    "passRunsMax": 1 << 20, "barriersMax": 65536,
}

def Limits(**changed):
    return types.SimpleNamespace(**{**LIMITS, **changed})

FAULT = ("offset", "expected", "found", "stage", "channel", "released")

class Refused(Exception):
    """A reader's one error. Whoever knows which body was being read fills in the rest."""

    def __init__(self, code, *fault, **more):
        super().__init__(code, *fault)
        self.code = code
        self.__dict__.update({**dict.fromkeys(FAULT), **dict(zip(FAULT, fault)), **more})

@contextlib.contextmanager
def within(stage=None, channel=None, released=None, offset=None):
    """An error inside gets what it does not say itself, and another offset."""
    try:
        yield
    except Refused as fault:
        fault.offset = fault.offset if offset is None else offset
        for name, value in (("stage", stage), ("channel", channel), ("released", released)):
            setattr(fault, name, value if getattr(fault, name) is None else getattr(fault, name))
        raise

def demand(condition, code, *fault, **more):
    if not condition:
        raise Refused(code, *fault, **more)

def digest(octets, seed=0):
    return xxhash.xxh3_64_intdigest(octets, seed)

def judge_digest(octets, said, at, seed=0):
    found = digest(octets, seed)
    demand(found == said, "digestMismatch", at, said, found)

def to_multiple(length, of=8):
    """How many octets bring `length` to a multiple."""
    return -length % of

def padded(octets, of=8):
    return octets + bytes(to_multiple(len(octets), of))

def is_power_of_two(value):
    return value > 0 and value & (value - 1) == 0

def signed(value, size):
    return value - (1 << 8 * size) if value >> (8 * size - 1) else value

def utf8(octets, offset):
    try:
        return bytes(octets).decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("badText", offset) from None

class Table:
    """Fields one after the other: "name:octets", then maybe "=" and what is right: least..most (numbers or names of
    limits), pow2, mark or a multiple (%8); then maybe "!" and the code of the refusal. Fields named reserved are 0."""

    def __init__(self, text):
        self.places, self.checks, self.size = {}, {}, 0
        for word in text.split():
            name, size, check, code = re.fullmatch(r"(\w+):(\d+)(?:=([^!]+))?(?:!(\w+))?", word).groups()
            self.places[name] = (self.size, int(size))
            self.size += int(size)
            if name.startswith("reserved"):
                check, code = "0..0", "reservedNotZero"
            if check:
                self.checks[name] = (check, code or "badValue")

    def pack(self, **values):
        """The fields, then a group of the texts: a value `name` is counted by the field len_name or num_name."""
        octets, texts = b"", ""
        for name, (_, size) in self.places.items():
            if name in values:
                value = values.pop(name)
            else:
                counted = values.pop(name[4:], "")
                texts += counted if isinstance(counted, str) else ""
                value = len(counted.encode() if isinstance(counted, str) else counted)
            octets += value if isinstance(value, bytes) else (value % (1 << 8 * size)).to_bytes(size, "little")
        assert not values, values.keys()
        return octets + padded(texts.encode())

class Row:
    """One table's fields as they stand in a stream: `row.name` is a value, `row.at("name")` its offset. A field is
    there once it is asked for: fields are read and judged in turn, and the first that is not whole is named."""

    def __init__(self, table, octets, start, end=None):
        self.table, self.source, self.start, self.end = table, octets, start, start + table.size
        self.source_end = self.end if end is None else end

    def __getattr__(self, name):
        if name not in self.__dict__.get("table", Table("")).places:
            raise AttributeError(name)
        at, size = self.table.places[name]
        start, left = self.start + at, max(0, self.source_end - self.start - at)
        demand(size <= left, "truncatedData", start, size, left)
        value = int.from_bytes(self.source[start : start + size], "little")
        setattr(self, name, value)
        return value

    def values(self):
        return tuple(getattr(self, name) for name in self.table.places)

    def judge(self, limits=None, **hooks):
        """Each field in turn: what its table says of it, then what a hook, a function of the row, says."""
        for name in self.table.places:
            value = getattr(self, name)
            check, code = self.table.checks.get(name, ("", ""))
            if check == "mark":  # exactly one of the two bits, and nothing else in the field
                self.must(value >> 2 == 0, name, "reservedNotZero", 0)
                self.must(value in (REQUIRED, SKIPPABLE), name, "badMark")
            elif ".." in check:
                least, most = check.split("..")
                self.must(value >= int(least or 0), name, code, int(least or 0))
                code, most = ("limitExceeded", vars(limits)[most]) if most in LIMITS else (code, int(most or value))
                self.must(value <= most, name, code, most)
            elif check:
                self.must(is_power_of_two(value) if check == "pow2" else value % int(check[1:]) == 0, name, code)
            if name in hooks:
                hooks[name](self)
        return self

    def at(self, name):
        return self.start + self.table.places[name][0]

    def must(self, condition, name, code="badValue", expected=None, found=None):
        demand(condition, code, self.at(name), expected, getattr(self, name) if found is None else found)

    def equal(self, name, expected, code="badValue"):
        self.must(getattr(self, name) == expected, name, code, expected)

    def at_most(self, name, limit):
        self.must(getattr(self, name) <= limit, name, "limitExceeded", limit)

    def below(self, name, count, code):
        self.must(getattr(self, name) < count, name, code, count)

class Cursor:
    """A place in octets, and where they start and end."""

    def __init__(self, octets, at, end):
        self.octets, self.start, self.at, self.end = octets, at, at, end

    @property
    def left(self):
        return self.end - self.at

    def take(self, count):
        demand(count <= self.left, "truncatedData", self.at, count, self.left)
        self.at += count
        return self.octets[self.at - count : self.at]

    def inner(self, count):
        """A cursor over the next octets, which this one leaves behind."""
        self.take(count)
        return Cursor(self.octets, self.at - count, self.at)

    def row(self, table):
        """A table that is whole or not there, not judged."""
        self.take(table.size)
        return Row(table, self.octets, self.at - table.size)

    def head(self, table, limits=None, **hooks):
        """A table that is read and judged field by field."""
        self.at += table.size
        return Row(table, self.octets, self.at - table.size, self.end).judge(limits, **hooks)

    def zeros(self, count):
        start, octets = self.at, bytes(self.take(count))
        place = count - len(octets.lstrip(b"\0"))
        demand(place == count, "badPadding", start + place, 0, *octets[place : place + 1])

    def padded(self, count):
        """The next octets, and zeros up to a multiple of 8."""
        octets = self.take(count)
        self.zeros(to_multiple(count))
        return octets

    def text(self, length, limit=NONE64):
        start = self.at
        demand(length <= limit, "limitExceeded", start, limit, length)
        octets = self.take(length)
        text = utf8(octets, start)
        demand(not any(octet < 0x20 or octet == 0x7F for octet in octets), "badText", start)
        return text

    def group(self, row, names, limit):
        """A text group: the texts that a row has the lengths of, then zero octets up to a multiple of 8."""
        start = self.at
        for name in names.split():
            setattr(row, name, self.text(getattr(row, "len_" + name), limit))
        self.zeros(to_multiple(self.at - start))
        return row

    def must_end(self):
        demand(self.left <= 0, "unexpectedData", self.at, self.end - self.start, self.at - self.start)

def decompress(octets, at, len_plain, plain_max, limits):
    """The content of exactly one frame of `len_plain` octets, which starts at `at`; its header is judged first."""
    octets, place, last, code = bytes(octets), 0, False, "compressedDataDamaged"

    def number(size):
        nonlocal place
        place += size
        demand(place <= len(octets), code, at)
        return int.from_bytes(octets[place - size : place], "little")

    magic, descriptor = number(4), number(1)
    single_segment = descriptor >> 5 & 1
    window = number(1 - single_segment)
    window = 0 if single_segment else 8 + (window & 7) << 7 + (window >> 3)
    dictionary, size = number((0, 1, 2, 4)[descriptor & 3]), (single_segment, 2, 4, 8)[descriptor >> 6]
    content = number(size) + (256 if size == 2 else 0)
    demand(magic == 0xFD2FB528 and not descriptor & 8, code, at)
    demand(window <= limits.zstdWindowBytesMax, "limitExceeded", at, limits.zstdWindowBytesMax, window)
    demand(not dictionary and size, code, at)
    demand(content == len_plain, code, at, len_plain, content)
    demand(content <= plain_max, "limitExceeded", at, plain_max, content)
    while not last:
        header = number(3)
        last, kind, length = header & 1, header >> 1 & 3, header >> 3
        place += 1 if kind == 1 else length
        demand(kind != 3, code, at)
    number(4 if descriptor & 4 else 0)
    demand(place == len(octets), code, at + place)
    try:
        return zstandard.ZstdDecompressor(max_window_size=1 << 31).decompress(octets, max(1, len_plain))
    except zstandard.ZstdError:
        raise Refused(code, at) from None

def compress(octets, level=3):
    return zstandard.ZstdCompressor(level=level, write_content_size=True).compress(bytes(octets))
