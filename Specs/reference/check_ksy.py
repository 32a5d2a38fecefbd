#!/usr/bin/env python3
"""usage: check_ksy.py KSY CORPUS   parses every accepted stream of a corpus by the Kaitai description

The Kaitai compiler is a program for the JVM that no package of PyPI or Debian has. What stands here in its place
interprets the part of the language that the description uses, on Kaitai's public runtime for Python. The result is
compared with the reader: records, kinds, places, and the value of every field of every body that both know by the
same name.
"""
import re
import sys
import kaitaistruct
import yaml
import check_corpus
from migstream.stream import read_stream

INTEGERS = {f"{sign}{size}": f"read_{sign}{size}{'le' if size > 1 else ''}" for sign in "us" for size in (1, 2, 4, 8)}
KNOWN = {"meta", "seq", "enums", "types", "doc", "instances", "id", "type", "size", "size-eos", "contents", "encoding",
         "repeat", "repeat-expr", "repeat-until", "if", "enum", "value", "switch-on", "cases"}


class Node:
    """An object of a described type."""


class Description:
    def __init__(self, path):
        with open(path) as file:
            self.root = yaml.safe_load(file)
        self.enums = {f"{name}::{symbol}": value for name, enum in self.root["enums"].items() for value, symbol in enum.items()}
        for one in [self.root, *self.root["types"].values()]:
            unknown = [key for key in one if key not in KNOWN]
            unknown += [key for field in one["seq"] for key in field if key not in KNOWN]
            assert not unknown, f"the interpreter does not know {unknown}"

    def parse(self, octets):
        stream = kaitaistruct.KaitaiStream(kaitaistruct.BytesIO(octets))
        root = self.read_type(self.root, stream)
        return root, stream.pos()

    def value(self, expression, node, stream, item=None):
        """Kaitai's expressions are Python's, but for enums and the names of the stream and of the last item."""
        if not isinstance(expression, str):
            return expression
        text = re.sub(r"\b\w+::\w+", lambda match: str(self.enums[match[0]]), expression)
        text = re.sub(r"\.as<\w+>", "", text).replace("_io.pos", str(stream.pos()))
        names = {**vars(node), "_": item}
        return eval(text, {"__builtins__": {}}, names)  # the description is ours, not input

    def read_type(self, described, stream):
        node = Node()
        for field in described["seq"]:
            if "if" in field and not self.value(field["if"], node, stream):
                continue
            setattr(node, field["id"], self.read_repeated(field, node, stream))
        for name, instance in described.get("instances", {}).items():
            setattr(node, name, self.value(instance["value"], node, stream))
        return node

    def read_repeated(self, field, node, stream):
        repeat = field.get("repeat")
        if repeat is None:
            return self.read_one(field, node, stream)
        if repeat == "expr":
            return [self.read_one(field, node, stream) for _ in range(self.value(field["repeat-expr"], node, stream))]
        items = []
        while not items or not self.value(field["repeat-until"], node, stream, items[-1]):
            start = stream.pos()
            items.append(self.read_one(field, node, stream))
            items[-1].start = start
        return items

    def read_one(self, field, node, stream):
        kind = field.get("type")
        if isinstance(kind, dict):
            chosen = self.value(kind["switch-on"], node, stream)
            kind = next((name for case, name in kind["cases"].items() if self.enums[case] == chosen), None)
        if "contents" in field:
            expected = bytes(field["contents"])
            octets = stream.read_bytes(len(expected))
            if octets != expected:
                raise kaitaistruct.ValidationNotEqualError(expected, octets, stream, field["id"])
            return octets
        if kind in INTEGERS:
            return getattr(stream, INTEGERS[kind])()
        octets = None
        if field.get("size-eos"):
            octets = stream.read_bytes_full()
        elif "size" in field:
            octets = stream.read_bytes(self.value(field["size"], node, stream))
        if kind is None:
            return octets
        if kind == "str":
            return octets.decode(field["encoding"])
        if octets is None:
            return self.read_type(self.root["types"][kind], stream)
        inner = kaitaistruct.KaitaiStream(kaitaistruct.BytesIO(octets))
        parsed = self.read_type(self.root["types"][kind], inner)
        if not inner.is_eof():
            raise ValueError(f"{kind} leaves {inner.size() - inner.pos()} octets")
        return parsed


def rows_of(content):
    """The rows of the reader's content that stand for a body: a Row itself, or the one it keeps."""
    for one in (content, getattr(content, "head", None), getattr(content, "row", None)):
        if hasattr(one, "table"):
            return one
    return None


def compare(root, records, channel):
    """How many values were compared."""
    ours = [record for record in records if record.header.channel == channel]
    theirs = [(record.start, record.header.kind) for record in root.records]
    assert [(record.header.start, record.header.kind) for record in ours] == theirs, "records differ"
    compared = 0
    for record, parsed in zip(ours, root.records):
        for row, node in ((record.header, parsed.header), (rows_of(record.content), parsed.body)):
            for name in row.table.places if row is not None else ():
                value = getattr(node, {"pass_": "pass_number", "default": "default_value"}.get(name, name), None)
                if isinstance(value, int):
                    assert value == getattr(row, name), f"{record.name} at {record.header.start}: {name} differs"
                    compared += 1
        if record.name == "manifest":
            for device, node in zip(record.content.devices, parsed.body.devices):
                assert (device.path, list(device.parameters)) == (node.rest.path, [one.name for one in node.rest.parameters])
        if record.name == "memory":
            assert record.content.extents == [(one.offset, one.length, one.kind) for one in parsed.body.extents]
        if record.name == "section":
            assert len(record.content.nested) == len(parsed.body.subsections)
    return compared


def main():
    description, streams, compared = Description(sys.argv[1]), 0, 0
    for path, keys, parts in check_corpus.scenarios(sys.argv[2]):
        channels = [octets for name, octets in parts if name in ("stream", "channel")]
        if path.parent.name == "reverse" or keys["expect"] != "accept" and path.parent.name != "mapping":
            continue
        records = list(read_stream(channels[0], check_corpus.limits_of(keys), channels[1:])) if path.parent.name != "mapping" \
            else list(read_stream(channels[0]))
        for octets in channels:
            try:
                root, end = description.parse(octets)
                assert end == len(octets), f"{len(octets) - end} octets are left over"
                compared += compare(root, records, root.hello.channel if hasattr(root, "hello") else 0)
            except (AssertionError, EOFError, ValueError, kaitaistruct.KaitaiStructError) as fault:
                sys.exit(f"{path}: {fault}")
            streams += 1
    print(f"{streams} channels parsed by the Kaitai description, {compared} values compared")


if __name__ == "__main__":
    main()
