/// Streams of one channel and one pass whose octets up to the first section are always the same, but for the UUID: made
/// once, then written and known again as often as there is state to save or load.
///
/// What it writes is what ``StreamEncoder`` writes; what it knows again is, octet for octet, what it would have written.
/// Everything else is left to a decoder, which says what is wrong with it, if anything is.
///
/// ```
///   octets   | preamble, MANIFEST, LAYOUT ... | SECTION ... | END |
///             the opening, kept                 written anew
/// ```
///
/// Source: Specs/10-stream-format.md.
public struct RepeatedStream: ~Copyable {
  private let addressOnly = AddressOnly()
  private var octets: OwnedBytes
  private let openingByteCount: Int
  /// Where the records of the opening start.
  private var records: OwnedBuffer<Int>
  private var uuid: StreamUUID
  private var seed: UInt64
  /// Behind the opening, and behind the record at hand.
  private var openingTotals: ChannelTotals
  private var totals: ChannelTotals
  private var sectionCount: UInt64 = 0
  private let limits: StreamLimits

  /// - Parameter opening: Preamble and records without payload, as an encoder made them.
  /// - Throws: `outOfMemory`; `truncated` for what does not end with a record.
  public init(opening: RawSpan, limits: StreamLimits, allocator: StreamAllocator) throws(StreamError) {
    let preamble = try Preamble(opening)
    var octets = OwnedBytes(allocator: allocator)
    var records = OwnedBuffer<Int>(allocator: allocator)
    try octets.append(opening)
    var position = Preamble.byteCount
    var totals = ChannelTotals()
    while position < opening.byteCount {
      guard opening.byteCount &- position >= RecordHeader.byteCount else { throw Self.truncated(position) }
      let header = RecordHeader(opening.words(at: position))
      guard header.recordByteCount <= UInt64(opening.byteCount &- position) else { throw Self.truncated(position) }
      try records.append(position)
      position &+= Int(header.recordByteCount)
      totals.chain = Digest.chain(totals.chain, header.headerDigest)
    }
    (totals.recordCount, totals.byteCount) = (UInt64(records.count), UInt64(position))
    self.octets = octets
    self.records = records
    self.limits = limits
    openingByteCount = opening.byteCount
    uuid = preamble.uuid
    seed = preamble.uuid.seed
    openingTotals = totals
    self.totals = totals
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  private static func truncated(_ position: Int) -> StreamError {
    StreamError(.truncated, .use, at: UInt64(position), expected: UInt64(RecordHeader.byteCount))
  }

  /// The stream as far as it was written.
  public var bytes: RawSpan {
    @_lifetime(borrow self)
    get { octets.bytes }
  }

  // MARK: Writing

  /// Begins another stream.
  ///
  /// - Throws: `outOfMemory`.
  public mutating func begin(_ uuid: StreamUUID) throws(StreamError) {
    octets.truncate(to: openingByteCount)
    sectionCount = 0
    if uuid != self.uuid { try rename(uuid) }
    totals = openingTotals
  }

  /// Header digests depend on the UUID.
  private mutating func rename(_ uuid: StreamUUID) throws(StreamError) {
    var preamble = try Preamble(octets.bytes)
    preamble.uuid = uuid
    var made = OwnedBytes(allocator: octets.allocator)
    try preamble.encode(into: &made)
    octets.set(made.bytes, at: 0)
    (self.uuid, seed) = (uuid, uuid.seed)
    openingTotals.chain = 0
    for index in 0..<records.count {
      var header = RecordHeader(octets.bytes.words(at: records[index]))
      header.encode(seed: seed, into: &octets, at: records[index])
      openingTotals.chain = Digest.chain(openingTotals.chain, header.headerDigest)
    }
  }

  /// Appends a section.
  ///
  /// - Parameters:
  ///   - layout: Its number in the stream, and among `layouts`.
  ///   - write: Appends section data, by its layout, to octets whose number is a multiple of 8.
  /// - Throws: what ``SectionWalker/check(layout:)`` throws for the data; `limitExceeded`; what `write` throws;
  ///   `outOfMemory`. What was written means nothing then, until the next stream begins.
  public mutating func section(
    _ section: UInt16, of device: UInt32, layout: UInt32, of layouts: LayoutTable, mark: Mark,
    _ write: (inout OwnedBytes) throws(StreamError) -> Void
  ) throws(StreamError) {
    let start = octets.count
    let data = start &+ RecordHeader.byteCount &+ SectionHead.byteCount
    try octets.append(repeating: 0, count: RecordHeader.byteCount &+ SectionHead.byteCount)
    try write(&octets)
    let bodyByteCount = octets.count &- start &- RecordHeader.byteCount
    guard UInt64(bodyByteCount) <= limits.recordBodyBytesMax else {
      throw StreamError(.limitExceeded, .use, at: 0, expected: limits.recordBodyBytesMax, found: UInt64(bodyByteCount))
    }
    try SectionWalker(octets.bytes.extracting(droppingFirst: data), at: UInt64(data), layouts: layouts, limits: limits)
      .check(layout: layout)
    setHead(section, layout, UInt64(octets.count &- data), at: start &+ RecordHeader.byteCount)
    let digest = Digest.xxh3(octets.bytes.extracting(droppingFirst: start &+ RecordHeader.byteCount))
    seal(.section, flags: mark.rawValue, device, bodyByteCount, digest, at: start)
    sectionCount &+= 1
  }

  private mutating func setHead(_ section: UInt16, _ layout: UInt32, _ dataByteCount: UInt64, at position: Int) {
    octets.set(UInt64(section) | UInt64(layout) << 32, at: position)
    octets.set(UInt64(0), at: position &+ 8)
    octets.set(dataByteCount, at: position &+ 16)
  }

  private mutating func seal(
    _ kind: RecordKind, flags: UInt16, _ device: UInt32, _ bodyByteCount: Int, _ digest: UInt64, at position: Int
  ) {
    var header = RecordHeader(
      kind: kind.rawValue, flags: flags, device: device, sequence: totals.recordCount, at: totals.byteCount,
      bodyByteCount: bodyByteCount, bodyDigest: digest, payloadByteCount: 0, payloadDigest: Digest.ofNothing)
    header.encode(seed: seed, into: &octets, at: position)
    totals.recordCount &+= 1
    totals.byteCount &+= header.recordByteCount
    totals.chain = Digest.chain(totals.chain, header.headerDigest)
  }

  /// Appends END; ``bytes`` are a whole stream now.
  ///
  /// - Throws: `outOfMemory`.
  public mutating func end() throws(StreamError) {
    let start = octets.count
    let body = start &+ RecordHeader.byteCount
    try octets.append(repeating: 0, count: RecordHeader.byteCount &+ EndBody.byteCount)
    // One channel, one pass, no index.
    octets.set(UInt64(1) | 1 << 32, at: body &+ 8)
    octets.set(sectionCount, at: body &+ 16)
    octets.set(totals.recordCount, at: body &+ EndBody.totalsPosition)
    octets.set(totals.byteCount, at: body &+ EndBody.totalsPosition &+ 8)
    octets.set(totals.chain, at: body &+ EndBody.totalsPosition &+ 16)
    let digest = Digest.xxh3(octets.bytes.extracting(droppingFirst: body))
    seal(.end, flags: RecordKind.end.mark.rawValue, Format.none32, EndBody.byteCount, digest, at: start)
  }

  // MARK: Knowing again

  /// Whether a stream begins as these do.
  ///
  /// - Throws: `outOfMemory`.
  public mutating func opens(_ stream: RawSpan) throws(StreamError) -> Bool {
    guard stream.byteCount >= openingByteCount else { return false }
    try begin(
      StreamUUID(low: stream.integer(at: 40, as: UInt64.self), high: stream.integer(at: 48, as: UInt64.self)))
    return stream.extracting(first: openingByteCount).compare(to: octets.bytes) == 0
  }

  /// The data of the next record, if it is that section without subsections, in one piece and right by its digests.
  ///
  /// - Parameter stream: All of a stream that begins as these do.
  /// - Returns: nil for any other record.
  /// - Throws: `outOfMemory`.
  @_lifetime(copy stream)
  public mutating func nextSection(
    _ section: UInt16, of device: UInt32, layout: UInt32, mark: Mark, in stream: RawSpan
  ) throws(StreamError) -> RawSpan? {
    let rest = stream.extracting(droppingFirst: Int(totals.byteCount))
    let front = RecordHeader.byteCount &+ SectionHead.byteCount
    guard rest.byteCount >= front else { return nil }
    let bodyByteCount = rest.integer(at: 24, as: UInt64.self)
    guard bodyByteCount & 7 == 0, bodyByteCount >= UInt64(SectionHead.byteCount),
      bodyByteCount <= min(limits.recordBodyBytesMax, UInt64(rest.byteCount &- RecordHeader.byteCount))
    else { return nil }
    let body = rest.extracting(RecordHeader.byteCount..<(RecordHeader.byteCount &+ Int(bodyByteCount)))
    let start = octets.count
    try octets.append(repeating: 0, count: front)
    setHead(section, layout, bodyByteCount &- UInt64(SectionHead.byteCount), at: start &+ RecordHeader.byteCount)
    seal(.section, flags: mark.rawValue, device, Int(bodyByteCount), Digest.xxh3(body), at: start)
    sectionCount &+= 1
    let isSame = rest.extracting(first: front).compare(to: octets.bytes.extracting(droppingFirst: start)) == 0
    octets.truncate(to: start)
    return isSame ? body.extracting(droppingFirst: SectionHead.byteCount) : nil
  }

  /// Octets of a stream whose next record is the END that these would have; nil for any other record.
  ///
  /// - Throws: `outOfMemory`.
  public mutating func ends(_ stream: RawSpan) throws(StreamError) -> Int? {
    let rest = stream.extracting(droppingFirst: Int(totals.byteCount))
    let start = octets.count
    try end()
    let count = octets.count &- start
    let isSame =
      rest.byteCount >= count
      && rest.extracting(first: count).compare(to: octets.bytes.extracting(droppingFirst: start)) == 0
    octets.truncate(to: start)
    return isSame ? Int(totals.byteCount) : nil
  }
}
