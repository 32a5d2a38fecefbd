import FuzzSupport
import MigrationStream
import ReferenceDevices
import ResumeOracle
import ResumePath
import StreamMutation
import StreamTestKit
import Testing

/// Programs find machines that break a rule: the calls that they make of a right one are made of a broken one.
@Suite struct ProgramFakeTests {
  /// Faults that no call of one reference machine shows: some need several kinds of devices, some a second run.
  static let hidden: Set<ControlFault> = [.showsHiddenState, .reportsGoal, .forgetsWhenStrict, .refusesValid]

  @Test("Broken machines are found by programs", arguments: ControlFault.allCases.filter { !hidden.contains($0) })
  func broken(_ fault: ControlFault) throws {
    var chance = Chance(99)
    for round in 0..<3000 {
      var input = ProgramSeeds.all[round % ProgramSeeds.all.count].program.octets
      for _ in 0..<(round / ProgramSeeds.all.count % 8) {
        ResumeTarget.mutate(&input, byteCountMax: ResumeProgram.byteCountMax, chance: &chance, plan: MutationPlan())
      }
      guard let program = ResumeProgram(input), program.machine < 6 else { continue }
      var run = ProgramRun<ReferenceMachine>(program, keepsLines: true)
      run.play()
      #expect(run.violation == nil)
      if try Self.breaks(fault, run.lines) { return }
    }
    Issue.record("no program finds \(fault)")
  }

  /// Makes the calls of a trace of a broken machine.
  private static func breaks(_ fault: ControlFault, _ lines: [TraceOperation]) throws -> Bool {
    guard case .machine(let machine, let options)? = lines.first, options.windowByteCount == nil else { return false }
    let memory = CountingAllocator.ofProgram(filling: 0)
    var resume = ResumeOptions()
    (resume.isStrict, resume.allowsMissingDevices) = (options.isStrict, options.allowsMissingDevices)
    let devices = try ReferenceMachine.make(machine)
    let subject = try BrokenControl(devices, fault, options: resume, allocator: memory.allocator)
    var run = CheckedRun(subject, meter: { memory.memoryCount })
    var streams: [String: [UInt8]] = [:]
    var session = SessionChoice.latest
    for line in lines.dropFirst() where run.violations.isEmpty {
      switch line {
      case .stream(let name, .octets(let octets)): streams[name] = octets
      case .request(let goal):
        run.perform(.request(goal))
        session = .latest
      case .reset: run.perform(.reset)
      case .recover(let goal): run.perform(.recover(goal))
      case .finish(let embedded): run.perform(.finish(session, exclusive: !embedded))
      case .abort: run.perform(.abort(session))
      case .use(let number): session = number.map { .number(Int($0) - 1) } ?? .latest
      case .write(let name, let range, _, _):
        guard let octets = streams[name], case .offset(let start) = range.start, case .offset(let end) = range.end,
          end <= UInt64(octets.count)
        else { continue }
        run.perform(.write(octets[Int(start)..<Int(end)], session))
      case .machine, .save, .handover: return false
      default: break
      }
    }
    return !run.violations.isEmpty
  }

  @Test("What shows a fault becomes smaller and still shows it")
  func minimised() throws {
    let seed = try #require(ProgramSeeds.all.first { $0.name == "session-of-two-streams" }).program
    var program = seed
    program.operations += ProgramSeeds.all.flatMap { $0.program.operations }
      .filter { $0.kind.rawValue < ProgramOperation.Kind.save.rawValue }.prefix(24)
    // The fault: a second session was committed.
    func shows(_ program: ResumeProgram) -> Bool {
      ProgramOracle<ReferenceMachine>.check(program).commitCount >= 2
    }
    try #require(shows(program))
    let smallest = ProgramMinimiser.minimise(program, checksMax: 400, shows: shows)
    #expect(shows(smallest) && smallest.operations.count <= 6 && smallest.octets.count < program.octets.count)
    #expect(smallest.streams.filter { !$0.isEmpty }.count == 1)
  }
}
