/// Decodes octets in whatever segments a transport delivers.
///
/// The same events and the same error at the same offset for every segmentation. Octets of plain payloads are either
/// handed to the handler as they come, or read by the caller straight to ``place`` and reported with
/// ``placed(_:to:)``. A caller that wants no payload copied reads like this:
///
///     while !decoder.state.hasEnded {
///       if decoder.place != nil {
///         // readv(2) to what places(max:_:) names, then placed(_:to:) for each, in order
///       } else {
///         // read(2) at most wantedByteCount octets to a small buffer, then push(_:to:)
///       }
///     }
///
/// That is three reads for a record with a payload, two for another. Reading further ahead saves reads where records
/// are small, at this price: the front of a payload that came with its header is handed to
/// ``StreamHandler/payload(_:at:)``, and the handler has to copy it to where it belongs.
///
/// One decoder reads one channel; how several work together is said at ``ChannelGate``.
public struct PushDecoder: ~Copyable {
  enum Step: UInt8 { case preamble, header, body, release, frontPadding, payload, backPadding, areas, ended }

  public internal(set) var state: StreamState
  var step = Step.preamble
  /// Octets consumed so far.
  public internal(set) var offset: UInt64 = 0
  /// The preamble or header that is arriving, or the body of the current record.
  var staged: OwnedBytes
  /// A payload that must be decompressed.
  var stored: OwnedBytes
  private var digest: RunningDigest
  /// The digest of a payload that came in one segment.
  private var wholeDigest: UInt64?
  var header: RecordHeader
  private var recordOffset: UInt64 = 0
  /// Octets of the current piece that have come.
  var arrived: UInt64 = 0
  /// Set when the payload is compressed.
  var frame: Record.Frame?
  private var hasTrailing = false
  /// The extent that the next payload octets belong to, and the octets of payload before it.
  var placeExtent = 0
  var placeStart: UInt64 = 0
  var poison: StreamError?
  var checkedPoison = CheckedPoison()

  public init(
    limits: StreamLimits = StreamLimits(), options: DecoderOptions = DecoderOptions(),
    allocator: StreamAllocator = .system
  ) throws(StreamError) {
    try self.init(
      StreamState(limits: limits, options: options, allocator: allocator), allocator: allocator)
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  /// Reads another channel of a stream; which one, its hello says.
  ///
  /// Limits and options are those of channel 0. The manifest is copied: no memory is shared with channel 0's decoder.
  ///
  /// - Parameter state: Of channel 0, after MANIFEST.
  public init(joining state: borrowing StreamState, allocator: StreamAllocator = .system) throws(StreamError) {
    try self.init(StreamState(joining: state, allocator: allocator), allocator: allocator)
  }

  private init(_ state: consuming StreamState, allocator: StreamAllocator) throws(StreamError) {
    let digest = try RunningDigest(allocator: allocator)
    self.digest = digest
    self.state = state
    staged = OwnedBytes(allocator: allocator)
    stored = OwnedBytes(allocator: allocator)
    header = RecordHeader(
      kind: 0, flags: 0, device: 0, sequence: 0, at: 0, bodyByteCount: 0, bodyDigest: 0,
      payloadByteCount: 0, payloadDigest: 0)
  }

  /// Takes a segment, up to and including END.
  ///
  /// - Returns: Octets consumed: all, unless the stream ended before the segment did, or ``isWaiting``.
  public mutating func push<Handler: StreamHandler & ~Copyable>(
    _ segment: RawSpan, to handler: inout Handler
  ) throws(StreamError) -> Int {
    defer { checkStep() }
    if let poison { throw poison }
    var rest = segment
    do throws(StreamError) {
      while step != .ended {
        if state.link.hold != .none, isAtBorder { break }
        // A piece without octets is complete before anything comes.
        if rest.byteCount == 0, needed > 0 { break }
        if try !takeWhole(&rest, to: &handler) { try advance(&rest, to: &handler) }
        checkStep()
      }
    } catch let refusal {
      throw poisoned(refusal)
    }
    if rest.byteCount > 0, step == .ended { hasTrailing = true }
    return segment.byteCount - rest.byteCount
  }

  /// Says whether the input may end here.
  ///
  /// - Parameter exclusive: Octets that were pushed after END are refused; pass false for a stream embedded in another.
  /// - Throws: `truncated` before END; `trailingData`.
  public mutating func finish(exclusive: Bool = true) throws(StreamError) {
    if let poison { throw poison }
    guard step == .ended else {
      // The magic is refused before its length is.
      if step == .preamble {
        do throws(StreamError) {
          try Preamble.check(magic: state.magic, staged.bytes)
        } catch let refusal { throw poisoned(refusal) }
      }
      if step == .release { try endHeldRecord() }
      throw poisoned(
        StreamError(.truncated, stage, at: offset, expected: arrived &+ needed, found: arrived))
    }
    if exclusive, hasTrailing { throw poisoned(StreamError(.trailingData, .end, at: offset)) }
  }

  mutating func poisoned(_ refusal: StreamError) -> StreamError {
    var located = refusal.reached(offset).on(channel: state.channel)
    if step != .preamble, step != .header, step != .areas, step != .ended, refusal.sequence == StreamError.noRecord {
      located = located.within(sequence: header.sequence, device: header.device)
    }
    poison = located
    return located
  }

  private var stage: StreamError.Stage { step == .preamble ? .preamble : .record }

  /// Octets of the current piece that have not come.
  var needed: UInt64 {
    switch step {
    case .preamble: UInt64(Preamble.byteCount) &- arrived
    case .header: UInt64(RecordHeader.byteCount) &- arrived
    case .body: header.bodyByteCount &- arrived
    case .release: 0
    case .frontPadding: UInt64(header.frontPadding) &- arrived
    case .payload: header.payloadByteCount &- arrived
    case .backPadding: UInt64(header.backPadding) &- arrived
    case .areas: state.placement.recordsOffset &- offset
    case .ended: 0
    }
  }

  /// The input ends while a record waits for its pass: a payload of no octets is all there, and judged before what is missing.
  private mutating func endHeldRecord() throws(StreamError) {
    if header.frontPadding == 0, header.payloadByteCount == 0 {
      do throws(StreamError) {
        digest.reset()
        try closePayload()
        stored.removeAll()
        if let frame = Record(header, at: recordOffset, in: staged).frame { try state.takeFrame(in: stored, frame) }
      } catch let refusal { throw poisoned(refusal) }
    }
    begin(behindBody)
  }

  /// What a record that waits for its pass goes on with.
  private var behindBody: Step {
    if header.frontPadding > 0 { return .frontPadding }
    if header.payloadByteCount > 0 { return .payload }
    return header.backPadding > 0 ? .backPadding : .header
  }

  mutating func advance<Handler: StreamHandler & ~Copyable>(
    _ rest: inout RawSpan, to handler: inout Handler
  ) throws(StreamError) {
    let count = Int(min(UInt64(rest.byteCount), needed))
    let piece = rest.extracting(first: count)
    rest = rest.extracting(droppingFirst: count)
    switch step {
    case .preamble, .header, .body:
      try staged.append(piece)
      moved(by: count)
      guard needed == 0 else { return }
      try takeStaged(to: &handler)
    case .payload:
      try takePayload(piece, to: &handler)
    case .frontPadding, .backPadding:
      var padding = piece
      try takePadding(&padding, count: count)
      guard needed == 0 else { return }
      if step == .frontPadding { beginPayload() } else { try endRecord(to: &handler) }
    case .release: try release(to: &handler)
    case .areas:
      moved(by: count)
      if needed == 0 { begin(.header) }
    case .ended: break
    }
  }

  /// The fast way: a record without frame that lies in the segment as a whole.
  ///
  /// - Returns: false, with nothing consumed, when the record has to be put together step by step.
  private mutating func takeWhole<Handler: StreamHandler & ~Copyable>(
    _ rest: inout RawSpan, to handler: inout Handler
  ) throws(StreamError) -> Bool {
    guard step == .header, arrived == 0, rest.byteCount >= RecordHeader.byteCount else { return false }
    let words = rest.words(at: 0)
    let claim = RecordHeader(words)
    // Lengths are compared one by one: their sum may overflow before they are checked.
    let room = UInt64(rest.byteCount)
    guard claim.bodyByteCount <= room, claim.payloadByteCount <= room, claim.recordByteCount <= room
    else { return false }
    recordOffset = offset
    header = try state.takeHeader(words, at: offset)
    rest = rest.extracting(droppingFirst: RecordHeader.byteCount)
    moved(by: RecordHeader.byteCount)
    begin(.body)
    try staged.append(rest.extracting(first: Int(header.bodyByteCount)))
    rest = rest.extracting(droppingFirst: Int(header.bodyByteCount))
    moved(by: Int(header.bodyByteCount))
    try takeStaged(to: &handler)
    if step == .release { return true }
    try takePadding(&rest, count: Int(header.frontPadding))
    let payload = rest.extracting(first: Int(header.payloadByteCount))
    rest = rest.extracting(droppingFirst: payload.byteCount)
    // No place is sought for octets that are here already.
    begin(.payload)
    if frame != nil {
      try takePayload(payload, to: &handler)
    } else {
      if payload.byteCount > 0 { try handler.payload(payload, at: 0) }
      if state.options.checksDigests {
        try state.checkPayload(Digest.xxh3(payload), of: header, at: recordOffset)
      }
      moved(by: payload.byteCount)
    }
    try takePadding(&rest, count: Int(header.backPadding))
    try endRecord(to: &handler)
    return true
  }

  private mutating func takePadding(_ rest: inout RawSpan, count: Int) throws(StreamError) {
    if count == 0 { return }
    guard rest.hasZeros(at: 0, count: count) else {
      throw StreamState.refuse(padding: rest.extracting(first: count), at: offset)
    }
    rest = rest.extracting(droppingFirst: count)
    moved(by: count)
  }

  private mutating func moved(by count: Int) {
    arrived &+= UInt64(count)
    offset &+= UInt64(count)
  }

  private mutating func beginPayload() {
    begin(.payload)
    (placeExtent, placeStart) = (0, 0)
    findPlace()
  }

  mutating func begin(_ next: Step) {
    step = next
    arrived = 0
  }

  /// A preamble, header or body is there as a whole.
  private mutating func takeStaged<Handler: StreamHandler & ~Copyable>(
    to handler: inout Handler
  ) throws(StreamError) {
    switch step {
    case .preamble:
      if state.isJoined { try state.takeHello(in: staged) } else { try state.takePreamble(in: staged) }
      try handler.preamble(state.preamble)
      staged.removeAll()
      begin(.header)
    case .header:
      recordOffset = offset &- UInt64(RecordHeader.byteCount)
      header = try state.takeHeader(staged.bytes.words(at: 0), at: recordOffset)
      staged.removeAll()
      begin(.body)
    default:
      try state.takeBody(in: staged, of: header, at: recordOffset)
      if state.link.hold == .record { begin(.release) } else { try release(to: &handler) }
    }
  }

  /// The record's pass is open: its payload may come.
  private mutating func release<Handler: StreamHandler & ~Copyable>(
    to handler: inout Handler
  ) throws(StreamError) {
    if state.isShared { try state.takeRuns(in: staged, of: header, at: recordOffset) }
    frame = try handOver(to: &handler)
    stored.removeAll()
    begin(.frontPadding)
  }

  /// Shows the handler a record whose header and body are right.
  private func handOver<Handler: StreamHandler & ~Copyable>(
    to handler: inout Handler
  ) throws(StreamError) -> Record.Frame? {
    let record = Record(header, at: recordOffset, in: staged)
    try handler.record(record, state)
    return record.frame
  }

  private mutating func takePayload<Handler: StreamHandler & ~Copyable>(
    _ piece: RawSpan, to handler: inout Handler
  ) throws(StreamError) {
    if frame != nil {
      try stored.append(piece)
    } else if piece.byteCount > 0 {
      try handler.payload(piece, at: arrived)
    }
    takeDigest(piece)
    guard needed == 0 else { return }
    try closePayload()
    if let frame {
      try state.takeFrame(in: stored, frame)
      try handler.payload(state.plain.bytes, at: 0)
    }
    begin(.backPadding)
  }

  /// One call digests a payload that lies in one segment; others are digested as they come.
  mutating func takeDigest(_ piece: RawSpan) {
    let isWhole = UInt64(piece.byteCount) == header.payloadByteCount
    if state.options.checksDigests {
      if isWhole {
        wholeDigest = Digest.xxh3(piece)
      } else {
        if arrived == 0 { digest.reset() }
        digest.update(piece)
      }
    }
    moved(by: piece.byteCount)
    findPlace()
  }

  mutating func closePayload() throws(StreamError) {
    defer { wholeDigest = nil }
    guard state.options.checksDigests else { return }
    try state.checkPayload(wholeDigest ?? digest.value, of: header, at: recordOffset)
  }

  private mutating func endRecord<Handler: StreamHandler & ~Copyable>(
    to handler: inout Handler
  ) throws(StreamError) {
    try state.takeEnd(of: header, at: recordOffset)
    try handler.recordEnd(header, at: recordOffset, state)
    staged.removeAll()
    begin(state.hasEnded ? .ended : offset < state.placement.recordsOffset ? .areas : .header)
  }
}
