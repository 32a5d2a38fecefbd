/// Decodes a stream that lies in memory as a whole, a mapped file for instance.
///
/// Headers, bodies and frames are copied to private memory before they are checked, so that nobody who writes to a
/// shared mapping changes them in between; plain payloads are digested and handed out where they lie.
/// Streams of several channels are for ``PushDecoder``.
public struct PullDecoder: ~Copyable, ~Escapable {
  public private(set) var state: StreamState
  private let bytes: RawSpan
  var position = 0
  /// The body of the current record.
  private var staged: OwnedBytes
  /// The frame of the current record: a decompressor reads its octets more than once.
  private var stored: OwnedBytes
  var poison: StreamError?
  var checkedPoison = CheckedPoison()

  /// - Throws: ``StreamError`` of stage preamble.
  @_lifetime(copy bytes)
  public init(
    _ bytes: RawSpan, limits: StreamLimits = StreamLimits(), options: DecoderOptions = DecoderOptions(),
    allocator: StreamAllocator = .system
  ) throws(StreamError) {
    var options = options
    options.readsChannels = false
    var state = StreamState(limits: limits, options: options, allocator: allocator)
    var staged = OwnedBytes(allocator: allocator)
    let count = min(bytes.byteCount, Preamble.byteCount)
    try staged.append(bytes.extracting(first: count))
    try state.takePreamble(staged.bytes)
    self.state = state
    self.bytes = bytes
    self.staged = staged
    stored = OwnedBytes(allocator: allocator)
    position = count
  }

  /// Octets consumed so far.
  public var offset: UInt64 { UInt64(position) }

  /// A record with its payload, all of it checked.
  @frozen
  public struct Item: ~Escapable {
    public let record: Record
    /// Decompressed if it was compressed.
    public let payload: RawSpan

    @_lifetime(copy record, copy payload)
    init(record: consuming Record, payload: RawSpan) {
      self.record = record
      self.payload = payload
    }
  }

  /// The next record up to and including END, or nil after it. Valid until the next call.
  ///
  /// - Throws: ``StreamError``; the same one on every further call.
  @_lifetime(&self)
  public mutating func next() throws(StreamError) -> Item? {
    checkStep()
    if let poison { throw poison }
    if state.hasEnded { return nil }
    var start = offset
    var parsed: RecordHeader?
    let payload: Range<Int>
    let isFrame: Bool
    do throws(StreamError) {
      staged.removeAll()
      if start < state.placement.recordsOffset {
        // The hole and the areas behind PLACEMENT.
        _ = try take(state.placement.recordsOffset &- start)
        start = offset
      }
      let head = try take(UInt64(RecordHeader.byteCount))
      let words = bytes.words(at: head.lowerBound)
      let header = try state.takeHeader(words, at: start)
      parsed = header
      let body = try take(header.bodyByteCount)
      try staged.append(bytes.extracting(body))
      try state.takeBody(in: staged, of: header, at: start)
      let frame = Record.frame(of: header, at: start, in: staged)
      isFrame = frame != nil
      payload = try takePayload(of: header, frame, at: start)
      try state.takeEnd(of: header, at: start)
    } catch {
      let refusal = error.reached(offset)
      let located = parsed.map { refusal.within(sequence: $0.sequence, device: $0.device) } ?? refusal
      poison = located
      throw located
    }
    guard let parsed else { return nil }
    return item(parsed, at: start, payload: isFrame ? nil : payload)
  }

  /// - Parameter payload: Where it lies in the input; nil: decompressed.
  @_lifetime(&self)
  private mutating func item(
    _ header: RecordHeader, at start: UInt64, payload: Range<Int>?
  ) -> Item {
    if let payload {
      return Item(record: Record(header, at: start, in: staged), payload: bytes.extracting(payload))
    }
    return Item(record: Record(header, at: start, in: staged), payload: state.plain.bytes)
  }

  /// Front padding, payload and back padding; returns where the payload lies.
  private mutating func takePayload(
    of header: RecordHeader, _ frame: Record.Frame?, at start: UInt64
  ) throws(StreamError) -> Range<Int> {
    if header.frontPadding > 0 { try takePadding(Int(header.frontPadding)) }
    let range = try take(header.payloadByteCount)
    if let frame {
      stored.removeAll()
      try stored.append(bytes.extracting(range))
      try checkPayload(stored.bytes, of: header, at: start)
      try state.takeFrame(in: stored, frame)
    } else {
      try checkPayload(bytes.extracting(range), of: header, at: start)
    }
    if header.backPadding > 0 { try takePadding(Int(header.backPadding)) }
    return range
  }

  private func checkPayload(
    _ octets: RawSpan, of header: RecordHeader, at start: UInt64
  ) throws(StreamError) {
    guard state.options.checksDigests else { return }
    try state.checkPayload(Digest.xxh3(octets), of: header, at: start)
  }

  /// Says whether the input may end where the decoder stands.
  ///
  /// - Parameter exclusive: Octets after END are refused; pass false for a stream embedded in another.
  public mutating func finish(exclusive: Bool = true) throws(StreamError) {
    if let poison { throw poison }
    guard state.hasEnded else {
      throw StreamError(.wrongCall, .use, at: offset)
    }
    if exclusive, position < bytes.byteCount {
      let refusal = StreamError(.trailingData, .end, at: offset)
      poison = refusal
      throw refusal
    }
  }

  /// The next `count` octets, as positions.
  @inline(__always)
  private mutating func take(_ count: UInt64) throws(StreamError) -> Range<Int> {
    let remaining = bytes.byteCount - position
    guard count <= UInt64(remaining) else {
      throw StreamError(
        .truncated, .record, at: UInt64(bytes.byteCount), expected: count, found: UInt64(remaining))
    }
    let start = position
    position += Int(count)
    return start..<position
  }

  private mutating func takePadding(_ count: Int) throws(StreamError) {
    if bytes.hasZeros(at: position, count: count) {
      position &+= count
      return
    }
    let there = bytes.extracting(position..<(position + min(count, bytes.byteCount - position)))
    guard there.isZero else { throw StreamState.refuse(padding: there, at: offset) }
    _ = try take(UInt64(count))
  }
}
