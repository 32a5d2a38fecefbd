import Foundation
import MigrationStream
import StreamTestKit

/// Where the corpus lies.
enum CorpusFolder {
  static let path = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Corpus").path

  static let scenarios = Result { try Scenario.all(below: path) }

  /// What a reader of one channel can be asked.
  static var present: [Scenario] { get throws { try presentWithContent.filter { !$0.needsContent } } }

  /// What a reader of one channel can be asked that looks at the final content of memory.
  static var presentWithContent: [Scenario] {
    get throws { try scenarios.get().filter { !$0.isOfSeveralChannels } }
  }

  static var accepted: [Scenario] { get throws { try present.filter { $0.verdict == .accept } } }
}

/// What a reader said.
struct Outcome: Equatable {
  var refusal: StreamError?
  /// Records handed over complete.
  var released = 0
  /// Octets consumed.
  var consumed: UInt64 = 0
}

/// The three readers of the codec, each over a stream that lies in memory.
enum Reading {
  static func pull(
    _ octets: [UInt8], limits: StreamLimits = StreamLimits(), options: DecoderOptions = DecoderOptions(),
    exclusive: Bool = true, allocator: StreamAllocator = .system
  ) -> Outcome {
    var outcome = Outcome()
    do throws(StreamError) {
      var decoder = try PullDecoder(octets.span.octets, limits: limits, options: options, allocator: allocator)
      do throws(StreamError) {
        while try decoder.next() != nil { outcome.released += 1 }
        outcome.consumed = decoder.offset
        try decoder.finish(exclusive: exclusive)
        if options.collectsContent { try checkAreas(octets, decoder.state, allocator: allocator) }
      } catch {
        outcome.consumed = decoder.offset
        throw error
      }
    } catch {
      outcome.refusal = error
    }
    return outcome
  }

  /// With everything that a reader can look at.
  static func content(
    _ octets: [UInt8], limits: StreamLimits = StreamLimits(), allocator: StreamAllocator = .system
  ) -> Outcome {
    var options = DecoderOptions()
    options.collectsContent = true
    return pull(octets, limits: limits, options: options, allocator: allocator)
  }

  /// Looks into the areas of an image.
  ///
  /// - Parameter size: Octets handed over at a time.
  static func checkAreas(
    _ octets: [UInt8], _ state: borrowing StreamState, size: Int = .max, allocator: StreamAllocator = .system
  ) throws(StreamError) {
    var checker = try AreaChecker(allocator: allocator)
    while let piece = try checker.next(in: state) {
      var start = Int(piece.fileOffset)
      while checker.remaining > 0 {
        let count = Int(min(checker.remaining, UInt64(size)))
        try checker.take(octets.span.octets.extracting(start..<(start + count)))
        start += count
      }
    }
  }

  /// - Parameter cuts: Offsets, ascending, at which a new segment starts.
  static func push(
    _ octets: [UInt8], cuts: [Int] = [], limits: StreamLimits = StreamLimits(),
    options: DecoderOptions = DecoderOptions(), exclusive: Bool = true, allocator: StreamAllocator = .system
  ) -> (outcome: Outcome, events: EventDigest) {
    var outcome = Outcome()
    var events = EventDigest()
    do throws(StreamError) {
      var decoder = try PushDecoder(limits: limits, options: options, allocator: allocator)
      defer { (outcome.consumed, outcome.released) = (decoder.offset, events.records) }
      var start = 0
      for cut in cuts + [octets.count] {
        let segment = octets.span.extracting(start..<cut).octets
        let taken = try decoder.push(segment, to: &events)
        start = cut
        if taken < segment.byteCount { break }
      }
      try decoder.finish(exclusive: exclusive)
    } catch {
      outcome.refusal = error
    }
    return (outcome, events)
  }

  static func verify(
    _ octets: [UInt8], _ tier: VerifyTier, limits: StreamLimits = StreamLimits(),
    allocator: StreamAllocator = .system
  ) -> StreamError? {
    do throws(StreamError) {
      var verifier = try StreamVerifier(tier, limits: limits, allocator: allocator)
      _ = try verifier.push(octets.span.octets)
      _ = try verifier.finish()
      return nil
    } catch {
      return error
    }
  }
}

/// Where the areas of a right image lie.
struct ImageFile {
  /// The octets that belong to no record.
  var gap: Range<Int>
  var areas: [Range<Int>]

  init?(_ octets: [UInt8]) {
    do throws(StreamError) {
      var decoder = try PullDecoder(octets.span.octets)
      _ = try decoder.next()
      _ = try decoder.next()
      let (placement, regions) = (decoder.state.placement.areas, decoder.state.manifest.regions)
      areas = placement.indices.map { index in
        let start = Int(placement[index].fileOffset)
        return start..<(start + Int(regions[index].byteCount))
      }
      gap = Int(decoder.state.placement.areasOffset)..<Int(decoder.state.placement.recordsOffset)
    } catch { return nil }
  }
}

/// Everything a push decoder hands over, as one number that does not depend on segments.
struct EventDigest: StreamHandler, Equatable {
  var records = 0
  private var whole: UInt64 = 0
  private var payload: [UInt8] = []

  private mutating func add(_ value: UInt64) { whole = Digest.chain(whole, value) }

  mutating func preamble(_ preamble: Preamble) { add(UInt64(preamble.mandatoryFlags)) }

  mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) {
    add(record.offset)
    add(record.header.headerDigest)
    add(Digest.xxh3(record.body))
    payload = []
  }

  mutating func payload(_ octets: RawSpan, at position: UInt64) {
    precondition(position == UInt64(payload.count), "payload out of order")
    for index in octets.byteOffsets { payload.append(octets.octet(at: index)) }
  }

  mutating func recordEnd(
    _ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState
  ) {
    add(payload.digest)
    add(offset)
    records += 1
  }
}
