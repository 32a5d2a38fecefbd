"""SECTION, subsections and section data: chapter 10 section 6, chapter 20 section 4."""
import itertools
import types
from .layouts import COUNTED_ARRAY, ONE, RANGE
from .wire import Cursor, Table, demand, utf8

HEAD = Table("section:2 num_subsections:2 layout:4 pass_:4 reserved:4 len_data:8=%8")
SUBSECTION = Table("len_subsection:4 subsection:2 num_subsections:2 layout:4 num_target:2 reserved:2 len_data:8")
STEP, ELEMENT = Table("field:4 element:4"), Table("layout:4 len_element:4")
VARIABLE = ("countedBytes", "string", "structure", "list", "union", "optional")
REPLACES = 4
NO_TARGET = (-1, 0)  # a step that no target has

class Part(dict):
    """Values by name of field, of a layout or of a group in one; where its octets start; of a list's element its head.

    A value has its field, where its block octets stand, how many elements (1, if it has no array) and where the first
    is. Scalars are not cut apart: `octets` holds all elements. Of other types `elements` has the octets of countedBytes
    and strings; the Part of a structure; the Part of an optional or None; (child, Part) of a union; Parts of a list.
    """

    def __init__(self, at, layout=None, head=None):
        super().__init__()
        self.at, self.layout, self.head = at, layout, head

class Walker:
    """Walks data by its layout, entry by entry, and checks all that framing checks.

    The walk is a generator: it stops at each element that a target may name and gives its path as (field, element)
    steps, and whether what lies below is external. `depth` is the nesting around what is walked.
    """

    def __init__(self, layouts, limits):
        self.layouts, self.nesting_max = layouts, limits.nestingMax

    def part(self, cursor, layout, fields, depth, path, head=None):
        part, start = Part(cursor.at, layout, head), cursor.at
        cursor.padded(sum(field.len_in_block for field in fields))
        yield from self.fields(fields, Cursor(cursor.octets, start, cursor.at), cursor, part, depth, path)
        return part

    def fields(self, fields, block, variable, part, depth, path):
        """For each field its octets in the block, then its variable part."""
        for field in fields:
            octets, value = block, types.SimpleNamespace(
                field=field, at=block.at, octets=b"", elements=[], count=max(1, field.count), first=block.at)
            part[field.name] = value
            if field.shape == COUNTED_ARRAY:
                value.count, value.first = number(block, 0, field.count), variable.at
                variable.padded(value.count * field.width)
                octets = Cursor(variable.octets, value.first, value.first + value.count * field.width)
            if field.kind in VARIABLE:
                for place in range(value.count):
                    here = (*path, (field.number, place))
                    value.elements.append((yield from self.element(field, octets, variable, depth, here)))
            else:
                value.octets = octets.take(value.count * field.width)
                most, code = {"bool": (1, "badValue"), "padding": (0, "badPadding")}.get(field.kind, (255, None))
                for at, octet in enumerate(value.octets if code else b"", octets.at - len(value.octets)):
                    demand(octet <= most, code, at, most, octet)

    def element(self, field, octets, variable, depth, here):
        """One element of a type that has a variable part, or of a structure."""
        kind, most = field.kind, {"union": len(field.children) - 1, "optional": 1}.get(field.kind, 2**32 - 1)
        if kind == "structure":
            part = Part(octets.at)
            self.judge_depth(octets.at, depth)
            yield here, False
            yield from self.fields(field.children, octets, variable, part, depth + 1, here)
            return part
        count = number(octets, *((field.min, field.max) if field.flags & RANGE else (0, most)))
        if kind in ("countedBytes", "string"):
            start, content = variable.at, variable.padded(count)
            if kind == "string":
                utf8(content, start)
            return content
        if kind == "list":  # no target leads into an array of lists
            elements = []
            for place in range(count):
                path = (*here[:-1], (field.number, place)) if field.shape == ONE else (NO_TARGET,)
                elements.append((yield from self.list_element(variable, depth, path)))
            return elements
        if kind == "optional" and not count:
            return None
        self.judge_depth(variable.at, depth)
        yield here, False
        children = field.children if kind == "optional" else [field.children[count]]
        part = yield from self.part(variable, None, children, depth + 1, here)
        return part if kind == "optional" else (count, part)

    def list_element(self, cursor, depth, path):
        self.judge_depth(cursor.at, depth)
        row = cursor.row(ELEMENT)
        row.below("layout", len(self.layouts), "unknownLayout")
        row.must(row.len_element % 8 == 0, "len_element")
        layout, inner = self.layouts[row.layout], cursor.inner(row.len_element)
        yield path, layout.external
        if layout.external:
            return Part(row.end, layout, row)
        part = yield from self.part(inner, layout, layout.top, depth + 1, path, row)
        inner.must_end()
        return part

    def judge_depth(self, at, depth):
        demand(depth < self.nesting_max, "limitExceeded", at, self.nesting_max, depth + 1)

def number(cursor, least, most):
    value = int.from_bytes(cursor.take(4), "little")
    demand(least <= value <= most, "badValue", cursor.at - 4, least if value < least else most, value)
    return value

class Piece:
    """A section or subsection: its head, its target, its data, what is nested in it."""

    def __init__(self, state, row, order, cursor):
        row.must(row.len_data % 8 == 0, "len_data")
        demand(row.len_data <= cursor.left, "truncatedData", row.at("len_data"), row.len_data, cursor.left)
        self.row, self.order, self.data, self.rest, self.nested = row, order, None, cursor, []
        self.cursor, self.walk, self.reached = cursor.inner(row.len_data), self.steps(state), ((), False)

    def steps(self, state):
        layout = state.layouts[self.row.layout]
        if layout.external:
            yield (), True
        else:
            self.data = yield from Walker(state.layouts, state.limits).part(self.cursor, layout, layout.top, 0, ())
            self.cursor.must_end()

    def has_target(self, target):
        """Walks the data as far as a target."""
        for self.reached in itertools.chain([self.reached], self.walk):
            path, external = self.reached
            if path == target or external and target[: len(path)] == path:
                return True
        return False

    def read_inside(self, state, device, depth):
        """The heads of what is nested, the rest of the data, then the inside of what is nested, one after the other."""
        self.row.below("layout", len(state.layouts), "unknownLayout")
        for _ in range(self.row.num_subsections):
            piece = read_head(state, device, self.rest, depth)
            demand(not self.nested or piece.order > self.nested[-1].order, "badOrder", piece.row.start)
            demand(self.has_target(piece.order[0]), "badTarget", piece.row.end)
            self.nested.append(piece)
        self.rest.must_end()
        for _ in self.walk:
            pass
        for piece in self.nested:
            piece.read_inside(state, device, depth + 1)
        return self

def read_section(state, header, cursor):
    device = state.manifest.devices[header.device]

    def section(row):
        row.below("section", device.num_sections, "unknownSection")
        state.judge_mark(header, device.sections[row.section].flags)

    head = cursor.head(HEAD, section=section, pass_=lambda row: row.equal("pass_", state.num_barriers, "badPass"),
                       layout=lambda row: row.below("layout", len(state.layouts), "unknownLayout"))
    piece = Piece(state, head, None, cursor)
    state.judge_section_order(header, head)
    return piece.read_inside(state, device, 0)

def read_head(state, device, cursor, depth):
    """A subsection as its parent sees it; the cursor goes on behind it."""
    start, most = cursor.at, state.limits.nestingMax
    demand(depth < most, "limitExceeded", start, most, depth + 1)
    row = cursor.head(SUBSECTION)
    length, least = row.len_subsection, SUBSECTION.size + STEP.size * row.num_target
    row.must(length % 8 == 0 and length >= SUBSECTION.size, "len_subsection")
    row.below("subsection", device.num_subsections, "unknownSection")
    row.must(row.num_target <= 8, "num_target", expected=8)
    demand(least <= length, "truncatedData", row.at("num_target"), least, length)
    inner = Cursor(cursor.octets, start, start + length)
    inner.at = row.end
    target = tuple(inner.row(STEP).values() for _ in range(row.num_target))
    piece = Piece(state, row, (target, row.subsection), inner)
    demand(inner.end <= cursor.end, "truncatedData", start, length, cursor.end - start)
    cursor.at = inner.end
    return piece
