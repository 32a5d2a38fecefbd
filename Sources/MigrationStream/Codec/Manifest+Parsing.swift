/// Lengths of the texts of a group, read before the group.
private struct DeviceCounts {
  var path: Int
  var address: Int
  var model: Int
}

extension Manifest {
  /// Replaces this manifest by the one in a MANIFEST body.
  ///
  /// - Parameters:
  ///   - offset: Where the body stands in the stream.
  ///   - mandatoryFlags: The preamble's.
  ///   - isOwn: Whether the stream is not there, of which nobody knows whether it will have the single-device form.
  /// - Throws: ``StreamError`` of stage manifest, at the field at fault.
  mutating func parse(
    _ body: RawSpan, at offset: UInt64, mandatoryFlags: UInt32, isOwn: Bool = false, limits: StreamLimits
  ) throws(StreamError) {
    // No count in it can exceed its octets, and they have come: this much memory has been paid for.
    octets.removeAll()
    try octets.append(body)
    var reader = ByteReader(body, at: offset, stage: .manifest)
    let producerCount = try Self.nonEmpty(&reader)
    let versionCount = Int(try reader.u16())
    let architectureCount = Int(try reader.u16())
    guestEndianness = try reader.u8()
    guard guestEndianness <= 2 else {
      throw reader.refusal(.badValue, back: 1, expected: 2, found: UInt64(guestEndianness))
    }
    try reader.reserved(1)
    pageByteCount = try reader.u32()
    guard pageByteCount & (pageByteCount &- 1) == 0 else {
      throw reader.refusal(.badValue, back: 4, found: UInt64(pageByteCount))
    }
    let regionCount = try Self.count(&reader, max: limits.regionsMax)
    let deviceCount = try Self.count(&reader, max: limits.devicesMax)
    try reader.reserved(4)
    let isSingle = mandatoryFlags & MandatoryFlags.singleDevice != 0
    if isSingle {
      try Self.checkSingle(
        reader, architectureCount, guestEndianness, pageByteCount, deviceCount)
    }
    producerRange = try Self.text(&reader, producerCount, limits)
    producerVersionRange = try Self.text(&reader, versionCount, limits)
    architectureRange = try Self.text(&reader, architectureCount, limits)
    try reader.padding()
    for _ in 0..<regionCount {
      try parseRegion(
        &reader, deviceCount: deviceCount, isSingle: isSingle, mandatoryFlags: mandatoryFlags, limits: limits)
    }
    let mayLackPath = isSingle || (isOwn && deviceCount == 1)
    for _ in 0..<deviceCount { try parseDevice(&reader, mayLackPath: mayLackPath, limits: limits) }
    try reader.finish()
    try checkPathsDiffer(at: offset)
  }

  private static func checkSingle(
    _ reader: borrowing ByteReader, _ architectureCount: Int, _ endianness: UInt8, _ page: UInt32,
    _ devices: Int
  ) throws(StreamError) {
    // The reader stands at octet 24 of the body.
    if architectureCount != 0 { throw reader.refusal(.badValue, back: 20, found: UInt64(architectureCount)) }
    if endianness != 0 { throw reader.refusal(.badValue, back: 18, found: UInt64(endianness)) }
    if page != 0 { throw reader.refusal(.badValue, back: 16, found: UInt64(page)) }
    if devices != 1 { throw reader.refusal(.badValue, back: 8, expected: 1, found: UInt64(devices)) }
  }

  private mutating func parseRegion(
    _ reader: inout ByteReader, deviceCount: Int, isSingle: Bool, mandatoryFlags: UInt32,
    limits: StreamLimits
  ) throws(StreamError) {
    let nameCount = try Self.nonEmpty(&reader)
    let flags = try reader.u16()
    guard flags & ~7 == 0 else {
      throw reader.refusal(.reservedNotZero, back: 2, found: UInt64(flags & ~7))
    }
    if flags & RegionEntry.opaque != 0, mandatoryFlags & MandatoryFlags.opaqueMemory == 0 {
      throw reader.refusal(
        .undeclaredFeature, back: 2, expected: UInt64(MandatoryFlags.opaqueMemory), found: UInt64(flags))
    }
    let owner = try reader.u32()
    guard owner == Format.none32 || owner < UInt32(deviceCount) else {
      throw reader.refusal(.unknownDevice, back: 4, expected: UInt64(deviceCount), found: UInt64(owner))
    }
    if isSingle, owner != 0 {
      throw reader.refusal(.badValue, back: 4, expected: 0, found: UInt64(owner))
    }
    let guestAddress = try reader.u64()
    let byteCount = try reader.u64()
    guard byteCount >= 1, byteCount < 1 << 56 else {
      throw reader.refusal(.badValue, back: 8, expected: 1 << 56 - 1, found: byteCount)
    }
    let page = try reader.u64()
    guard page != 0, page & (page &- 1) == 0 else {
      throw reader.refusal(.badValue, back: 8, found: page)
    }
    let name = try Self.text(&reader, nameCount, limits)
    try reader.padding()
    try regionTable.append(
      RegionEntry(
        flags: flags, owner: owner, guestAddress: guestAddress, byteCount: byteCount, pageByteCount: page,
        name: name))
  }

  private mutating func parseDevice(
    _ reader: inout ByteReader, mayLackPath: Bool, limits: StreamLimits
  ) throws(StreamError) {
    let start = reader.position
    let entryByteCount = Int(clamping: try reader.u32())
    guard entryByteCount & 7 == 0 else {
      throw reader.refusal(.badValue, back: 4, found: UInt64(entryByteCount))
    }
    guard entryByteCount >= 48, entryByteCount <= reader.remaining + 4 else {
      throw reader.refusal(
        .truncatedData, back: 4, expected: UInt64(max(entryByteCount, 48)),
        found: UInt64(min(entryByteCount, reader.remaining + 4)))
    }
    var (device, counts) = try parseDeviceHead(&reader, mayLackPath: mayLackPath, limits: limits)
    device.path = try Self.text(&reader, counts.path, limits)
    device.address = try Self.text(&reader, counts.address, limits)
    device.model = try Self.text(&reader, counts.model, limits)
    try reader.padding()
    for index in 0..<device.parameterCount {
      try parseParameter(&reader, isFirst: index == 0, limits: limits)
    }
    for _ in 0..<(device.sectionCount + device.subsectionCount) {
      try parseAnnouncement(&reader, limits: limits)
    }
    let consumed = reader.position - start
    guard consumed >= entryByteCount else {
      throw reader.refusal(
        .unexpectedData, expected: UInt64(entryByteCount), found: UInt64(consumed))
    }
    guard consumed == entryByteCount else {
      throw reader.refusal(
        .truncatedData, back: consumed, expected: UInt64(consumed), found: UInt64(entryByteCount))
    }
    sectionTotal += device.sectionCount
    try deviceTable.append(device)
  }

  private func parseDeviceHead(
    _ reader: inout ByteReader, mayLackPath: Bool, limits: StreamLimits
  ) throws(StreamError) -> (DeviceEntry, DeviceCounts) {
    let parent = try reader.u32()
    guard parent == Format.none32 || parent < UInt32(devices.count) else {
      throw reader.refusal(.unknownDevice, back: 4, expected: UInt64(devices.count), found: UInt64(parent))
    }
    let mark = try Self.mark(&reader)
    let applyValue = try reader.u8()
    guard let apply = ApplyKind(rawValue: applyValue) else {
      throw reader.refusal(.badValue, back: 1, expected: 3, found: UInt64(applyValue))
    }
    let clockValue = try reader.u8()
    guard let clock = ClockDomain(rawValue: clockValue) else {
      throw reader.refusal(.badValue, back: 1, expected: 3, found: UInt64(clockValue))
    }
    let pathCount = mayLackPath ? Int(try reader.u16()) : try Self.nonEmpty(&reader)
    let counts = DeviceCounts(path: pathCount, address: Int(try reader.u16()), model: Int(try reader.u16()))
    let parameterCount = try Self.count16(&reader, max: limits.parametersMax)
    let sectionCount = try Self.count16(&reader, max: limits.sectionsMax)
    let subsectionCount = try Self.count16(&reader, max: limits.subsectionsMax)
    let (version, versionMin) = try Self.versions(&reader)
    let none = TextRange(start: 0, count: 0)
    let device = DeviceEntry(
      parent: parent, mark: mark, apply: apply, clock: clock, version: version, versionMin: versionMin,
      initialByteCount: try reader.u64(), totalByteCount: try reader.u64(),
      parameterCount: parameterCount, sectionCount: sectionCount, subsectionCount: subsectionCount,
      firstSection: sectionTotal, path: none, address: none, model: none,
      firstParameter: parameters.count, firstAnnouncement: announcements.count)
    return (device, counts)
  }

  private mutating func parseParameter(
    _ reader: inout ByteReader, isFirst: Bool, limits: StreamLimits
  ) throws(StreamError) {
    let nameCount = try Self.nonEmpty(&reader)
    let kindValue = try reader.u8()
    guard let kind = ParameterEntry.Kind(rawValue: kindValue) else {
      throw reader.refusal(.badValue, back: 1, expected: 3, found: UInt64(kindValue))
    }
    try reader.reserved(1)
    let textCount = try reader.u32()
    guard kind == .str || textCount == 0 else {
      throw reader.refusal(.badValue, back: 4, found: UInt64(textCount))
    }
    let value = try reader.u64()
    guard kind == .int || value == 0 || (kind == .bool && value == 1) else {
      throw reader.refusal(.badValue, back: 8, found: value)
    }
    let name = try Self.text(&reader, nameCount, limits)
    var disorder: StreamError?
    if !isFirst, text(parameters[parameters.count - 1].name).compare(to: text(name)) >= 0 {
      disorder = reader.refusal(.badOrder, back: nameCount)
    }
    let text = try Self.text(&reader, Int(clamping: textCount), limits)
    try reader.padding()
    if let disorder { throw disorder }
    try parameters.append(ParameterEntry(kind: kind, value: value, name: name, text: text))
  }

  private mutating func parseAnnouncement(
    _ reader: inout ByteReader, limits: StreamLimits
  ) throws(StreamError) {
    let nameCount = try Self.nonEmpty(&reader)
    let mark = try Self.mark(&reader)
    let (version, versionMin) = try Self.versions(&reader)
    try reader.reserved(4)
    let name = try Self.text(&reader, nameCount, limits)
    try reader.padding()
    try announcements.append(
      Announcement(mark: mark, version: version, versionMin: versionMin, name: name))
  }

  /// Instance paths are unique; the first that an earlier device has is at fault.
  private func checkPathsDiffer(at offset: UInt64) throws(StreamError) {
    var order = OwnedBuffer<UInt32>(allocator: octets.allocator)
    try order.reserve(devices.count)
    for index in 0..<devices.count { try order.append(UInt32(index)) }
    order.sort { left, right in
      let difference = text(devices[Int(left)].path).compare(to: text(devices[Int(right)].path))
      return difference < 0 || (difference == 0 && left < right)
    }
    var duplicate: UInt32?
    var earlier: UInt32 = 0
    for index in 1..<max(order.count, 1) where order[index] < duplicate ?? UInt32.max {
      let path = devices[Int(order[index])].path
      guard text(devices[Int(order[index - 1])].path).compare(to: text(path)) == 0 else { continue }
      (duplicate, earlier) = (order[index], order[index - 1])
    }
    guard let duplicate else { return }
    throw StreamError(
      .duplicateName, .manifest, at: offset &+ UInt64(devices[Int(duplicate)].path.start),
      expected: UInt64(earlier), found: UInt64(duplicate))
  }
}

/// Fields that occur in several entries.
extension Manifest {
  private static func nonEmpty(_ reader: inout ByteReader) throws(StreamError) -> Int {
    let count = try reader.u16()
    guard count >= 1 else { throw reader.refusal(.badValue, back: 2, expected: 1, found: 0) }
    return Int(clamping: count)
  }

  private static func count(_ reader: inout ByteReader, max: UInt32) throws(StreamError) -> Int {
    let count = try reader.u32()
    guard count <= max else {
      throw reader.refusal(.limitExceeded, back: 4, expected: UInt64(max), found: UInt64(count))
    }
    return Int(clamping: count)
  }

  private static func count16(_ reader: inout ByteReader, max: UInt32) throws(StreamError) -> Int {
    let count = try reader.u16()
    guard count <= max else {
      throw reader.refusal(.limitExceeded, back: 2, expected: UInt64(max), found: UInt64(count))
    }
    return Int(clamping: count)
  }

  private static func mark(_ reader: inout ByteReader) throws(StreamError) -> Mark {
    let flags = try reader.u16()
    guard flags & ~3 == 0 else {
      throw reader.refusal(.reservedNotZero, back: 2, found: UInt64(flags & ~3))
    }
    guard let mark = Mark(flags: flags) else {
      throw reader.refusal(.badMark, back: 2, found: UInt64(flags))
    }
    return mark
  }

  private static func versions(_ reader: inout ByteReader) throws(StreamError) -> (UInt32, UInt32) {
    let version = try reader.u32()
    let versionMin = try reader.u32()
    guard versionMin <= version else {
      throw reader.refusal(.badValue, back: 4, expected: UInt64(version), found: UInt64(versionMin))
    }
    return (version, versionMin)
  }

  private static func text(
    _ reader: inout ByteReader, _ count: Int, _ limits: StreamLimits
  ) throws(StreamError) -> TextRange {
    let start = UInt32(truncatingIfNeeded: reader.position)
    _ = try reader.text(count, max: limits.textBytesMax)
    return TextRange(start: start, count: UInt32(count))
  }
}
