/// What the records of a stream have said so far, and the rules between them.
///
/// The pull decoder, the push decoder and the verifier share it, so they give the same verdict at the same offset.
/// Memory: Specs/40-reader-rules.md section 3.
public struct StreamState: ~Copyable {
  enum Phase: UInt8 { case preamble, manifest, placement, records, pages, channel, index, ended }

  /// A device's byte string so far.
  struct ByteString: BitwiseCopyable {
    var byteCount: UInt64 = 0
    var firstRecordOffset: UInt64 = 0
    var recordCount: UInt32 = 0
    var unitIsOpen = false
    var initialDataEnded = false
    var hasEnded = false

    var hasBegun: Bool { recordCount > 0 }
  }

  public let limits: StreamLimits
  public let options: DecoderOptions
  public internal(set) var preamble = Preamble(uuid: StreamUUID(low: 0, high: 0))
  /// The channel whose records these are.
  public internal(set) var channel: UInt16 = 0
  public internal(set) var manifest: Manifest
  /// Where the regions lie in an image.
  public internal(set) var placement: Placement
  /// Who names each octet of memory last; empty unless the options collect it.
  public internal(set) var content: FinalContent
  /// Empty unless the options keep layouts.
  public internal(set) var layouts: LayoutStore
  public internal(set) var layoutCount: UInt32 = 0
  /// Octets of all canonical layouts; at most the limit and one layout.
  var layoutByteCount: UInt64 = 0
  /// The pass that is open: that of the records of channel 0.
  public internal(set) var pass: UInt32 = 0
  public internal(set) var totals = ChannelTotals()
  public internal(set) var sectionRecordCount: UInt64 = 0
  /// Records of kinds that this reader does not know and stepped over.
  public internal(set) var skippedRecordCount: UInt64 = 0

  var phase = Phase.preamble
  var seed: UInt64 = 0
  /// One bit for each announced section.
  var seenSections: OwnedBuffer<UInt64>
  /// Position among all announced sections of the last one of this pass.
  var lastSection = -1
  var byteStrings: OwnedBuffer<ByteString>
  /// Where the records lie that an index leads to.
  var places: RecordPlaces
  var indexOffset: UInt64 = 0
  var abortReason: UInt64 = 0
  /// Layouts and bulk, decompressed.
  var plain: OwnedBytes
  /// Made when the first frame comes.
  var decompressor: ZstdDecompressor?
  /// What several channels tell each other.
  var link: ChannelLink
  var checked = CheckedRecord()

  init(limits: StreamLimits, options: DecoderOptions, allocator: StreamAllocator) {
    self.limits = limits
    self.options = options
    manifest = Manifest(allocator: allocator)
    placement = Placement(allocator: allocator)
    content = FinalContent(allocator: allocator)
    places = RecordPlaces(allocator: allocator)
    layouts = LayoutStore(allocator: allocator)
    seenSections = OwnedBuffer(allocator: allocator)
    byteStrings = OwnedBuffer(allocator: allocator)
    plain = OwnedBytes(allocator: allocator)
    link = ChannelLink(allocator: allocator)
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  public var hasEnded: Bool { phase == .ended }

  /// Takes the preamble's octets, all there are.
  mutating func takePreamble(_ octets: RawSpan) throws(StreamError) {
    preamble = try Preamble(octets)
    guard preamble.channelCount == 1 || options.readsChannels else {
      throw StreamError(
        .notImplemented, .preamble, at: 26, expected: 1, found: UInt64(preamble.channelCount))
    }
    seed = preamble.uuid.seed
    totals.byteCount = UInt64(Preamble.byteCount)
    phase = .manifest
  }

  /// Takes a record's header.
  mutating func takeHeader(
    _ words: InlineArray<8, UInt64>, at offset: UInt64
  ) throws(StreamError) -> RecordHeader {
    let header = RecordHeader(words)
    guard UInt32(truncatingIfNeeded: words[0]) == Format.sync,
      Digest.xxh3(header: words, seed: seed) == header.headerDigest
    else { throw refuse(words, at: offset) }
    try checkHeader(header, at: offset)
    return header
  }

  /// The rules for a header whose own octets are right.
  func checkHeader(_ header: RecordHeader, at offset: UInt64) throws(StreamError) {
    let bodyEnd = offset &+ UInt64(RecordHeader.byteCount) &+ header.bodyByteCount
    // One guard for what nearly every record passes; refuse() finds out which check failed.
    guard header.channel == channel, header.sequence == totals.recordCount, Mark(flags: header.flags) != nil,
      header.bodyByteCount <= limits.recordBodyBytesMax,
      header.payloadByteCount <= limits.payloadBytesMax,
      preamble.recordByteCountMax == 0 || header.recordByteCount <= preamble.recordByteCountMax,
      header.bodyByteCount & 7 == 0,
      header.frontPadding
        == RecordHeader.frontPadding(bodyEndingAt: bodyEnd, payloadByteCount: header.payloadByteCount),
      header.backPadding == RecordHeader.backPadding(payloadByteCount: header.payloadByteCount)
    else { throw refuse(header, at: offset) }
    try checkKind(header, at: offset)
  }

  @inline(never)
  private func refuse(_ words: InlineArray<8, UInt64>, at offset: UInt64) -> StreamError {
    let sync = UInt32(truncatingIfNeeded: words[0])
    if sync != Format.sync {
      return StreamError(
        .badSync, .record, at: offset, expected: UInt64(Format.sync), found: UInt64(sync))
    }
    return StreamError(
      .digestMismatch, .record, at: offset &+ 56, expected: words[7],
      found: Digest.xxh3(header: words, seed: seed))
  }

  /// Out of the hot path: which check of the header failed, in the order of the specification.
  @inline(never)
  private func refuse(_ header: RecordHeader, at offset: UInt64) -> StreamError {
    func error(
      _ code: StreamError.Code, _ field: UInt64, _ expected: UInt64, _ found: UInt64
    ) -> StreamError {
      StreamError(code, .record, at: offset &+ field, expected: expected, found: found)
    }
    if header.channel != channel {
      return error(.foreignChannel, 8, UInt64(channel), UInt64(header.channel))
    }
    if header.sequence != totals.recordCount {
      return error(.badSequence, 16, totals.recordCount, header.sequence)
    }
    if Mark(flags: header.flags) == nil { return error(.badMark, 6, 1, UInt64(header.flags)) }
    if header.bodyByteCount > limits.recordBodyBytesMax {
      return error(.limitExceeded, 24, limits.recordBodyBytesMax, header.bodyByteCount)
    }
    if header.payloadByteCount > limits.payloadBytesMax {
      return error(.limitExceeded, 40, limits.payloadBytesMax, header.payloadByteCount)
    }
    if preamble.recordByteCountMax != 0, header.recordByteCount > preamble.recordByteCountMax {
      return error(.limitExceeded, 24, preamble.recordByteCountMax, header.recordByteCount)
    }
    if header.bodyByteCount & 7 != 0 {
      return error(.badValue, 24, header.bodyByteCount & ~7, header.bodyByteCount)
    }
    let front = RecordHeader.frontPadding(
      bodyEndingAt: offset &+ UInt64(RecordHeader.byteCount) &+ header.bodyByteCount,
      payloadByteCount: header.payloadByteCount)
    if header.frontPadding != front {
      return error(.badPadding, 10, UInt64(front), UInt64(header.frontPadding))
    }
    return error(
      .badPadding, 11, UInt64(RecordHeader.backPadding(payloadByteCount: header.payloadByteCount)),
      UInt64(header.backPadding))
  }

  /// Kind, place, flags and device of a header.
  private func checkKind(_ header: RecordHeader, at offset: UInt64) throws(StreamError) {
    guard let kind = header.knownKind else {
      guard phase == .records || phase == .channel else { throw Self.outOfOrder(header, at: offset) }
      if Mark(flags: header.flags) == .required {
        throw StreamError(.unknownRequired, .record, at: offset &+ 4, found: UInt64(header.kind))
      }
      return
    }
    guard isAllowed(kind) else { throw Self.outOfOrder(header, at: offset) }
    if kind == .barrier, preamble.mandatoryFlags & MandatoryFlags.passes == 0 {
      throw StreamError(
        .undeclaredFeature, .record, at: offset &+ 4, expected: UInt64(MandatoryFlags.passes),
        found: UInt64(header.kind))
    }
    let unknown = header.flags & ~(kind.flagsAllowed | 3)
    guard unknown == 0 else {
      throw StreamError(.reservedNotZero, .record, at: offset &+ 6, found: UInt64(unknown))
    }
    if kind.namesDevice {
      try checkDevice(header, kind, at: offset)
    } else {
      try Self.check(mark: kind.mark, header, at: offset)
      guard header.device == Format.none32 else {
        throw StreamError(
          .badValue, .record, at: offset &+ 12, expected: UInt64(Format.none32), found: UInt64(header.device))
      }
    }
    guard kind.hasPayload || header.payloadByteCount == 0 else {
      throw StreamError(.badValue, .record, at: offset &+ 40, expected: 0, found: header.payloadByteCount)
    }
  }

  private func isAllowed(_ kind: RecordKind) -> Bool {
    switch (phase, kind) {
    case (.manifest, .manifest), (.placement, .placement), (.records, .layout), (.records, .section),
      (.records, .bytes), (.records, .barrier), (.records, .abort), (.records, .end), (.pages, .indexPage),
      (.pages, .index), (.pages, .abort), (.index, .end), (.channel, .memory), (.channel, .bytes),
      (.channel, .channelEnd):
      true
    case (.records, .memory): preamble.profile == .stream
    case (.records, .placedMemory): preamble.profile == .image
    // Offsets of several channels have nothing in common.
    case (.records, .indexPage), (.records, .index): preamble.channelCount == 1
    default: false
    }
  }

  private func checkDevice(
    _ header: RecordHeader, _ kind: RecordKind, at offset: UInt64
  ) throws(StreamError) {
    if kind == .memory || kind == .placedMemory, header.device == Format.none32 {
      return try Self.check(mark: .required, header, at: offset)
    }
    guard header.device < UInt32(manifest.devices.count) else {
      throw StreamError(
        .unknownDevice, .record, at: offset &+ 12, expected: UInt64(manifest.devices.count),
        found: UInt64(header.device))
    }
    // A section has a mark of its own, known when its body is.
    if kind != .section {
      try Self.check(mark: manifest.devices[Int(header.device)].mark, header, at: offset)
    }
  }

  static func check(mark: Mark, _ header: RecordHeader, at offset: UInt64) throws(StreamError) {
    guard header.flags & 3 == mark.rawValue else {
      throw StreamError(
        .badMark, .record, at: offset &+ 6, expected: UInt64(mark.rawValue), found: UInt64(header.flags & 3))
    }
  }

  private static func outOfOrder(_ header: RecordHeader, at offset: UInt64) -> StreamError {
    StreamError(.recordOutOfOrder, .record, at: offset &+ 4, found: UInt64(header.kind))
  }

  /// Takes a record's body, whole and in private memory.
  mutating func takeBody(
    _ body: RawSpan, of header: RecordHeader, at offset: UInt64
  ) throws(StreamError) {
    if options.checksDigests {
      let digest = Digest.xxh3(body)
      guard digest == header.bodyDigest else {
        throw StreamError(
          .digestMismatch, .record, at: offset &+ 32, expected: header.bodyDigest, found: digest)
      }
    }
    let start = offset &+ UInt64(RecordHeader.byteCount)
    switch header.knownKind {
    case .manifest: try takeManifest(body, at: start)
    case .layout:
      try takeLayout(body, at: start)
      try places.layouts.append(RecordPlace(header, at: offset))
    case .section: try takeSection(body, of: header, at: start)
    case .memory: try takeMemory(body, of: header, at: start)
    case .bytes: try takeBytes(body, of: header, at: start)
    case .barrier: try takeBarrier(body, at: start, recordOffset: offset)
    case .indexPage: try takeIndexPage(body, of: header, at: offset)
    case .index: try takeIndex(body, at: offset)
    case .abort: try takeAbort(body, at: start)
    case .end: try takeEnd(body, at: start, recordOffset: offset)
    case .channelEnd: try takeChannelEnd(body, at: start, recordOffset: offset)
    case nil: skippedRecordCount &+= 1
    case .placement: try takePlacement(body, of: header, at: offset)
    case .placedMemory: try takePlacedMemory(body, of: header, at: offset)
    }
  }

  /// Padding that is not zero, at its octet.
  static func refuse(padding: RawSpan, at offset: UInt64) -> StreamError {
    let index = padding.firstNonZero
    return StreamError(
      .badPadding, .record, at: offset &+ UInt64(index), found: UInt64(padding.octet(at: index)))
  }

  /// Compares a payload's digest; `digest` is only asked for when options want it.
  func checkPayload(_ digest: UInt64, of header: RecordHeader, at offset: UInt64) throws(StreamError) {
    guard digest == header.payloadDigest else {
      throw StreamError(
        .digestMismatch, .record, at: offset &+ 48, expected: header.payloadDigest, found: digest)
    }
  }

  /// Closes a record whose octets all were right.
  mutating func takeEnd(of header: RecordHeader, at offset: UInt64) throws(StreamError) {
    totals.recordCount &+= 1
    totals.byteCount &+= header.recordByteCount
    // What lies between PLACEMENT and the next record counts too: END gives offsets in the file.
    if header.kind == RecordKind.placement.rawValue { totals.byteCount = placement.recordsOffset }
    totals.chain = Digest.chain(totals.chain, header.headerDigest)
    check(closing: header, at: offset)
    if header.kind == RecordKind.abort.rawValue {
      phase = .ended
      throw StreamError(
        .aborted, .end, at: offset &+ UInt64(RecordHeader.byteCount), found: abortReason)
    }
  }
}

/// For decoders that own the octets: a span of one member would bar all of self, so these take the owner.
extension StreamState {
  mutating func takePreamble(in staged: borrowing OwnedBytes) throws(StreamError) {
    try takePreamble(staged.bytes)
  }

  mutating func takeBody(
    in staged: borrowing OwnedBytes, of header: RecordHeader, at offset: UInt64
  ) throws(StreamError) {
    try takeBody(staged.bytes, of: header, at: offset)
  }

  mutating func takeFrame(
    in stored: borrowing OwnedBytes, _ frame: Record.Frame
  ) throws(StreamError) {
    try takeFrame(stored.bytes, frame)
  }
}
