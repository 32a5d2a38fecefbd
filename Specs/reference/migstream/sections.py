"""SECTION, subsections and section data: chapter 10 section 6, chapter 20 section 4."""
from .layouts import COUNTED_ARRAY, ONE, RANGE
from .wire import Cursor, Refused, Table, to_multiple, utf8

HEAD = Table("section:2 num_subsections:2 layout:4 pass_:4 reserved:4 len_data:8")
SUBSECTION = Table("len_subsection:4 subsection:2 num_subsections:2 layout:4 num_target:2 reserved:2 len_data:8")
STEP = Table("field:4 element:4")
ELEMENT = Table("layout:4 len_element:4")
VARIABLE = ("countedBytes", "string", "structure", "list", "union", "optional")
REPLACES = 4
NO_TARGET = (-1, 0)  # a step that no target has

class Value:
    """A field in a section's data: where its block octets stand, and its elements (one, if it has no array).

    Scalars are not cut apart: `octets` holds all elements. Of other types `elements` has the octets of countedBytes and
    strings; the Part of a structure; the Part of an optional or None; (child, Part) of a union; the Parts of a list.
    """

    def __init__(self, field, at):
        self.field, self.at, self.octets, self.elements, self.count = field, at, b"", [], max(1, field.count)
        self.first = at  # of the elements

    def place(self, number):
        """Where an element's block octets stand."""
        return self.first + number * self.field.width

class Part(dict):
    """Values by name of field, of a layout or of a group in one; where its octets start; of a list's element its head."""

    def __init__(self, at, layout=None, head=None):
        super().__init__()
        self.at, self.layout, self.head = at, layout, head

class Walker:
    """Walks data by its layout, entry by entry, and checks all that framing checks.

    The walk is a generator: it stops at each element that a target may name and gives its path as (field, element)
    steps, and whether what lies below is external.
    """

    def __init__(self, state):
        self.layouts, self.nesting_max = state.layouts, state.limits.nestingMax

    def part(self, cursor, layout, fields, depth, path, head=None):
        part = Part(cursor.at, layout, head)
        start, length = cursor.at, sum(field.len_in_block for field in fields)
        cursor.take(length)
        cursor.zeros(to_multiple(length))
        yield from self.fields(fields, Cursor(cursor.octets, start, start + length), cursor, part, depth, path)
        return part

    def fields(self, fields, block, variable, part, depth, path):
        """For each field its octets in the block, then its variable part."""
        for field in fields:
            value = part[field.name] = Value(field, block.at)
            octets = block
            if field.shape == COUNTED_ARRAY:
                value.count = number(block, 0, field.count)
                start, length = variable.at, value.count * field.width
                variable.take(length)
                variable.zeros(to_multiple(length))
                octets, value.first = Cursor(variable.octets, start, start + length), start
            if field.kind in VARIABLE:
                for place in range(value.count):
                    here = (*path, (field.number, place))
                    value.elements.append((yield from self.element(field, octets, variable, depth, here)))
            else:
                place = Cursor(octets.octets, octets.at, octets.at + value.count * field.width)
                value.octets = octets.take(place.left)
                judge_scalars(field, value.octets, place)

    def element(self, field, octets, variable, depth, here):
        """One element of a type that has a variable part, or of a structure."""
        kind = field.kind
        if kind == "structure":
            self.check_depth(octets.at, depth)
            yield here, False
            part = Part(octets.at)
            yield from self.fields(field.children, octets, variable, part, depth + 1, here)
            return part
        least, most = 0, {"union": len(field.children) - 1, "optional": 1}.get(kind, 2**32 - 1)
        if field.flags & RANGE:
            least, most = field.min, field.max
        count = number(octets, least, most)
        if kind in ("countedBytes", "string"):
            start, content = variable.at, variable.take(count)
            variable.zeros(to_multiple(count))
            if kind == "string":
                utf8(content, start)
            return content
        if kind == "list":
            elements = []
            for place in range(count):
                target = (*here[:-1], (field.number, place)) if field.shape == ONE else None
                elements.append((yield from self.list_element(variable, depth, target)))
            return elements
        if kind == "optional" and not count:
            return None
        self.check_depth(variable.at, depth)
        yield here, False
        children = field.children if kind == "optional" else [field.children[count]]
        part = yield from self.part(variable, None, children, depth + 1, here)
        return part if kind == "optional" else (count, part)

    def list_element(self, cursor, depth, here):
        """`here` is None in an array of lists: no target leads there."""
        self.check_depth(cursor.at, depth)
        row = cursor.row(ELEMENT)
        row.must(row.layout < len(self.layouts), "layout", "unknownLayout", len(self.layouts))
        row.must(row.len_element % 8 == 0, "len_element")
        layout, inner = self.layouts[row.layout], Cursor(cursor.octets, cursor.at, cursor.at + row.len_element)
        cursor.take(row.len_element)
        if here is not None:
            yield here, layout.external
        part = Part(row.end, layout, row)
        if not layout.external:
            part = yield from self.part(inner, layout, layout.top, depth + 1, here or (NO_TARGET,), row)
            inner.must_end(row.end)
        return part

    def check_depth(self, at, depth):
        if depth == self.nesting_max:
            raise Refused("limitExceeded", at, self.nesting_max, depth + 1)

def judge_scalars(field, octets, cursor):
    if field.kind == "bool" and any(octet > 1 for octet in octets):
        place = next(place for place, octet in enumerate(octets) if octet > 1)
        raise Refused("badValue", cursor.at + place, 1, octets[place])
    if field.kind == "padding":
        cursor.zeros(cursor.left)

def number(cursor, least, most):
    value = int.from_bytes(cursor.take(4), "little")
    if not least <= value <= most:
        raise Refused("badValue", cursor.at - 4, least if value < least else most, value)
    return value

class Piece:
    """A section or subsection: its head, its target, its data, what is nested in it."""

    def __init__(self, state, row, order, data, rest):
        self.row, self.order, self.data, self.rest, self.nested = row, order, None, rest, []
        self.cursor, self.walk, self.reached = data, self.steps(state), ((), False)

    def steps(self, state):
        start, layout = self.cursor.at, state.layouts[self.row.layout]
        if layout.external:
            yield (), True
        else:
            self.data = yield from Walker(state).part(self.cursor, layout, layout.top, 0, ())
            self.cursor.must_end(start)

    def has_target(self, target):
        """Walks the data as far as a target."""
        while self.reached is not None:
            path, external = self.reached
            if path == target or external and target[: len(path)] == path:
                return True
            self.reached = next(self.walk, None)
        return False

    def read_inside(self, state, device, depth):
        """The heads of what is nested, the rest of the data, then the inside of what is nested, one after the other."""
        start, cursor, before = self.row.start, self.rest, None
        self.row.must(self.row.layout < len(state.layouts), "layout", "unknownLayout", len(state.layouts))
        for _ in range(self.row.num_subsections):
            piece = read_head(state, device, cursor, depth)
            place = cursor.at - piece.row.len_subsection
            if before is not None and piece.order <= before:
                raise Refused("badOrder", place)
            before = piece.order
            if not self.has_target(piece.order[0]):
                raise Refused("badTarget", piece.row.end)
            self.nested.append(piece)
        cursor.must_end(start)
        for _ in self.walk:
            pass
        for piece in self.nested:
            piece.read_inside(state, device, depth + 1)

def read_section(state, header, cursor):
    head = cursor.head(HEAD)
    device = state.manifest.devices[header.device]
    head.must(head.section < device.num_sections, "section", "unknownSection", device.num_sections)
    state.judge_mark(header, device.sections[head.section].flags)
    head.must(head.layout < len(state.layouts), "layout", "unknownLayout", len(state.layouts))
    head.equal("pass_", state.num_barriers, "badPass")
    head.zero()
    data = frame_data(head, cursor)
    state.judge_section_order(header, head)
    piece = Piece(state, head, None, data, cursor)
    piece.read_inside(state, device, 0)
    return piece

def read_head(state, device, cursor, depth):
    """A subsection as its parent sees it; the cursor goes on behind it."""
    start = cursor.at
    if depth == state.limits.nestingMax:
        raise Refused("limitExceeded", start, state.limits.nestingMax, depth + 1)
    row = cursor.head(SUBSECTION)
    row.zero()
    row.whole()
    row.must(row.len_subsection % 8 == 0 and row.len_subsection >= SUBSECTION.size, "len_subsection")
    row.must(row.subsection < device.num_subsections, "subsection", "unknownSection", device.num_subsections)
    row.must(row.num_target <= 8, "num_target", expected=8)
    inner = Cursor(cursor.octets, row.end, start + row.len_subsection)
    if STEP.size * row.num_target > inner.left:
        raise Refused("truncatedData", row.at("num_target"), inner.at - start + STEP.size * row.num_target, row.len_subsection)
    steps = [inner.row(STEP) for _ in range(row.num_target)]
    target = tuple((step.field, step.element) for step in steps)
    data = frame_data(row, inner)
    if inner.end > cursor.end:
        raise Refused("truncatedData", start, row.len_subsection, cursor.end - start)
    cursor.at = inner.end
    return Piece(state, row, (target, row.subsection), data, inner)

def frame_data(row, cursor):
    row.must(row.len_data % 8 == 0, "len_data")
    if row.len_data > cursor.left:
        raise Refused("truncatedData", row.at("len_data"), row.len_data, cursor.left)
    cursor.at += row.len_data
    return Cursor(cursor.octets, cursor.at - row.len_data, cursor.at)
