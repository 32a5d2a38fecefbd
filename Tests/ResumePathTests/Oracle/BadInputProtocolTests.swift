import MigrationStream
import ResumeOracle
import ResumePath
import StreamTestKit
import Testing

/// M1 to M16, M23 to M32: calls in the wrong order, and octets cut in the wrong place.
@Suite struct BadInputProtocolTests {
  static let octets = ProbeStream.valid.octets
  static let starts = ProbeStream.starts(ProbeStream.valid)
  /// Refused at octet 56 of the END record: its digest.
  static let damaged = ProbeStream.valid.damaged(starts[13] + 60, [0xee]).octets

  /// An operation, what it says, and the states of all devices after it.
  struct Step {
    var operation: ResumeOperation
    var code: StreamError.Code?
    var offset: UInt64
    var states: [UInt32]

    init(
      _ operation: ResumeOperation, _ code: StreamError.Code?, at offset: UInt64 = 0, _ states: [MigrationState]
    ) {
      (self.operation, self.code, self.offset) = (operation, code, offset)
      self.states = states.count == 1 ? .init(repeating: states[0].rawValue, count: 3) : states.map(\.rawValue)
    }

    init(_ operation: ResumeOperation, _ states: [MigrationState]) { self.init(operation, nil, states) }
  }

  static func open(_ more: Step...) -> [Step] { [Step(.request(4), [.resuming])] + more }
  static func write(_ range: Range<Int>) -> ResumeOperation { .write(octets[range]) }

  static let programs: [(name: String, steps: [Step])] = [
    ("M1 write before any session", [Step(.write(octets[...], .foreign), .sessionClosed, [.running])]),
    (
      "M2 write in RUNNING, STOP, STOP_COPY, PRE_COPY",
      open(
        Step(.write(octets[...]), [.resuming]), Step(.finish(), [.stop]), Step(write(0..<9), .sessionClosed, [.stop]),
        Step(.request(3), [.stopCopy]), Step(write(0..<9), .sessionClosed, [.stopCopy]), Step(.request(2), [.running]),
        Step(write(0..<9), .sessionClosed, [.running]), Step(.request(6), [.preCopy, .running, .running]),
        Step(write(0..<9), .sessionClosed, [.preCopy, .running, .running]))
    ),
    (
      "M3 RESUMING twice",
      open(Step(write(0..<100), [.resuming]), Step(.request(4), [.resuming]), Step(write(100..<octets.count), [.resuming]), Step(.finish(), [.stop]))
    ),
    ("M4 RUNNING after partial data", open(Step(write(0..<5000), [.resuming]), Step(.request(2), .truncated, at: 5000, [.error]))),
    ("M5 STOP with no octet", open(Step(.request(1), .truncated, at: 0, [.error]))),
    ("M6 STOP_COPY after partial data", open(Step(write(0..<64), [.resuming]), Step(.request(3), .truncated, at: 64, [.error]))),
    ("M6 PRE_COPY after partial data", open(Step(write(0..<70), [.resuming]), Step(.request(6), .truncated, at: 70, [.error]))),
    (
      "M7 STOP_COPY to PRE_COPY",
      [
        Step(.request(3), [.stopCopy]), Step(.request(6), .stateRefused, [.stopCopy]),
        Step(.request(7), .stateRefused, [.stopCopy]), Step(.request(2), [.running]),
      ]
    ),
    ("M8 ERROR and numbers that are no states", [0, 8, 255, 0xabcd, .max].map { Step(.request($0), .stateRefused, [.running]) }),
    (
      "M8 the same while a session is open",
      open() + [0, 8, 255, 0xabcd, .max].map { Step(.request($0), .stateRefused, [.resuming]) }
        + [Step(.write(octets[...]), [.resuming]), Step(.finish(), [.stop])]
    ),
    ("M10 the handle of a finished session", open(Step(.write(octets[...]), [.resuming]), Step(.finish(), [.stop]), Step(.abort(), .sessionClosed, [.stop]))),
    ("M10 the handle of an aborted session", open(Step(write(0..<70), [.resuming]), Step(.abort(), [.error]), Step(write(70..<80), .sessionClosed, [.error]))),
    (
      "M10 the handle of a session that was reset",
      open(Step(write(0..<70), [.resuming]), Step(.reset, [.running]), Step(write(70..<80), .sessionClosed, [.running]), Step(.finish(), .sessionClosed, [.running]))
    ),
    (
      "M11 one more write after a fatal error",
      open(
        Step(.write(damaged[...]), .digestMismatch, at: UInt64(starts[13] + 56), [.error]),
        Step(write(0..<1), .digestMismatch, at: UInt64(starts[13] + 56), [.error]),
        Step(.finish(), .digestMismatch, at: UInt64(starts[13] + 56), [.error]))
    ),
    (
      "M12 the failing write again, then with right octets",
      open(
        Step(write(0..<starts[13]), [.resuming]),
        Step(.write(damaged[starts[13]...]), .digestMismatch, at: UInt64(starts[13] + 56), [.error]),
        Step(.write(damaged[starts[13]...]), .digestMismatch, at: UInt64(starts[13] + 56), [.error]),
        Step(write(starts[13]..<octets.count), .digestMismatch, at: UInt64(starts[13] + 56), [.error]))
    ),
    (
      "M13 finish twice, then write",
      open(
        Step(.write(octets[...]), [.resuming]), Step(.finish(), [.stop]), Step(.finish(), [.stop]), Step(.request(2), [.running]),
        Step(.finish(), [.running]), Step(write(0..<9), .sessionClosed, [.running]))
    ),
    ("M13 abort, then finish", open(Step(write(0..<70), [.resuming]), Step(.abort(), [.error]), Step(.finish(), .sessionClosed, [.error]))),
    (
      "M16 a session begins with the tail of another",
      open(
        Step(.write(damaged[...]), .digestMismatch, at: UInt64(starts[13] + 56), [.error]), Step(.reset, [.running]),
        Step(.request(4), [.resuming]), Step(write(starts[13]..<octets.count), .badMagic, at: 0, [.error]))
    ),
    (
      "M31 all is sent again from the start",
      open(Step(write(0..<starts[4]), [.resuming]), Step(.write(octets[...]), .badSync, at: UInt64(starts[4]), [.error]))
    ),
    (
      "M32 a record is written again",
      open(
        Step(write(0..<starts[5]), [.resuming]),
        Step(write(starts[4]..<starts[5]), .badSequence, at: UInt64(starts[5] + 16), [.error]))
    ),
  ]

  @Test(arguments: programs.indices)
  func calls(_ index: Int) throws {
    let (name, steps) = Self.programs[index]
    var setup = RunSetup()
    (setup.validStream, setup.payloadPattern) = (Self.octets, ProbeStream.pattern)
    var other = try ObservedControl(ProbeMachine())
    let foreign = try other.request(4)
    var run = try CheckedRun(ObservedControl(ProbeMachine()), setup, foreign: foreign)
    let before = run.latest.effect
    for (number, step) in steps.enumerated() {
      let seen = run.perform(step.operation)
      #expect(seen?.error?.code == step.code, "\(name), step \(number): \(String(describing: seen?.error))")
      if step.code != nil, let error = seen?.error, error.code.failureClass != .rejectedNoEffect, error.code != .sessionClosed {
        #expect(error.offset == step.offset, "\(name), step \(number)")
        #expect(seen?.effect == before, "\(name), step \(number)")
      }
      #expect(seen?.states == step.states, "\(name), step \(number)")
    }
    run.perform(.reset)
    expectFreshCommit(&run, name)
  }

  /// M9: a state that no device of the machine has.
  @Test(arguments: [UInt32(5), 6, 7])
  func optionalStates(_ goal: UInt32) throws {
    let plain = try ProbeMachine(capabilities: .init(repeating: [.stopCopy], count: 3))
    var run = CheckedRun(try ObservedControl(plain))
    #expect(run.perform(.request(goal))?.error?.code == .stateRefused)
    #expect(run.latest.states == [2, 2, 2])
    #expect(run.violations == [])
  }

  /// M14, M15: reset at every border of a record, and in the middle of each.
  @Test func resets() throws {
    var setup = RunSetup()
    (setup.validStream, setup.payloadPattern) = (Self.octets, ProbeStream.pattern)
    var run = try CheckedRun(ObservedControl(ProbeMachine()), setup)
    for start in Self.starts.dropLast() {
      for place in [start, start + 7, start + 64, start + 70] {
        run.perform(.request(4))
        run.perform(.write(Self.octets[..<place]))
        run.perform(.reset)
      }
    }
    expectFreshCommit(&run, "after resets")
  }

  /// M24, M25, M29: two writes, cut at every seventh octet and around every record.
  @Test func twoWrites() throws {
    var run = try CheckedRun(ObservedControl(ProbeMachine()))
    let cuts = Set(stride(from: 1, to: Self.octets.count, by: 97)).union(Self.starts.dropLast().flatMap { [$0 - 1, $0, $0 + 1, $0 + 64] })
    for cut in cuts.sorted() {
      run.perform(.request(4))
      run.perform(.write(Self.octets[..<cut]))
      run.perform(.write(Self.octets[cut...]))
      #expect(run.perform(.finish())?.effect == ProbeStream.validEffect, "cut at \(cut)")
      run.perform(.reset)
    }
    #expect(run.violations == [])
  }

  /// M26: writes of no octets between all others.
  @Test func emptyWrites() throws {
    var run = try CheckedRun(ObservedControl(ProbeMachine()))
    run.perform(.request(4))
    for start in stride(from: 0, to: Self.octets.count, by: 53) {
      run.perform(.write([]))
      run.perform(.write(Self.octets[start..<min(start + 53, Self.octets.count)]))
    }
    run.perform(.write([]))
    #expect(run.perform(.finish())?.effect == ProbeStream.validEffect)
    #expect(run.violations == [])
  }

  /// M27, M28: in strict mode a write is one transaction.
  @Test func strictTransactions() throws {
    let ranges = ProbeStream.transactions(ProbeStream.valid)
    var options = ResumeOptions()
    options.isStrict = true
    var setup = RunSetup()
    setup.payloadPattern = ProbeStream.pattern
    var run = try CheckedRun(ObservedControl(ProbeMachine(), options: options), setup)
    for (number, range) in ranges.enumerated() {
      for isSplit in [true, false] where isSplit || number + 1 < ranges.count {
        run.perform(.request(4))
        for earlier in ranges[..<number] { run.perform(.write(Self.octets[earlier])) }
        let end = isSplit ? range.upperBound - 8 : ranges[number + 1].upperBound
        let seen = run.perform(.write(Self.octets[range.lowerBound..<end]))
        #expect(seen?.error?.code == .badUnit && seen?.error?.stage == .resume, "\(number): \(String(describing: seen?.error))")
        #expect(seen?.error?.offset == UInt64(isSplit ? end : range.upperBound), "\(number)")
        run.perform(.reset)
      }
    }
    expectFreshCommit(&run, "strict")
  }
}
