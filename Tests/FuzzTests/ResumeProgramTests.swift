import FuzzSupport
import MigrationStream
import ReferenceDevices
import ResumeOracle
import StreamMutation
import Testing

@Suite struct ResumeProgramTests {
  @Test("Every seed is clean, and its one spelling is a program", arguments: ProgramSeeds.all.map(\.name))
  func seeds(_ name: String) throws {
    let seed = try #require(ProgramSeeds.all.first { $0.name == name })
    #expect(ResumeProgram(seed.program.octets) == seed.program)
    #expect(ResumeTarget.check(seed.program.octets) == .fine)
  }

  @Test("Seeds reach the manifest and the commit")
  func reach() {
    var (compatible, committed) = (0, 0)
    for seed in ProgramSeeds.all {
      let report = ProgramOracle<ReferenceMachine>.check(seed.program)
      if report.compatibleCount > 0 { compatible += 1 }
      if report.commitCount > 0 { committed += 1 }
      if seed.name.hasPrefix("machine-"), seed.name != "machine-of-another-kind" {
        #expect(report.commitCount > 0, "\(seed.name)")
      }
    }
    let count = ProgramSeeds.all.count
    #expect(compatible * 10 > count * 7 && committed * 10 > count * 4, "\(compatible) and \(committed) of \(count)")
  }

  @Test("Every octets are a program", arguments: 0..<20)
  func anything(_ seed: UInt64) {
    var chance = Chance(seed)
    for _ in 0..<20 {
      var input = (0..<chance.below(600)).map { _ in UInt8(chance.below(256)) }
      if !input.isEmpty { input[0] = ResumeProgram.version }
      let verdict = ResumeTarget.check(input)
      if case .violation(let violation) = verdict { Issue.record("seed \(seed): \(violation)") }
      guard let program = ResumeProgram(input) else { continue }
      #expect(ResumeProgram(program.octets) == program)
    }
  }

  @Test("The committed seeds are those that are made")
  func committed() throws {
    for seed in ProgramSeeds.all { try FuzzCorpus.update("FuzzResume/\(seed.name)", seed.program.octets) }
    let inputs = try FuzzCorpus.inputs(of: "FuzzResume")
    for seed in ProgramSeeds.all {
      #expect(inputs.contains { $0.name == seed.name && $0.octets == seed.program.octets }, "\(seed.name)")
    }
  }

  @Test("Mutants are deterministic, within bounds, and clean", arguments: 0..<12)
  func mutants(_ seed: UInt64) {
    let seeds = ProgramSeeds.all
    var chance = Chance(seed)
    for round in 0..<40 {
      var input = seeds[chance.below(seeds.count)].program.octets
      let limit = chance.isOne(in: 4) ? 3000 : ResumeProgram.byteCountMax
      let start = chance.next()
      for step in 0..<(1 + chance.below(4)) {
        var (first, second) = (Chance(start &+ UInt64(step)), Chance(start &+ UInt64(step)))
        var other = input
        ResumeTarget.mutate(&input, byteCountMax: limit, chance: &first, plan: MutationPlan())
        ResumeTarget.mutate(&other, byteCountMax: limit, chance: &second, plan: MutationPlan())
        #expect(input == other && input.count <= limit, "seed \(seed), round \(round)")
      }
      if chance.isOne(in: 3) {
        let other = seeds[chance.below(seeds.count)].program.octets
        input = ResumeTarget.crossOver(input, other, byteCountMax: limit, chance: &chance, plan: MutationPlan())
        #expect(input.count <= limit)
      }
      if case .violation(let violation) = ResumeTarget.check(input) {
        Issue.record("seed \(seed), round \(round): \(violation)")
        return
      }
    }
  }

  @Test("Without operations only streams change")
  func streamsOnly() throws {
    var plan = MutationPlan()
    plan.changesOperations = false
    let program = try #require(ProgramSeeds.all.first { $0.name == "session-twice" }).program
    for seed in 0..<40 as Range<UInt64> {
      var input = program.octets
      var chance = Chance(seed)
      ResumeTarget.mutate(&input, byteCountMax: ResumeProgram.byteCountMax, chance: &chance, plan: plan)
      let mutant = try #require(ResumeProgram(input))
      #expect(mutant.operations == program.operations && mutant.options == program.options)
      #expect(mutant.machine == program.machine)
    }
  }

  @Test("The lines of a program are a trace that does the same", arguments: ProgramSeeds.all.map(\.name))
  func lines(_ name: String) throws {
    let seed = try #require(ProgramSeeds.all.first { $0.name == name })
    let report = ProgramOracle<ReferenceMachine>.check(seed.program, keepsLines: true)
    let text = Trace(report.lines).text
    let trace = try Trace(parsing: Array(text.utf8))
    #expect(trace.steps.map(\.operation) == report.lines)
    let checker = TraceChecker<ReferenceMachine>()
    var run = TraceRun(checker.observer)
    for step in trace.steps {
      let result = run.perform(step.operation)
      #expect(result.isGood, "\(step.line): \(step.operation.text.prefix(80)): \(result.outcome)")
    }
    #expect(checker.violation == nil)
    #expect(checker.commitCount >= report.commitCount)
  }
}
