import Foundation
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
    for (steps, seed) in Self.moments {
      var options = try #require(MachineOptions(named: name))
      options.capabilities = move.capabilities
      options.seed = seed
      options.byteStringByteCount = 256 << 10
      try compare(options, steps: steps, move, "\(name), \(move), \(steps) operations, seed \(seed)")
    }
  }

  /// After how many operations a machine is moved, and its seed.
  private static let moments: [(steps: Int, seed: UInt64)] = {
    var moments: [(steps: Int, seed: UInt64)] = [(0, 1), (37, 3), (611, 5)]
    guard isLong else { return moments }
    for number in 1...40 { moments.append((steps: number * number * 3, seed: UInt64(100 + number))) }
    return moments
  }()

  private static let isLong = ProcessInfo.processInfo.environment["MIGSTREAM_LONG_TESTS"] != nil

  struct Variant: Sendable {
    let kind: ReferenceKind
    let settings: [String]

    init(_ kind: ReferenceKind, _ settings: String...) { (self.kind, self.settings) = (kind, settings) }

    static let all = [
      Variant(.nic, "rx-filter-size=32"),
      Variant(.nic, "rx-filter-size=128", "interrupt-moderation=on", "ring-size=64"),
      Variant(.blk, "queues=4", "cache-mode=on", "discard=on"),
      Variant(.blk, "msix-vectors=3", "packed-ring=on", "queue-size=256"),
      Variant(.serial, "fifo-size=64"),
      Variant(.sound, "output-channels=6"),
      Variant(.sound, "output-channels=8"),
      Variant(.gpu, "preemption=on", "engines=2"),
      Variant(.gpu, "displays=2", "memory-size=1024", "ring-entries=256"),
      Variant(.external, "pages=64"),
    ]
  }

  /// Devices with other parameters have other layouts, sections and rules.
  @Test(arguments: Variant.all)
  func parametersChangeNothing(variant: Variant) throws {
    var options = MachineOptions([variant.kind])
    options.parameters[variant.kind] = variant.settings
    options.byteStringByteCount = 128 << 10
    for (number, move) in Move.all.enumerated() {
      options.capabilities = move.capabilities
      options.seed = UInt64(40 + number)
      try compare(options, steps: 150, move, "\(variant.kind) \(variant.settings), \(move), seed \(options.seed)")
    }
  }

  /// The octets of a save go straight to where they are resumed, as through a socket; nobody holds the whole.
  @Test func firmwareOfAnySizePassesThroughAWindow() throws {
    var options = MachineOptions([.gpu])
    options.byteStringByteCount = Self.isLong ? 2 << 30 : 2 << 20
    var source = try ReferenceTwins.control(options)
    source.devices.run(steps: 300)
    var target = try ReferenceTwins.control(options)
    let handle = try target.open()
    var save = SaveOptions(uuid: StreamUUID(low: 3, high: 4))
    save.usesPreCopy = true
    var session = try SaveSession(&source, Relay(target, handle), save)
    while try session.step(&source) == .more { source.devices.step() }
    try session.stop(&source)
    while try session.step(&source) != .done {}
    try session.finish(&source)
    let (digest, isSame) = try session.withSink { (relay: inout Relay) throws(StreamError) in
      try relay.control.finish(handle)
      return (relay.control.devices.digest, relay.control.devices.hasEqualState(as: source.devices))
    }
    #expect(digest == source.devices.digest && isSame)
  }

  /// Hands what it is given to a machine that resumes.
  private struct Relay: OctetSink, ~Copyable {
    var control: ReferenceTwins.Control
    let handle: SessionHandle

    init(_ control: consuming ReferenceTwins.Control, _ handle: SessionHandle) {
      self.control = control
      self.handle = handle
    }

    mutating func write(_ octets: borrowing GatherList) throws(StreamError) {
      for part in 0..<octets.count { _ = try control.write(octets[part], handle) }
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
