/// PLACEMENT and PLACED_MEMORY.
///
/// Source: Specs/30-channels-passes-images.md sections 3.1 and 3.2.
extension StreamState {
  mutating func takePlacement(
    _ body: RawSpan, of header: RecordHeader, at recordOffset: UInt64
  ) throws(StreamError) {
    let start = recordOffset &+ UInt64(RecordHeader.byteCount)
    guard body.byteCount >= Placement.headByteCount else {
      throw Self.short(body, Placement.headByteCount, start)
    }
    var reader = ByteReader(body, at: start, stage: .bulk)
    let areaCount = try reader.u32()
    guard areaCount == UInt32(manifest.regions.count) else {
      throw reader.refusal(
        .badPlacement, back: 4, expected: UInt64(manifest.regions.count), found: UInt64(areaCount))
    }
    try reader.reserved(4)
    let recordsOffset = try reader.u64()
    let recordEnd = recordOffset &+ header.recordByteCount
    var end = recordEnd
    for index in 0..<manifest.regions.count {
      try reader.need(Placement.entryByteCount)
      let region = manifest.regions[index]
      end = try takeArea(&reader, region, after: end)
    }
    guard recordsOffset >= end, recordsOffset <= Placement.offsetMax,
      recordsOffset % Placement.recordsAlignment == 0
    else { throw Self.bulk(.badPlacement, start &+ 8, end, recordsOffset) }
    try reader.finish()
    placement.areasOffset = recordEnd
    placement.recordsOffset = recordsOffset
    phase = .records
  }

  /// One entry of PLACEMENT; returns where its area ends.
  private mutating func takeArea(
    _ reader: inout ByteReader, _ region: RegionEntry, after end: UInt64
  ) throws(StreamError) -> UInt64 {
    let offset = try reader.u64()
    // Neither sum nor difference can overflow: a region is below 2^56 octets.
    guard offset >= end, offset % Placement.alignment(of: region) == 0,
      offset <= Placement.offsetMax &- region.byteCount
    else { throw reader.refusal(.badPlacement, back: 8, expected: end, found: offset) }
    let granule = try reader.u64()
    guard granule >= Placement.granuleMin, granule <= Placement.granuleMax, granule & (granule &- 1) == 0 else {
      throw reader.refusal(.badPlacement, back: 8, expected: Placement.granuleMin, found: granule)
    }
    try reader.reserved(8)
    try placement.table.append(RegionArea(fileOffset: offset, granuleByteCount: granule))
    return offset &+ region.byteCount
  }

  mutating func takePlacedMemory(
    _ body: RawSpan, of header: RecordHeader, at recordOffset: UInt64
  ) throws(StreamError) {
    let start = recordOffset &+ UInt64(RecordHeader.byteCount)
    guard body.byteCount >= PlacedMemoryHead.byteCount else {
      throw Self.short(body, PlacedMemoryHead.byteCount, start)
    }
    let head = PlacedMemoryHead(body)
    let region = try memoryRegion(head.region, of: header, pass: head.pass, extents: head.extentCount, at: start)
    guard body.extracting(12..<16).isZero else { throw Self.bulk(.reservedNotZero, start &+ 12, 0, 1) }
    let area = placement.areas[Int(head.region)]
    var position = PlacedMemoryHead.byteCount
    var end: UInt64 = 0
    for _ in 0..<head.extentCount {
      guard body.byteCount &- position >= PlacedMemoryHead.extentByteCount else {
        throw Self.bulk(
          .truncatedData, start &+ UInt64(position), UInt64(PlacedMemoryHead.extentByteCount),
          UInt64(body.byteCount &- position))
      }
      let extent = try Self.checkExtent(body, at: position, in: region, after: end, start: start)
      try Self.check(extent, body, at: position, region, area, start)
      end = extent.offset &+ extent.length
      position &+= PlacedMemoryHead.extentByteCount
    }
    guard position == body.byteCount else {
      throw Self.bulk(.unexpectedData, start &+ UInt64(position), UInt64(body.byteCount), UInt64(position))
    }
    if options.collectsContent { try collect(placed: body, head, at: recordOffset) }
  }

  /// What only an image demands of an extent.
  private static func check(
    _ extent: Extent, _ body: RawSpan, at position: Int, _ region: RegionEntry, _ area: RegionArea,
    _ start: UInt64
  ) throws(StreamError) {
    let field = start &+ UInt64(position)
    let granule = area.granuleByteCount
    guard extent.offset & (granule &- 1) == 0 else {
      throw bulk(.badPlacement, field, extent.offset & ~(granule &- 1), extent.offset)
    }
    let isData = extent.kind == .data
    let left = region.byteCount &- extent.offset
    let isWhole =
      extent.length == (isData ? min(granule, left) : left) || (!isData && extent.length & (granule &- 1) == 0)
    guard isWhole else { throw bulk(.badPlacement, field &+ 8, min(granule, left), extent.length) }
    let fileOffset = body.integer(at: position + 16, as: UInt64.self)
    let wanted = isData ? area.fileOffset &+ extent.offset : 0
    guard fileOffset == wanted else { throw bulk(.badPlacement, field &+ 16, wanted, fileOffset) }
    let digest = body.integer(at: position + 24, as: UInt64.self)
    guard isData || digest == 0 else { throw bulk(.badPlacement, field &+ 24, 0, digest) }
  }
}
