import ResumePath
import StreamTestKit
import Testing

@Suite struct SwitchoverRuleTests {
  struct Row: Sendable {
    var bandwidth: UInt64
    var downtime: UInt64
    var left: UInt64
    var initial: UInt64 = 0
    var rate: UInt64
    var decision: SwitchoverDecision
  }

  private static let second: UInt64 = 1_000_000_000
  private static let most = UInt64.max

  static let rows = [
    // 1000 octets a second, half a second.
    Row(bandwidth: 1000, downtime: second / 2, left: 500, rate: 0, decision: .stopNow),
    Row(bandwidth: 1000, downtime: second / 2, left: 501, rate: 0, decision: .goOn),
    Row(bandwidth: 1000, downtime: second / 2, left: 501, rate: 999, decision: .goOn),
    Row(bandwidth: 1000, downtime: second / 2, left: 501, rate: 1000, decision: .neverConverges),
    Row(bandwidth: 1000, downtime: second / 2, left: 500, rate: 1000, decision: .stopNow),
    // One octet early is one too many.
    Row(bandwidth: 1000, downtime: second, left: 1, initial: 1, rate: 0, decision: .goOn),
    Row(bandwidth: 1000, downtime: second, left: 1, initial: 1, rate: 1000, decision: .neverConverges),
    // Nothing is left, or nothing is sent.
    Row(bandwidth: 0, downtime: 0, left: 0, rate: 0, decision: .stopNow),
    Row(bandwidth: 0, downtime: most, left: 1, rate: 0, decision: .neverConverges),
    Row(bandwidth: 1, downtime: 0, left: 1, rate: 0, decision: .goOn),
    // 64 GiB at 10 GB/s within 300 ms; then what is left of it.
    Row(bandwidth: 10 * second, downtime: 300_000_000, left: 64 << 30, rate: second, decision: .goOn),
    Row(bandwidth: 10 * second, downtime: 300_000_000, left: 3_000_000_000, rate: second, decision: .stopNow),
    Row(bandwidth: 10 * second, downtime: 300_000_000, left: 3_000_000_001, rate: second, decision: .goOn),
    // No number is too large.
    Row(bandwidth: most, downtime: most, left: most, rate: most, decision: .stopNow),
    Row(bandwidth: most, downtime: second, left: most, rate: most, decision: .stopNow),
    Row(bandwidth: most, downtime: second - 1, left: most, rate: most, decision: .neverConverges),
    Row(bandwidth: most, downtime: second - 1, left: most, rate: most - 1, decision: .goOn),
    Row(bandwidth: 1, downtime: most, left: most, rate: 0, decision: .goOn),
  ]

  @Test(arguments: rows)
  func table(_ row: Row) {
    let estimate = SaveEstimate(initialByteCount: row.initial, stopCopyByteCount: row.left)
    #expect(
      SwitchoverRule(bandwidth: row.bandwidth, downtime: row.downtime).decide(estimate, dirtyRate: row.rate)
        == row.decision)
  }

  /// An estimate that contradicts itself counts as the larger of the two.
  @Test func whatIsLeft() {
    #expect(SaveEstimate(initialByteCount: 1, dirtyByteCount: 2, stopCopyByteCount: 2).leftByteCount == 3)
    #expect(SaveEstimate(initialByteCount: 1, dirtyByteCount: 2, stopCopyByteCount: 4).leftByteCount == 4)
    #expect(SaveEstimate(initialByteCount: .max, dirtyByteCount: 1).leftByteCount == .max)
  }

  /// More of what helps never makes the decision smaller, more of what hurts never greater.
  @Test func monotoneInEachInput() {
    var random = SeededGenerator(seed: 0x5717)
    for round in 0..<20_000 {
      // Of any size: the number of bits is what is drawn.
      func number() -> UInt64 { random.next() >> (random.next() & 63) }
      let (bandwidth, downtime, left, rate) = (number(), number(), number(), number())
      let initial = random.next() & 3 == 0 ? number() : 0
      func decide(_ bandwidth: UInt64, _ downtime: UInt64, _ initial: UInt64, _ left: UInt64, _ rate: UInt64) -> UInt8 {
        SwitchoverRule(bandwidth: bandwidth, downtime: downtime).decide(
          SaveEstimate(initialByteCount: initial, dirtyByteCount: left, stopCopyByteCount: 0), dirtyRate: rate
        ).rawValue
      }
      func more(_ value: UInt64) -> UInt64 {
        let step = random.next() & 1 == 0 ? 1 : number()
        return value > UInt64.max - step ? .max : value + step
      }
      let now = decide(bandwidth, downtime, initial, left, rate)
      #expect(decide(more(bandwidth), downtime, initial, left, rate) >= now, "round \(round)")
      #expect(decide(bandwidth, more(downtime), initial, left, rate) >= now, "round \(round)")
      #expect(decide(bandwidth, downtime, more(initial), left, rate) <= now, "round \(round)")
      #expect(decide(bandwidth, downtime, initial, more(left), rate) <= now, "round \(round)")
      #expect(decide(bandwidth, downtime, initial, left, more(rate)) <= now, "round \(round)")
    }
  }
}
