public import MigrationStream
public import ReferenceReader

/// What a reader made of one stream.
public struct DecodeOutcome: Equatable, Sendable {
  /// nil: accepted.
  public var refusal: StreamError?
  /// Records that were right.
  public var recordCount = 0
  /// Over kind and offset of each of these.
  public var recordsDigest: UInt64 = 0
  /// Over headers, bodies and payloads as they were handed out.
  public var contentDigest: UInt64 = 0
  /// What is wrong in the areas of an image that was accepted, where they were looked at.
  public var areas: StreamError?

  public init() {}

  mutating func add(_ record: borrowing Record, payload: RawSpan) {
    recordCount += 1
    recordsDigest = Digest.chain(recordsDigest, record.offset << 16 | UInt64(record.header.kind))
    for octets in [Digest.xxh3(record.body), Digest.xxh3(payload), record.header.sequence] {
      contentDigest = Digest.chain(contentDigest, octets)
    }
  }
}

/// The readers that the oracle compares; tests put broken ones in their place.
public protocol DecodeReaders {
  static func pull(_ stream: RawSpan, _ options: DecoderOptions, _ allocator: StreamAllocator) -> DecodeOutcome

  /// - Parameter seed: Chooses where the input is cut.
  static func push(
    _ stream: RawSpan, _ options: DecoderOptions, _ allocator: StreamAllocator, seed: UInt64
  ) -> DecodeOutcome

  static func verify(_ stream: RawSpan) -> StreamError?

  /// A reader that was run over the stream, and its verdict.
  static func reference(_ stream: [UInt8], _ options: DecoderOptions) -> (ReferenceReader, ReferenceRefusal?)
}

/// The codec's readers, and the one that was written from the specification.
public enum CodecReaders: DecodeReaders {
  public static func pull(
    _ stream: RawSpan, _ options: DecoderOptions, _ allocator: StreamAllocator
  ) -> DecodeOutcome {
    var outcome = DecodeOutcome()
    do throws(StreamError) {
      var decoder = try PullDecoder(stream, options: options, allocator: allocator)
      while let item = try decoder.next() { outcome.add(item.record, payload: item.payload) }
      try decoder.finish()
      if options.collectsContent { outcome.areas = areas(stream, decoder.state) }
    } catch { outcome.refusal = error }
    return outcome
  }

  /// Looks into the areas of an image that was accepted; what it finds wrong there is no fault of the records.
  private static func areas(_ stream: RawSpan, _ state: borrowing StreamState) -> StreamError? {
    do throws(StreamError) {
      var checker = try AreaChecker()
      while let piece = try checker.next(in: state) {
        let start = Int(piece.fileOffset)
        try checker.take(stream.extracting(start..<(start + Int(piece.byteCount))))
      }
      return nil
    } catch { return error }
  }

  public static func push(
    _ stream: RawSpan, _ options: DecoderOptions, _ allocator: StreamAllocator, seed: UInt64
  ) -> DecodeOutcome {
    var events = RecordEvents()
    // A quarter of the streams come in small pieces.
    let pieceBits = seed & 3 == 0 ? 62 : 57
    var seed = seed
    do throws(StreamError) {
      var decoder = try PushDecoder(options: options, allocator: allocator)
      var rest = stream
      while rest.byteCount > 0 {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let piece = rest.extracting(first: min(rest.byteCount, 1 + Int(seed >> pieceBits)))
        _ = try decoder.push(piece, to: &events)
        rest = rest.extracting(droppingFirst: piece.byteCount)
        if seed >> 55 & 1 == 1, rest.byteCount > 0, let place = decoder.place {
          let placed = rest.extracting(first: Int(min(place.byteCount, UInt64(rest.byteCount))))
          try decoder.placed(placed, to: &events)
          rest = rest.extracting(droppingFirst: placed.byteCount)
        }
        // Half of the time what need not be read is left unread, all of it or some.
        guard seed >> 56 & 1 == 1 else { continue }
        let skipped = min(decoder.skippable, UInt64(rest.byteCount)) &>> (seed >> 54 & 1)
        try decoder.skip(skipped)
        rest = rest.extracting(droppingFirst: Int(skipped))
      }
      try decoder.finish()
    } catch { events.outcome.refusal = error }
    return events.outcome
  }

  public static func verify(_ stream: RawSpan) -> StreamError? {
    do throws(StreamError) {
      var verifier = try StreamVerifier(.deep)
      _ = try verifier.push(stream)
      _ = try verifier.finish()
      return nil
    } catch { return error }
  }

  public static func reference(
    _ stream: [UInt8], _ options: DecoderOptions
  ) -> (ReferenceReader, ReferenceRefusal?) {
    var reader = ReferenceReader()
    reader.collectsContent = options.collectsContent
    let refusal = reader.read(stream)
    return (reader, refusal)
  }
}

/// Counts the records that end well.
private struct RecordEvents: StreamHandler {
  var outcome = DecodeOutcome()

  mutating func preamble(_ preamble: Preamble) throws(StreamError) {}
  mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) throws(StreamError) {}
  mutating func payload(_ octets: RawSpan, at position: UInt64) throws(StreamError) {}

  mutating func recordEnd(
    _ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState
  ) throws(StreamError) {
    outcome.recordCount += 1
    outcome.recordsDigest = Digest.chain(outcome.recordsDigest, offset << 16 | UInt64(header.kind))
  }
}
