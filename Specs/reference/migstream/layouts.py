"""LAYOUT and the canonical layout: chapter 10 section 5, chapter 20 sections 2 and 3."""
from . import frames
from .wire import Cursor, Refused, Table, digest, signed, to_multiple

RECORD = Table("layout:4 form:1 reserved:3 len_canonical:8 fingerprint:8 len_stored:8")
HEAD = Table("num_fields:4 num_symbols:4 len_text:4 len_block:4 len_name:2 reserved:6")
FIELD = Table("type:1 shape:1 mark:1 flags:1 width:4 count:4 num_descendants:4 len_name:2 len_unit:2 radix:1 clock:1"
              " alignment_log2:1 reserved:1 num_symbols:4 reference:4 min:8 max:8 default:8 since:4 until:4")
SYMBOL = Table("value:8 len_name:2 reserved:6")
PLAIN, ZSTD, EXTERNAL = 0, 1, 2
ONE, FIXED_ARRAY, COUNTED_ARRAY = 0, 1, 2
SECRET, RANGE, DEFAULT, VERIFY = 1, 2, 4, 8

ANY = None  # widths: 1 or more
TYPES = {  # value: (name, widths)
    1: ("unsigned", (1, 2, 4, 8, 16)), 2: ("signed", (1, 2, 4, 8, 16)), 3: ("float", (4, 8)), 4: ("bool", (1,)),
    5: ("enumeration", (1, 2, 4, 8)), 6: ("flags", (1, 2, 4, 8)), 7: ("bitmap", ANY), 8: ("vector", (16, 32, 64)),
    9: ("bytes", ANY), 10: ("uuid", (16,)), 11: ("mac", (6,)), 12: ("pciAddress", (4,)), 13: ("guestAddress", (4, 8)),
    14: ("size", (1, 2, 4, 8)), 15: ("count", (1, 2, 4, 8)), 16: ("index", (1, 2, 4, 8)), 17: ("duration", (8,)),
    18: ("instant", (8,)), 19: ("padding", ANY), 32: ("countedBytes", (4,)), 33: ("string", (4,)),
    48: ("structure", ANY), 49: ("list", (4,)), 50: ("union", (4,)), 51: ("optional", (4,)),
}
VALUES = {name: value for value, (name, _) in TYPES.items()}
GROUPS = ("structure", "union", "optional")
SIGNED = ("signed", "duration")
INTEGERS = ("unsigned", "signed", "enumeration", "flags", "guestAddress", "size", "count", "index", "duration", "instant")
COUNTED = ("countedBytes", "string", "list")

class Layout:
    """One layout: its canonical octets and, unless it is external, its fields as a tree."""

    def __init__(self, canonical, identity=None):
        self.canonical, self.identity = bytes(canonical), identity
        self.external = identity is not None
        self.name, self.fields, self.top = None, [], []

    def parse(self, cursor, limits):
        start = cursor.at
        head = cursor.head(HEAD)
        head.must(head.num_fields >= 1, "num_fields", "badLayout")
        head.at_most("num_fields", limits.fieldsMax)
        head.zero()
        length = HEAD.size + FIELD.size * head.num_fields + SYMBOL.size * head.num_symbols
        length += head.len_text + to_multiple(head.len_text)
        if length > cursor.end - start:
            raise Refused("truncatedData", cursor.end, length, cursor.end - start)
        if length < cursor.end - start:
            raise Refused("unexpectedData", start + length, cursor.end - start, length)
        self.fields = [cursor.row(FIELD) for _ in range(head.num_fields)]
        symbols = [cursor.row(SYMBOL) for _ in range(head.num_symbols)]
        text = Cursor(cursor.octets, cursor.at, cursor.at + head.len_text)
        self.name = name_of(text, head)
        groups = []  # those that the entry is in
        for number, field in enumerate(self.fields):
            field.number = number
            self.shape(field, limits)
            self.join(field, groups, limits)
            self.attributes(field)
            field.name = name_of(text, field)
            field.must(field.len_unit <= min(255, text.left), "len_unit", "badLayout")
            field.unit = text.text(field.len_unit)
            most = len(symbols) if field.kind in ("enumeration", "flags") else 0
            field.must(field.num_symbols <= most, "num_symbols", "badLayout")
            field.symbols = self.symbols(field, symbols[: field.num_symbols], text)
            del symbols[: field.num_symbols]
        head.must(not symbols, "num_symbols", "badLayout")
        head.must(text.left == 0, "len_text", "badLayout")
        head.equal("len_block", sum(field.len_in_block for field in self.top), "badLayout")
        text.end = cursor.end
        text.zeros(text.left)
        for field in self.fields:
            good = field.reference <= len(self.fields) and self.fields[field.reference - 1].shape != ONE
            field.must(field.reference == 0 or good, "reference", "badLayout")
        self.unique_names(self.top)
        return self

    def shape(self, field, limits):
        """What says how wide an entry is and which others belong to it."""
        def must(condition, name, code="badLayout"):
            field.must(condition, name, code)

        must(field.type in TYPES, "type")
        field.kind, widths = TYPES[field.type]
        must(field.shape <= COUNTED_ARRAY, "shape")
        must(field.mark in (1, 2), "mark", "badMark")
        must(field.flags < 16, "flags", "reservedNotZero")
        field.zero()
        must(field.width >= 1 and (widths is ANY or field.width in widths), "width")
        must(field.kind != "bitmap" or field.width % 8 == 0, "width")
        must((field.count == 0) == (field.shape == ONE), "count")
        field.at_most("width", limits.blockBytesMax)
        field.len_in_block = 4 if field.shape == COUNTED_ARRAY else field.width * max(1, field.count)
        if field.len_in_block > limits.blockBytesMax:
            raise Refused("limitExceeded", field.at("count"), limits.blockBytesMax, field.len_in_block)
        must((field.num_descendants >= 1) == (field.kind in GROUPS), "num_descendants")

    def attributes(self, field):
        """What an entry claims besides."""
        def must(condition, name):
            field.must(condition, name, "badLayout")

        must(field.radix in (0, 2, 8, 10, 16), "radix")
        must(field.clock <= 3 if field.kind in ("instant", "duration") else field.clock == 0, "clock")
        must(field.alignment_log2 <= (63 if field.kind in ("guestAddress", "size") else 0), "alignment_log2")
        must(field.reference == 0 or field.kind in ("count", "index"), "reference")
        must(field.until == 0 or field.until >= field.since, "until")
        integer = field.kind in INTEGERS and field.width <= 8
        if field.flags & RANGE:
            must(integer or field.kind in COUNTED, "flags")
        if field.flags & DEFAULT:
            must((integer or field.kind in ("float", "bool", "mac", "pciAddress")) and field.shape != COUNTED_ARRAY, "flags")
        self.claims(field)

    def claims(self, field):
        """min, max and default fit the width and sign of the type."""
        width = 4 if field.kind in COUNTED else field.width

        def fits(value):
            return value == signed(value & ((1 << 8 * width) - 1), width) & (1 << 64) - 1 \
                if field.kind in SIGNED else value < 1 << 8 * width

        for name, flag in (("min", RANGE), ("max", RANGE), ("default", DEFAULT)):
            value = getattr(field, name)
            field.must(fits(value) if field.flags & flag else value == 0, name, "badLayout")
            setattr(field, name, signed(value, 8) if field.kind in SIGNED else value)
        field.must(field.max >= field.min, "max", "badLayout")
        field.must(field.kind != "bool" or field.default <= 1, "default", "badLayout")

    def symbols(self, field, rows, text):
        symbols, before = {}, -1
        for row in rows:
            row.must(row.value < 1 << 8 * field.width, "value", "badLayout")
            row.must(row.value > before, "value", "badOrder")
            row.zero()
            symbols[row.value] = name_of(text, row)
            before = row.value
        return symbols

    def join(self, field, groups, limits):
        """The entry takes its place in the tree; a structure whose last entry this is must be as wide as its children."""
        while groups and groups[-1].last < field.number:
            groups.pop()
        parent = groups[-1] if groups else None
        siblings = parent.children if parent else self.top
        field.last, field.children = field.number + field.num_descendants, []
        field.must(field.last <= (parent.last if parent else len(self.fields) - 1), "num_descendants", "badLayout")
        if field.kind in GROUPS and len(groups) == limits.nestingMax:
            raise Refused("limitExceeded", field.start, limits.nestingMax, len(groups) + 1)
        if parent and parent.kind == "union" and len(siblings) == 256:
            raise Refused("badLayout", field.start)
        siblings.append(field)
        if field.kind in GROUPS:
            groups.append(field)
        for group in reversed(groups):
            if group.last == field.number and group.kind == "structure":
                group.equal("width", sum(child.len_in_block for child in group.children), "badLayout")

    def unique_names(self, siblings):
        names = set()
        for field in siblings:
            if field.name in names:
                raise Refused("duplicateName", field.start)
            names.add(field.name)
            self.unique_names(field.children)

def name_of(text, row):
    row.must(1 <= row.len_name <= min(255, text.left), "len_name", "badLayout")
    return text.text(row.len_name)

def read_layout(state, header, cursor):
    """The body of a LAYOUT record; the layout joins the table of the stream."""
    start, limits = cursor.at, state.limits
    row = cursor.head(RECORD)
    row.equal("layout", len(state.layouts), "badOrder")
    if len(state.layouts) >= limits.layoutsMax:
        raise Refused("limitExceeded", row.at("layout"), limits.layoutsMax, len(state.layouts) + 1)
    row.must(row.form <= EXTERNAL, "form")
    if row.form != PLAIN:
        state.demand("zstd" if row.form == ZSTD else "externalLayouts", row.at("form"))
    row.zero()
    row.at_most("len_canonical", limits.layoutBytesMax)
    if row.len_stored > cursor.left:
        raise Refused("truncatedData", row.at("len_stored"), row.len_stored, cursor.left)
    counted = max(row.len_canonical, row.len_stored) if row.form == EXTERNAL else row.len_canonical
    if state.len_layouts + counted > limits.layoutBytesTotalMax:
        raise Refused("limitExceeded", row.at("len_canonical"), limits.layoutBytesTotalMax, state.len_layouts + counted)
    state.len_layouts += counted
    if row.form == PLAIN:
        row.equal("len_stored", row.len_canonical)
    if row.form == EXTERNAL:
        row.must(row.len_stored >= 1, "len_stored")
    if row.form == ZSTD:
        row.must(row.len_stored < row.len_canonical, "len_stored")
    inner = Cursor(cursor.octets, cursor.at, cursor.at + row.len_stored)
    if row.form == EXTERNAL:
        layout = Layout(b"", inner.text(row.len_stored, limits.textBytesMax))
    cursor.at = cursor.at + row.len_stored
    cursor.zeros(to_multiple(row.len_stored))
    cursor.must_end(start)
    if row.form != EXTERNAL:
        at = inner.at
        canonical = octets = inner.octets[at : inner.end]
        if row.form == ZSTD:
            canonical = frames.decompress(octets, at, row.len_canonical, limits.layoutBytesMax, limits)
        if digest(canonical) != row.fingerprint:
            raise Refused("digestMismatch", row.at("fingerprint"), row.fingerprint, digest(canonical))
        layout = Layout(canonical)
        try:
            layout.parse(inner if row.form == PLAIN else Cursor(canonical, 0, len(canonical)), limits)
        except Refused as fault:
            if row.form == ZSTD:
                fault.offset = at
            raise
    layout.place = (header.start, header.length)
    state.layouts.append(layout)
    return layout
