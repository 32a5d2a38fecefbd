"""MANIFEST: chapter 10 section 4."""
from .wire import NONE32, Refused, Table, is_power_of_two, signed

HEAD = Table("len_producer:2 len_version:2 len_architecture:2 guest_endianness:1 reserved:1 page_size:4"
             " num_regions:4 num_devices:4 reserved2:4")
REGION = Table("len_name:2 flags:2 owner:4 guest_address:8 len_region:8 page_size:8")
DEVICE = Table("len_entry:4 parent:4 flags:2 apply:1 clock:1 len_path:2 len_address:2 len_model:2 num_parameters:2"
               " num_sections:2 num_subsections:2 version:4 version_min:4 len_initial:8 len_total:8")
ANNOUNCEMENT = Table("len_name:2 flags:2 version:4 version_min:4 reserved:4")
PARAMETER = Table("len_name:2 type:1 reserved:1 len_text:4 value:8")
SHARED, READ_ONLY, OPAQUE = 1, 2, 4
STAGED, IN_PLACE, EXTERNAL = 1, 2, 3
BOOL, INT, STR = 1, 2, 3

class Manifest:
    def __init__(self, cursor, limits, single_device, opaque_allowed):
        start, self.limits = cursor.at, limits
        head = cursor.head(HEAD)
        head.must(head.len_producer >= 1, "len_producer")
        head.must(head.guest_endianness <= 2, "guest_endianness")
        head.zero()
        head.must(head.page_size == 0 or is_power_of_two(head.page_size), "page_size")
        head.at_most("num_regions", limits.regionsMax)
        head.at_most("num_devices", limits.devicesMax)
        head.zero("reserved2")
        if single_device:
            for name in ("len_architecture", "guest_endianness", "page_size"):
                head.equal(name, 0)
            head.equal("num_devices", 1)
        self.head, self.single_device = head, single_device
        lengths = (head.len_producer, head.len_version, head.len_architecture)
        self.producer, self.producer_version, self.architecture = cursor.group(lengths, limits.textBytesMax)
        self.regions = [self.region(cursor, opaque_allowed) for _ in range(head.num_regions)]
        self.devices, paths = [], set()
        for number in range(head.num_devices):
            self.devices.append(self.device(cursor, number))
        cursor.must_end(start)
        for device in self.devices:
            if device.path in paths:
                raise Refused("duplicateName", device.end)
            paths.add(device.path)

    def region(self, cursor, opaque_allowed):
        region = cursor.head(REGION)
        region.must(region.len_name >= 1, "len_name")
        region.must(region.flags < 8, "flags", "reservedNotZero")
        if region.flags & OPAQUE and not opaque_allowed:
            raise Refused("undeclaredFeature", region.at("flags"), 1 << 5)
        region.must(region.owner == NONE32 or region.owner < self.head.num_devices, "owner", "unknownDevice")
        if self.single_device:
            region.equal("owner", 0)
        region.must(1 <= region.len_region < 1 << 56, "len_region")
        region.must(is_power_of_two(region.page_size), "page_size")
        (region.name,) = cursor.group([region.len_name], self.limits.textBytesMax)
        return region

    def device(self, cursor, number):
        limits, start = self.limits, cursor.at
        device = cursor.head(DEVICE)
        device.must(device.len_entry % 8 == 0, "len_entry")
        if not DEVICE.size <= device.len_entry <= cursor.end - start:
            raise Refused("truncatedData", start, max(DEVICE.size, device.len_entry), min(device.len_entry, cursor.end - start))
        device.must(device.parent == NONE32 or device.parent < number, "parent", "unknownDevice")
        device.one_mark("flags")
        device.must(device.apply in (STAGED, IN_PLACE, EXTERNAL), "apply")
        device.must(device.clock <= 3, "clock")
        device.must(device.len_path >= 1 or self.single_device, "len_path")
        device.at_most("num_parameters", limits.parametersMax)
        device.at_most("num_sections", limits.sectionsMax)
        device.at_most("num_subsections", limits.subsectionsMax)
        device.must(device.version_min <= device.version, "version_min", expected=device.version)
        lengths = (device.len_path, device.len_address, device.len_model)
        device.path, device.address, device.model = cursor.group(lengths, limits.textBytesMax)
        device.parameters = {}
        for _ in range(device.num_parameters):
            name, value = self.parameter(cursor, list(device.parameters)[-1:])
            device.parameters[name] = value
        device.sections = [self.announcement(cursor) for _ in range(device.num_sections)]
        device.subsections = [self.announcement(cursor) for _ in range(device.num_subsections)]
        if cursor.at > start + device.len_entry:
            raise Refused("truncatedData", device.at("len_entry"), cursor.at - start, device.len_entry)
        if cursor.at < start + device.len_entry:
            raise Refused("unexpectedData", cursor.at, device.len_entry, cursor.at - start)
        return device

    def parameter(self, cursor, before):
        row = cursor.head(PARAMETER)
        row.must(row.len_name >= 1, "len_name")
        row.must(row.type in (BOOL, INT, STR), "type")
        row.zero()
        if row.type != STR:
            row.equal("len_text", 0)
        row.must(row.type != BOOL or row.value <= 1, "value")
        if row.type == STR:
            row.equal("value", 0)
        name, text = cursor.group([row.len_name, row.len_text], self.limits.textBytesMax)
        if before and name.encode() <= before[0].encode():
            raise Refused("badOrder", row.end)
        return name, {BOOL: bool(row.value), INT: signed(row.value, 8), STR: text}[row.type]

    def announcement(self, cursor):
        row = cursor.head(ANNOUNCEMENT)
        row.must(row.len_name >= 1, "len_name")
        row.one_mark("flags")
        row.must(row.version_min <= row.version, "version_min", expected=row.version)
        row.zero()
        (row.name,) = cursor.group([row.len_name], self.limits.textBytesMax)
        return row
