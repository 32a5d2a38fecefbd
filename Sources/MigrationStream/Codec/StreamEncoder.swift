/// How the octets of a payload behave while they are encoded.
@frozen
public enum PayloadSource: UInt8, Sendable, BitwiseCopyable {
  /// Nobody writes to them until the gather list has been written.
  case stable
  /// Somebody may: they are copied to a private buffer first, so that digest and octets agree.
  case live
}

/// Makes the records of a stream; the caller writes the gather lists that each call returns, in order.
///
/// It checks what it makes with the decoder's own state, so it refuses, with the reader's error, what a reader would
/// refuse. After an error it is poisoned. Plain payloads of stable memory are never copied.
///
///     preamble | MANIFEST | LAYOUT, SECTION, MEMORY, BYTES, BARRIER ... | END
///
/// Source: Specs/10-stream-format.md.
public struct StreamEncoder: ~Copyable {
  public private(set) var state: StreamState
  /// Header, body and front padding of the current record.
  var staged: OwnedBytes
  /// Extents or payload pieces of the current record in the caller's memory.
  var pieces: OwnedBuffer<SourceRange>
  /// Copies of live memory, frames, and zero octets for padding in front.
  var bounce: OwnedBytes
  var frame: OwnedBytes
  private let padding: OwnedBytes
  private let opening: OwnedBytes
  var digest: RunningDigest
  private var compressor: ZstdCompressor?
  private var backPadding = 0
  private var poison: StreamError?

  /// - Parameters:
  ///   - preamble: Flags must name every feature that will be used; profile `stream`, one channel.
  ///   - checksSections: Walks the data of each section by its layout before it is written.
  public init(
    preamble: Preamble, limits: StreamLimits = StreamLimits(), checksSections: Bool = true,
    allocator: StreamAllocator = .system
  ) throws(StreamError) {
    var options = DecoderOptions()
    options.checksDigests = false
    options.checksSections = checksSections
    var state = StreamState(limits: limits, options: options, allocator: allocator)
    var opening = OwnedBytes(allocator: allocator)
    try preamble.encode(into: &opening)
    try state.takePreamble(in: opening)
    let digest = try RunningDigest(allocator: allocator)
    var padding = OwnedBytes(allocator: allocator)
    try padding.append(repeating: 0, count: 8)
    self.state = state
    self.opening = opening
    self.digest = digest
    self.padding = padding
    staged = OwnedBytes(allocator: allocator)
    pieces = OwnedBuffer(allocator: allocator)
    bounce = OwnedBytes(allocator: allocator)
    frame = OwnedBytes(allocator: allocator)
  }

  /// Octets made so far.
  public var byteCount: UInt64 { state.totals.byteCount }

  /// The 64 octets to write before any record.
  public var preamble: RawSpan {
    @_lifetime(borrow self)
    get { opening.bytes }
  }

  // MARK: Records without payload

  /// Topology, frozen from now on; the first record.
  @_lifetime(&self)
  public mutating func manifest(_ manifest: borrowing ManifestBuilder) throws(StreamError) -> GatherList {
    try checkUsable()
    try beginStage()
    try manifest.encode(into: &staged)
    try seal(.manifest)
    return gathered()
  }

  /// Topology from the body of another stream's MANIFEST.
  @_lifetime(&self)
  public mutating func manifest(body: RawSpan) throws(StreamError) -> GatherList {
    try checkUsable()
    try beginStage()
    try staged.append(body)
    try seal(.manifest)
    return gathered()
  }

  /// Describes the data of sections; the first layout has number 0.
  ///
  /// - Parameters:
  ///   - canonical: Chapter 20 section 3 of the specification; `LayoutBuilder` makes it.
  ///   - compresses: Stores it as a zstd frame when that is shorter.
  @_lifetime(&self)
  public mutating func layout(canonical: RawSpan, compresses: Bool = false) throws(StreamError)
    -> GatherList
  {
    try checkUsable()
    frame.removeAll()
    if compresses { try compress(canonical) }
    let isFrame = compresses && frame.count < canonical.byteCount
    let number = state.layoutCount
    let stored = isFrame ? frame.count : canonical.byteCount
    try beginStage()
    try staged.append(integer: number)
    try staged.append(integer: UInt32(isFrame ? 1 : 0))
    try staged.append(integer: UInt64(canonical.byteCount))
    try staged.append(integer: Digest.xxh3(canonical))
    try staged.append(integer: UInt64(stored))
    if isFrame { try staged.append(contentsOf: frame) } else { try staged.append(canonical) }
    try staged.pad(to: 8)
    try seal(.layout)
    return gathered()
  }

  /// Names a layout that readers have from elsewhere.
  @_lifetime(&self)
  public mutating func externalLayout(identity: RawSpan) throws(StreamError) -> GatherList {
    try checkUsable()
    let number = state.layoutCount
    try beginStage()
    try staged.append(integer: number)
    try staged.append(integer: UInt32(2))
    try staged.append(integer: UInt64(0))
    try staged.append(integer: UInt64(0))
    try staged.append(integer: UInt64(identity.byteCount))
    try staged.append(identity)
    try staged.pad(to: 8)
    try seal(.layout)
    return gathered()
  }

  /// State of one device.
  ///
  /// - Parameters:
  ///   - section: Position in the device's announced sections.
  ///   - layout: Number of a layout sent before.
  ///   - data: Octets by that layout.
  ///   - subsections: Encoded subsections, one after the other, and how many are direct.
  ///   - replaces: The section was sent in an earlier pass.
  @_lifetime(&self)
  public mutating func section(
    device: UInt32, section: UInt16, layout: UInt32, data: RawSpan, subsections: RawSpan = RawSpan(),
    subsectionCount: UInt16 = 0, replaces: Bool = false
  ) throws(StreamError) -> GatherList {
    try checkUsable()
    guard device < UInt32(state.manifest.devices.count),
      section < UInt16(clamping: state.manifest.devices[Int(device)].sectionCount)
    else { throw poisoned(StreamError(.unknownDevice, .use, at: byteCount, found: UInt64(device))) }
    let mark = state.manifest.section(Int(section), of: state.manifest.devices[Int(device)]).mark
    try beginStage()
    try staged.append(integer: section)
    try staged.append(integer: subsectionCount)
    try staged.append(integer: layout)
    try staged.append(integer: state.pass)
    try staged.append(integer: UInt32(0))
    try staged.append(integer: UInt64(data.byteCount))
    try staged.append(data)
    try staged.append(subsections)
    try seal(
      .section, flags: mark.rawValue | (replaces ? RecordFlags.replaces : 0), device: device)
    return gathered()
  }

  /// Closes a pass.
  @_lifetime(&self)
  public mutating func barrier() throws(StreamError) -> GatherList {
    try checkUsable()
    let pass = state.pass
    let next = state.totals.recordCount + 1
    try beginStage()
    try staged.append(integer: pass)
    try staged.append(integer: UInt32(1))
    try staged.append(integer: next)
    try seal(.barrier)
    return gathered()
  }

  /// Says that the source gave up; nothing may follow.
  @_lifetime(&self)
  public mutating func abort(reason: UInt32, text: RawSpan) throws(StreamError) -> GatherList {
    try checkUsable()
    let count = UInt16(clamping: text.byteCount)
    try beginStage()
    try staged.append(integer: reason)
    try staged.append(integer: count)
    try staged.append(integer: UInt16(0))
    try staged.append(text.extracting(first: Int(count)))
    try staged.pad(to: 8)
    do throws(StreamError) {
      try seal(.abort)
    } catch let refusal where refusal.code == .aborted {
      return gathered()
    }
    return gathered()
  }

  /// A record of a kind that this version does not know, as a rewrite preserves it.
  ///
  /// - Parameters:
  ///   - flags: As it came; marked skippable.
  @_lifetime(&self, copy payload)
  public mutating func preserved(
    kind: UInt16, flags: UInt16, device: UInt32, body: RawSpan, payload: RawSpan
  ) throws(StreamError) -> GatherList {
    try checkUsable()
    try beginStage()
    try staged.append(body)
    try pieces.append(SourceRange(start: 0, count: payload.byteCount))
    try seal(
      kind: kind, flags: flags, device: device, payloadByteCount: UInt64(payload.byteCount),
      payloadDigest: Digest.xxh3(payload))
    return gathered(payload)
  }

  /// Ends the stream; fails when a section or the end of a byte string is missing.
  @_lifetime(&self)
  public mutating func end() throws(StreamError) -> GatherList {
    try checkUsable()
    let totals = state.totals
    let sections = state.sectionRecordCount
    let passes = state.pass + 1
    try beginStage()
    try staged.append(integer: UInt64(0))
    try staged.append(integer: UInt32(1))
    try staged.append(integer: passes)
    try staged.append(integer: sections)
    try staged.append(integer: UInt64(0))
    try staged.append(integer: totals.recordCount)
    try staged.append(integer: totals.byteCount)
    try staged.append(integer: totals.chain)
    try staged.append(
      repeating: 0,
      count: EndBody.byteCount - EndBody.totalsPosition - EndBody.totalsByteCount)
    try seal(.end)
    return gathered()
  }

  // MARK: Putting a record together

  func checkUsable() throws(StreamError) {
    if let poison { throw poison }
    guard !state.hasEnded else { throw StreamError(.wrongCall, .use, at: byteCount) }
  }

  mutating func poisoned(_ refusal: StreamError) -> StreamError {
    poison = refusal
    return refusal
  }

  /// Makes room for a header; the body is appended after it.
  mutating func beginStage() throws(StreamError) {
    staged.removeAll()
    pieces.removeAll()
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
  private mutating func seal(
    kind: UInt16, flags: UInt16, device: UInt32, payloadByteCount: UInt64, payloadDigest: UInt64
  ) throws(StreamError) {
    let bodyByteCount = staged.count - RecordHeader.byteCount
    let bodyDigest = Digest.xxh3(staged.bytes.extracting(droppingFirst: RecordHeader.byteCount))
    var header = RecordHeader(
      kind: kind, flags: flags, device: device, sequence: state.totals.recordCount, at: byteCount,
      bodyByteCount: bodyByteCount, bodyDigest: bodyDigest, payloadByteCount: payloadByteCount,
      payloadDigest: payloadDigest)
    header.encode(seed: state.seed, into: &staged, at: 0)
    let offset = byteCount
    do throws(StreamError) {
      try state.checkHeader(header, at: offset)
      try Self.takeBody(&state, in: staged, of: header, at: offset)
      try state.takeEnd(of: header, at: offset)
    } catch let refusal {
      throw poisoned(refusal)
    }
    try staged.append(repeating: 0, count: Int(header.frontPadding))
    backPadding = Int(header.backPadding)
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
