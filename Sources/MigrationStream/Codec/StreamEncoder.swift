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
/// refuse. After an error it is poisoned, and only ``abort(reason:text:)`` is left. Plain payloads of stable memory are never copied.
///
///     preamble | MANIFEST | LAYOUT, SECTION, MEMORY, BYTES, BARRIER ... | END
///
/// Source: Specs/10-stream-format.md.
public struct StreamEncoder: ~Copyable {
  public internal(set) var state: StreamState
  /// Header, body and front padding of the current record.
  var staged: OwnedBytes
  /// Extents or payload pieces of the current record in the caller's memory.
  var pieces: OwnedBuffer<SourceRange>
  /// What the last PLACED_MEMORY record says about the areas.
  var placedPieces: OwnedBuffer<PlacedPiece>
  /// Copies of live memory, frames, and zero octets for padding in front.
  var bounce: OwnedBytes
  var frame: OwnedBytes
  let padding: OwnedBytes
  private let opening: OwnedBytes
  var digest: RunningDigest
  var compressor: ZstdCompressor?
  var backPadding = 0
  var poison: StreamError?
  var checkedPoison = CheckedPoison()

  /// - Parameters:
  ///   - preamble: Flags must name every feature that will be used.
  ///   - checksSections: Walks the data of each section by its layout before it is written.
  ///   - indexes: Remembers what ``indexPage()`` and ``index()`` write, and sets the preamble's flag `indexed`.
  public init(
    preamble: Preamble, limits: StreamLimits = StreamLimits(), checksSections: Bool = true, indexes: Bool = false,
    allocator: StreamAllocator = .system
  ) throws(StreamError) {
    var preamble = preamble
    if indexes { preamble.optionalFlags |= OptionalFlags.indexed }
    var options = DecoderOptions()
    options.checksDigests = false
    options.checksSections = checksSections
    options.readsChannels = true
    options.collectsContent = indexes
    var state = StreamState(limits: limits, options: options, allocator: allocator)
    var opening = OwnedBytes(allocator: allocator)
    try preamble.encode(into: &opening)
    try state.takePreamble(in: opening)
    try self.init(state, opening: opening, allocator: allocator)
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  /// - Parameter opening: The octets before the first record, which `state` has taken.
  init(
    _ state: consuming StreamState, opening: consuming OwnedBytes, allocator: StreamAllocator
  ) throws(StreamError) {
    let digest = try RunningDigest(allocator: allocator)
    var padding = OwnedBytes(allocator: allocator)
    try padding.append(repeating: 0, count: 8)
    self.state = state
    self.opening = opening
    self.digest = digest
    self.padding = padding
    staged = OwnedBytes(allocator: allocator)
    pieces = OwnedBuffer(allocator: allocator)
    placedPieces = OwnedBuffer(allocator: allocator)
    bounce = OwnedBytes(allocator: allocator)
    frame = OwnedBytes(allocator: allocator)
  }

  /// Octets made so far; in an image where the next record belongs in the file.
  public var byteCount: UInt64 { state.totals.byteCount }

  /// The 64 octets to write before any record: preamble or hello.
  public var preamble: RawSpan {
    @_lifetime(borrow self)
    get { opening.bytes }
  }

  // MARK: Records without payload

  /// Topology, frozen from now on; the first record.
  @_lifetime(&self)
  public mutating func manifest(_ manifest: borrowing ManifestBuilder) throws(StreamError) -> GatherList {
    try checkUsable()
    do throws(StreamError) {
      try beginStage()
      try manifest.encode(into: &staged)
      try seal(.manifest)
    } catch let refusal {
      throw poisoned(refusal)
    }
    return gathered()
  }

  /// Topology from the body of another stream's MANIFEST.
  @_lifetime(&self)
  public mutating func manifest(body: RawSpan) throws(StreamError) -> GatherList {
    try checkUsable()
    do throws(StreamError) {
      try beginStage()
      try staged.append(body)
      try seal(.manifest)
    } catch let refusal {
      throw poisoned(refusal)
    }
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
    do throws(StreamError) {
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
    } catch let refusal {
      throw poisoned(refusal)
    }
    return gathered()
  }

  /// Names a layout that readers have from elsewhere.
  @_lifetime(&self)
  public mutating func externalLayout(identity: RawSpan) throws(StreamError) -> GatherList {
    try checkUsable()
    do throws(StreamError) {
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
    } catch let refusal {
      throw poisoned(refusal)
    }
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
    let mark = try beginSection(device, section)
    do throws(StreamError) {
      try beginStage()
      try staged.append(repeating: 0, count: SectionHead.byteCount)
      try staged.append(data)
      try staged.append(subsections)
      let shape = SectionShape(dataByteCount: data.byteCount, subsectionCount: subsectionCount)
      try endSection(device, section, layout, shape, mark, replaces: replaces)
    } catch let refusal {
      throw poisoned(refusal)
    }
    return gathered()
  }

  /// State of one device, written to where it is sent from.
  ///
  /// - Parameter write: Appends the data, whole words, then the subsections, to octets whose number is a multiple of 8.
  /// - Throws: also what `write` throws, which has no effect.
  @_lifetime(&self)
  public mutating func section(
    device: UInt32, section: UInt16, layout: UInt32, replaces: Bool = false,
    _ write: (inout OwnedBytes) throws(StreamError) -> SectionShape
  ) throws(StreamError) -> GatherList {
    let mark = try beginSection(device, section)
    try beginStage()
    try staged.append(repeating: 0, count: SectionHead.byteCount)
    let shape = try write(&staged)
    do throws(StreamError) {
      try endSection(device, section, layout, shape, mark, replaces: replaces)
    } catch let refusal {
      throw poisoned(refusal)
    }
    return gathered()
  }

  private mutating func beginSection(_ device: UInt32, _ section: UInt16) throws(StreamError) -> Mark {
    try checkUsable()
    guard device < UInt32(state.manifest.devices.count) else {
      throw poisoned(StreamError(.unknownDevice, .use, at: byteCount, found: UInt64(device)))
    }
    guard Int(section) < state.manifest.devices[Int(device)].sectionCount else {
      throw poisoned(StreamError(.unknownSection, .use, at: byteCount, found: UInt64(section)))
    }
    return state.manifest.section(Int(section), of: state.manifest.devices[Int(device)]).mark
  }

  private mutating func endSection(
    _ device: UInt32, _ section: UInt16, _ layout: UInt32, _ shape: SectionShape, _ mark: Mark, replaces: Bool
  ) throws(StreamError) {
    let head = RecordHeader.byteCount
    staged.set(UInt64(section) | UInt64(shape.subsectionCount) << 16 | UInt64(layout) << 32, at: head)
    staged.set(UInt64(state.pass), at: head + 8)
    staged.set(UInt64(shape.dataByteCount), at: head + 16)
    try seal(.section, flags: mark.rawValue | (replaces ? RecordFlags.replaces : 0), device: device)
  }

  /// Closes a pass.
  ///
  /// - Parameter others: ``nextSequence`` of channels 1 and up.
  @_lifetime(&self)
  public mutating func barrier(others: Span<UInt64> = Span()) throws(StreamError) -> GatherList {
    try checkUsable()
    let pass = state.pass
    let next = state.totals.recordCount + 1
    do throws(StreamError) {
      try checkCount(of: others.count)
      try beginStage()
      try staged.append(integer: pass)
      try staged.append(integer: UInt32(others.count) + 1)
      try staged.append(integer: next)
      for index in others.indices { try staged.append(integer: others[index]) }
      try seal(.barrier)
    } catch let refusal {
      throw poisoned(refusal)
    }
    return gathered()
  }

  /// Says that the source gave up; nothing may follow.
  ///
  /// After an error too: no octet of the record that failed was handed out.
  @_lifetime(&self)
  public mutating func abort(reason: UInt32, text: RawSpan) throws(StreamError) -> GatherList {
    try checkNotEnded()
    let count = UInt16(clamping: text.byteCount)
    do throws(StreamError) {
      try beginStage()
      try staged.append(integer: reason)
      try staged.append(integer: count)
      try staged.append(integer: UInt16(0))
      try staged.append(text.extracting(first: Int(count)))
      try staged.pad(to: 8)
      try seal(.abort)
    } catch let refusal {
      // What a reader says to an ABORT that is right.
      guard refusal.code == .aborted else { throw poisoned(refusal) }
    }
    return gathered()
  }

  /// A record of a kind that this version does not know, as a rewrite preserves it.
  ///
  /// - Parameters:
  ///   - flags: As it came; marked skippable.
  /// - Throws: `wrongCall` for a kind that this version knows: it has a call of its own.
  @_lifetime(&self, copy payload)
  public mutating func preserved(
    kind: UInt16, flags: UInt16, device: UInt32, body: RawSpan, payload: RawSpan
  ) throws(StreamError) -> GatherList {
    try checkUsable()
    guard RecordKind(rawValue: kind) == nil else {
      throw poisoned(StreamError(.wrongCall, .use, at: byteCount, found: UInt64(kind)))
    }
    do throws(StreamError) {
      try beginStage()
      try staged.append(body)
      try pieces.append(SourceRange(start: 0, count: payload.byteCount))
      try seal(
        kind: kind, flags: flags, device: device, payloadByteCount: UInt64(payload.byteCount),
        payloadDigest: Digest.xxh3(payload))
    } catch let refusal {
      throw poisoned(refusal)
    }
    return gathered(payload)
  }

  /// Ends the stream; fails when a section or the end of a byte string is missing.
  ///
  /// - Parameter others: ``closingTotals`` of channels 1 and up.
  @_lifetime(&self)
  public mutating func end(others: Span<ChannelTotals> = Span()) throws(StreamError) -> GatherList {
    try checkUsable()
    let totals = state.totals
    let sections = state.sectionRecordCount
    let passes = state.pass + 1
    let index = state.indexOffset
    do throws(StreamError) {
      try checkCount(of: others.count)
      try beginStage()
      try staged.append(integer: index)
      try staged.append(integer: UInt32(others.count) + 1)
      try staged.append(integer: passes)
      try staged.append(integer: sections)
      try staged.append(integer: UInt64(0))
      try append(totals)
      for index in others.indices { try append(others[index]) }
      try staged.append(repeating: 0, count: RecordHeader.byteCount + EndBody.byteCount - staged.count)
      try seal(.end)
    } catch let refusal {
      throw poisoned(refusal)
    }
    return gathered()
  }
}
