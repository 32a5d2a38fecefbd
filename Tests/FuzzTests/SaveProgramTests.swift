import FuzzSupport
import StreamMutation
import Testing

@Suite struct SaveProgramTests {
  @Test("Every seed is clean, and its one spelling is a program", arguments: SaveSeeds.all.map(\.name))
  func seeds(_ name: String) throws {
    let seed = try #require(SaveSeeds.all.first { $0.name == name })
    #expect(SaveProgram(seed.program.octets) == seed.program)
    #expect(SaveTarget.check(seed.program.octets) == .fine)
  }

  @Test("The committed seeds are those that are made")
  func committed() throws {
    for seed in SaveSeeds.all { try FuzzCorpus.update("FuzzSave/\(seed.name)", seed.program.octets) }
    let inputs = try FuzzCorpus.inputs(of: "FuzzSave")
    for seed in SaveSeeds.all {
      #expect(inputs.contains { $0.name == seed.name && $0.octets == seed.program.octets }, "\(seed.name)")
    }
  }

  @Test("Mutants, and any octets, are programs and clean", arguments: 0..<12)
  func mutants(_ seed: UInt64) {
    var chance = Chance(seed)
    for round in 0..<40 {
      var input = SaveSeeds.all[chance.below(SaveSeeds.all.count)].program.octets
      if round % 8 == 0 { input = [SaveProgram.version] + (0..<chance.below(100)).map { _ in UInt8(chance.below(256)) } }
      for _ in 0..<(1 + chance.below(6)) {
        SaveTarget.mutate(&input, byteCountMax: 200, chance: &chance, plan: MutationPlan())
        #expect(input.count <= 200)
      }
      if case .violation(let violation) = SaveTarget.check(input) {
        Issue.record("seed \(seed), round \(round): \(violation) in \(input)")
        return
      }
    }
  }
}
