/// MEMORY, BYTES and BARRIER.
extension StreamState {
  mutating func takeMemory(
    _ body: RawSpan, of header: RecordHeader, at start: UInt64
  ) throws(StreamError) {
    guard body.byteCount >= MemoryHead.byteCount else { throw Self.short(body, MemoryHead.byteCount, start) }
    let head = MemoryHead(body)
    let region = try memoryRegion(head.region, of: header, pass: head.pass, extents: head.extentCount, at: start)
    try checkEncoding(head.encoding, isOpaque: region.isOpaque, body, at: start)
    let (end, dataByteCount) = try Self.checkExtents(body, head, region, at: start)
    guard end == body.byteCount else {
      throw Self.bulk(.unexpectedData, start &+ UInt64(end), UInt64(body.byteCount), UInt64(end))
    }
    guard head.plainByteCount == dataByteCount else {
      throw Self.bulk(.badValue, start &+ 16, dataByteCount, head.plainByteCount)
    }
    try checkPlain(
      header, encoding: head.encoding, plainByteCount: head.plainByteCount, plainDigest: head.plainDigest,
      at: start)
    if options.collectsContent { try collect(memory: body, head, of: header, at: start) }
  }

  /// The region that a record names, after what MEMORY and PLACED_MEMORY have in common was checked.
  mutating func memoryRegion(
    _ number: UInt32, of header: RecordHeader, pass: UInt32, extents: UInt32, at start: UInt64
  ) throws(StreamError) -> RegionEntry {
    guard number < UInt32(manifest.regions.count) else {
      throw Self.bulk(.unknownRegion, start, UInt64(manifest.regions.count), UInt64(number))
    }
    let region = manifest.regions[Int(number)]
    guard header.device == region.owner else {
      throw Self.bulk(
        .badValue, start &- UInt64(RecordHeader.byteCount) &+ 12, UInt64(region.owner), UInt64(header.device))
    }
    if pass != self.pass || channel != 0 { try takePass(pass, of: header, at: start &+ 4) }
    guard extents >= 1 else { throw Self.bulk(.badValue, start &+ 8, 1, 0) }
    guard extents <= limits.extentsMax else {
      throw Self.bulk(.limitExceeded, start &+ 8, UInt64(limits.extentsMax), UInt64(extents))
    }
    return region
  }

  /// Ascending, inside the region, without overlap; returns the octets of body they take and the octets of data they claim.
  private static func checkExtents(
    _ body: RawSpan, _ head: MemoryHead, _ region: RegionEntry, at start: UInt64
  ) throws(StreamError) -> (Int, UInt64) {
    var position = MemoryHead.byteCount
    var previousEnd: UInt64 = 0
    var dataByteCount: UInt64 = 0
    for _ in 0..<head.extentCount {
      guard body.byteCount &- position >= Extent.byteCount else {
        throw bulk(
          .truncatedData, start &+ UInt64(position), UInt64(Extent.byteCount),
          UInt64(body.byteCount &- position))
      }
      let extent = try checkExtent(body, at: position, in: region, after: previousEnd, start: start)
      previousEnd = extent.offset &+ extent.length
      // Below 2^56 each and inside one region: the sum cannot overflow.
      if extent.kind == .data { dataByteCount &+= extent.length }
      position &+= Extent.byteCount
    }
    return (position, dataByteCount)
  }

  /// The first two words of an extent: ascending, of a kind, not empty, inside the region.
  @inline(__always)
  static func checkExtent(
    _ body: RawSpan, at position: Int, in region: RegionEntry, after previousEnd: UInt64, start: UInt64
  ) throws(StreamError) -> Extent {
    let offset = body.integer(at: position, as: UInt64.self)
    let word = body.integer(at: position &+ 8, as: UInt64.self)
    let length = word & Extent.lengthMask
    let field = start &+ UInt64(position)
    guard offset >= previousEnd else { throw bulk(.badExtent, field, previousEnd, offset) }
    guard let kind = ExtentKind(rawValue: UInt8(truncatingIfNeeded: word >> 56)), length >= 1,
      !region.isOpaque || kind == .data
    else { throw bulk(.badExtent, field &+ 8, 1, word) }
    guard offset <= region.byteCount, length <= region.byteCount &- offset else {
      throw bulk(.badExtent, field &+ 8, region.byteCount &- min(offset, region.byteCount), length)
    }
    return Extent(offset: offset, length: length, kind: kind)
  }

  private func checkEncoding(
    _ encoding: UInt8, isOpaque: Bool, _ body: RawSpan, at start: UInt64
  ) throws(StreamError) {
    guard encoding <= (isOpaque ? 0 : 1) else {
      throw Self.bulk(.badValue, start &+ 12, isOpaque ? 0 : 1, UInt64(encoding))
    }
    guard encoding == 0 || preamble.mandatoryFlags & MandatoryFlags.zstd != 0 else {
      throw Self.bulk(
        .undeclaredFeature, start &+ 12, UInt64(MandatoryFlags.zstd), UInt64(encoding))
    }
    // The three octets after the encoding, which the word holds too.
    guard body.integer(at: 12, as: UInt32.self) >> 8 == 0 else {
      throw Self.bulk(.reservedNotZero, start &+ 13, 0, 1)
    }
  }

  /// Length and digest of the plain octets against the payload.
  private func checkPlain(
    _ header: RecordHeader, encoding: UInt8, plainByteCount: UInt64, plainDigest: UInt64, at start: UInt64
  ) throws(StreamError) {
    let payloadField = start &- UInt64(RecordHeader.byteCount) &+ 40
    if encoding == 0 {
      guard header.payloadByteCount == plainByteCount else {
        throw Self.bulk(.badValue, payloadField, plainByteCount, header.payloadByteCount)
      }
      guard plainDigest == 0 else { throw Self.bulk(.badValue, start &+ 24, 0, plainDigest) }
      return
    }
    guard plainByteCount <= limits.zstdPlainBytesMax else {
      throw Self.bulk(.limitExceeded, start &+ 16, limits.zstdPlainBytesMax, plainByteCount)
    }
    guard header.payloadByteCount < plainByteCount else {
      throw Self.bulk(.badValue, payloadField, plainByteCount, header.payloadByteCount)
    }
  }

  mutating func takeBytes(
    _ body: RawSpan, of header: RecordHeader, at start: UInt64
  ) throws(StreamError) {
    guard body.byteCount >= BytesHead.byteCount else { throw Self.short(body, BytesHead.byteCount, start) }
    let head = BytesHead(body)
    var device = byteStrings[Int(header.device)]
    let headerStart = start &- UInt64(RecordHeader.byteCount)
    if device.hasEnded { throw Self.bulk(.dataAfterLast, headerStart &+ 12, 0, UInt64(header.device)) }
    guard head.offset == device.byteCount else {
      throw Self.bulk(.badOffset, start, device.byteCount, head.offset)
    }
    if head.pass != pass || channel != 0 { try takePass(head.pass, of: header, at: start &+ 8) }
    try checkEncoding(head.encoding, isOpaque: false, body, at: start)
    guard body.byteCount == BytesHead.byteCount else {
      throw Self.bulk(
        .unexpectedData, start &+ UInt64(BytesHead.byteCount), UInt64(body.byteCount),
        UInt64(BytesHead.byteCount))
    }
    try checkPlain(
      header, encoding: head.encoding, plainByteCount: head.plainByteCount, plainDigest: head.plainDigest,
      at: start)
    try Self.takeUnits(header, &device, at: headerStart &+ 6)
    let (total, overflow) = device.byteCount.addingReportingOverflow(head.plainByteCount)
    guard !overflow else { throw Self.bulk(.badOffset, start &+ 16, UInt64.max, head.plainByteCount) }
    device.byteCount = total
    if !device.hasBegun { device.firstRecordOffset = start &- UInt64(RecordHeader.byteCount) }
    // An index counts records in 32 bits.
    device.recordCount = device.recordCount == UInt32.max ? UInt32.max : device.recordCount &+ 1
    byteStrings[Int(header.device)] = device
  }

  /// The borders of write units and of the byte string.
  private static func takeUnits(
    _ header: RecordHeader, _ device: inout ByteString, at flagsOffset: UInt64
  ) throws(StreamError) {
    let flags = header.flags
    let isFirst = flags & RecordFlags.unitFirst != 0
    let isLast = flags & RecordFlags.unitLast != 0
    let badUnit = bulk(.badUnit, flagsOffset, device.unitIsOpen ? 1 : 0, UInt64(flags))
    if header.payloadByteCount == 0 {
      guard !isFirst, !isLast, !device.unitIsOpen else { throw badUnit }
    } else {
      guard isFirst != device.unitIsOpen else { throw badUnit }
      device.unitIsOpen = !isLast
    }
    if flags & RecordFlags.last != 0 {
      guard !device.unitIsOpen else { throw badUnit }
      device.hasEnded = true
    }
    if flags & RecordFlags.initialDataEnd != 0 {
      guard !device.initialDataEnded else { throw bulk(.badValue, flagsOffset, 0, UInt64(flags)) }
      device.initialDataEnded = true
    }
  }

  mutating func takeBarrier(
    _ body: RawSpan, at start: UInt64, recordOffset: UInt64
  ) throws(StreamError) {
    var reader = ByteReader(body, at: start, stage: .bulk)
    let closed = try reader.u32()
    guard closed == pass, pass < UInt32.max else {
      throw reader.refusal(.badPass, back: 4, expected: UInt64(pass), found: UInt64(closed))
    }
    let channels = try reader.u32()
    guard channels == UInt32(preamble.channelCount) else {
      throw reader.refusal(
        .badValue, back: 4, expected: UInt64(preamble.channelCount), found: UInt64(channels))
    }
    let next = try reader.u64()
    guard next == totals.recordCount &+ 1 else {
      throw reader.refusal(.badSequence, back: 8, expected: totals.recordCount &+ 1, found: next)
    }
    if isShared { try takeFences(&reader, bodyAt: start, recordOffset: recordOffset) }
    try reader.finish()
    pass &+= 1
    lastSection = -1
  }

  /// Checks a frame in private memory and replaces ``plain`` by what it holds.
  mutating func takeFrame(_ stored: RawSpan, _ frame: Record.Frame) throws(StreamError) {
    try decompress(
      stored, plainByteCount: frame.plainByteCount, plainMax: limits.zstdPlainBytesMax,
      at: frame.offset, stage: .bulk)
    let digest = Digest.xxh3(plain.bytes)
    guard digest == frame.plainDigest else {
      throw Self.bulk(.digestMismatch, frame.digestOffset, frame.plainDigest, digest)
    }
  }

  static func bulk(
    _ code: StreamError.Code, _ offset: UInt64, _ expected: UInt64, _ found: UInt64
  ) -> StreamError {
    StreamError(code, .bulk, at: offset, expected: expected, found: found)
  }

  static func short(_ body: RawSpan, _ wanted: Int, _ start: UInt64) -> StreamError {
    bulk(.truncatedData, start, UInt64(wanted), UInt64(body.byteCount))
  }
}
