"""MANIFEST: chapter 10 section 4."""
from .wire import NONE32, NONE64, Table, demand, is_power_of_two, signed

HEAD = Table("len_producer:2=1.. len_version:2 len_architecture:2 guest_endianness:1=..2 reserved:1 page_size:4"
             " num_regions:4=..regionsMax num_devices:4=..devicesMax reserved2:4")
REGION = Table("len_name:2=1.. flags:2=..7!reservedNotZero owner:4 guest_address:8 len_region:8=1..72057594037927935"
               " page_size:8=pow2")
DEVICE = Table("len_entry:4=%8 parent:4 flags:2=mark apply:1=1..3 clock:1=..3 len_path:2 len_address:2 len_model:2"
               " num_parameters:2=..parametersMax num_sections:2=..sectionsMax num_subsections:2=..subsectionsMax"
               " version:4 version_min:4 len_initial:8 len_total:8")
ANNOUNCEMENT = Table("len_name:2=1.. flags:2=mark version:4 version_min:4 reserved:4")
PARAMETER = Table("len_name:2=1.. type:1=1..3 reserved:1 len_text:4 value:8")
OPAQUE, BOOL, INT, STR = 4, 1, 2, 3

def version_min(row):
    row.must(row.version_min <= row.version, "version_min", expected=row.version)

class Manifest:
    def __init__(self, state, header, cursor):
        limits, self.text_max = state.limits, state.limits.textBytesMax
        self.single, self.demand, state.manifest = state.flags & 1, state.demand, self
        self.head = head = cursor.head(HEAD, limits, page_size=lambda head: head.must(
            head.page_size == 0 or is_power_of_two(head.page_size), "page_size"))
        for name, value in dict(len_architecture=0, guest_endianness=0, page_size=0, num_devices=1).items():
            head.must(not self.single or getattr(head, name) == value, name, expected=value)
        cursor.group(head, "producer version architecture", self.text_max)
        self.regions = [self.region(cursor) for _ in range(head.num_regions)]
        self.devices = [self.device(cursor, number, limits) for number in range(head.num_devices)]
        cursor.must_end()
        paths = set()
        for device in self.devices:
            demand(device.path not in paths, "duplicateName", device.end)
            paths.add(device.path)

    def region(self, cursor):
        def owner(row):
            row.must(row.owner == NONE32 or row.owner < self.head.num_devices, "owner", "unknownDevice")
            row.must(not self.single or row.owner == 0, "owner", expected=0)

        region = cursor.head(REGION, owner=owner, flags=lambda row: self.demand(
            "opaqueMemory", row.at("flags"), row.flags & OPAQUE))
        return cursor.group(region, "name", self.text_max)

    def device(self, cursor, number, limits):
        def len_entry(row):
            least, length, left = DEVICE.size, row.len_entry, cursor.end - row.start
            demand(least <= length <= left, "truncatedData", row.start, max(least, length), min(length, left))

        device = cursor.head(
            DEVICE, limits, len_entry=len_entry, version_min=version_min,
            parent=lambda row: row.must(row.parent == NONE32 or row.parent < number, "parent", "unknownDevice"),
            len_path=lambda row: row.must(row.len_path >= 1 or self.single, "len_path"))
        cursor.group(device, "path address model", self.text_max)
        device.parameters = {}
        for _ in range(device.num_parameters):
            self.parameter(cursor, device.parameters)
        counts = device.num_sections, device.num_subsections
        device.sections, device.subsections = ([self.announcement(cursor) for _ in range(count)] for count in counts)
        found = cursor.at - device.start
        demand(found <= device.len_entry, "truncatedData", device.start, found, device.len_entry)
        demand(found == device.len_entry, "unexpectedData", cursor.at, device.len_entry, found)
        return device

    def parameter(self, cursor, before):
        most = {BOOL: 1, INT: NONE64, STR: 0}
        row = cursor.head(
            PARAMETER, len_text=lambda row: row.must(row.type == STR or row.len_text == 0, "len_text", expected=0),
            value=lambda row: row.must(row.value <= most[row.type], "value", expected=most[row.type]))
        name = cursor.group(row, "name text", self.text_max).name
        demand(name.encode() > max((one.encode() for one in before), default=b""), "badOrder", row.end)
        before[name] = {BOOL: bool(row.value), INT: signed(row.value, 8), STR: row.text}[row.type]

    def announcement(self, cursor):
        return cursor.group(cursor.head(ANNOUNCEMENT, version_min=version_min), "name", self.text_max)
