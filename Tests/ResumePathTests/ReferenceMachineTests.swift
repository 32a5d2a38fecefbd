import MigrationStream
import ReferenceDevices
import ResumePath
import StreamTestKit
import Testing

/// A machine that is moved does what it would have done, to the last octet, operation by operation.
@Suite struct ReferenceMachineTests {
  /// How a twin is moved.
  struct Move: Sendable, CustomStringConvertible {
    var capabilities: MigrationCapabilities
    var preCopy: Bool
    var isStrict: Bool
    /// Octets of a segment; nil: transactions.
    var segment: Int?

    var description: String { "\(capabilities.rawValue) preCopy \(preCopy) strict \(isStrict) segment \(segment ?? 0)" }

    static let all: [Move] = [
      Move(capabilities: .stopCopy, preCopy: false, isStrict: false, segment: 4096),
      Move(capabilities: .stopCopy, preCopy: false, isStrict: true, segment: nil),
      Move(capabilities: [.stopCopy, .p2p], preCopy: false, isStrict: false, segment: 97),
      Move(capabilities: [.stopCopy, .preCopy], preCopy: true, isStrict: false, segment: 1 << 20),
      Move(capabilities: [.stopCopy, .p2p, .preCopy], preCopy: true, isStrict: true, segment: nil),
      Move(capabilities: [.stopCopy, .p2p, .preCopy], preCopy: true, isStrict: false, segment: 511),
    ]
  }

  @Test(arguments: ReferenceMachine.names, Move.all)
  func resumedEqualsNeverStopped(name: String, move: Move) throws {
    for (steps, seed) in [(0, 1), (1, 2), (37, 3), (200, 4), (611, 5)] as [(Int, UInt64)] {
      var options = try #require(MachineOptions(named: name))
      options.capabilities = move.capabilities
      options.seed = seed
      options.byteStringByteCount = 256 << 10
      try compare(options, steps: steps, move, "\(name), \(move), \(steps) operations, seed \(seed)")
    }
  }

  private func compare(_ options: MachineOptions, steps: Int, _ move: Move, _ what: String) throws {
    let during = move.preCopy ? 12 : 0
    var first = try ReferenceTwins.control(options)
    var source = try ReferenceTwins.control(options)
    first.devices.run(steps: steps + during)
    source.devices.run(steps: steps)
    let log = try ReferenceTwins.save(&source, preCopy: move.preCopy, steps: during)
    var other = options
    // A guest that has not begun has no seed in its memory.
    if steps + during > 0 { other.seed = 99 }
    var resume = ResumeOptions()
    resume.isStrict = move.isStrict
    var second = try ReferenceTwins.control(other, resume)
    // What a machine held before must not shine through.
    second.devices.run(steps: 40)
    do throws(StreamError) {
      try ReferenceTwins.resume(&second, log, byteCount: move.segment)
    } catch {
      Issue.record("\(what): \(error)")
      return
    }
    #expect(second.devices.digest == first.devices.digest, "\(what): differs at the resume")
    for operation in 1...60 {
      first.devices.step()
      second.devices.step()
      guard first.devices.digest == second.devices.digest, first.devices.effectsDigest == second.devices.effectsDigest,
        first.devices.hasEqualState(as: second.devices)
      else {
        Issue.record("\(what): differs at operation \(operation) after the resume")
        return
      }
    }
    // The source, which is told that the destination runs, is as it was when it stopped.
    #expect(source.devices.operationCount == UInt64(steps + during), "\(what)")
  }
}
