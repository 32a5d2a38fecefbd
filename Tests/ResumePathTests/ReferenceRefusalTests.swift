import MigrationStream
import ReferenceDevices
import ResumePath
import StreamTestKit
import Testing

/// What reference devices refuse, and what is left of it.
@Suite struct ReferenceRefusalTests {
  private static func options(_ kind: ReferenceKind) throws -> MachineOptions {
    var options = try #require(MachineOptions(named: kind.rawValue))
    options.byteStringByteCount = 128 << 10
    return options
  }

  /// What a stream of `kind` is refused with; nil: it is taken.
  private static func refusal(
    _ control: inout ReferenceTwins.Control, _ log: OctetLog
  ) -> StreamError? {
    do throws(StreamError) {
      try ReferenceTwins.resume(&control, log, byteCount: 4096)
      return nil
    } catch { return error }
  }

  /// After a refusal a reset leaves nothing of the stream, and the next one is taken.
  private static func checkRecovery(_ control: inout ReferenceTwins.Control, _ options: MachineOptions, _ what: String) throws {
    control.reset()
    let fresh = try ReferenceMachine(options)
    let (isFresh, left) = (control.devices.hasEqualState(as: fresh), control.devices.digest)
    #expect(isFresh && left == fresh.digest, "\(what): a reset leaves something")
    var source = try ReferenceTwins.control(options)
    source.devices.run(steps: 50)
    let log = try ReferenceTwins.save(&source)
    #expect(Self.refusal(&control, log) == nil, "\(what): the next stream is refused")
    let (taken, given) = (control.devices.digest, source.devices.digest)
    #expect(taken == given, "\(what)")
  }

  @Test(arguments: ReferenceKind.allCases)
  func impossibleStatesAreRefusedByTheDevice(kind: ReferenceKind) throws {
    let options = try Self.options(kind)
    var count = 0
    for reason in DeviceReason.allCases {
      var source = try ReferenceTwins.control(options)
      source.devices.run(steps: 30)
      guard source.devices.contradict(reason) != nil else { continue }
      count += 1
      let log = try ReferenceTwins.save(&source)
      var target = try ReferenceTwins.control(options)
      let refusal = Self.refusal(&target, log)
      #expect(refusal?.code == .deviceFailed && refusal?.found == UInt64(reason.rawValue), "\(kind), \(reason): \(refusal as Any)")
      #expect(target.state(of: 0) == .error)
      try Self.checkRecovery(&target, options, "\(kind), \(reason)")
    }
    #expect(count > 0, "\(kind) has no impossible state")
  }

  @Test func eachReasonHasAText() {
    #expect(Set(DeviceReason.allCases.map(\.text)).count == DeviceReason.allCases.count)
  }

  /// A pattern that the guest wrote is in the stream; of a stream that is cut anywhere nothing stays.
  @Test(arguments: ReferenceKind.allCases)
  func aResetScrubs(kind: ReferenceKind) throws {
    let options = try Self.options(kind)
    var source = try ReferenceTwins.control(options)
    source.devices.run(steps: 120)
    let log = try ReferenceTwins.save(&source)
    // 16 octets of the guest's first page, which no fresh machine has.
    let pattern = source.devices.guestMemory(0, count: 16)
    var random = SeededGenerator(seed: 11)
    for _ in 0..<4 {
      let cut = random.pick(200...(log.octets.count - 1))
      var target = try ReferenceTwins.control(options)
      let handle = try target.open()
      _ = try target.write(log.octets.span.octets.extracting(0..<cut), handle)
      #expect(throws: StreamError.self) { try target.finish(handle) }
      target.reset()
      let remains = target.devices.contains(pattern)
      #expect(!remains, "\(kind), cut at \(cut), seed 11")
      try Self.checkRecovery(&target, options, "\(kind), cut at \(cut), seed 11")
    }
    var target = try ReferenceTwins.control(options)
    #expect(Self.refusal(&target, log) == nil)
    let isTaken = target.devices.contains(pattern)
    #expect(isTaken, "the pattern is in what was taken")
  }

  @Test func devicesFailWhenTheyAreTold() throws {
    var options = try #require(MachineOptions(named: "machine"))
    options.byteStringByteCount = 64 << 10
    var source = try ReferenceTwins.control(options)
    source.devices.run(steps: 200)
    let log = try ReferenceTwins.save(&source)
    for call in 1...6 {
      for plan in [FaultPlan(prepareAt: call), FaultPlan(commitAt: call), FaultPlan(moveAt: call)] {
        var target = try ReferenceTwins.control(options)
        target.devices.faults = plan
        let refusal = Self.refusal(&target, log)
        #expect(refusal?.code == .deviceFailed && refusal?.found == UInt64(DeviceReason.injected.rawValue), "\(plan)")
        try Self.checkRecovery(&target, options, "\(plan)")
      }
    }
    source = try ReferenceTwins.control(options)
    source.devices.run(steps: 200)
    source.devices.faults = FaultPlan(saveAt: 3)
    #expect(throws: StreamError.self) { try ReferenceTwins.save(&source) }
    #expect(source.state(of: 0) == .running)
  }

  @Test func aDriverThatIsGoneRefuses() throws {
    let options = try Self.options(.external)
    var source = try ReferenceTwins.control(options)
    source.devices.run(steps: 30)
    let log = try ReferenceTwins.save(&source)
    var target = try ReferenceTwins.control(options)
    target.devices.breakPipe()
    let refusal = Self.refusal(&target, log)
    #expect(refusal?.code == .deviceFailed && refusal?.found == UInt64(DeviceReason.driverGone.rawValue))
  }

  /// Requests that were in flight at the stop are finished after it, each once.
  @Test(arguments: [40, 133, 500])
  func requestsInFlightAreDoneOnce(steps: Int) throws {
    let options = try Self.options(.blk)
    var source = try ReferenceTwins.control(options)
    source.devices.run(steps: steps)
    let log = try ReferenceTwins.save(&source)
    var target = try ReferenceTwins.control(options)
    try ReferenceTwins.resume(&target, log, byteCount: 1 << 16)
    let (before, atStop) = (target.devices.requestCounts, source.devices.requestCounts)
    #expect(before == atStop)
    target.devices.run(steps: 400)
    let after = target.devices.requestCounts
    #expect(after.completed > before.completed)
    #expect(after.submitted - after.completed <= 8, "a request was lost")
    #expect(after.completed <= after.submitted, "a request was done twice")
  }
}
