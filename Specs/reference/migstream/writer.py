"""Writes streams: the same tables as the reader's, the other way round."""
from . import bulk, layouts, manifest, sections, stream
from .layouts import COUNTED_ARRAY, VALUES
from .records import FLAGS, HEADER, KINDS, MAGIC, PREAMBLE, STREAM, SYNC
from .wire import NONE32, REQUIRED, compress, digest, padded, to_multiple

def number_octets(value, size=8):
    return value.to_bytes(size, "little")

class StreamWriter:
    """One channel of a stream; `octets` holds what was written. Devices and regions are those of `manifest`."""

    def __init__(self, uuid, features=(), **preamble):
        self.uuid, self.records, self.chain, self.num_barriers, self.num_sections = uuid, 0, 0, 0, 0
        head = PREAMBLE.pack(magic=MAGIC, major=1, profile=STREAM, digest_kind=1, uuid=uuid,
                             flags_mandatory=sum(map(FLAGS.get, features)), **{"num_channels": 1, **preamble})
        self.octets = bytearray(head[:56] + number_octets(digest(head[:56])))

    def record(self, kind, body, payload=b"", flags=REQUIRED, device=NONE32):
        """A record of any kind, by name or number; digests, pads and sequence are made here."""
        front = to_multiple(len(self.octets) + 64 + len(body), 64) if payload else 0
        head = HEADER.pack(sync=SYNC, kind=KINDS[kind][0] if kind in KINDS else kind, flags=flags, num_pad_front=front,
                           num_pad_back=to_multiple(len(payload)), device=device, sequence=self.records, body=body,
                           digest_body=digest(body), payload=payload, digest_payload=digest(payload))
        digest_header = number_octets(digest(head[:56], seed=digest(self.uuid)))
        self.octets += head[:56] + digest_header + body + bytes(front) + padded(payload)
        self.records, self.chain = self.records + 1, digest(number_octets(self.chain) + digest_header)

    def manifest(self, producer, version, architecture, regions=(), devices=(), **head):
        self.regions, self.devices = regions, devices
        body = manifest.HEAD.pack(producer=producer, version=version, architecture=architecture, regions=regions,
                                  devices=devices, **head)
        body += b"".join(manifest.REGION.pack(**region) for region in regions)
        self.record("manifest", body + b"".join(map(device_octets, devices)))

    def layout(self, number, canonical, form=layouts.PLAIN):
        """`canonical` is octets, or for an external layout the text that identifies it."""
        stored = {layouts.PLAIN: bytes, layouts.ZSTD: compress, layouts.EXTERNAL: str.encode}[form](canonical)
        said = {} if form == layouts.EXTERNAL else {"canonical": canonical, "fingerprint": digest(canonical)}
        self.record("layout", layouts.RECORD.pack(layout=number, form=form, stored=stored, **said) + padded(stored))

    def section(self, device, section, layout, data, subsections=(), replaces=False):
        head = sections.HEAD.pack(section=section, subsections=subsections, layout=layout,
                                  pass_=self.num_barriers, data=data)
        mark = self.devices[device]["sections"][section]["flags"] | sections.REPLACES * replaces
        self.num_sections += 1
        self.record("section", head + data + b"".join(subsections), b"", mark, device)

    def bulk(self, kind, table, fields, more, octets, compressed, flags, device):
        head = table.pack(pass_=self.num_barriers, encoding=compressed, plain=octets,
                          digest_plain=digest(octets) if compressed else 0, **fields)
        self.record(kind, head + more, compress(octets) if compressed else octets, flags, device)

    def memory(self, region, extents, octets, compressed=False):
        """Extents are (offset, length, kind); `octets` those of the data extents, one after the other."""
        owner = self.regions[region]["owner"]
        mark = REQUIRED if owner == NONE32 else self.devices[owner]["flags"]
        more = b"".join(bulk.EXTENT.pack(offset=at, length_kind=length | kind << 56) for at, length, kind in extents)
        self.bulk("memory", bulk.MEMORY, {"region": region, "extents": extents}, more, octets, compressed, mark, owner)

    def bytes(self, device, offset, octets, flags=0, compressed=False):
        flags |= self.devices[device]["flags"]
        self.bulk("bytes", bulk.BYTES, {"offset": offset}, b"", octets, compressed, flags, device)

    def barrier(self):
        body = bulk.BARRIER.pack(pass_=self.num_barriers, num_channels=1) + number_octets(self.records + 1)
        self.num_barriers += 1
        self.record("barrier", body)

    def end(self):
        body = stream.END.pack(num_channels=1, num_passes=self.num_barriers + 1, num_sections=self.num_sections)
        body += stream.TOTALS.pack(records=self.records, octets=len(self.octets), chain=self.chain)
        self.record("end", body + bytes(416 - len(body)))

def device_octets(device):
    rest = b""
    for name, value in sorted(device["parameters"].items(), key=lambda item: item[0].encode()):
        kind = {bool: manifest.BOOL, int: manifest.INT, str: manifest.STR}[type(value)]
        text, value = (value, 0) if kind == manifest.STR else ("", int(value))
        rest += manifest.PARAMETER.pack(name=name, type=kind, text=text, value=value)
    rest += b"".join(manifest.ANNOUNCEMENT.pack(**one) for one in (*device["sections"], *device["subsections"]))
    return manifest.DEVICE.pack(**device, len_entry=len(manifest.DEVICE.pack(**device) + rest)) + rest

def subsection_octets(position, layout, data, nested=()):
    rest = data + b"".join(nested)
    return sections.SUBSECTION.pack(len_subsection=24 + len(rest), subsection=position, subsections=nested,
                                    layout=layout, data=data) + rest

def canonical_octets(name, fields):
    """A layout from nested dicts: name, type and the other attributes by name, `symbols` a dict, `children` a list."""
    entries, symbols, texts = [], [], [name]

    def add(field):
        attributes, place = {"mark": 1, **field}, len(entries)
        label, unit = attributes.pop("name"), attributes.pop("unit", "")
        named, children = sorted(attributes.pop("symbols", {}).items()), attributes.pop("children", ())
        entries.append(None)
        texts.extend((label, unit, *(text for _, text in named)))
        symbols.extend(layouts.SYMBOL.pack(value=value, name=text.encode()) for value, text in named)
        for child in children:
            add(child)
        attributes.update(type=VALUES[field["type"]], descendants=entries[place + 1 :])
        entries[place] = layouts.FIELD.pack(name=label.encode(), unit=unit.encode(), symbols=named, **attributes)

    for field in fields:
        add(field)
    text = "".join(texts).encode()
    head = layouts.HEAD.pack(fields=entries, symbols=symbols, text=text, name=name.encode(),
                             len_block=sum(map(len_in_block, fields)))
    return head + b"".join(entries) + b"".join(symbols) + padded(text)

def len_in_block(field):
    return 4 if field.get("shape") == COUNTED_ARRAY else field["width"] * field.get("count", 1)

def part_octets(fields, values):
    """Section data by the fields of a Layout. `values[name]` is a list of elements, of one if the field has no array:
    octets of a scalar, countedBytes or string; a dict of a structure; None or a dict of an optional; (child, dict) of a
    union; a list of (layout, octets) of a list."""
    block, rest = group_octets(fields, values)
    return padded(block) + rest

def group_octets(fields, values):
    """What stands in the block, and what follows it."""
    pairs = [field_octets(field, values[field.name]) for field in fields]
    return b"".join(block for block, _ in pairs), b"".join(rest for _, rest in pairs)

def field_octets(field, elements):
    octets, follow = b"", b""
    for element in elements:
        head, rest = element, b""
        if field.kind == "structure":
            head, rest = group_octets(field.children, element)
        elif field.kind in ("countedBytes", "string"):
            head, rest = len(element), padded(bytes(element))
        elif field.kind == "list":
            parts = (sections.ELEMENT.pack(layout=layout, element=data) + data for layout, data, *_ in element)
            head, rest = len(element), b"".join(parts)
        elif field.kind == "union":
            head, rest = element[0], part_octets([field.children[element[0]]], element[1])
        elif field.kind == "optional":
            head, rest = (0, b"") if element is None else (1, part_octets(field.children, element))
        octets += number_octets(head, 4) if isinstance(head, int) else bytes(head)
        follow += rest
    counted = field.shape == COUNTED_ARRAY
    return (number_octets(len(elements), 4), padded(octets) + follow) if counted else (octets, follow)
