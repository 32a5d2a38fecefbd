import Foundation
import MigrationStream
import ResumeOracle
import ResumePath
import StreamTestKit
import Testing

/// Invariants about pairs of programs, and random programs with every invariant on.
@Suite struct OracleProgramTests {
  static let octets = ProbeStream.validOctets

  static func strict(_ isStrict: Bool) -> ResumeOptions {
    var options = ResumeOptions()
    options.isStrict = isStrict
    return options
  }

  /// What the comparisons of a valid and of a refused stream find.
  static func comparisons<Subject: ResumeSubject & ~Copyable>(
    _ make: (ResumeOptions) throws -> Subject
  ) throws -> [Violation] {
    var found: [Violation] = []
    var run = try CheckedRun(make(strict(false)))
    let fresh = ProgramComparison.play([octets[...]], on: &run)
    run.perform(.reset)
    found += ProgramComparison.checkFresh(fresh, afterReset: ProgramComparison.play([octets[...]], on: &run))
    found += run.violations

    let bad = ProbeStream.valid.damaged(5000, [1]).octets
    var results: [ProgramComparison.Result?] = []
    for cut in [Cut.whole, .random, .records] {
      var run = try CheckedRun(make(strict(false)))
      results.append(ProgramComparison.play(cut.pieces(bad, ProbeStream.valid), on: &run))
      found += run.violations
    }
    found += ProgramComparison.checkSegmentation(results)

    let pieces = Cut.records.pieces(octets, ProbeStream.valid)
    var strictRun = try CheckedRun(make(strict(true)))
    var streamRun = try CheckedRun(make(strict(false)))
    found += ProgramComparison.checkStrict(
      ProgramComparison.play(pieces, on: &strictRun), stream: ProgramComparison.play(pieces, on: &streamRun))
    return found + strictRun.violations + streamRun.violations
  }

  @Test func theProductComparesEqual() throws {
    #expect(try Self.comparisons { try ObservedControl(ProbeMachine(), options: $0) } == [])
  }

  @Test func aDeviceThatRemembersTripsFreshSession() throws {
    let found = try Self.comparisons { try ObservedControl(ProbeMachine(fault: .keepsHiddenRegister), options: $0) }
    #expect(Set(found.map(\.invariant)) == [.freshSession], "\(found)")
  }

  @Test func aControlThatCountsFromTheSegmentTripsSegmentation() throws {
    let found = try Self.comparisons { try BrokenControl(ProbeMachine(), .offsetOfSegment, options: $0) }
    #expect(Set(found.map(\.invariant)) == [.anySegmentation], "\(found)")
  }

  @Test func aControlThatForgetsTripsStrictEqualsStream() throws {
    let found = try Self.comparisons { try BrokenControl(ProbeMachine(), .forgetsWhenStrict, options: $0) }
    #expect(Set(found.map(\.invariant)) == [.strictEqualsStream], "\(found)")
  }

  /// I35: what memory held before has no influence, on streams that are taken and on those that are not.
  @Test func memoryHeldBefore() throws {
    for stream in [ProbeStream.valid] + BadInput.sizes.map(\.stream) {
      let results = try [UInt8(0), 0xff, 0x5a].map { filling in
        let counter = CountingAllocator(filling: filling)
        var run = try CheckedRun(ObservedControl(ProbeMachine(), allocator: counter.allocator))
        let result = ProgramComparison.play(Cut.random.pieces(stream.octets, stream), on: &run)
        withExtendedLifetime(counter) { _ = run.perform(.reset) }
        return result
      }
      #expect(ProgramComparison.checkStale(results) == [])
    }
  }

  /// A device that fails, at every place where one may: what was staged shows nowhere, and a reset heals.
  @Test func failingDevices() throws {
    var failures: [ProbeMachine.Failure] = []
    for device in 0..<3 {
      failures += [.prepare(device), .commit(device)]
      for state in [MigrationState.stop, .resuming, .running, .runningP2P] {
        failures += [.move(device, state, isBroken: false), .move(device, state, isBroken: true)]
      }
    }
    for failure in failures {
      var setup = RunSetup()
      (setup.validStream, setup.payloadPattern, setup.mayFail) = (Self.octets, ProbeStream.pattern, true)
      var run = try CheckedRun(ObservedControl(ProbeMachine()), setup)
      run.subject.control.devices.base.failure = failure
      for operation in [.request(4), .write(Self.octets[...]), .finish(), .finish(), .request(2)] as [ResumeOperation] {
        run.perform(operation)
      }
      run.subject.control.devices.base.failure = nil
      run.perform(.reset)
      expectFreshCommit(&run, "\(failure)")
    }
  }

  /// CI sets MIGSTREAM_LONG_TESTS.
  static var programCount: Int { ProcessInfo.processInfo.environment["MIGSTREAM_LONG_TESTS"] == nil ? 300 : 4000 }

  /// Random programs of calls, with pieces of a valid stream, of a damaged one and of nonsense.
  @Test func randomPrograms() throws {
    for seed in 0..<UInt64(Self.programCount) {
      var random = SeededGenerator(seed: 0x5eed_0000 + seed)
      var setup = RunSetup()
      (setup.validStream, setup.payloadPattern, setup.mayFail) = (Self.octets, [], random.once(in: 3))
      var run = try CheckedRun(ObservedControl(ProbeMachine(), options: Self.strict(false)), setup)
      if setup.mayFail { run.subject.control.devices.base.failure = Self.failure(&random) }
      var position = 0
      for _ in 0..<random.pick(3...40) {
        run.perform(Self.operation(&random, &position))
      }
      #expect(run.violations == [], "seed \(0x5eed_0000 + seed)")
      guard run.violations.isEmpty else { return }
      run.subject.control.devices.base.failure = nil
      run.perform(.reset)
      expectFreshCommit(&run, "seed \(0x5eed_0000 + seed)")
    }
  }

  private static func failure(_ random: inout SeededGenerator) -> ProbeMachine.Failure {
    let device = random.pick(0...2)
    switch random.pick(0...2) {
    case 0: return .prepare(device)
    case 1: return .commit(device)
    default:
      let state = MigrationState(rawValue: UInt32(random.pick(1...7))) ?? .stop
      return .move(device, state, isBroken: random.once(in: 2))
    }
  }

  private static func operation(_ random: inout SeededGenerator, _ position: inout Int) -> ResumeOperation {
    let session: SessionChoice = random.once(in: 5) ? .number(random.pick(0...3)) : .latest
    switch random.pick(0...19) {
    case 0: return .query
    case 1: return .reset
    case 2: return .recover(UInt32(random.pick(0...9)))
    case 3: return .abort(session)
    case 4, 5: return .finish(session, exclusive: random.once(in: 2))
    case 6: return .request(UInt32(random.pick(0...9)))
    case 7, 8, 9:
      position = 0
      return .request(4)
    case 10: return .write(random.octets(random.pick(0...80))[...], session)
    case 11:
      position = octets.count
      return .write(octets[...], session)
    default:
      let end = min(octets.count, position + random.pick(0...3000))
      defer { position = end }
      return .write(octets[min(position, end)..<end], session)
    }
  }
}
