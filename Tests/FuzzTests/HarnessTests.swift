import StreamMutation
import Testing

@Suite struct HarnessTests {
  @Test("The same seed gives the same chances")
  func chancesRepeat() {
    var first = Chance(7)
    var second = Chance(7)
    for _ in 0..<100 { #expect(first.below(1000) == second.below(1000)) }
  }
}
