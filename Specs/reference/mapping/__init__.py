"""A section in the stream's layout read by the reader's own: chapter 20 sections 5 and 6. Comments name the rows."""
import struct
from migstream.layouts import COUNTED, COUNTED_ARRAY, DEFAULT, FIXED_ARRAY, INTEGERS, ONE, RANGE, SIGNED, VERIFY
from migstream.sections import VARIABLE, Walker
from migstream.wire import Cursor, Refused, to_multiple
from migstream.writer import part_octets

REFERRING = ("size", "count", "index", "guestAddress")
LEAVES_OF_16 = 8  # values of more octets stand as 0 in errors
NUMBERS = {"union": lambda one: one[0], "optional": lambda one: int(one is not None), "structure": lambda one: 0}

class Elements(list):
    """The elements of a mapped field, as part_octets takes them; where each came from; whether they were left alone."""

    def __init__(self, elements, places, at, left=False):
        super().__init__(elements)
        self.places, self.at, self.left = places, at, left

class Mapping:
    def __init__(self, reader_layouts, aliases, version, limits):
        self.layouts, self.aliases, self.version, self.limits = reader_layouts, aliases, version, limits
        self.skipped, self.left, self.unverified, self.numbers = [], [], [], {}

    def demand(self, condition, code, offset, expected=0, found=0):
        if not condition:
            raise Refused(code, offset, expected % 2**64, found % 2**64, "mapping")

    def section(self, part, number, local=None):
        """The section's data, mapped; `part` is the stream's, of layout `number`; `local` the reader's values."""
        self.local, self.length, top = local, 0, self.layouts[0].top
        self.grow(top, part.at)
        values = self.fields(top, part, 0, number, 0)
        self.judge(top, values, 0, local)
        return part_octets(top, values)

    def grow(self, more, at):
        """The result gets octets, or the block of some fields."""
        length = more if isinstance(more, int) else sum(field.len_in_block for field in more)
        self.length += length + to_multiple(length)
        most = self.limits.recordBodyBytesMax
        self.demand(self.length <= most, "limitExceeded", at, most, self.length)

    def judge_depth(self, at, depth):
        self.demand(depth < self.limits.nestingMax, "limitExceeded", at, depth, depth + 1)

    def names(self, layout, field):
        return {field.name, *self.aliases.get((layout, field.number), ())}

    def fields(self, fields, part, layout, number, depth):
        values, taken, theirs = {}, set(), [value for value in part.values() if value.field.kind != "padding"]
        for field in fields:
            names = self.names(layout, field) if field.kind != "padding" else ()
            ours = [value for value in theirs if value.field.name in names]
            for value in ours[1:] or [value for value in ours if value.field.name in taken]:  # A2
                self.demand(False, "duplicateName", value.at, field.number, value.field.number)
            if ours:
                taken.add(ours[0].field.name)
                values[field.name] = self.pair(field, ours[0], layout, number, depth)
            else:
                values[field.name] = self.absent(field, part.at, layout, 0, depth)
        for value in theirs:
            if value.field.name not in taken:
                self.demand(value.field.mark != 1, "unknownRequired", value.at, 0, value.field.number)  # U2
                self.skipped.append((number, value.field.number, value.at))  # U1
        return values

    def pair(self, field, value, layout, number, depth):
        other, at, width = value.field, value.at, value.field.width
        self.judge_pair(field, other, at)
        if field.shape == COUNTED_ARRAY:
            self.demand(value.count <= field.count, "countAboveMaximum", at, field.count, value.count)  # C3
            self.grow(value.count * field.width, at)
        elements, places = [], [value.first + place * width for place in range(value.count)]
        for place, where in enumerate(places):
            if field.kind in VARIABLE:
                elements.append(self.element(field, other, value.elements[place], where, layout, number, depth))
            else:
                elements.append(self.scalar(field, other, value.octets[place * width : (place + 1) * width], where))
        return Elements(elements, places, at)

    def judge_pair(self, field, other, at):
        """Steps 2 to 7: what can be said without values."""
        kinds, types, widths = (field.kind, other.kind), (field.type, other.type), (field.width, other.width)
        referring = "unsigned" in kinds and any(kind in REFERRING for kind in kinds) and field.width == other.width  # T1
        for wrong, code, *values in (
                (field.shape != other.shape, "typeChanged", field.shape, other.shape),  # C4
                (set(kinds) == {"signed", "unsigned"}, "signChanged", *types),  # S1
                (field.kind != other.kind and not referring, "typeChanged", *types),  # W4, T2
                (field.width != other.width and field.kind in ("bytes", "bitmap", "vector"), "countChanged", *widths),  # B1
                (field.kind == "float" and field.width < other.width, "typeChanged", *widths),  # N2
                (field.shape == FIXED_ARRAY and field.count != other.count, "countChanged", field.count, other.count),  # C1
                (field.unit != other.unit, "unitChanged"),  # X1
                (field.clock != other.clock, "unitChanged", field.clock, other.clock)):  # X2
            self.demand(not wrong, code, at, *values)

    def scalar(self, field, other, octets, at):
        value = int.from_bytes(octets, "little", signed=field.kind == "signed")
        if field.kind in ("enumeration", "flags"):
            ours, theirs = ({(mask, name) for mask, name in one.symbols.items()
                             if (mask & value if one.kind == "flags" else mask == value)} for one in (field, other))
            self.demand(ours == theirs, "symbolChanged", at, 0, value)  # Y2
        elif field.kind == "float" and field.width != other.width:  # W3; a NaN keeps its payload in the high bits
            if value >> 23 & 0xFF == 0xFF and value & 0x7FFFFF:
                return ((value >> 31) << 63 | 0x7FF << 52 | (value & 0x7FFFFF) << 29).to_bytes(8, "little")
            return struct.pack("<d", struct.unpack("<f", octets)[0])
        elif field.width == other.width or field.kind not in ("unsigned", "signed", *REFERRING):
            return octets
        try:  # W1, W2, N1, Y3
            return value.to_bytes(field.width, "little", signed=field.kind == "signed")
        except OverflowError:
            return self.demand(False, "valueTooLarge", at, field.width, other.width)

    def element(self, field, other, element, at, layout, number, depth):
        """One element of a structure or of a type that has a variable part."""
        if field.kind in COUNTED and field.flags & RANGE:
            self.demand(len(element) <= field.max, "countAboveMaximum", at, field.max, len(element))  # C3
            self.demand(len(element) >= field.min, "valueOutOfRange", at, field.min, len(element))  # C5
        if field.kind in ("countedBytes", "string"):
            self.grow(len(element), at)
        if field.kind in ("countedBytes", "string") or element is None:
            return element
        if field.kind == "list":
            return [self.list_element(one, depth) for one in element]
        self.judge_depth(at, depth)
        if field.kind != "union":
            self.grow(field.children if field.kind == "optional" else 0, at)
            return self.fields(field.children, element, layout, number, depth + 1)
        for ours in field.children:
            twins = [one.number for one in other.children if one.name in self.names(layout, ours)]
            for twin in twins[1:]:  # A2
                self.demand(False, "duplicateName", at, ours.number, twin)
        (value,) = element[1].values()  # G3
        found = [place for place, ours in enumerate(field.children) if value.field.name in self.names(layout, ours)]
        self.demand(found, "unknownRequired", at, 0, element[0])
        ours, twin = field.children[found[0]], field.children[found[-1 if len(found) < 2 else 1]]
        self.demand(ours is twin, "duplicateName", at, twin.number, value.field.number)
        self.grow([ours], at)
        if ours.kind == value.field.kind == "padding":
            return found[0], {ours.name: self.emptiest(ours, value.at, depth + 1)}
        return found[0], {ours.name: self.pair(ours, value, layout, number, depth + 1)}

    def list_element(self, part, depth):
        at, number, name = part.head.start, part.head.layout, part.layout.name
        found = [place for place, layout in enumerate(self.layouts) if layout.name == name]
        self.demand(found and not part.layout.external, "unknownRequired", at, 0, number)  # G4
        known = self.numbers.setdefault(name, number)
        self.demand(known == number, "duplicateName", at, known, number)  # G5
        self.judge_depth(at, depth)
        top = self.layouts[found[0]].top
        self.grow(8, at)
        self.grow(top, at)
        values = self.fields(top, part, found[0], number, depth + 1)
        return found[0], part_octets(top, values), values  # of the result: layout, octets and what they were made from

    def absent(self, field, at, layout, since, depth):
        """Rows D: the stream has nothing for the field."""
        if field.kind == "padding":  # D5
            return self.emptiest(field, at, depth)
        if field.until and field.until < self.version:  # D4
            self.left.append((layout, field.number, at))
            self.demand(has_emptiest(field), "missingField", at, field.number, self.version)
            return self.emptiest(field, at, depth)
        since = max(since, field.since)
        count = 0 if field.shape == COUNTED_ARRAY else max(1, field.count)
        if field.kind == "structure" and field.shape != COUNTED_ARRAY:  # D6
            self.judge_depth(at, depth)
            return Elements([{child.name: self.absent(child, at, layout, since, depth + 1) for child in field.children}
                             for _ in range(count)], [at] * count, at)
        empty = field.kind in COUNTED and not (field.flags & RANGE and field.min)
        known = field.flags & DEFAULT or field.kind == "optional" or count == 0 or empty
        self.demand(known and since > self.version, "missingField", at, field.number, self.version)  # D2, D3
        default = None
        if field.flags & DEFAULT:
            default = (field.default % (1 << 8 * field.width)).to_bytes(field.width, "little")
        elif empty:
            default = [] if field.kind == "list" else b""
        return Elements([default] * count, [at] * count, at)  # D1

    def emptiest(self, field, at, depth):
        count, least = 0 if field.shape == COUNTED_ARRAY else max(1, field.count), field.min if field.flags & RANGE else 0

        def one():
            if field.kind in ("structure", "union"):
                self.judge_depth(at, depth)
                inner = field.children if field.kind == "structure" else field.children[:1]
                values = {child.name: self.emptiest(child, at, depth + 1) for child in inner}
                return values if field.kind == "structure" else (0, values)
            text = bytes(least)
            return {"optional": None, "list": [], "countedBytes": text, "string": text}.get(field.kind, bytes(field.width))

        return Elements([one() for _ in range(count)], [at] * count, at, left=True)

    def inside(self, field, element, layout, other):
        """What lies in an element: fields, their values, the layout, the reader's own values."""
        if field.kind == "structure" or field.kind == "optional" and element is not None:
            return [(field.children, element, layout, other)]
        if field.kind == "union":
            return [([field.children[element[0]]], element[1], layout, other and other[1])]
        there = [*(other or ()), *[None] * len(element)] if field.kind == "list" else ()
        return [(self.layouts[number].top, values, number, theirs)
                for (number, _, values), theirs in zip(element or (), there)]

    def judge(self, fields, values, layout, local, verified=False):
        """Rows R and V, in the order of the reader's entries. `local`: a Part of the reader's values, or None."""
        for field in fields:
            elements, theirs = values[field.name], local.get(field.name) if local is not None else None
            if elements.left or field.kind == "padding":
                continue
            marked = verified or bool(field.flags & VERIFY)
            compared = marked and self.local is not None
            if field.flags & VERIFY and self.local is None:  # V3
                self.unverified.append((layout, field.number, elements.at))
            if compared and field.shape == COUNTED_ARRAY:
                count = theirs.count if theirs is not None else None
                self.demand(count == len(elements), "verifyMismatch", elements.at, count or 0, len(elements))
            for place, (element, at) in enumerate(zip(elements, elements.places)):
                self.judge_range(field, element, at)
                for different in self.differences(field, element, at, theirs, place) if compared else ():  # V2; else V1
                    self.demand(False, "verifyMismatch", *different)
                there = theirs.elements[place] if theirs is not None and place < len(theirs.elements) else None
                for inner in self.inside(field, element, layout, there) if field.kind in VARIABLE else ():
                    self.judge(*inner, marked)

    def judge_range(self, field, octets, at):
        if field.kind in INTEGERS and field.width <= LEAVES_OF_16:
            value, granule = int.from_bytes(octets, "little", signed=field.kind in SIGNED), 1 << field.alignment_log2
            good = not field.flags & RANGE or field.min <= value <= field.max
            self.demand(good, "valueOutOfRange", at, field.min if value < field.min else field.max, value)  # R1
            self.demand(value % granule == 0, "valueOutOfRange", at, granule, value)

    def differences(self, field, element, at, theirs, place):
        """Whether an element and the reader's own value of it differ, but for what lies in it: offset, theirs, ours."""
        if field.kind not in VARIABLE:
            other = theirs.octets[place * field.width :][: field.width] if theirs is not None else b""
            if other != element:
                both = (other, element) if field.width <= LEAVES_OF_16 and field.shape == ONE else (b"", b"")
                yield at, *(int.from_bytes(one, "little", signed=field.kind in SIGNED) for one in both)
            return
        other, number_of = theirs.elements[place] if theirs is not None else None, NUMBERS.get(field.kind, len)
        ours, own = number_of(element), number_of(other) if theirs is not None else 0
        if ours != own or theirs is None and field.kind != "structure":
            yield at, own, ours
        if field.kind in ("countedBytes", "string") and bytes(other) != bytes(element):
            yield at, 0, 0

def has_emptiest(field):
    """Elements of a list cannot be made up."""
    if field.shape == COUNTED_ARRAY:
        return True
    if field.kind == "list":
        return not (field.flags & RANGE and field.min)
    inner = {"structure": field.children, "union": field.children[:1]}.get(field.kind, ())
    return all(has_emptiest(child) for child in inner)

def read_part(octets, layouts, limits):
    """Section data in layout 0 of some layouts, for local values."""
    walk = Walker(layouts, limits).part(Cursor(octets, 0, len(octets)), layouts[0], layouts[0].top, 0, ())
    try:
        while True:
            next(walk)
    except StopIteration as end:
        return end.value
