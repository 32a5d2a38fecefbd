import FuzzSupport
import StreamMutation
import StreamTestKit
import Testing

/// Programs of FuzzRules: every octet string is one.
@Suite struct RulesTests {
  /// Made by its own mutations, a few or many.
  private static func seed(_ number: Int) -> [UInt8] {
    var (chance, input) = (Chance(UInt64(number)), [UInt8]())
    for _ in 0..<(10 + 20 * number) {
      RulesTarget.mutate(&input, byteCountMax: 1_024, chance: &chance, plan: MutationPlan())
    }
    return input
  }

  @Test("The committed seeds are those that are made", arguments: 0..<12)
  func committed(_ number: Int) throws {
    let name = "program-\(number)"
    let seed = Self.seed(number)
    try FuzzCorpus.update("FuzzRules/\(name)", seed)
    let inputs = try FuzzCorpus.inputs(of: "FuzzRules")
    #expect(inputs.contains { $0.name == name && $0.octets == seed })
  }

  @Test func anyOctetsAreAProgram() {
    for seed in 0..<300 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let input = random.octets(random.pick(1...800))
      #expect(RulesTarget.check(input) == .fine, "seed \(seed)")
    }
  }

  @Test("Programs that were changed, and joined, break no rule")
  func changedPrograms() throws {
    let corpus = try FuzzCorpus.inputs(of: "FuzzRules")
    try #require(!corpus.isEmpty)
    for seed in UInt64(0)..<300 {
      var chance = Chance(seed)
      var input = corpus[chance.below(corpus.count)].octets
      RulesTarget.mutate(&input, byteCountMax: 1_024, chance: &chance, plan: MutationPlan())
      let other = corpus[chance.below(corpus.count)].octets
      let joined = RulesTarget.crossOver(input, other, byteCountMax: 1_024, chance: &chance, plan: MutationPlan())
      #expect(joined.count <= 1_024)
      #expect(RulesTarget.check(joined) == .fine, "seed \(seed)")
    }
  }
}
