import MigrationStream
import StreamMutation

/// Right streams, drawn anew: what an encoder writes that is told anything.
///
/// A stream that was refused once is refused for ever, and so are its children; what lies behind the first checks, and
/// behind END, is reached from streams that are right.
enum RandomStreams {
  /// - Returns: nil when it came out longer.
  static func draw(_ chance: inout Chance, byteCountMax: Int) -> [UInt8]? {
    let choices = (0..<(16 + chance.below(112))).map { _ in UInt8(truncatingIfNeeded: chance.next()) }
    var encoding = RoundTripEncoding(RoundTripProgram(choices))
    guard let stream = try? encoding.encode(.system), stream.count <= byteCountMax else { return nil }
    return stream
  }
}
