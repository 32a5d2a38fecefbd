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
/// Every input is a program of encoder calls, see ``RoundTripProgram``; its last octet chooses the refused call.
public enum RoundTripTarget: FuzzTarget {
  public static func check(_ input: [UInt8]) -> FuzzVerdict {
    guard let last = input.last else { return .uninteresting }
    let program = RoundTripProgram(Array(input.dropLast()))
    do throws(StreamError) {
      if let violation = try check(program, Int(last)) { return .violation(violation) }
      return .fine
    } catch {
      return .violation(FuzzViolation("R3", "a right program is refused: \(DecodeOracle.describe(error))"))
    }
  }

  private static func check(_ program: RoundTripProgram, _ chance: Int) throws(StreamError) -> FuzzViolation? {
    let stream = try encoded(program, filling: 0x5a)
    guard try encoded(program, filling: 0xff) == stream else {
      return FuzzViolation("R4", "the same calls gave other octets over other memory")
    }
    if let violation = DecodeOracle.check(stream, seed: UInt64(chance)) { return violation }
    if let violation = try checkValues(stream) { return violation }
    var reading = RoundTripReading(of: program)
    try reading.read(stream, .system)
    let expected = RoundTripState.expected(program)
    guard reading.state == expected else {
      return FuzzViolation("R3", "other state after reading: \(difference(reading.state, expected))")
    }
    guard reading.again == stream else {
      return FuzzViolation("R3", "encoded again it has other octets, \(reading.again.count) and \(stream.count)")
    }
    var known = RoundTripEncoding(program)
    known.leavesOutUnknown = true
    var plain = RoundTripReading(of: program)
    try plain.read(try known.encode(.system), .system)
    guard plain.state == expected else {
      return FuzzViolation("I39", "without skippable records: \(difference(plain.state, expected))")
    }
    return refusingMemory(program, stream, chance)
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

  private static func difference(_ found: RoundTripState, _ expected: RoundTripState) -> String {
    if found.memory != expected.memory { return "memory" }
    return found.strings != expected.strings ? "byte strings" : "sections"
  }

  /// A10: encoding and decoding while one call of the allocator is refused.
  private static func refusingMemory(_ program: RoundTripProgram, _ stream: [UInt8], _ call: Int) -> FuzzViolation? {
    let allocator = CountingAllocator(refusing: call % 64)
    var code: StreamError.Code?
    do throws(StreamError) {
      var encoding = RoundTripEncoding(program)
      _ = try encoding.encode(allocator.allocator)
      var reading = RoundTripReading(of: program)
      try reading.read(stream, allocator.allocator)
    } catch { code = error.code }
    guard allocator.live == 0 else {
      return FuzzViolation("A10", "\(allocator.live) octets are left after call \(call % 64) was refused")
    }
    guard code == nil || code == .outOfMemory else {
      return FuzzViolation("A10", "\(code.map { "\($0)" } ?? "") after call \(call % 64) was refused")
    }
    return nil
  }
}
