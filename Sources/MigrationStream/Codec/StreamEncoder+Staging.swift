/// Putting a record together.
extension StreamEncoder {
  mutating func checkUsable() throws(StreamError) {
    checkStanding()
    if let poison { throw poison }
    try checkNotEnded()
  }

  func checkNotEnded() throws(StreamError) {
    guard !state.hasEnded else { throw StreamError(.wrongCall, .use, at: byteCount) }
  }

  /// The first refusal stays.
  mutating func poisoned(_ refusal: StreamError) -> StreamError {
    let located = refusal.reached(byteCount).on(channel: state.channel)
    if poison == nil { poison = located }
    return located
  }

  /// Makes room for a header; the body is appended after it.
  mutating func beginStage() throws(StreamError) {
    staged.removeAll()
    pieces.removeAll()
    backPadding = 0
    try staged.append(repeating: 0, count: RecordHeader.byteCount)
  }

  mutating func seal(
    _ kind: RecordKind, flags: UInt16? = nil, device: UInt32 = Format.none32,
    payloadByteCount: UInt64 = 0, payloadDigest: UInt64 = Digest.ofNothing
  ) throws(StreamError) {
    try seal(
      kind: kind.rawValue, flags: flags ?? kind.mark.rawValue, device: device,
      payloadByteCount: payloadByteCount, payloadDigest: payloadDigest)
  }

  /// Fills in the header, adds the front padding, and checks the record as a reader does.
  ///
  /// Nothing can fail once the record counts, so one that counts is handed out.
  mutating func seal(
    kind: UInt16, flags: UInt16, device: UInt32, payloadByteCount: UInt64, payloadDigest: UInt64
  ) throws(StreamError) {
    let bodyByteCount = staged.count - RecordHeader.byteCount
    let bodyDigest = Digest.xxh3(staged.bytes.extracting(droppingFirst: RecordHeader.byteCount))
    var header = RecordHeader(
      kind: kind, flags: flags, channel: state.channel, device: device, sequence: state.totals.recordCount, at: byteCount,
      bodyByteCount: bodyByteCount, bodyDigest: bodyDigest, payloadByteCount: payloadByteCount,
      payloadDigest: payloadDigest)
    header.encode(seed: state.seed, into: &staged, at: 0)
    let offset = byteCount
    try state.checkHeader(header, at: offset)
    try Self.takeBody(&state, in: staged, of: header, at: offset)
    try staged.append(repeating: 0, count: Int(header.frontPadding))
    backPadding = Int(header.backPadding)
    check(sealed: header)
    try state.takeEnd(of: header, at: offset)
  }

  private static func takeBody(
    _ state: inout StreamState, in staged: borrowing OwnedBytes, of header: RecordHeader, at offset: UInt64
  ) throws(StreamError) {
    try state.takeBody(
      staged.bytes.extracting(droppingFirst: RecordHeader.byteCount), of: header, at: offset)
  }

  @_lifetime(&self)
  mutating func gathered() -> GatherList {
    GatherList(
      head: staged.bytes, source: RawSpan(), pieces: pieces.span,
      tail: padding.bytes.extracting(first: backPadding))
  }

  @_lifetime(&self, copy source)
  mutating func gathered(_ source: RawSpan) -> GatherList {
    GatherList(
      head: staged.bytes, source: source, pieces: pieces.span,
      tail: padding.bytes.extracting(first: backPadding))
  }

  /// The payload is a frame.
  @_lifetime(&self)
  mutating func gatheredFrame() -> GatherList {
    GatherList(
      head: staged.bytes, source: frame.bytes, pieces: pieces.span,
      tail: padding.bytes.extracting(first: backPadding))
  }

  /// The payload is a copy of live octets.
  @_lifetime(&self)
  mutating func gatheredBounce() -> GatherList {
    GatherList(
      head: staged.bytes, source: bounce.bytes, pieces: pieces.span,
      tail: padding.bytes.extracting(first: backPadding))
  }

  /// Replaces ``frame``.
  mutating func compress(_ octets: RawSpan) throws(StreamError) {
    if compressor == nil { compressor = try ZstdCompressor(allocator: staged.allocator) }
    try compressor?.compress(octets, into: &frame)
  }
}
