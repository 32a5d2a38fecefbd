/// What MANIFEST says, as far as reading needs it. Texts are places in the stream.
///
/// Source: Specs/10-stream-format.md section 4.
public struct ReferenceManifest: Sendable {
  public struct Region: Sendable {
    /// Where the entry starts.
    public var offset = 0
    public var name = 0..<0
    public var flags: UInt64 = 0
    /// A device number, or `none32`.
    public var owner: UInt64 = 0
    public var byteCount: UInt64 = 0
    public var pageSize: UInt64 = 0

    var isOpaque: Bool { flags & 4 != 0 }
  }

  public struct Device: Sendable {
    /// Where the entry starts.
    public var offset = 0
    public var mark: UInt16 = 0
    public var apply: UInt64 = 0
    public var clock: UInt64 = 0
    public var path = 0..<0
    public var model = 0..<0
    public var version: UInt64 = 0
    public var versionMin: UInt64 = 0
    public var parameters: [Parameter] = []
    public var sections: [Announcement] = []
    public var subsections: [Announcement] = []
  }

  public struct Parameter: Sendable {
    public var offset: Int
    public var name: Range<Int>
    /// 1 bool, 2 int, 3 str.
    public var type: UInt64
    public var value: UInt64
    public var text: Range<Int>
  }

  public struct Announcement: Sendable {
    public var offset: Int
    public var name: Range<Int>
    public var mark: UInt16
    public var version: UInt64
    public var versionMin: UInt64
  }

  /// Where the body starts.
  public var start = 0
  public var isSingleDevice = false
  public var architecture = 0..<0
  public var endianness: UInt64 = 0
  public var regions: [Region] = []
  public var devices: [Device] = []

  public init() {}
}

extension ChannelReading {
  mutating func readManifest(_ cursor: inout Cursor) throws(ReferenceRefusal) {
    let start = cursor.at
    let producer = try text(&cursor, atLeast: 1)
    let version = try cursor.number(2)
    let architecture = try cursor.number(2)
    let endianness = try cursor.number(1)
    try demand(endianness <= 2, .badValue, at: start + 6, 2, endianness)
    try cursor.reserved(1)
    let pageSize = try cursor.number(4)
    try demand(pageSize == 0 || isPowerOfTwo(pageSize), .badValue, at: start + 8, 0, pageSize)
    let regions = try limited(&cursor, 4, limits.regionsMax)
    let devices = try limited(&cursor, 4, limits.devicesMax)
    try cursor.reserved(4)
    if hasFlag(.singleDevice) {
      try demand(architecture == 0, .badValue, at: start + 4, 0, architecture)
      try demand(endianness == 0, .badValue, at: start + 6, 0, endianness)
      try demand(pageSize == 0, .badValue, at: start + 8, 0, pageSize)
      try demand(devices == 1, .badValue, at: start + 16, 1, devices)
    }
    let group = cursor.at
    for length in [producer, version] { _ = try text(&cursor, of: length) }
    let machine = try text(&cursor, of: architecture)
    try cursor.zeros(padding(cursor.at - group, 8))
    var made = ReferenceManifest()
    (made.start, made.isSingleDevice) = (start, hasFlag(.singleDevice))
    (made.architecture, made.endianness) = (machine, endianness)
    for _ in 0..<regions { made.regions.append(try readRegion(&cursor, devices)) }
    for number in 0..<devices { made.devices.append(try readDevice(&cursor, number)) }
    try cursor.mustEnd()
    try judgePaths(made.devices)
    sections = SectionPlaces(made)
    strings = [ByteString](repeating: ByteString(), count: made.devices.count)
    content = FinalContent(regions: collectsContent ? made.regions.count : 0)
    manifest = made
  }

  private func limited(_ cursor: inout Cursor, _ size: Int, _ limit: UInt64) throws(ReferenceRefusal) -> UInt64 {
    let value = try cursor.number(size)
    try demand(value <= limit, .limitExceeded, at: cursor.at - size, limit, value)
    return value
  }

  /// The length of a text.
  private func text(_ cursor: inout Cursor, atLeast least: UInt64) throws(ReferenceRefusal) -> UInt64 {
    let value = try cursor.number(2)
    try demand(value >= least, .badValue, at: cursor.at - 2, least, value)
    return value
  }

  private func text(_ cursor: inout Cursor, of length: UInt64) throws(ReferenceRefusal) -> Range<Int> {
    try cursor.text(Int(length), limit: limits.textBytesMax)
  }

  /// Section 4.1.
  private func readRegion(
    _ cursor: inout Cursor, _ devices: UInt64
  ) throws(ReferenceRefusal) -> ReferenceManifest.Region {
    let start = cursor.at
    let name = try text(&cursor, atLeast: 1)
    var region = ReferenceManifest.Region()
    region.offset = start
    region.flags = try cursor.number(2)
    try demand(region.flags <= 7, .reservedNotZero, at: start + 2, 0, region.flags)
    if region.isOpaque { try mustDeclare(.opaqueMemory, at: start + 2) }
    region.owner = try cursor.number(4)
    try demand(
      region.owner == none32 || region.owner < devices, .unknownDevice, at: start + 4, devices, region.owner)
    try demand(!hasFlag(.singleDevice) || region.owner == 0, .badValue, at: start + 4, 0, region.owner)
    _ = try cursor.number(8)
    region.byteCount = try cursor.number(8)
    try demand(
      region.byteCount >= 1 && region.byteCount < 1 << 56, .badValue, at: start + 16, 0, region.byteCount)
    region.pageSize = try cursor.number(8)
    try demand(isPowerOfTwo(region.pageSize), .badValue, at: start + 24, 0, region.pageSize)
    region.name = try text(&cursor, of: name)
    try cursor.zeros(padding(cursor.at - start, 8))
    return region
  }

  /// Section 4.2.
  private func readDevice(
    _ cursor: inout Cursor, _ number: UInt64
  ) throws(ReferenceRefusal) -> ReferenceManifest.Device {
    let start = cursor.at
    var device = ReferenceManifest.Device()
    device.offset = start
    let length = try cursor.number(4)
    try demand(length % 8 == 0, .badValue, at: start, 0, length)
    let left = UInt64(cursor.end - start)
    try demand(length >= 48 && length <= left, .truncatedData, at: start, max(48, length), min(length, left))
    let parent = try cursor.number(4)
    try demand(parent == none32 || parent < number, .unknownDevice, at: start + 4, number, parent)
    device.mark = UInt16(try cursor.mark())
    device.apply = try cursor.number(1)
    try demand(device.apply >= 1 && device.apply <= 3, .badValue, at: start + 10, 3, device.apply)
    device.clock = try cursor.number(1)
    try demand(device.clock <= 3, .badValue, at: start + 11, 3, device.clock)
    let path = try text(&cursor, atLeast: hasFlag(.singleDevice) ? 0 : 1)
    let address = try cursor.number(2)
    let model = try cursor.number(2)
    let parameters = try limited(&cursor, 2, limits.parametersMax)
    let sections = try limited(&cursor, 2, limits.sectionsMax)
    let subsections = try limited(&cursor, 2, limits.subsectionsMax)
    (device.version, device.versionMin) = try readVersions(&cursor)
    _ = try cursor.take(8)
    _ = try cursor.take(8)
    device.path = try text(&cursor, of: path)
    _ = try text(&cursor, of: address)
    device.model = try text(&cursor, of: model)
    try cursor.zeros(padding(cursor.at - start, 8))
    for _ in 0..<parameters { try readParameter(&cursor, &device) }
    for _ in 0..<sections { device.sections.append(try readAnnouncement(&cursor)) }
    for _ in 0..<subsections { device.subsections.append(try readAnnouncement(&cursor)) }
    let read = UInt64(cursor.at - start)
    try demand(read <= length, .truncatedData, at: start, read, length)
    try demand(read == length, .unexpectedData, at: cursor.at, length, read)
    return device
  }

  private func readVersions(_ cursor: inout Cursor) throws(ReferenceRefusal) -> (UInt64, UInt64) {
    let version = try cursor.number(4)
    let least = try cursor.number(4)
    try demand(least <= version, .badValue, at: cursor.at - 4, version, least)
    return (version, least)
  }

  private func readAnnouncement(_ cursor: inout Cursor) throws(ReferenceRefusal) -> ReferenceManifest.Announcement {
    let start = cursor.at
    let length = try text(&cursor, atLeast: 1)
    let mark = UInt16(try cursor.mark())
    let (version, least) = try readVersions(&cursor)
    try cursor.reserved(4)
    let name = try text(&cursor, of: length)
    try cursor.zeros(padding(name.count, 8))
    return ReferenceManifest.Announcement(
      offset: start, name: name, mark: mark, version: version, versionMin: least)
  }

  /// Section 4.3.
  private func readParameter(
    _ cursor: inout Cursor, _ device: inout ReferenceManifest.Device
  ) throws(ReferenceRefusal) {
    let start = cursor.at
    let length = try text(&cursor, atLeast: 1)
    let type = try cursor.number(1)
    try demand(type >= 1 && type <= 3, .badValue, at: start + 2, 3, type)
    try cursor.reserved(1)
    let textLength = try cursor.number(4)
    try demand(type == 3 || textLength == 0, .badValue, at: start + 4, 0, textLength)
    let value = try cursor.number(8)
    try demand(type == 2 || value <= (type == 1 ? 1 : 0), .badValue, at: start + 8, 0, value)
    let name = try text(&cursor, of: length)
    let content = try text(&cursor, of: textLength)
    try cursor.zeros(padding(name.count + content.count, 8))
    if let before = device.parameters.last {
      try demand(isBelow(octets, before.name, name), .badOrder, at: start + 16)
    }
    device.parameters.append(
      ReferenceManifest.Parameter(offset: start, name: name, type: type, value: value, text: content))
  }

  /// The first device that has the path of an earlier one.
  private func judgePaths(_ devices: [ReferenceManifest.Device]) throws(ReferenceRefusal) {
    guard devices.count > 1 else { return }
    let order = devices.indices.sorted { one, two in
      if isBelow(octets, devices[one].path, devices[two].path) { return true }
      return areEqual(octets, devices[one].path, octets, devices[two].path) && one < two
    }
    var first = Int.max
    for place in 1..<order.count where areEqual(octets, devices[order[place]].path, octets, devices[order[place - 1]].path) {
      first = min(first, order[place])
    }
    try demand(first == .max, .duplicateName, at: first == .max ? 0 : devices[first].offset + 48)
  }
}
