/// How much a verification looks at.
@frozen
public enum VerifyTier: UInt8, Sendable, BitwiseCopyable {
  /// Framing: headers, order, totals; bodies are parsed, digests of bodies and payloads are not compared.
  case quick
  /// Framing and every digest. Keeps no layouts.
  case digests
  /// Also layouts, and the data of sections by them.
  case deep
}

/// What a verified stream held.
@frozen
public struct StreamSummary: Equatable, Sendable, BitwiseCopyable {
  /// From the preamble to the last octet of END.
  public var byteCount: UInt64
  public var recordCount: UInt64
  public var sectionCount: UInt64
  public var layoutCount: UInt32
  public var passCount: UInt32
  /// Skippable records of unknown kinds.
  public var skippedRecordCount: UInt64
}

/// Checks a stream that comes in segments and keeps nothing of it.
///
/// Memory: constant, the manifest and one body; for ``VerifyTier/deep`` also the layouts.
public struct StreamVerifier: ~Copyable {
  private var decoder: PushDecoder
  private var nobody = NoHandler()

  public init(
    _ tier: VerifyTier = .digests, limits: StreamLimits = StreamLimits(),
    allocator: StreamAllocator = .system
  ) throws(StreamError) {
    var options = DecoderOptions()
    options.checksDigests = tier != .quick
    options.checksSections = tier == .deep
    decoder = try PushDecoder(limits: limits, options: options, allocator: allocator)
  }

  /// Takes a segment; returns the octets consumed, all unless the stream ended before.
  public mutating func push(_ segment: RawSpan) throws(StreamError) -> Int {
    try decoder.push(segment, to: &nobody)
  }

  /// Says whether the stream was whole.
  ///
  /// - Parameter exclusive: Octets after END are refused.
  public mutating func finish(exclusive: Bool = true) throws(StreamError) -> StreamSummary {
    try decoder.finish(exclusive: exclusive)
    return decoder.summarised
  }
}

extension PushDecoder {
  fileprivate var summarised: StreamSummary {
    StreamSummary(
      byteCount: state.totals.byteCount, recordCount: state.totals.recordCount,
      sectionCount: state.sectionRecordCount, layoutCount: state.layoutCount,
      passCount: state.pass &+ 1, skippedRecordCount: state.skippedRecordCount)
  }
}

/// Takes everything and does nothing.
public struct NoHandler: StreamHandler {
  public init() {}
  public mutating func preamble(_ preamble: Preamble) {}
  public mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) {}
  public mutating func payload(_ octets: RawSpan, at position: UInt64) {}
  public mutating func recordEnd(
    _ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState
  ) {}
}
