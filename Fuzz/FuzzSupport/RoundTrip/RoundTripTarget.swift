import MigrationStream
import ReferenceReader
import StreamTestKit

/// Typed values to octets and back.
///
/// | relation | says |
/// |---|---|
/// | R1 | every reader accepts what the encoder makes, and finds the values that went in where they were put |
/// | R3 | what a destination holds is what the source had; made again from what was read the stream has the same octets |
/// | R4 | the same calls give the same octets, whatever memory held before |
/// | I39 | skippable records that nobody knows change nothing |
/// | A10 | nothing is left after an allocator refused, whichever call it was |
///
/// Every input is a program of encoder calls, see ``RoundTripProgram``. R3 is judged always, the others for one input in
/// four each, as its last octet chooses, which chooses the refused call, too.
public enum RoundTripTarget: FuzzTarget {
  public static func check(_ input: [UInt8]) -> FuzzVerdict {
    guard let last = input.last else { return .uninteresting }
    let program = RoundTripProgram(Array(input.dropLast()))
    do throws(StreamError) {
      if let violation = try check(program, RelationSample(octet: last, count: 4)) { return .violation(violation) }
      return .fine
    } catch {
      return .violation(FuzzViolation("R3", "a right program is refused: \(DecodeOracle.describe(error))"))
    }
  }

  private static func check(
    _ program: RoundTripProgram, _ sample: RelationSample
  ) throws(StreamError) -> FuzzViolation? {
    var encoding = RoundTripEncoding(program)
    let stream = try encoding.encode(.system)
    var reading = RoundTripReading(of: program)
    try reading.read(stream, .system)
    let expected = RoundTripState.expected(program)
    if let difference = reading.state.difference(expected) {
      return FuzzViolation("R3", "other state after reading: \(difference)")
    }
    guard BulkOctets.areEqual(reading.again, stream) else {
      return FuzzViolation("R3", "encoded again it has other octets, \(reading.again.count) and \(stream.count)")
    }
    if sample.takes(0), let violation = try overMemory(program, stream) { return violation }
    if sample.takes(1) {
      if let violation = DecodeOracle.check(stream, seed: Digest.xxh3(stream.span.octets)) { return violation }
      if let violation = try checkValues(stream) { return violation }
    }
    if sample.takes(2), let violation = try known(program, expected) { return violation }
    return sample.takes(3) ? refusingMemory(program, stream, sample.rest) : nil
  }

  /// R4: over memory that held anything.
  private static func overMemory(_ program: RoundTripProgram, _ stream: [UInt8]) throws(StreamError) -> FuzzViolation? {
    for filling in [0x5a, 0xff] as [UInt8] {
      guard BulkOctets.areEqual(try encoded(program, filling: filling), stream) else {
        return FuzzViolation("R4", "the same calls gave other octets over memory of \(filling)")
      }
    }
    return nil
  }

  /// I39.
  private static func known(
    _ program: RoundTripProgram, _ expected: RoundTripState
  ) throws(StreamError) -> FuzzViolation? {
    var encoding = RoundTripEncoding(program)
    encoding.leavesOutUnknown = true
    var reading = RoundTripReading(of: program)
    try reading.read(try encoding.encode(.system), .system)
    return reading.state.difference(expected).map { FuzzViolation("I39", "without skippable records: \($0)") }
  }

  private static func encoded(_ program: RoundTripProgram, filling: UInt8) throws(StreamError) -> [UInt8] {
    var encoding = RoundTripEncoding(program)
    let allocator = CountingAllocator(filling: filling)
    // The allocator is valid as long as who counts.
    defer { withExtendedLifetime(allocator) {} }
    return try encoding.encode(allocator.allocator)
  }

  /// The values lie where the reference reader finds them too.
  private static func checkValues(_ stream: [UInt8]) throws(StreamError) -> FuzzViolation? {
    var reference = ReferenceReader()
    reference.collectsValues = true
    guard reference.read(stream) == nil else { return FuzzViolation("R1", "refused by the reference reader") }
    let (codec, wanted) = (try ValuePlaces.walk(stream), ValuePlaces.places(reference))
    guard codec != wanted else { return nil }
    return FuzzViolation("R1", "\(codec.count) values of sections, reference \(wanted.count), or other places")
  }

  /// A10: encoding and decoding while one call of the allocator is refused.
  private static func refusingMemory(_ program: RoundTripProgram, _ stream: [UInt8], _ call: Int) -> FuzzViolation? {
    let allocator = CountingAllocator(refusing: call)
    var code: StreamError.Code?
    do throws(StreamError) {
      var encoding = RoundTripEncoding(program)
      _ = try encoding.encode(allocator.allocator)
      var reading = RoundTripReading(of: program)
      try reading.read(stream, allocator.allocator)
    } catch { code = error.code }
    guard allocator.live == 0 else {
      return FuzzViolation("A10", "\(allocator.live) octets are left after call \(call) was refused")
    }
    guard code == nil || code == .outOfMemory else {
      return FuzzViolation("A10", "\(code.map { "\($0)" } ?? "") after call \(call) was refused")
    }
    return nil
  }
}
