/// A run of octets of a file.
@frozen
public struct FileRange: Equatable, Sendable, BitwiseCopyable {
  public var offset: UInt64
  public var byteCount: UInt64

  @inlinable
  public init(offset: UInt64, byteCount: UInt64) {
    self.offset = offset
    self.byteCount = byteCount
  }

  /// The octet behind the last one.
  @inlinable
  public var end: UInt64 { offset &+ byteCount }
}

/// Finds single records of a file through its index, in a few small reads.
///
/// It reads nothing itself. The caller first serves ``wanted`` until that is nil: the head of the file (preamble,
/// MANIFEST, PLACEMENT), its tail (END, often INDEX), and INDEX where the tail did not hold it. Then it asks where things
/// lie, reads them, and hands them over:
///
///     while let range = reader.wanted { reader.supply(octets of range) }
///     reader.hasIndex ?  sections:  range(ofSection:device:) -> section(_:of:device:)
///                        memory:    firstPage(...) -> page(_:octets:) -> extents -> memory(of:record:)
///                        bytes:     byteString(device:) -> bytes(_:at:device:), record after record
///
/// Nothing that the index says is trusted: ranges lie inside the file, and each record is checked to be the one that was
/// sought. What only the whole stream can tell (sequence, what replaced what) is not checked.
///
/// Source: Specs/30-channels-passes-images.md section 4.3.
public struct IndexReader: ~Copyable {
  enum Step: UInt8 { case head, tail, index, ready }

  /// Preamble, manifest and placement; layouts that were handed over.
  public internal(set) var state: StreamState
  /// What to read and ``supply(_:)`` next; nil when the file is open.
  public private(set) var wanted: FileRange?
  private let fileByteCount: UInt64
  private var step = Step.head
  /// Octets of the head that have been taken: where records start that may be sought.
  private var headByteCount: UInt64 = 0
  private var endOffset: UInt64 = 0
  /// Sequence number of END: records before it.
  var recordCount: UInt64 = 0
  var passCount: UInt32 = 0
  /// 0: none.
  var indexOffset: UInt64 = 0
  var head = IndexHead()
  /// The lists of INDEX with the head before them.
  var list: OwnedBytes
  /// The body of the record that was taken last.
  var staged: OwnedBytes
  var stored: OwnedBytes
  var page: OwnedBytes
  private var poison: StreamError?

  /// Octets of the first read, and of the second.
  public static var windowByteCount: UInt64 { 65536 }

  /// - Parameter fileByteCount: Where the file ends.
  public init(
    fileByteCount: UInt64, limits: StreamLimits = StreamLimits(), allocator: StreamAllocator = .system
  ) {
    state = StreamState(limits: limits, options: DecoderOptions(), allocator: allocator)
    list = OwnedBytes(allocator: allocator)
    staged = OwnedBytes(allocator: allocator)
    stored = OwnedBytes(allocator: allocator)
    page = OwnedBytes(allocator: allocator)
    self.fileByteCount = fileByteCount
    wanted = FileRange(offset: 0, byteCount: min(fileByteCount, Self.windowByteCount))
  }

  /// Whether the file has an index, once ``wanted`` is nil.
  public var hasIndex: Bool { indexOffset != 0 }

  /// Where the first record stands that can be sought.
  var recordsOffset: UInt64 { max(headByteCount, state.placement.recordsOffset) }

  /// Takes the octets of ``wanted``.
  ///
  /// - Throws: What a decoder throws for preamble, MANIFEST and PLACEMENT; `truncated` when the file does not end with
  ///   END; `badIndex`, `badValue` for an INDEX that is not there.
  public mutating func supply(_ octets: RawSpan) throws(StreamError) {
    if let poison { throw poison }
    guard let wanted, UInt64(octets.byteCount) == wanted.byteCount else {
      throw StreamError(.wrongCall, .use, at: self.wanted?.offset ?? 0)
    }
    do throws(StreamError) {
      switch step {
      case .head: try takeHead(octets, at: wanted.offset)
      case .tail: try takeTail(octets, at: wanted.offset)
      case .index: try takeIndex(octets)
      case .ready: break
      }
    } catch let refusal {
      poison = refusal
      self.wanted = nil
      throw refusal
    }
  }

  private mutating func want(_ offset: UInt64, _ byteCount: UInt64) throws(StreamError) {
    guard offset <= fileByteCount, byteCount <= fileByteCount &- offset else {
      throw StreamError(
        .truncated, .record, at: fileByteCount, expected: byteCount,
        found: fileByteCount &- min(offset, fileByteCount))
    }
    wanted = FileRange(offset: offset, byteCount: byteCount)
  }

  /// Preamble, MANIFEST and PLACEMENT, as far as they lie in the octets.
  private mutating func takeHead(_ octets: RawSpan, at offset: UInt64) throws(StreamError) {
    var rest = octets
    if headByteCount == 0 {
      try state.takePreamble(octets.extracting(first: Preamble.byteCount))
      headByteCount = UInt64(Preamble.byteCount)
      rest = octets.extracting(droppingFirst: Preamble.byteCount)
    }
    while state.phase != .records {
      guard rest.byteCount >= RecordHeader.byteCount else {
        return try want(headByteCount, max(64, min(Self.windowByteCount, fileByteCount &- headByteCount)))
      }
      let header = try state.takeHeader(rest.words(at: 0), at: headByteCount)
      guard header.recordByteCount <= UInt64(rest.byteCount) else {
        return try want(headByteCount, header.recordByteCount)
      }
      try stage(rest, header)
      try state.takeBody(in: staged, of: header, at: headByteCount)
      try state.takeEnd(of: header, at: headByteCount)
      headByteCount &+= header.recordByteCount
      rest = rest.extracting(droppingFirst: Int(header.recordByteCount))
    }
    step = .tail
    let least = UInt64(RecordHeader.byteCount + EndBody.byteCount)
    let room = fileByteCount &- min(recordsOffset, fileByteCount)
    let count = max(least, min(Self.windowByteCount, room))
    try want(recordsOffset &+ room &- min(count, room), count)
  }

  /// END, and INDEX if it lies in the octets too.
  private mutating func takeTail(_ octets: RawSpan, at offset: UInt64) throws(StreamError) {
    let endByteCount = RecordHeader.byteCount + EndBody.byteCount
    let position = octets.byteCount - endByteCount
    let end = octets.extracting(droppingFirst: position)
    let endOffset = offset &+ UInt64(position)
    let words = end.words(at: 0)
    state.totals.recordCount = words[2]
    let header = try state.takeHeader(words, at: endOffset)
    guard header.knownKind == .end, header.recordByteCount == UInt64(endByteCount) else {
      throw StreamError(.truncated, .record, at: fileByteCount, expected: UInt64(endByteCount))
    }
    try stage(end, header)
    try checkDigest(header, at: endOffset)
    self.endOffset = endOffset
    recordCount = header.sequence
    let body = EndBody.fields(in: staged)
    let totals = endOffset &+ UInt64(RecordHeader.byteCount + EndBody.totalsPosition)
    guard body.recordCount == recordCount else {
      throw StreamError(.totalsMismatch, .end, at: totals, expected: body.recordCount, found: recordCount)
    }
    guard body.byteCount == endOffset else {
      throw StreamError(.totalsMismatch, .end, at: totals &+ 8, expected: body.byteCount, found: endOffset)
    }
    passCount = body.passCount
    guard body.indexOffset != 0 else { return finish() }
    guard body.indexOffset >= recordsOffset, body.indexOffset & 7 == 0, body.indexOffset < endOffset,
      endOffset &- body.indexOffset <= state.limits.recordBodyBytesMax
    else { throw misplaced(body.indexOffset) }
    indexOffset = body.indexOffset
    if indexOffset >= offset {
      try takeIndex(octets.extracting(Int(indexOffset &- offset)..<position))
    } else {
      step = .index
      try want(indexOffset, endOffset &- indexOffset)
    }
  }

  /// END names an INDEX that does not stand directly before it.
  private func misplaced(_ offset: UInt64) -> StreamError {
    StreamError(
      .badValue, .end, at: endOffset &+ UInt64(RecordHeader.byteCount), expected: endOffset, found: offset)
  }

  private mutating func takeIndex(_ octets: RawSpan) throws(StreamError) {
    guard octets.byteCount >= RecordHeader.byteCount, recordCount > 0 else { throw misplaced(indexOffset) }
    state.totals.recordCount = recordCount &- 1
    let header = try state.takeHeader(octets.words(at: 0), at: indexOffset)
    guard header.knownKind == .index, header.recordByteCount == UInt64(octets.byteCount) else {
      throw misplaced(indexOffset)
    }
    try stage(octets, header)
    try checkDigest(header, at: indexOffset)
    try Self.parseIndex(staged, &head, state, at: indexOffset &+ UInt64(RecordHeader.byteCount))
    swap(&staged, &list)
    finish()
  }

  /// The head of INDEX and the order of its pages; entries are checked when they are used.
  private static func parseIndex(
    _ body: borrowing OwnedBytes, _ head: inout IndexHead, _ state: borrowing StreamState, at start: UInt64
  ) throws(StreamError) {
    var reader = ByteReader(body.bytes, at: start, stage: .index)
    head = try IndexHead(&reader)
    guard Int(head.sectionCount) == state.manifest.sectionTotal else {
      throw StreamError(
        .badIndex, .index, at: start &+ 4, expected: UInt64(state.manifest.sectionTotal),
        found: UInt64(head.sectionCount))
    }
    try head.checkRest(&reader, at: start)
    _ = try reader.take(Int(head.layoutCount) * IndexHead.layoutByteCount)
    _ = try reader.take(Int(head.sectionCount) * IndexHead.sectionByteCount)
    var (region, end): (UInt32, UInt64) = (0, 0)
    for _ in 0..<head.pageCount {
      let entry = IndexPageEntry(try reader.take(IndexHead.pageByteCount))
      guard entry.region < UInt32(state.manifest.regions.count), entry.region >= region,
        entry.region > region || entry.firstOffset >= end, entry.end > entry.firstOffset,
        entry.end <= state.manifest.regions[Int(entry.region)].byteCount
      else { throw reader.refusal(.badIndex, back: IndexHead.pageByteCount) }
      (region, end) = (entry.region, entry.end)
    }
  }

  private mutating func finish() {
    step = .ready
    wanted = nil
  }

  /// Copies a record's body to private memory.
  mutating func stage(_ octets: RawSpan, _ header: RecordHeader) throws(StreamError) {
    staged.removeAll()
    let start = RecordHeader.byteCount
    try staged.append(octets.extracting(start..<(start + Int(header.bodyByteCount))))
  }

  func checkDigest(_ header: RecordHeader, at offset: UInt64) throws(StreamError) {
    let digest = Digest.xxh3(staged.bytes)
    guard digest == header.bodyDigest else {
      throw StreamError(.digestMismatch, .record, at: offset &+ 32, expected: header.bodyDigest, found: digest)
        .within(sequence: header.sequence, device: header.device)
    }
  }
}
