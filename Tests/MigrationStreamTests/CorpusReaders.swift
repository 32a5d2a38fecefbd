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
  static var present: [Scenario] {
    get throws { try scenarios.get().filter { !$0.isForLaterReader && !$0.isOfSeveralChannels } }
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
    _ octets: [UInt8], limits: StreamLimits = StreamLimits(), exclusive: Bool = true,
    allocator: StreamAllocator = .system
  ) -> Outcome {
    var outcome = Outcome()
    do throws(StreamError) {
      var decoder = try PullDecoder(octets.span.octets, limits: limits, allocator: allocator)
      do throws(StreamError) {
        while try decoder.next() != nil { outcome.released += 1 }
        outcome.consumed = decoder.offset
        try decoder.finish(exclusive: exclusive)
      } catch {
        outcome.consumed = decoder.offset
        throw error
      }
    } catch {
      outcome.refusal = error
    }
    return outcome
  }

  /// - Parameter cuts: Offsets, ascending, at which a new segment starts.
  static func push(
    _ octets: [UInt8], cuts: [Int] = [], limits: StreamLimits = StreamLimits(), exclusive: Bool = true,
    allocator: StreamAllocator = .system
  ) -> (outcome: Outcome, events: EventDigest) {
    var outcome = Outcome()
    var events = EventDigest()
    do throws(StreamError) {
      var decoder = try PushDecoder(limits: limits, allocator: allocator)
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
