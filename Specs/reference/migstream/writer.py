"""Writes streams: the same tables as the reader's, the other way round."""
from . import bulk, layouts, manifest, sections, stream
from .layouts import COUNTED_ARRAY, FIXED_ARRAY, VALUES
from .records import FLAGS, HEADER, KINDS, MAGIC, PREAMBLE, STREAM, SYNC
from .wire import NONE32, REQUIRED, compress, digest, to_multiple

def padded(octets, of=8):
    return octets + bytes(to_multiple(len(octets), of))

def group(*texts):
    return padded("".join(texts).encode())

def size(text):
    return len(text.encode())

class StreamWriter:
    """One channel of a stream; `octets` holds what was written. Devices and regions are those of `manifest`."""

    def __init__(self, uuid, features=(), profile=STREAM, channel=0, **preamble):
        self.uuid, self.channel = uuid, channel
        self.records, self.chain, self.num_barriers, self.num_sections = 0, 0, 0, 0
        head = PREAMBLE.pack(magic=MAGIC, major=1, profile=profile, flags_mandatory=sum(FLAGS[name] for name in features),
                             digest_kind=1, uuid=uuid, **{"num_channels": 1, **preamble})
        self.octets = bytearray(head[:56] + digest(head[:56]).to_bytes(8, "little"))

    def record(self, kind, body, payload=b"", flags=REQUIRED, device=NONE32):
        """A record of any kind, by name or number; digests, pads and sequence are made here."""
        kind = KINDS[kind][0] if kind in KINDS else kind
        front = to_multiple(len(self.octets) + 64 + len(body), 64) if payload else 0
        back = to_multiple(len(payload))
        head = HEADER.pack(sync=SYNC, kind=kind, flags=flags, channel=self.channel, num_pad_front=front,
                           num_pad_back=back, device=device, sequence=self.records, len_body=len(body),
                           digest_body=digest(body), len_payload=len(payload), digest_payload=digest(payload))
        digest_header = digest(head[:56], seed=digest(self.uuid)).to_bytes(8, "little")
        start = len(self.octets)
        self.octets += head[:56] + digest_header + body + bytes(front) + payload + bytes(back)
        self.before = (self.records, start, self.chain)
        self.records += 1
        self.chain = digest(self.chain.to_bytes(8, "little") + digest_header)
        return start

    def manifest(self, producer, version, architecture, regions=(), devices=(), **head):
        self.regions, self.devices = regions, devices
        body = manifest.HEAD.pack(len_producer=size(producer), len_version=size(version), num_regions=len(regions),
                                  len_architecture=size(architecture), num_devices=len(devices), **head)
        body += group(producer, version, architecture)
        for region in regions:
            fields = {key: value for key, value in region.items() if key != "name"}
            body += manifest.REGION.pack(len_name=size(region["name"]), **fields) + group(region["name"])
        return self.record("manifest", body + b"".join(map(device_octets, devices)))

    def layout(self, number, canonical, form=layouts.PLAIN):
        """`canonical` is octets, or for an external layout the text that identifies it."""
        stored = {layouts.PLAIN: bytes, layouts.ZSTD: compress, layouts.EXTERNAL: str.encode}[form](canonical)
        external = form == layouts.EXTERNAL
        body = layouts.RECORD.pack(layout=number, form=form, len_stored=len(stored), len_canonical=0 if external else len(canonical),
                                   fingerprint=0 if external else digest(canonical))
        return self.record("layout", body + padded(stored))

    def section(self, device, section, layout, data, subsections=(), replaces=False):
        head = sections.HEAD.pack(section=section, num_subsections=len(subsections), layout=layout,
                                  pass_=self.num_barriers, len_data=len(data))
        mark = self.devices[device]["sections"][section]["flags"]
        self.num_sections += 1
        return self.record("section", head + data + b"".join(subsections), device=device, flags=mark | sections.REPLACES * replaces)

    def memory(self, region, extents, octets, compressed=False):
        """Extents are (offset, length, kind); `octets` those of the data extents, one after the other."""
        owner = self.regions[region]["owner"]
        mark = REQUIRED if owner == NONE32 else self.devices[owner]["flags"]
        body = bulk.MEMORY.pack(region=region, pass_=self.num_barriers, num_extents=len(extents), len_plain=len(octets),
                                encoding=compressed, digest_plain=digest(octets) if compressed else 0)
        body += b"".join(bulk.EXTENT.pack(offset=at, length_kind=length | kind << 56) for at, length, kind in extents)
        return self.record("memory", body, compress(octets) if compressed else octets, mark, owner)

    def bytes(self, device, offset, octets, flags=0, compressed=False):
        body = bulk.BYTES.pack(offset=offset, pass_=self.num_barriers, encoding=compressed, len_plain=len(octets),
                               digest_plain=digest(octets) if compressed else 0)
        return self.record("bytes", body, compress(octets) if compressed else octets, self.devices[device]["flags"] | flags, device)

    def barrier(self, *sequences):
        """`sequences`: those of the channels after 0."""
        body = bulk.BARRIER.pack(pass_=self.num_barriers, num_channels=1 + len(sequences))
        body += b"".join(value.to_bytes(8, "little") for value in (self.records + 1, *sequences))
        self.num_barriers += 1
        return self.record("barrier", body)

    def end(self, others=(), ofs_index=0):
        """`others`: (records, octets, chain) of the channels after 0."""
        body = stream.END.pack(ofs_index=ofs_index, num_channels=1 + len(others), num_passes=self.num_barriers + 1,
                            num_sections=self.num_sections)
        for records, octets, chain in ((self.records, len(self.octets), self.chain), *others):
            body += stream.TOTALS.pack(records=records, octets=octets, chain=chain)
        return self.record("end", body + bytes(416 - len(body)))

def device_octets(device):
    fields = {key: value for key, value in device.items()
              if key not in ("path", "address", "model", "parameters", "sections", "subsections")}
    texts = [device.get(key, "") for key in ("path", "address", "model")]
    lists = [device.get(key, ()) for key in ("parameters", "sections", "subsections")]
    rest = group(*texts) + b"".join(parameter_octets(*item) for item in sorted(dict(lists[0]).items(), key=lambda item: item[0].encode()))
    for item in (*lists[1], *lists[2]):
        announced = {key: value for key, value in item.items() if key != "name"}
        rest += manifest.ANNOUNCEMENT.pack(len_name=size(item["name"]), **announced) + group(item["name"])
    lengths = dict(zip(("len_path", "len_address", "len_model"), map(size, texts)))
    counts = dict(zip(("num_parameters", "num_sections", "num_subsections"), map(len, lists)))
    return manifest.DEVICE.pack(len_entry=manifest.DEVICE.size + len(rest), **lengths, **counts, **fields) + rest

def parameter_octets(name, value):
    kind = {bool: manifest.BOOL, int: manifest.INT, str: manifest.STR}[type(value)]
    text = value if kind == manifest.STR else ""
    row = manifest.PARAMETER.pack(len_name=size(name), type=kind, len_text=size(text), value=0 if kind == manifest.STR else int(value))
    return row + group(name, text)

def subsection_octets(position, layout, data, target=(), nested=()):
    rest = b"".join(sections.STEP.pack(field=field, element=element) for field, element in target)
    rest += data + b"".join(nested)
    head = sections.SUBSECTION.pack(len_subsection=24 + len(rest), subsection=position, num_subsections=len(nested),
                                    layout=layout, num_target=len(target), len_data=len(data))
    return head + rest

def canonical_octets(name, fields):
    """A layout from nested dicts: name, type and the other attributes by name, `symbols` a dict, `children` a list."""
    entries, symbols, texts = [], [], [name]

    def add(field):
        children = field.get("children", ())
        place = len(entries)
        entries.append(None)
        texts.extend((field["name"], field.get("unit", ""), *(text for _, text in sorted(field.get("symbols", {}).items()))))
        for value, text in sorted(field.get("symbols", {}).items()):
            symbols.append(layouts.SYMBOL.pack(value=value, len_name=size(text)))
        for child in children:
            add(child)
        attributes = {key: value for key, value in field.items() if key not in ("name", "unit", "symbols", "children", "type")}
        entries[place] = layouts.FIELD.pack(type=VALUES[field["type"]], num_descendants=len(entries) - place - 1,
                                            len_name=size(field["name"]), len_unit=size(field.get("unit", "")),
                                            num_symbols=len(field.get("symbols", ())), **{"mark": 1, **attributes})

    for field in fields:
        add(field)
    text = "".join(texts).encode()
    head = layouts.HEAD.pack(num_fields=len(entries), num_symbols=len(symbols), len_text=len(text), len_name=size(name),
                             len_block=sum(map(len_in_block, fields)))
    return head + b"".join(entries) + b"".join(symbols) + padded(text)

def len_in_block(field):
    """Of a field as canonical_octets takes it."""
    if field.get("shape") == COUNTED_ARRAY:
        return 4
    return field["width"] * (field["count"] if field.get("shape") == FIXED_ARRAY else 1)

def part_octets(fields, values):
    """Section data by the fields of a Layout. `values[name]` is a list of elements, of one if the field has no array:
    octets of a scalar, countedBytes or string; a dict of a structure; None or a dict of an optional; (child, dict) of a
    union; a list of (layout, octets) of a list."""
    block = b"".join(block_octets(field, values[field.name]) for field in fields)
    return padded(block) + b"".join(variable_octets(field, values[field.name]) for field in fields)

def block_octets(field, elements):
    if field.shape == COUNTED_ARRAY:
        return len(elements).to_bytes(4, "little")
    return b"".join(element_octets(field, element) for element in elements)

def element_octets(field, element):
    if field.kind == "structure":
        return b"".join(block_octets(child, element[child.name]) for child in field.children)
    if field.kind not in sections.VARIABLE:
        return bytes(element)
    number = element is not None if field.kind == "optional" else element[0] if field.kind == "union" else len(element)
    return int(number).to_bytes(4, "little")

def variable_octets(field, elements):
    octets = b""
    if field.shape == COUNTED_ARRAY:
        octets = padded(b"".join(element_octets(field, element) for element in elements))
    return octets + b"".join(variable_of_element(field, element) for element in elements)

def variable_of_element(field, element):
    if field.kind == "structure":
        return b"".join(variable_octets(child, element[child.name]) for child in field.children)
    if field.kind in ("countedBytes", "string"):
        return padded(bytes(element))
    if field.kind == "list":
        return b"".join(sections.ELEMENT.pack(layout=layout, len_element=len(octets)) + octets for layout, octets in element)
    if field.kind == "optional" and element is not None:
        return part_octets(field.children, element)
    if field.kind == "union":
        return part_octets([field.children[element[0]]], element[1])
    return b""
