import MigrationStream
import StreamMutation
import StreamTestKit

/// Streams of the corpus that mutation is tried on.
enum MutationCorpus {
  /// All octets of the corpus that might be a channel of a stream, right and wrong.
  static var channels: [(name: String, octets: [UInt8], isRight: Bool)] {
    get throws {
      try FuzzCorpus.scenarios.get().flatMap { scenario in
        ([scenario.octets] + scenario.furtherChannels).enumerated().map {
          ("\(scenario.name)[\($0.offset)]", $0.element, scenario.verdict == .accept)
        }
      }
    }
  }

  /// Accepted streams of one channel that are small enough for many mutations.
  static var seeds: [(name: String, octets: [UInt8])] {
    get throws {
      try FuzzCorpus.scenarios.get().filter { $0.verdict == .accept && !$0.isOfSeveralChannels && $0.octets.count <= 16384 }
        .map { ($0.name, $0.octets) }
    }
  }

  /// One stream with every kind of record of the profile `stream`, subsections, a frame and a list.
  static var rich: [UInt8] {
    get throws {
      try seeds.filter { $0.octets[14] == Profile.stream.rawValue }.max { kinds($0.octets) < kinds($1.octets) }?.octets ?? []
    }
  }

  private static func kinds(_ octets: [UInt8]) -> Int {
    Set(RecordTree(octets).records.map(\.kind)).count * 1_000_000 + octets.count
  }

  /// What stops a reader that knows the format; nil: nothing.
  static func refusal(_ octets: [UInt8]) -> StreamError? {
    do throws(StreamError) {
      var verifier = try StreamVerifier(.deep)
      _ = try verifier.push(octets.span.octets)
      _ = try verifier.finish()
      return nil
    } catch { return error }
  }

  /// Whether a refusal is about framing: octets that do not arrive, digests, sequence, padding, totals.
  static func isFraming(_ refusal: StreamError?) -> Bool {
    guard let refusal else { return false }
    switch refusal.code {
    case .truncated, .badMagic, .badSync, .badSequence, .foreignChannel, .trailingData, .badPadding, .digestMismatch,
      .totalsMismatch:
      return true
    default: return false
    }
  }
}
