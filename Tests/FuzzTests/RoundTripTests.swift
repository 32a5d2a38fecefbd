import FuzzSupport
import StreamTestKit
import Testing

/// Every input of the round trip is a right stream.
@Suite struct RoundTripTests {
  @Test func everyInputIsAProgram() {
    for seed in 0..<300 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let input = random.octets(random.pick(1...600))
      if case .violation(let violation) = RoundTripTarget.check(input) {
        Issue.record("seed \(seed): \(violation.oracle) \(violation.detail)")
      }
    }
  }
}
