import Foundation
import MigrationStream
import ReferenceDevices
import ResumeOracle
import ResumePath
import StreamTestKit
import Testing

/// Every invariant on machines of reference devices, with streams that were saved by such machines and then damaged.
@Suite struct OracleReferenceTests {
  static func options(_ name: String) throws -> MachineOptions {
    var options = try #require(MachineOptions(named: name))
    options.seed = 5
    options.byteStringByteCount = 64 << 10
    return options
  }

  static func stream(_ name: String) throws -> OctetLog {
    var control = try ReferenceTwins.control(options(name))
    control.devices.run(steps: 40)
    return try ReferenceTwins.save(&control)
  }

  /// Octets cut at the ends of transactions, or in three.
  static func pieces(_ octets: [UInt8], _ ends: [Int], strict: Bool) -> [ArraySlice<UInt8>] {
    let cuts = strict ? ends : [octets.count / 3, octets.count / 2, octets.count]
    return zip([0] + cuts, cuts).map { octets[$0..<$1] }
  }

  static var roundCount: Int { ProcessInfo.processInfo.environment["MIGSTREAM_LONG_TESTS"] == nil ? 12 : 400 }

  /// A bit turned over anywhere is refused without effect, in both modes alike; then the stream as it was is taken.
  @Test(arguments: ReferenceMachine.names)
  func damagedStreams(_ name: String) throws {
    let log = try Self.stream(name)
    for strict in [false, true] {
      var resume = ResumeOptions()
      resume.isStrict = strict
      var setup = RunSetup()
      setup.validStream = log.octets
      var run = try CheckedRun(ObservedControl(ReferenceMachine(Self.options(name)), options: resume), setup)
      let effect = run.latest.effect
      var random = SeededGenerator(seed: 77)
      for round in 0..<Self.roundCount {
        var octets = log.octets
        let position = random.pick(0...(octets.count - 1))
        octets[position] ^= 1 << UInt8(random.pick(0...7))
        let result = ProgramComparison.play(Self.pieces(octets, log.ends, strict: strict), on: &run)
        #expect(result?.error?.code.failureClass == .fatalSession, "\(name), round \(round), octet \(position)")
        #expect(result?.effect == effect && run.latest.states.allSatisfy { $0 == 0 }, "\(name), octet \(position)")
        run.perform(.reset)
      }
      let last = ProgramComparison.play(Self.pieces(log.octets, log.ends, strict: strict), on: &run)
      #expect(last?.isCommitted == true, "\(name): \(String(describing: last))")
      #expect(run.violations == [], "\(name)")
    }
  }

  /// Random calls with pieces of the stream.
  @Test(arguments: ReferenceMachine.names)
  func randomPrograms(_ name: String) throws {
    let log = try Self.stream(name)
    for seed in 0..<UInt64(Self.roundCount) {
      var random = SeededGenerator(seed: 0x0dd_0000 + seed)
      var run = try CheckedRun(ObservedControl(ReferenceMachine(Self.options(name))))
      var position = 0
      for _ in 0..<random.pick(4...24) {
        switch random.pick(0...9) {
        case 0: run.perform(.reset)
        case 1: run.perform(.request(UInt32(random.pick(0...8))))
        case 2: run.perform(.recover(UInt32(random.pick(1...7))))
        case 3: run.perform(.finish(random.once(in: 4) ? .number(0) : .latest))
        case 4: run.perform(.abort())
        case 5, 6:
          run.perform(.request(4))
          position = 0
        default:
          let end = min(log.octets.count, position + random.pick(0...log.octets.count / 2))
          run.perform(.write(log.octets[position..<end]))
          position = end
        }
      }
      #expect(run.violations == [], "\(name), seed \(0x0dd_0000 + seed)")
      guard run.violations.isEmpty else { return }
      run.perform(.reset)
      let last = ProgramComparison.play([log.octets[...]], on: &run)
      #expect(last?.isCommitted == true && run.violations == [], "\(name), seed \(0x0dd_0000 + seed)")
    }
  }
}
