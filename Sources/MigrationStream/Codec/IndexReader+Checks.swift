/// That a record is the one that was sought.
extension IndexReader {
  /// A place that the index lists, if records can be there.
  func range(_ place: RecordPlace, listedAt position: Int) throws(StreamError) -> FileRange {
    guard place.offset >= UInt64(Preamble.byteCount), place.offset & 7 == 0, place.offset < indexOffset,
      place.byteCount >= UInt64(RecordHeader.byteCount), place.byteCount <= indexOffset &- place.offset,
      place.byteCount <= state.limits.recordBodyBytesMax &+ UInt64(RecordHeader.byteCount)
    else { throw wrongEntry(position) }
    return FileRange(offset: place.offset, byteCount: place.byteCount)
  }

  func wrongEntry(_ position: Int) -> StreamError {
    StreamError(.badIndex, .index, at: indexOffset &+ UInt64(RecordHeader.byteCount + position))
  }

  /// The index led to a record that is not the one that was sought.
  func notSought(_ offset: UInt64) -> StreamError { StreamError(.badIndex, .record, at: offset) }

  /// A record's header, checked but for its sequence number, of which only the size is known.
  ///
  /// - Throws: `badIndex`, at the record, for whatever is wrong with it.
  public mutating func header(_ octets: RawSpan, at offset: UInt64) throws(StreamError) -> RecordHeader {
    guard octets.byteCount >= RecordHeader.byteCount, offset < indexOffset else { throw notSought(offset) }
    let words = octets.words(at: 0)
    guard words[2] < recordCount else { throw notSought(offset) }
    state.totals.recordCount = words[2]
    do throws(StreamError) { return try state.takeHeader(words, at: offset) } catch { throw notSought(offset) }
  }

  /// Takes header and body of a record; the body is in `staged`, its digest right and its contents unchecked.
  mutating func open(
    _ octets: RawSpan, at place: FileRange, _ kind: RecordKind, device: UInt32
  ) throws(StreamError) -> RecordHeader {
    let header = try header(octets, at: place.offset)
    guard header.knownKind == kind, header.device == device, header.recordByteCount == place.byteCount,
      header.recordByteCount <= UInt64(octets.byteCount)
    else { throw notSought(place.offset) }
    try stage(octets, header)
    try checkDigest(header, at: place.offset)
    return header
  }

  /// Takes header and body of the record that an extent names.
  mutating func openMemory(
    _ octets: RawSpan, _ extent: IndexedExtent, _ kind: RecordKind
  ) throws(StreamError) -> RecordHeader {
    guard extent.region < UInt32(state.manifest.regions.count) else { throw notSought(extent.recordOffset) }
    let owner = state.manifest.regions[Int(extent.region)].owner
    let byteCount = try header(octets, at: extent.recordOffset).recordByteCount
    let header = try open(
      octets, at: FileRange(offset: extent.recordOffset, byteCount: byteCount), kind, device: owner)
    guard staged.count >= MemoryHead.byteCount, staged.bytes.integer(at: 0, as: UInt32.self) == extent.region else {
      throw notSought(extent.recordOffset)
    }
    return header
  }

  /// A record of another pass than the one before is none out of order here; a pass that never was is refused.
  mutating func enter(pass: UInt32, field: UInt64) throws(StreamError) {
    guard pass < passCount else {
      throw StreamError(.badPass, .bulk, at: field, expected: UInt64(passCount), found: UInt64(pass))
    }
    state.pass = pass
  }

  /// The payload of a record whose body was taken; frames are left in `state.plain`.
  @_lifetime(copy octets)
  mutating func takePayload(
    _ octets: RawSpan, _ header: RecordHeader, at offset: UInt64
  ) throws(StreamError) -> RawSpan {
    let start = RecordHeader.byteCount + Int(header.bodyByteCount) + Int(header.frontPadding)
    let payload = octets.extracting(start..<(start + Int(header.payloadByteCount)))
    stored.removeAll()
    guard let frame = Record.frame(of: header, at: offset, in: staged) else {
      try state.checkPayload(Digest.xxh3(payload), of: header, at: offset)
      return payload
    }
    try stored.append(payload)
    try state.checkPayload(Digest.xxh3(stored.bytes), of: header, at: offset)
    try state.takeFrame(in: stored, frame)
    return payload
  }

  /// What a payload that was taken holds.
  @_lifetime(&self, copy payload)
  mutating func plain(_ payload: RawSpan, _ header: RecordHeader, at offset: UInt64) throws(StreamError) -> RawSpan {
    if Record.frame(of: header, at: offset, in: staged) != nil { return state.plain.bytes }
    return payload
  }
}

extension StreamState {
  /// Makes a section of any pass acceptable again, to a reader that goes from record to record.
  mutating func revisit(_ position: Int, replaces: Bool) {
    lastSection = -1
    let bit = UInt64(1) << UInt64(position & 63)
    if replaces { seenSections[position / 64] |= bit } else { seenSections[position / 64] &= ~bit }
  }

  /// Makes any page acceptable as the first.
  mutating func beginPage() {
    places.pages.removeAll()
    places.pagedExtentCount = 0
    phase = .records
  }

  /// The page that was taken, as an INDEX lists it.
  mutating func endPage() -> IndexPageEntry? {
    phase = .records
    return places.pages.count == 1 ? places.pages[0] : nil
  }
}
