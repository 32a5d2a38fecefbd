import MigrationStream
import ReferenceReader
import StreamTestKit

/// Reads a stream of several channels whose octets arrive in several orders, and compares with the reference reader, which
/// has all of them at once.
///
/// Of several faults a reader reports one (Specs/30-channels-passes-images.md section 2.1): R1 says that both refuse, and
/// that what the codec says is a fault that the reference reader finds too.
enum ChannelOracle {
  static func check(_ channels: [[UInt8]], seed: UInt64) -> FuzzViolation? {
    var reader = ReferenceReader()
    reader.readsChannels = true
    let others = Array(channels.dropFirst())
    let verdict = reader.read(channels[0], others: others)
    // No other channel may join.
    guard reader.channelCount > 1 else { return DecodeOracle.check(channels[0], seed: seed) }
    let last = Int(seed % UInt64(channels.count))
    let arrivals = [
      Arrival(seed: seed | 1, piece: 1 + Int(seed >> 52), last: nil), Arrival(seed: 0, piece: 1 << 20, last: last),
    ]
    for arrival in arrivals {
      let refusal = ChannelReading.read(channels[0], others, arrival) { _ in NoHandler() }.refusal
      guard (refusal == nil) == (verdict == nil) else {
        return FuzzViolation(
          "R1", "\(arrival): \(DecodeOracle.describe(refusal)), reference \(DecodeOracle.describe(verdict))")
      }
      guard let refusal, !isFound(refusal, by: reader) else { continue }
      let faults = reader.faults.map { DecodeOracle.describe($0) + " on channel \($0.channel)" }
      return FuzzViolation(
        "R1", "\(arrival): \(DecodeOracle.describe(refusal)) on channel \(refusal.channel), reference \(faults)")
    }
    return nil
  }

  private static func isFound(_ refusal: StreamError, by reader: ReferenceReader) -> Bool {
    if reader.faults.contains(where: { DecodeOracle.matches($0, refusal) }) { return true }
    // END says several things, of which others may be judged first.
    if refusal.stage == .end { return reader.faults.contains { $0.stage == .end && $0.channel == refusal.channel } }
    // What only all channels together show, the reference reader judges when each by itself is right.
    guard !reader.isEachRight else { return false }
    switch (refusal.code, refusal.stage) {
    case (.badSequence, .bulk), (.badExtent, .bulk), (.foreignChannel, .bulk), (.badPass, .bulk): return true
    default: return false
    }
  }
}
