"""A section in the stream's layout read by the reader's own: chapter 20 sections 5 and 6. Comments name the rows."""
import struct
from .layouts import COUNTED, COUNTED_ARRAY, DEFAULT, FIXED_ARRAY, INTEGERS, RANGE, SIGNED, VERIFY
from .sections import VARIABLE, Walker
from .wire import Cursor, Refused, to_multiple
from .writer import part_octets

REFERRING = ("size", "count", "index", "guestAddress")
WIDENED = ("unsigned", *REFERRING, "signed")
LEAVES_OF_16 = 8  # values of more octets stand as 0 in errors

class Elements(list):
    """The elements of a mapped field, as part_octets takes them; where each came from; whether they were left alone."""

    def __init__(self, elements, places, at, left=False):
        super().__init__(elements)
        self.places, self.at, self.left = places, at, left

class ListElement(tuple):
    """(layout, octets) of the result, and the values that the octets were made from."""
    values = None

class Mapping:
    def __init__(self, reader_layouts, aliases, version, limits):
        self.layouts, self.aliases, self.version, self.limits = reader_layouts, aliases, version, limits
        self.skipped, self.left, self.unverified, self.numbers = [], [], [], {}

    def refuse(self, code, offset, expected=0, found=0):
        raise Refused(code, offset, expected % 2**64, found % 2**64, "mapping")

    def section(self, part, number, local=None):
        """The section's data, mapped; `part` is the stream's, of layout `number`; `local` the reader's values."""
        self.local, self.length = local, 0
        self.grow(self.layouts[0].top, part.at)
        values = self.fields(self.layouts[0].top, part, 0, number, 0, 0)
        self.judge(self.layouts[0].top, values, 0, local)
        return part_octets(self.layouts[0].top, values)

    def grow(self, more, at):
        """The result gets octets, or the block of some fields."""
        length = more if isinstance(more, int) else sum(field.len_in_block for field in more)
        self.length += length + to_multiple(length)
        if self.length > self.limits.recordBodyBytesMax:
            self.refuse("limitExceeded", at, self.limits.recordBodyBytesMax, self.length)

    def names(self, layout, field):
        return {field.name, *self.aliases.get((layout, field.number), ())}

    def fields(self, fields, part, layout, number, depth, since):
        values, taken = {}, {}
        for field in fields:
            if field.kind == "padding":  # D5
                values[field.name] = self.emptiest(field, part.at)
                continue
            names = self.names(layout, field)
            ours = [value for name, value in part.items() if name in names and value.field.kind != "padding"]
            for value in ours[1:] or [value for value in ours if value.field.name in taken]:  # A2
                self.refuse("duplicateName", value.at, field.number, value.field.number)
            if ours:
                taken[ours[0].field.name] = True
                values[field.name] = self.pair(field, ours[0], layout, number, depth)
            else:
                values[field.name] = self.absent(field, part.at, layout, since)
        for name, value in part.items():
            if name not in taken and value.field.kind != "padding":
                if value.field.mark == 1:  # U2
                    self.refuse("unknownRequired", value.at, 0, value.field.number)
                self.skipped.append((number, value.field.number, value.at))  # U1
        return values

    def pair(self, field, value, layout, number, depth):
        other, at = value.field, value.at
        self.judge_pair(field, other, at)
        if field.shape == COUNTED_ARRAY and value.count > field.count:  # C3
            self.refuse("countAboveMaximum", at, field.count, value.count)
        if field.shape == COUNTED_ARRAY:
            self.grow(value.count * field.width, at)
        elements, places = [], [value.place(place) for place in range(value.count)]
        for place, where in enumerate(places):
            if field.kind in VARIABLE:
                element = self.element(field, other, value.elements[place], where, layout, number, depth)
            else:
                element = self.scalar(field, other, value.octets[place * other.width : (place + 1) * other.width], where)
            elements.append(element)
        return Elements(elements, places, at)

    def judge_pair(self, field, other, at):
        """Steps 2 to 7: what can be said without values."""
        kinds, types, widths = (field.kind, other.kind), (field.type, other.type), (field.width, other.width)
        if field.shape != other.shape:  # C4
            self.refuse("typeChanged", at, field.shape, other.shape)
        if field.kind != other.kind:
            if set(kinds) == {"signed", "unsigned"}:  # S1
                self.refuse("signChanged", at, *types)
            same = "unsigned" in kinds and (kinds[0] in REFERRING or kinds[1] in REFERRING) and field.width == other.width
            if not same:  # W4, T2; else T1
                self.refuse("typeChanged", at, *types)
        if field.width != other.width:
            if field.kind in ("bytes", "bitmap", "vector"):  # B1
                self.refuse("countChanged", at, *widths)
            if field.kind == "float" and field.width < other.width:  # N2
                self.refuse("typeChanged", at, *widths)
        if field.shape == FIXED_ARRAY and field.count != other.count:  # C1
            self.refuse("countChanged", at, field.count, other.count)
        if field.unit != other.unit:  # X1
            self.refuse("unitChanged", at)
        if field.clock != other.clock:  # X2
            self.refuse("unitChanged", at, field.clock, other.clock)

    def scalar(self, field, other, octets, at):
        if field.kind in ("enumeration", "flags"):
            value = int.from_bytes(octets, "little")
            used = [{(mask, name) for mask, name in one.symbols.items() if (mask & value if one.kind == "flags" else mask == value)}
                    for one in (field, other)]
            if used[0] != used[1]:  # Y2
                self.refuse("symbolChanged", at, 0, value)
            if value >> 8 * field.width:  # Y3
                self.refuse("valueTooLarge", at, field.width, other.width)
            return value.to_bytes(field.width, "little")
        if field.width == other.width or field.kind not in (*WIDENED, "float"):
            return octets
        if field.kind == "float":  # W3; a NaN keeps its payload in the high bits
            bits = int.from_bytes(octets, "little")
            if bits >> 23 & 0xFF == 0xFF and bits & 0x7FFFFF:
                return ((bits >> 31) << 63 | 0x7FF << 52 | (bits & 0x7FFFFF) << 29).to_bytes(8, "little")
            return struct.pack("<d", struct.unpack("<f", octets)[0])
        value = int.from_bytes(octets, "little", signed=field.kind == "signed")  # W1, W2, N1
        try:
            return value.to_bytes(field.width, "little", signed=field.kind == "signed")
        except OverflowError:
            return self.refuse("valueTooLarge", at, field.width, other.width)

    def element(self, field, other, element, at, layout, number, depth):
        """One element of a structure or of a type that has a variable part."""
        if field.kind in COUNTED:
            if field.flags & RANGE and len(element) > field.max:  # C3
                self.refuse("countAboveMaximum", at, field.max, len(element))
            if field.flags & RANGE and len(element) < field.min:  # C5
                self.refuse("valueOutOfRange", at, field.min, len(element))
        if field.kind in ("countedBytes", "string"):
            self.grow(len(element), at)
        if field.kind in ("countedBytes", "string") or element is None:
            return element
        if field.kind != "list" and depth == self.limits.nestingMax:
            self.refuse("limitExceeded", at, depth, depth + 1)
        if field.kind == "list":
            return [self.list_element(one, depth) for one in element]
        if field.kind != "union":
            self.grow(field.children if field.kind == "optional" else 0, at)
            return self.fields(field.children, element, layout, number, depth + 1, 0)
        for ours in field.children:
            twins = [one for one in other.children if one.name in self.names(layout, ours)]
            if len(twins) > 1:  # A2
                self.refuse("duplicateName", at, ours.number, twins[1].number)
        child, part = element  # G3
        (value,) = part.values()
        found = [place for place, ours in enumerate(field.children) if value.field.name in self.names(layout, ours)]
        if not found:
            self.refuse("unknownRequired", at, 0, child)
        ours = field.children[found[0]]
        self.grow([ours], at)
        if len(found) > 1:
            self.refuse("duplicateName", value.at, field.children[found[1]].number, value.field.number)
        if ours.kind == value.field.kind == "padding":
            return found[0], {ours.name: self.emptiest(ours, value.at)}
        return found[0], {ours.name: self.pair(ours, value, layout, number, depth + 1)}

    def list_element(self, part, depth):
        at, number, name = part.head.start, part.head.layout, part.layout.name
        found = [place for place, layout in enumerate(self.layouts) if layout.name == name]
        if part.layout.external or not found:  # G4
            self.refuse("unknownRequired", at, 0, number)
        if self.numbers.setdefault(name, number) != number:  # G5
            self.refuse("duplicateName", at, self.numbers[name], number)
        if depth == self.limits.nestingMax:
            self.refuse("limitExceeded", at, depth, depth + 1)
        top = self.layouts[found[0]].top
        self.grow(8, at)
        self.grow(top, at)
        values = self.fields(top, part, found[0], number, depth + 1, 0)
        element = ListElement((found[0], part_octets(top, values)))
        element.values = values
        return element

    def absent(self, field, at, layout, since):
        """Rows D: the stream has nothing for the field."""
        if field.until and field.until < self.version:  # D4
            self.left.append((layout, field.number, at))
            return self.emptiest(field, at)
        since = max(since, field.since)
        count = 0 if field.shape == COUNTED_ARRAY else max(1, field.count)
        if field.kind == "structure" and field.shape != COUNTED_ARRAY:  # D6
            return Elements([{child.name: self.default_of(child, at, layout, since) for child in field.children}
                             for _ in range(count)], [at] * count, at)
        if field.flags & DEFAULT:
            default = (field.default % (1 << 8 * field.width)).to_bytes(field.width, "little")
        elif field.kind == "optional" or count == 0:
            default = None
        elif field.kind in COUNTED and not (field.flags & RANGE and field.min):
            default = [] if field.kind == "list" else b""
        else:
            return self.refuse("missingField", at, field.number, self.version)  # D3
        if since <= self.version:  # D2
            self.refuse("missingField", at, field.number, self.version)
        return Elements([default] * count, [at] * count, at)  # D1

    def default_of(self, field, at, layout, since):
        if field.kind == "padding":
            return self.emptiest(field, at)
        return self.absent(field, at, layout, since)

    def emptiest(self, field, at):
        count = 0 if field.shape == COUNTED_ARRAY else max(1, field.count)
        least = field.min if field.flags & RANGE else 0

        def one():
            if field.kind == "structure":
                return {child.name: self.emptiest(child, at) for child in field.children}
            if field.kind == "union":
                return 0, {field.children[0].name: self.emptiest(field.children[0], at)}
            if field.kind == "list":
                return self.refuse("missingField", at, field.number, self.version) if least else []
            return {"optional": None, "countedBytes": bytes(least), "string": bytes(least)}.get(field.kind, bytes(field.width))

        return Elements([one() for _ in range(count)], [at] * count, at, left=True)

    def judge(self, fields, values, layout, local):
        """Rows R and V, in the order of the reader's entries. `local`: a Part of the reader's values, or None."""
        for field in fields:
            elements = values[field.name]
            theirs = local.get(field.name) if local is not None else None
            for place, element in enumerate(elements):
                if not elements.left:
                    self.judge_range(field, element, elements.places[place])
            if field.flags & VERIFY and not elements.left:
                self.verify(field, elements, layout, theirs)
            for place, element in enumerate(elements if field.kind in VARIABLE and not elements.left else ()):
                inner = theirs.elements[place] if theirs is not None and place < len(theirs.elements) else None
                if field.kind == "structure" or field.kind == "optional" and element is not None:
                    self.judge(field.children, element, layout, inner)
                elif field.kind == "union":
                    self.judge([field.children[element[0]]], element[1], layout, inner[1] if inner else None)
                elif field.kind == "list":
                    for where, one in enumerate(element):
                        there = inner[where] if inner and where < len(inner) else None
                        self.judge(self.layouts[one[0]].top, one.values, one[0], there)

    def judge_range(self, field, octets, at):
        if field.kind not in INTEGERS or field.width > LEAVES_OF_16:
            return
        value = int.from_bytes(octets, "little", signed=field.kind in SIGNED)
        if field.flags & RANGE and not field.min <= value <= field.max:  # R1
            self.refuse("valueOutOfRange", at, field.min if value < field.min else field.max, value)
        if value % (1 << field.alignment_log2):
            self.refuse("valueOutOfRange", at, 1 << field.alignment_log2, value)

    def verify(self, field, elements, layout, theirs):
        if self.local is None:  # V3
            self.unverified.append((layout, field.number, elements.at))
        else:
            different = self.difference(field, elements, theirs)
            if different:  # V2; else V1
                self.refuse("verifyMismatch", *different)

    def difference(self, field, elements, theirs):
        """The first place at which a field and the reader's own value of it differ: offset, theirs, ours."""
        if theirs is not None and theirs.count != len(elements):
            return elements.at, theirs.count, len(elements)
        for number, element in enumerate(elements):
            at = elements.places[number]
            if field.kind not in VARIABLE:
                theirs_here = theirs.octets[number * field.width :][: field.width] if theirs is not None else b""
                if theirs_here != element:
                    small = field.width <= LEAVES_OF_16
                    return at, *(int.from_bytes(one, "little") if small else 0 for one in (theirs_here, element))
                continue
            other = theirs.elements[number] if theirs is not None else None
            if field.kind in COUNTED and (other is None or len(other) != len(element)):
                return at, len(other or ()), len(element)
            if field.kind in ("countedBytes", "string"):
                if bytes(other) != bytes(element):
                    return at, 0, 0
                continue
            if field.kind == "union" and other is not None and other[0] != element[0]:
                return at, other[0], element[0]
            if field.kind == "optional" and (other is None) != (element is None):
                return at, int(other is not None), int(element is not None)
            pairs = [(field.children, element, other)]
            if field.kind == "union":
                pairs = [([field.children[element[0]]], element[1], other and other[1])]
            elif field.kind == "list":
                pairs = [(self.layouts[one[0]].top, one.values, there) for one, there in zip(element, other)]
            for fields, values, part in pairs if element is not None else ():
                for child in fields:
                    different = self.difference(child, values[child.name], part.get(child.name) if part else None)
                    if different:
                        return different
        return None

def read_part(octets, layouts, limits):
    """Section data in layout 0 of some layouts, for local values."""
    walk = Walker(layouts, limits).part(
        Cursor(octets, 0, len(octets)), layouts[0], layouts[0].top, 0, ())
    while True:
        try:
            next(walk)
        except StopIteration as end:
            return end.value
