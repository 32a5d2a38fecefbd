import MigrationStream
import StreamIO

/// Memory and byte strings through an index.
extension IndexedInput {
  /// What the index says of a part of a region.
  private mutating func extents(of region: UInt32, _ range: Range<UInt64>) throws -> [IndexedExtent] {
    var found: [IndexedExtent] = []
    guard var page = reader.firstPage(region: region, endingAfter: range.lowerBound) else { return [] }
    while page < reader.pageCount, case let entry = reader.pageEntry(page),
      entry.region == region, entry.firstOffset < range.upperBound
    {
      var octets = OwnedBytes()
      let place = try reader.range(ofPage: page)
      try input.read(at: place.offset, count: Int(place.byteCount), into: &octets)
      try Self.take(page, octets, &reader)
      for index in reader.firstExtent(endingAfter: range.lowerBound)..<reader.extentCount {
        let extent = reader.extent(index)
        guard extent.extent.offset < range.upperBound else { break }
        found.append(extent)
      }
      page += 1
    }
    return found
  }

  private static func take(
    _ page: Int, _ octets: borrowing OwnedBytes, _ reader: inout IndexReader
  ) throws(StreamError) {
    try reader.page(page, octets: octets.bytes)
  }

  /// Hands over the data in a part of a region, each run with its place in the region; zeros are left out.
  ///
  /// Each record is read and checked once: runs come in the order of the records and not of the region.
  ///
  /// - Returns: Octets of the part that the stream mentions.
  mutating func memory(
    of region: UInt32, _ range: Range<UInt64>, to take: (borrowing RawSpan, UInt64) throws -> Void
  ) throws -> UInt64 {
    var extents = try extents(of: region, range)
    let mentioned = extents.reduce(UInt64(0)) {
      $0 + (min(range.upperBound, $1.extent.offset + $1.extent.length) - max(range.lowerBound, $1.extent.offset))
    }
    if reader.state.preamble.profile == .image { try checkZeros(of: region, range, around: extents) }
    extents.sort { ($0.recordOffset, $0.extent.offset) < ($1.recordOffset, $1.extent.offset) }
    var first = 0
    var granule = OwnedBytes()
    while first < extents.count {
      var record = OwnedBytes()
      try readRecord(at: extents[first].recordOffset, into: &record)
      var memory = try Self.memory(of: extents[first], record, &reader)
      var next = first
      while next < extents.count, extents[next].recordOffset == extents[first].recordOffset {
        let extent = extents[next]
        next += 1
        guard extent.extent.kind == .data else {
          try memory.confirm(extent)
          continue
        }
        let start = max(range.lowerBound, extent.extent.offset)
        let end = min(range.upperBound, extent.extent.offset + extent.extent.length)
        let part = Int(start - extent.extent.offset)..<Int(end - extent.extent.offset)
        if reader.state.preamble.profile == .image {
          let digest = try memory.digest(of: extent)
          try readGranule(extent, digest: digest, saidAt: memory.digestOffset, into: &granule)
          try take(granule.bytes.extracting(part), start)
        } else {
          let place = try memory.range(of: extent)
          try take(memory.plain.extracting(place).extracting(part), start)
        }
      }
      first = next
    }
    return mentioned
  }

  /// What an index leaves out of an image, or calls zero, has to be zero in the area: who maps it sees that too.
  ///
  /// - Throws: `badIndex` at the first octet that is not.
  private func checkZeros(of region: UInt32, _ range: Range<UInt64>, around extents: [IndexedExtent]) throws {
    let area = reader.state.placement.areas[Int(region)].fileOffset
    var start = range.lowerBound
    for extent in extents where extent.extent.kind == .data {
      if extent.extent.offset > start { try checkZeros((area + start)..<(area + extent.extent.offset)) }
      start = extent.extent.offset + extent.extent.length
    }
    if start < range.upperBound { try checkZeros((area + start)..<(area + range.upperBound)) }
  }

  /// Reads only what is no hole.
  private func checkZeros(_ range: Range<UInt64>) throws {
    var octets = OwnedBytes()
    var offset = range.lowerBound
    while offset < range.upperBound {
      offset = try input.data(from: offset)
      if offset >= range.upperBound { return }
      let end = min(range.upperBound, max(try input.hole(from: offset), offset + 1))
      try input.read(at: offset, count: Int(min(end - offset, UInt64(InputFile.pieceByteCount))), into: &octets)
      guard octets.count > 0 else { throw IOFailure("read", input.name, .shrank(from: range.upperBound, to: offset)) }
      guard octets.bytes.isZero else {
        throw StreamError(.badIndex, .bulk, at: offset + UInt64(octets.bytes.firstNonZero))
      }
      offset += UInt64(octets.count)
    }
  }

  private static func memory(
    of extent: IndexedExtent, _ record: borrowing OwnedBytes, _ reader: inout IndexReader
  ) throws(StreamError) -> IndexedMemory {
    try reader.memory(of: extent, record: record.bytes)
  }

  /// Reads a record of which only the place is known: with one read when it is small.
  private mutating func readRecord(at offset: UInt64, into record: inout OwnedBytes) throws {
    try input.read(at: offset, count: Self.probeByteCount, into: &record)
    let byteCount = try Self.byteCount(record, at: offset, &reader)
    if byteCount > UInt64(record.count) { try input.read(at: offset, count: Int(clamping: byteCount), into: &record) }
    guard UInt64(record.count) >= byteCount else {
      throw StreamError(.badIndex, .record, at: offset, expected: byteCount, found: UInt64(record.count))
    }
  }

  private static func byteCount(
    _ octets: borrowing OwnedBytes, at offset: UInt64, _ reader: inout IndexReader
  ) throws(StreamError) -> UInt64 {
    try reader.recordByteCount(octets.bytes, at: offset)
  }

  /// Reads the octets of a granule from its area, and compares them with what the record says.
  private func readGranule(
    _ extent: IndexedExtent, digest: UInt64, saidAt digestOffset: UInt64, into granule: inout OwnedBytes
  ) throws {
    try input.read(at: extent.dataOffset, count: Int(clamping: extent.extent.length), into: &granule)
    let found = Digest.xxh3(granule.bytes)
    guard found == digest, granule.count == Int(extent.extent.length) else {
      throw StreamError(.digestMismatch, .bulk, at: digestOffset, expected: digest, found: found)
    }
  }

  // MARK: Byte strings

  /// What the index says of byte strings, by device.
  ///
  /// - Throws: `badIndex` for a list that does not ascend, and for a byte string without records.
  func byteStrings() throws(StreamError) -> [Int: IndexByteStringEntry] {
    var entries: [Int: IndexByteStringEntry] = [:]
    var last = -1
    for position in 0..<reader.byteStringCount {
      let entry = reader.byteStringEntry(position)
      let device = Int(entry.device)
      guard device > last, device < reader.state.manifest.devices.count, entry.recordCount > 0 else {
        throw StreamError(
          .badIndex, .index, at: entry.firstRecordOffset, expected: UInt64(last + 1), found: UInt64(entry.device))
      }
      entries[device] = entry
      last = device
    }
    return entries
  }

  /// Hands over a device's byte string in order, each piece with its place in it.
  mutating func byteString(
    of device: UInt32, _ entry: IndexByteStringEntry, to take: (borrowing RawSpan, UInt64) throws -> Void
  ) throws {
    var offset = entry.firstRecordOffset
    var (records, octets): (UInt32, UInt64) = (0, 0)
    var isLast = false
    var record = OwnedBytes()
    while records < entry.recordCount {
      try input.read(at: offset, count: RecordHeader.byteCount, into: &record)
      let header = try Self.header(record, at: offset, &reader)
      if header.knownKind == .bytes, header.device == device {
        try input.read(at: offset, count: Int(clamping: header.recordByteCount), into: &record)
        octets += try Self.bytes(record, at: offset, device, &reader) { try take($0, octets) }
        records += 1
        isLast = header.flags & RecordFlags.last != 0
      }
      offset += header.recordByteCount
    }
    guard octets == entry.byteCount, isLast else {
      throw StreamError(.badIndex, .index, at: entry.firstRecordOffset, expected: entry.byteCount, found: octets)
    }
  }

  private static func header(
    _ octets: borrowing OwnedBytes, at offset: UInt64, _ reader: inout IndexReader
  ) throws(StreamError) -> RecordHeader {
    try reader.header(octets.bytes, at: offset)
  }

  /// - Returns: Octets that were handed over.
  private static func bytes(
    _ record: borrowing OwnedBytes, at offset: UInt64, _ device: UInt32, _ reader: inout IndexReader,
    to take: (borrowing RawSpan) throws -> Void
  ) throws -> UInt64 {
    let octets = try reader.bytes(record.bytes, at: offset, device: device)
    try take(octets)
    return UInt64(octets.byteCount)
  }
}
