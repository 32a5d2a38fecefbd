import MigrationStream
import ResumeOracle
import ResumePath
import StreamTestKit
import Testing

/// Each broken device and each broken control trips its invariant and no other; the product trips none.
@Suite struct OracleBrokenFakeTests {
  /// A program, and how long pieces of it are.
  struct Program: Sendable, CustomStringConvertible {
    var name: String
    var operations: [ResumeOperation]
    var description: String { name }
  }

  static let whole = ProbeStream.valid.octets
  static let damaged = ProbeStream.valid.damaged(ProbeStream.valid.octets.count - 20, [1]).octets
  static let wrongModel = ProbeStream.valid.changing(0) { record in
    record = ProbeStream.manifest { $0.devices[0].model = .text("probe/lump") }.record
  }.octets

  static func pieces(_ octets: [UInt8], _ count: Int) -> [ResumeOperation] {
    stride(from: 0, to: octets.count, by: count).map { .write(octets[$0..<min($0 + count, octets.count)]) }
  }

  static let programs: [Program] = [
    Program(name: "resume", operations: [.request(4)] + pieces(whole, 1000) + [.finish(), .finish(), .request(2), .query, .reset]),
    Program(name: "resume by request", operations: [.request(4), .write(whole[...]), .request(1), .request(2), .reset]),
    Program(
      name: "refused",
      operations: [.request(4)] + pieces(damaged, 1000) + [.write([1, 2, 3]), .finish(), .request(1), .request(2), .query, .reset, .write([1])]),
    Program(
      name: "another model",
      operations: [.request(4), .write(wrongModel[...]), .write([1]), .request(1), .reset] + [.request(4), .write(whole[...]), .finish(), .reset]),
    Program(name: "prefix", operations: [.request(4), .write(whole[..<5000]), .finish(), .finish(), .reset]),
    Program(name: "partial data, then running", operations: [.request(4), .write(whole[..<5000]), .request(2), .reset]),
    Program(name: "trailing octets", operations: [.request(4), .write((whole + [0])[...]), .write([1]), .finish(), .reset]),
    Program(name: "opened twice", operations: [.request(4), .write(whole[..<100]), .request(4), .write(whole[100...]), .finish(), .reset]),
    Program(name: "numbers", operations: [0, 8, 255, 0xabcd, .max].map { .request($0) } + [.request(4), .request(0), .request(9), .reset]),
    Program(name: "no octets", operations: [.request(4), .write([]), .write(whole[..<70]), .write([]), .write(whole[70...]), .write([]), .finish(), .reset]),
    Program(name: "saving states", operations: [.request(6), .request(3), .request(6), .request(7), .request(1), .request(2), .reset]),
    Program(name: "P2P states", operations: [.request(5), .request(7), .request(1), .request(2)]),
    Program(
      name: "old handles",
      operations: [.request(4), .write(whole[..<100]), .reset, .request(4), .write(whole[..<100], .number(0)), .write(whole[...]), .finish(), .reset]),
    Program(name: "given up", operations: [.request(4), .write(whole[..<100]), .abort(), .write([1]), .finish(), .reset]),
    Program(name: "recovered", operations: [.request(4), .write(damaged[...]), .recover(1), .write([1]), .request(4), .write(whole[...]), .finish(), .reset]),
  ]

  static var setup: RunSetup {
    var setup = RunSetup()
    (setup.validStream, setup.payloadPattern) = (whole, ProbeStream.pattern)
    return setup
  }

  /// What the programs find on a machine; each is run on a fresh one.
  static func findings<Subject: ResumeSubject & ~Copyable>(
    _ make: (StreamAllocator) throws -> Subject
  ) throws -> (violations: [Violation], names: [String]) {
    var (violations, names): ([Violation], [String]) = ([], [])
    for program in programs {
      let counter = CountingAllocator()
      var run = try CheckedRun(make(counter.allocator), setup, meter: { [counter] in
        MemoryCount(liveByteCount: counter.live, peakByteCount: counter.peak)
      })
      for operation in program.operations { run.perform(operation) }
      violations += run.violations
      if !run.violations.isEmpty { names.append(program.name) }
    }
    return (violations, names)
  }

  @Test func theProductBreaksNothing() throws {
    let found = try Self.findings { try ObservedControl(ProbeMachine(), allocator: $0) }
    #expect(found.violations == [], "\(found)")
  }

  /// Which invariant each fault of a control breaks.
  static let controls: [(fault: ControlFault, invariant: Invariant)] = [
    (.reportsGoal, .truthfulState), (.reportsRefusedGoal, .refusedRequest), (.stopsOnWrite, .dataMovesNothing),
    (.leavesError, .stickyError), (.keepsSession, .completeReset), (.runsWithoutCommit, .noRunWithoutCommit),
    (.takesAnyGoal, .forbiddenGoals), (.showsHiddenState, .hiddenStates), (.touchesStoppedDevice, .permittedTouches),
    (.takesAfterRefusal, .poison), (.movesReason, .constantReason), (.takesOldHandle, .closedHandles),
    (.opensTwice, .oneSession), (.neverComplete, .honestNeed), (.losesSession, .rejectedWithoutEffect),
    (.takesLess, .oneClass), (.countsMore, .consumption), (.commitsTwice, .idempotentFinish),
    (.refusesValid, .commitCondition), (.retriesCommit, .failedCommit), (.changesVerdict, .finalVerdict),
    (.countsEmptyWrites, .emptyWrites), (.commitsPrefix, .noPrefix), (.ignoresTail, .nothingBehindEnd),
    (.holdsClaims, .boundedMemory), (.asksAgain, .boundedWork), (.leaks, .returnedResources),
    (.placesEarly, .earlyVerdict),
  ]

  @Test(arguments: controls.indices)
  func aBrokenControlTripsOneInvariant(_ index: Int) throws {
    let (fault, invariant) = Self.controls[index]
    let found = try Self.findings { try BrokenControl(ProbeMachine(), fault, allocator: $0) }
    #expect(!found.violations.isEmpty, "\(fault) is not found")
    #expect(Set(found.violations.map(\.invariant)) == [invariant], "\(fault): \(found)")
  }

  static let devices: [(fault: ProbeMachine.Fault, invariant: Invariant)] = [
    (.appliesOnPrepare, .noEarlyEffect), (.keepsMemory, .completeReset),
  ]

  @Test(arguments: devices.indices)
  func aBrokenDeviceTripsOneInvariant(_ index: Int) throws {
    let (fault, invariant) = Self.devices[index]
    let found = try Self.findings { try ObservedControl(ProbeMachine(fault: fault), allocator: $0) }
    #expect(Set(found.violations.map(\.invariant)) == [invariant], "\(fault): \(found)")
  }
}
