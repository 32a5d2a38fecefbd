/// Reads what a destination tells the source, in whatever segments it comes.
///
/// The same events, and the same error at the same offset, for every segmentation; memory is taken once, at the start.
/// An error says nothing about the destination: its source treats it as a lost link.
///
///     var rest = segment
///     while let event = try decoder.next(&rest) { ... }
///
/// Source: Specs/resume-path.md section 9.
public struct ReverseDecoder: ~Copyable {
  private enum Step: UInt8 { case hello, header, body, ended }

  public let uuid: StreamUUID
  private let deviceCount: UInt32
  private let seed: UInt64
  private var step = Step.hello
  private var phase = ReversePhase.undecided
  /// Octets consumed so far.
  public private(set) var offset: UInt64 = 0
  private var recordCount: UInt64 = 0
  private var header: RecordHeader
  /// The hello, header or body that is arriving.
  private var staged: OwnedBytes
  private var poison: StreamError?

  /// - Parameters:
  ///   - uuid: Of the stream that was sent.
  ///   - deviceCount: Devices in its manifest.
  public init(uuid: StreamUUID, deviceCount: UInt32, allocator: StreamAllocator = .system) throws(StreamError) {
    var staged = OwnedBytes(allocator: allocator)
    try staged.reserve(Int(ReverseFormat.bodyByteCountMax))
    self.uuid = uuid
    self.deviceCount = deviceCount
    seed = uuid.seed
    header = RecordHeader(
      kind: 0, flags: 0, device: 0, sequence: 0, at: 0, bodyByteCount: 0, bodyDigest: 0, payloadByteCount: 0,
      payloadDigest: 0)
    self.staged = staged
  }

  /// Whether a terminal record came.
  public var hasEnded: Bool { step == .ended }

  /// The next record that is whole; takes its octets from the front of `rest`.
  ///
  /// - Returns: nil when all of `rest` was taken and no record is complete.
  public mutating func next(_ rest: inout RawSpan) throws(StreamError) -> ReverseEvent? {
    if let poison { throw poison }
    do throws(StreamError) {
      while step != .ended {
        let count = min(rest.byteCount, needed - staged.count)
        try staged.append(rest.extracting(first: count))
        rest = rest.extracting(droppingFirst: count)
        offset &+= UInt64(count)
        if staged.count < needed { return nil }
        if let event = try takeStaged() { return event }
      }
      guard rest.byteCount == 0 else { throw StreamError(.trailingData, .end, at: offset) }
      return nil
    } catch {
      throw poisoned(error)
    }
  }

  /// Says whether the input may end here.
  ///
  /// - Throws: `truncated` before a terminal record.
  public mutating func finish() throws(StreamError) {
    if let poison { throw poison }
    if step == .ended { return }
    do throws(StreamError) {
      if step == .hello { try Preamble.check(magic: ReverseFormat.magic, staged.bytes) }
      throw StreamError(
        .truncated, step == .hello ? .preamble : .record, at: offset, expected: UInt64(needed),
        found: UInt64(staged.count))
    } catch {
      throw poisoned(error)
    }
  }

  private mutating func poisoned(_ refusal: StreamError) -> StreamError {
    var located = refusal.on(channel: ReverseFormat.channel)
    if step == .body { located = located.within(sequence: header.sequence, device: header.device) }
    poison = located
    return located
  }

  /// Octets of the piece at hand; a body's were limited when its header was checked.
  private var needed: Int { step == .body ? Int(header.bodyByteCount) : RecordHeader.byteCount }

  /// A hello, header or body is there as a whole.
  private mutating func takeStaged() throws(StreamError) -> ReverseEvent? {
    switch step {
    case .hello:
      try ReverseHello.check(staged.bytes, of: uuid)
      step = .header
    case .header:
      let words = staged.bytes.words(at: 0)
      header = RecordHeader(words)
      try ReverseHeaderRules(seed: seed, recordCount: recordCount, deviceCount: deviceCount, phase: phase)
        .check(words, at: offset &- UInt64(RecordHeader.byteCount))
      step = .body
    case .body:
      let event = try Self.event(of: header, endingAt: offset, in: staged)
      // The header was refused where its kind may not stand.
      if let kind = event.kind, let next = phase.after(kind) { phase = next }
      recordCount &+= 1
      step = phase == .ended ? .ended : .header
      staged.removeAll()
      return event
    case .ended: break
    }
    staged.removeAll()
    return nil
  }

  private static func event(
    of header: RecordHeader, endingAt end: UInt64, in body: borrowing OwnedBytes
  ) throws(StreamError) -> ReverseEvent {
    let start = end &- header.bodyByteCount
    let recordStart = start &- UInt64(RecordHeader.byteCount)
    let actual = Digest.xxh3(body.bytes)
    guard actual == header.bodyDigest else {
      throw StreamError(
        .digestMismatch, .record, at: recordStart &+ 32, expected: header.bodyDigest, found: actual)
    }
    var reader = ByteReader(body.bytes, at: start, stage: .resume)
    let event: ReverseEvent
    switch ReverseKind(rawValue: header.kind) {
    case .compatible: event = .compatible
    case .refused: event = .refused(try ReverseRefusal(&reader))
    case .initialLoaded: event = .initialLoaded(device: header.device)
    case .resumed: event = .resumed
    case nil: event = .skipped(kind: header.kind)
    }
    if event.kind != nil { try reader.finish() }
    guard header.payloadDigest == Digest.ofNothing else {
      throw StreamError(
        .digestMismatch, .record, at: recordStart &+ 48, expected: header.payloadDigest, found: Digest.ofNothing)
    }
    return event
  }
}
