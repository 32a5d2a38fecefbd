import FuzzSupport
import StreamMutation
import Testing

@Suite struct CABITests {
  @Test("Programs of C calls, changed by chance, break no rule")
  func changedPrograms() throws {
    let corpus = try FuzzCorpus.inputs(of: "FuzzCABI")
    try #require(!corpus.isEmpty)
    for seed in UInt64(0)..<300 {
      var chance = Chance(seed)
      var program = corpus[chance.below(corpus.count)].octets
      for _ in 0..<4 { program[chance.below(program.count)] = UInt8(chance.below(256)) }
      #expect(CABITarget.check(program) == .fine, "seed \(seed)")
    }
  }
}
