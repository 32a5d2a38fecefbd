import FuzzSupport
import StreamMutation
import Testing

@Suite struct StructTests {
  @Test("Streams of structs, changed by their structure, break no rule")
  func changedStreams() throws {
    let corpus = try FuzzCorpus.inputs(of: "FuzzStruct")
    try #require(!corpus.isEmpty)
    var taken = 0
    for seed in UInt64(0)..<300 {
      var chance = Chance(seed)
      var input = corpus[chance.below(corpus.count)].octets
      for _ in 0..<2 { StructTarget.mutate(&input, byteCountMax: 16384, chance: &chance, plan: MutationPlan()) }
      let verdict = StructTarget.check(input)
      #expect(verdict == .fine || verdict == .uninteresting, "seed \(seed)")
      if verdict == .fine { taken += 1 }
    }
    // Neither all nor none of them: else nothing is judged.
    #expect((30...270).contains(taken), "\(taken)")
  }
}
