/// INDEX_PAGE and INDEX, compared with the records that came.
///
/// Source: Specs/30-channels-passes-images.md section 4.
extension StreamState {
  static var pageExtentsMax: UInt32 { 4096 }

  mutating func takeIndexPage(
    _ body: RawSpan, of header: RecordHeader, at recordOffset: UInt64
  ) throws(StreamError) {
    if phase == .records { try beginPages(at: recordOffset) }
    var reader = ByteReader(body, at: recordOffset &+ UInt64(RecordHeader.byteCount), stage: .index)
    let region = try reader.u32()
    let last = places.pages.count > 0 ? places.pages[places.pages.count - 1] : nil
    guard region < UInt32(manifest.regions.count), region >= last?.region ?? 0 else {
      throw reader.refusal(.badIndex, back: 4, expected: UInt64(last?.region ?? 0), found: UInt64(region))
    }
    let extentCount = try reader.u32()
    guard extentCount >= 1, extentCount <= Self.pageExtentsMax else {
      throw reader.refusal(.badIndex, back: 4, expected: UInt64(Self.pageExtentsMax), found: UInt64(extentCount))
    }
    try reader.reserved(8)
    var end = last?.region == region ? last?.end ?? 0 : 0
    var firstOffset: UInt64?
    try reader.need(IndexedExtent.byteCount * Int(extentCount))
    for _ in 0..<extentCount {
      let position = reader.offset
      let extent = IndexedExtent(try reader.take(IndexedExtent.byteCount), region: region)
      guard let extent, isRight(extent, after: end), isFinal(extent) else {
        throw StreamError(.badIndex, .index, at: position, expected: end, found: extent?.extent.offset ?? 0)
      }
      if firstOffset == nil { firstOffset = extent.extent.offset }
      end = extent.extent.offset &+ extent.extent.length
      places.pagedExtentCount += 1
    }
    try reader.finish()
    try places.pages.append(
      IndexPageEntry(
        region: region, extentCount: extentCount, firstOffset: firstOffset ?? 0, end: end,
        place: RecordPlace(header, at: recordOffset)))
  }

  /// From now on no record changes the content.
  private mutating func beginPages(at recordOffset: UInt64) throws(StreamError) {
    phase = .pages
    places.pagesOffset = recordOffset
    if options.collectsContent { try content.settle(limit: limits.finalExtentsMax, at: recordOffset) }
  }

  /// What can be said of an extent of a page without knowing the content.
  private func isRight(_ indexed: IndexedExtent, after end: UInt64) -> Bool {
    let extent = indexed.extent
    let region = manifest.regions[Int(indexed.region)]
    guard extent.offset >= end, extent.length >= 1, extent.offset <= region.byteCount,
      extent.length <= region.byteCount &- extent.offset
    else { return false }
    guard indexed.recordOffset & 7 == 0, indexed.recordOffset >= UInt64(Preamble.byteCount),
      indexed.recordOffset < places.pagesOffset
    else { return false }
    if extent.kind != .data { return indexed.dataOffset == 0 }
    guard preamble.profile == .image else { return true }
    return indexed.dataOffset == placement.areas[Int(indexed.region)].fileOffset &+ extent.offset
  }

  /// Whether an extent is the next one of the final content; true when that was not collected.
  private func isFinal(_ indexed: IndexedExtent) -> Bool {
    guard options.collectsContent else { return true }
    guard places.pagedExtentCount < content.count else { return false }
    let final = content[places.pagedExtentCount]
    return final.region == indexed.region && final.offset == indexed.extent.offset
      && final.kindAndLength == indexed.extent.kindAndLength && final.recordOffset == indexed.recordOffset
      && dataOffset(of: final) == indexed.dataOffset
  }

  mutating func takeIndex(_ body: RawSpan, at recordOffset: UInt64) throws(StreamError) {
    if phase == .records { try beginPages(at: recordOffset) }
    let start = recordOffset &+ UInt64(RecordHeader.byteCount)
    var reader = ByteReader(body, at: start, stage: .index)
    var head = IndexHead()
    head.layoutCount = try Self.number(&reader, places.layouts.count)
    head.sectionCount = try Self.number(&reader, places.sections.count)
    head.pageCount = try Self.number(&reader, places.pages.count)
    if options.collectsContent, places.pagedExtentCount != content.count {
      throw StreamError(
        .badIndex, .index, at: start &+ 8, expected: UInt64(content.count), found: UInt64(places.pagedExtentCount))
    }
    head.byteStringCount = try Self.number(&reader, byteStringEntryCount)
    try head.checkRest(&reader, at: start)
    for index in 0..<places.layouts.count {
      let place = RecordPlace(try reader.take(IndexHead.layoutByteCount), at: 0)
      try Self.match(place == places.layouts[index], reader, IndexHead.layoutByteCount)
    }
    try matchSections(&reader)
    for index in 0..<places.pages.count {
      let page = IndexPageEntry(try reader.take(IndexHead.pageByteCount))
      try Self.match(page == places.pages[index], reader, IndexHead.pageByteCount)
    }
    try matchByteStrings(&reader)
    indexOffset = recordOffset
    phase = .index
  }

  private func matchSections(_ reader: inout ByteReader) throws(StreamError) {
    for number in 0..<manifest.devices.count {
      for section in 0..<manifest.devices[number].sectionCount {
        let entry = IndexSectionEntry(try reader.take(IndexHead.sectionByteCount))
        // No record holds the state of a section that did not come, so no entry of it is right.
        let isRight = entry == sectionEntry(number, section) && entry.place.offset != 0
        try Self.match(isRight, reader, IndexHead.sectionByteCount)
      }
    }
  }

  private func matchByteStrings(_ reader: inout ByteReader) throws(StreamError) {
    for number in 0..<byteStrings.count where byteStrings[number].hasBegun {
      let entry = IndexByteStringEntry(try reader.take(IndexHead.byteStringByteCount))
      try Self.match(entry == byteStringEntry(number), reader, IndexHead.byteStringByteCount)
    }
  }

  // MARK: What an INDEX has to say

  /// Devices that have sent BYTES.
  var byteStringEntryCount: Int {
    var count = 0
    for index in 0..<byteStrings.count where byteStrings[index].hasBegun { count += 1 }
    return count
  }

  func sectionEntry(_ device: Int, _ section: Int) -> IndexSectionEntry {
    IndexSectionEntry(
      device: UInt32(device), section: UInt32(section),
      place: places.sections[manifest.devices[device].firstSection + section])
  }

  func byteStringEntry(_ device: Int) -> IndexByteStringEntry {
    let bytes = byteStrings[device]
    return IndexByteStringEntry(
      device: UInt32(device), recordCount: bytes.recordCount, firstRecordOffset: bytes.firstRecordOffset,
      byteCount: bytes.byteCount)
  }

  /// Reads a number of the head, which is how many there are.
  private static func number(_ reader: inout ByteReader, _ count: Int) throws(StreamError) -> UInt32 {
    let listed = try reader.u32()
    guard UInt64(listed) == UInt64(count) else {
      throw reader.refusal(.badIndex, back: 4, expected: UInt64(count), found: UInt64(listed))
    }
    return listed
  }

  /// An entry that was just read.
  private static func match(
    _ isRight: Bool, _ reader: borrowing ByteReader, _ byteCount: Int
  ) throws(StreamError) {
    guard isRight else { throw reader.refusal(.badIndex, back: byteCount) }
  }
}
