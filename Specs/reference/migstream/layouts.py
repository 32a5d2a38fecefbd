"""LAYOUT and the canonical layout: chapter 10 section 5, chapter 20 sections 2 and 3."""
from .wire import Cursor, Table, decompress, demand, judge_digest, signed, to_multiple, within

RECORD = Table("layout:4 form:1=..2 reserved:3 len_canonical:8=..layoutBytesMax fingerprint:8 len_stored:8")
HEAD = Table("num_fields:4=1..!badLayout num_symbols:4 len_text:4 len_block:4 len_name:2 reserved:6")
FIELD = Table("type:1 shape:1 mark:1 flags:1 width:4 count:4 num_descendants:4 len_name:2 len_unit:2 radix:1 clock:1"
              " alignment_log2:1 reserved:1 num_symbols:4 reference:4 min:8 max:8 default:8 since:4 until:4")
SYMBOL = Table("value:8 len_name:2 reserved:6")
PLAIN, ZSTD, EXTERNAL = 0, 1, 2
ONE, FIXED_ARRAY, COUNTED_ARRAY = 0, 1, 2
RANGE, DEFAULT, VERIFY = 2, 4, 8
TYPES = {  # value: (name, widths; () is 1 or more)
    1: ("unsigned", (1, 2, 4, 8, 16)), 2: ("signed", (1, 2, 4, 8, 16)), 3: ("float", (4, 8)), 4: ("bool", (1,)),
    5: ("enumeration", (1, 2, 4, 8)), 6: ("flags", (1, 2, 4, 8)), 7: ("bitmap", ()), 8: ("vector", (16, 32, 64)),
    9: ("bytes", ()), 10: ("uuid", (16,)), 11: ("mac", (6,)), 12: ("pciAddress", (4,)), 13: ("guestAddress", (4, 8)),
    14: ("size", (1, 2, 4, 8)), 15: ("count", (1, 2, 4, 8)), 16: ("index", (1, 2, 4, 8)), 17: ("duration", (8,)),
    18: ("instant", (8,)), 19: ("padding", ()), 32: ("countedBytes", (4,)), 33: ("string", (4,)),
    48: ("structure", ()), 49: ("list", (4,)), 50: ("union", (4,)), 51: ("optional", (4,)),
}
VALUES = {name: value for value, (name, _) in TYPES.items()}
GROUPS, SIGNED, COUNTED = ("structure", "union", "optional"), ("signed", "duration"), ("countedBytes", "string", "list")
INTEGERS = (*SIGNED, "unsigned", "enumeration", "flags", "guestAddress", "size", "count", "index", "instant")

class Layout:
    """One layout: its canonical octets and, unless it is external, its fields as a tree."""

    def __init__(self, canonical, identity=None):
        self.canonical, self.identity, self.external = bytes(canonical), identity, identity is not None
        self.name, self.fields, self.top, self.len_children = None, [], [], 0

    def parse(self, cursor, limits):
        start = cursor.at
        head = cursor.head(HEAD, num_fields=lambda head: head.at_most("num_fields", limits.fieldsMax))
        length = HEAD.size + FIELD.size * head.num_fields + SYMBOL.size * head.num_symbols
        length, found = length + head.len_text + to_multiple(head.len_text), cursor.end - start
        demand(length <= found, "truncatedData", cursor.end, length, found)
        demand(length == found, "unexpectedData", start + length, found, length)
        self.fields = [cursor.row(FIELD) for _ in range(head.num_fields)]
        symbols = [cursor.row(SYMBOL) for _ in range(head.num_symbols)]
        text = Cursor(cursor.octets, cursor.at, cursor.at + head.len_text)
        self.name, groups = name_of(text, head), []  # the groups that the entry is in
        for number, field in enumerate(self.fields):
            field.number = number
            judge_shape(field, limits)
            self.join(field, groups, limits)
            judge_attributes(field)
            field.name = name_of(text, field)
            field.must(field.len_unit <= min(255, text.left), "len_unit", "badLayout")
            field.unit = text.text(field.len_unit)
            count, most = field.num_symbols, len(symbols) if field.kind in ("enumeration", "flags") else 0
            field.must(count <= most, "num_symbols", "badLayout")
            field.symbols, symbols = symbols_of(field, symbols[:count], text), symbols[count:]
        head.must(not symbols, "num_symbols", "badLayout")
        head.must(text.left == 0, "len_text", "badLayout")
        head.equal("len_block", self.len_children, "badLayout")
        Cursor(cursor.octets, text.end, cursor.end).zeros(cursor.end - text.end)
        for field in self.fields:
            good = field.reference <= len(self.fields) and self.fields[field.reference - 1].shape != ONE
            field.must(field.reference == 0 or good, "reference", "badLayout")
        unique_names(self.top)
        return self

    def join(self, field, groups, limits):
        """The entry takes its place in the tree; a structure of which it is the last is as wide as its children."""
        while groups and groups[-1].last < field.number:
            groups.pop()
        parent = groups[-1] if groups else None
        siblings = parent.children if parent else self.top
        field.last, field.children, field.len_children = field.number + field.num_descendants, [], 0
        field.must(field.last <= (parent.last if parent else len(self.fields) - 1), "num_descendants", "badLayout")
        if field.kind in GROUPS:
            demand(len(groups) < limits.nestingMax, "limitExceeded", field.start, limits.nestingMax, len(groups) + 1)
        demand(not parent or parent.kind != "union" or len(siblings) < 256, "badLayout", field.start)
        siblings.append(field)
        owner, length = parent or self, field.len_in_block
        owner.len_children = length if parent and parent.kind == "union" else owner.len_children + length
        demand(owner.len_children <= limits.blockBytesMax, "limitExceeded", field.at("width"), limits.blockBytesMax,
               owner.len_children)
        groups += [field] if field.kind in GROUPS else []
        for group in reversed(groups):
            if group.last == field.number and group.kind == "structure":
                group.equal("width", group.len_children, "badLayout")

def judge_shape(field, limits):
    """What says how wide an entry is and which others belong to it."""
    field.kind, widths = TYPES.get(field.type, (None, ()))
    field.must(field.kind, "type", "badLayout")
    field.must(field.shape <= COUNTED_ARRAY, "shape", "badLayout")
    field.must(field.mark in (1, 2), "mark", "badMark")
    field.must(field.flags < 16, "flags", "reservedNotZero")
    field.must(field.reserved == 0, "reserved", "reservedNotZero")
    good = field.width in widths if widths else field.width >= 1
    field.must(good and (field.kind != "bitmap" or field.width % 8 == 0), "width", "badLayout")
    field.must((field.count == 0) == (field.shape == ONE), "count", "badLayout")
    field.at_most("width", limits.blockBytesMax)
    length = field.len_in_block = 4 if field.shape == COUNTED_ARRAY else field.width * max(1, field.count)
    demand(length <= limits.blockBytesMax, "limitExceeded", field.at("count"), limits.blockBytesMax, length)
    field.must((field.num_descendants >= 1) == (field.kind in GROUPS), "num_descendants", "badLayout")

def judge_attributes(field):
    """What an entry claims besides; min, max and default fit the width and sign of the type."""
    kind, integer = field.kind, field.kind in INTEGERS and field.width <= 8
    may_default = (integer or kind in ("float", "bool", "mac", "pciAddress")) and field.shape != COUNTED_ARRAY
    for name, good in (
            ("radix", field.radix in (0, 2, 8, 10, 16)),
            ("clock", field.clock <= (3 if kind in ("instant", "duration") else 0)),
            ("alignment_log2", field.alignment_log2 <= (63 if kind in ("guestAddress", "size") else 0)),
            ("reference", field.reference == 0 or kind in ("count", "index")),
            ("until", field.until == 0 or field.until >= field.since),
            ("flags", not field.flags & RANGE or integer or kind in COUNTED),
            ("flags", not field.flags & DEFAULT or may_default)):
        field.must(good, name, "badLayout")
    width = 4 if kind in COUNTED else field.width
    for name, flag in (("min", RANGE), ("max", RANGE), ("default", DEFAULT)):
        value = getattr(field, name)
        narrow = value % (1 << 8 * width)
        fits = value == (signed(narrow, width) % 2**64 if kind in SIGNED else narrow)
        field.must(fits if field.flags & flag else value == 0, name, "badLayout")
        setattr(field, name, signed(value, 8) if kind in SIGNED else value)
    field.must(field.max >= field.min, "max", "badLayout")
    field.must(kind != "bool" or field.default <= 1, "default", "badLayout")

def symbols_of(field, rows, text):
    symbols = {}
    for row in rows:
        row.must(row.value < 1 << 8 * field.width, "value", "badLayout")
        row.must(row.value > max(symbols, default=-1), "value", "badOrder")
        symbols[row.judge().value] = name_of(text, row)
    return symbols

def unique_names(siblings):
    names = set()
    for field in siblings:
        demand(field.name not in names, "duplicateName", field.start)
        names.add(field.name)
        unique_names(field.children)

def name_of(text, row):
    row.must(1 <= row.len_name <= min(255, text.left), "len_name", "badLayout")
    return text.text(row.len_name)

def read_layout(state, header, cursor):
    """The body of a LAYOUT record; the layout joins the table of the stream."""
    limits, count, features = state.limits, len(state.layouts), {ZSTD: "zstd", EXTERNAL: "externalLayouts"}

    def number(row):
        row.equal("layout", count, "badOrder")
        demand(count < limits.layoutsMax, "limitExceeded", row.at("layout"), limits.layoutsMax, count + 1)

    def len_stored(row):
        stored, canonical = row.len_stored, row.len_canonical
        demand(stored <= cursor.left, "truncatedData", row.at("len_stored"), stored, cursor.left)
        state.len_layouts += max(canonical, stored) if row.form == EXTERNAL else canonical
        most = limits.layoutBytesTotalMax
        demand(state.len_layouts <= most, "limitExceeded", row.at("len_canonical"), most, state.len_layouts)
        good = (stored == canonical, stored < canonical, stored >= 1)[row.form]
        row.must(good, "len_stored", expected=canonical if row.form == PLAIN else None)

    row = cursor.head(RECORD, limits, layout=number, len_stored=len_stored,
                      form=lambda row: state.demand(features.get(row.form, "zstd"), row.at("form"), row.form != PLAIN))
    inner = Cursor(cursor.octets, cursor.at, cursor.at + row.len_stored)
    if row.form == EXTERNAL:
        layout = Layout(b"", inner.text(row.len_stored, limits.textBytesMax))
    canonical = cursor.padded(row.len_stored)
    cursor.must_end()
    if row.form == ZSTD:
        canonical = decompress(canonical, inner.at, row.len_canonical, limits.layoutBytesMax, limits)
    if row.form != EXTERNAL:
        judge_digest(canonical, row.fingerprint, row.at("fingerprint"))
        with within(offset=inner.at if row.form == ZSTD else None):
            source = inner if row.form == PLAIN else Cursor(canonical, 0, len(canonical))
            layout = Layout(canonical).parse(source, limits)
    layout.place = (header.start, header.length)
    state.layouts.append(layout)
    return layout
