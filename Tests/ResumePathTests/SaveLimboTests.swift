import MigrationStream
import ResumePath
import StreamTestKit
import Testing

/// Who has the machine, and when it runs again.
@Suite struct SaveLimboTests {
  private static let all = Array(repeating: MigrationState.running, count: 4)
  private static let still = Array(repeating: MigrationState.stopCopy, count: 4)

  /// A save that has come to limbo.
  private static func limbo(
    _ control: inout MigrationControl<SaveFakeDevices>, _ log: SinkLog
  ) throws(StreamError) -> SaveSession<LogSink> {
    var save = try SaveSession(&control, LogSink(log), Saving.options())
    try save.stop(&control)
    try save.run(&control)
    try save.finish(&control)
    return save
  }

  private static func code(_ body: () throws(StreamError) -> Void) -> StreamError.Code? {
    do throws(StreamError) { try body() } catch { return error.code }
    return nil
  }

  @Test func nothingButAWordLeavesLimbo() throws {
    let log = SinkLog()
    var control = try Saving.machine()
    var save = try Self.limbo(&control, log)
    let octets = log.octets
    #expect(Self.code { () throws(StreamError) in try save.cancel(&control) } == .stateRefused)
    #expect(Self.code { () throws(StreamError) in _ = try save.step(&control) } == .wrongCall)
    #expect(Self.code { () throws(StreamError) in try save.stop(&control) } == .wrongCall)
    #expect(Self.code { () throws(StreamError) in try save.finish(&control) } == .wrongCall)
    for goal in MigrationState.allCases where goal != .error {
      #expect(Self.code { () throws(StreamError) in _ = try control.request(goal.rawValue) } != nil)
    }
    #expect(save.phase == .limbo && log.octets == octets && Saving.states(control) == Self.still)
  }

  @Test(arguments: ResumeHereReason.allCases)
  func aWordLeadsBack(_ reason: ResumeHereReason) throws {
    let (log, again) = (SinkLog(), SinkLog())
    var control = try Saving.machine()
    var save = try Self.limbo(&control, log)
    try save.resumeHere(&control, because: reason)
    #expect(save.phase == (reason == .refusedByDestination ? .failed : .cancelled))
    #expect(Saving.states(control) == Self.all)
    #expect(Self.code { () throws(StreamError) in try save.handOver(&control) } == .wrongCall)
    // And the machine saves again, the same.
    _ = try Self.limbo(&control, again)
    #expect(again.octets == log.octets)
  }

  @Test func whatWasHandedOverNeverRuns() throws {
    var control = try Saving.machine()
    var save = try Self.limbo(&control, SinkLog())
    try save.handOver(&control)
    try save.handOver(&control)
    #expect(save.phase == .handedOver)
    #expect(Self.code { () throws(StreamError) in try save.resumeHere(&control, because: .saidByOperator) } == .wrongCall)
    #expect(Self.code { () throws(StreamError) in try save.cancel(&control) } == .stateRefused)
    #expect(Self.code { () throws(StreamError) in _ = try control.request(2) } == .sessionBusy)
    #expect(Self.code { () throws(StreamError) in _ = try control.open() } == .sessionBusy)
    #expect(Saving.states(control) == Self.still)
    control.reset()
    #expect(Saving.states(control) == Self.all)
  }

  @Test(arguments: [false, true], 0...8)
  func cancelledAtEachStep(preCopy: Bool, steps: Int) throws {
    let log = SinkLog()
    var control = try Saving.machine()
    var save = try SaveSession(&control, LogSink(log), Saving.options(preCopy: preCopy))
    for step in 0..<steps {
      _ = try save.step(&control)
      if step == 4 { try save.stop(&control) }
    }
    try save.cancel(&control, reason: .timeExceeded)
    let octets = log.octets
    try save.cancel(&control)
    #expect(log.octets == octets && save.phase == .cancelled)
    let error = StreamSummary(octets).error
    #expect(error?.code == .aborted && error?.found == 4)
    #expect(Saving.states(control) == Self.all)
    #expect(Self.code { () throws(StreamError) in _ = try save.step(&control) } == .wrongCall)
    _ = try Self.limbo(&control, SinkLog())
  }

  @Test func oneSessionAtATime() throws {
    let (log, other) = (SinkLog(), SinkLog())
    var control = try Saving.machine()
    var save = try SaveSession(&control, LogSink(log), Saving.options())
    #expect(Self.code { () throws(StreamError) in _ = try Self.limbo(&control, other) } == .sessionBusy)
    #expect(Self.code { () throws(StreamError) in _ = try control.open() } == .sessionBusy)
    #expect(Self.code { () throws(StreamError) in try control.finish(save.handle) } == .sessionClosed)
    #expect(other.octets.isEmpty)
    try save.cancel(&control)
    let handle = try control.open()
    #expect(handle != save.handle)
    #expect(Self.code { () throws(StreamError) in _ = try Self.limbo(&control, other) } == .sessionBusy)
    #expect(other.octets.isEmpty)
  }

  /// A reset ends the session behind its back; the stream says so, and nothing of the new machine is moved.
  @Test func resetUnderASave() throws {
    for steps in 0..<12 {
      let log = SinkLog()
      var control = try Saving.machine()
      var save = try SaveSession(&control, LogSink(log), Saving.options())
      if steps > 2 { try save.stop(&control) }
      for _ in 0..<steps { _ = try save.step(&control) }
      control.reset()
      let moves = control.devices.script.moves.count
      #expect(Self.code { () throws(StreamError) in _ = try save.step(&control) } == .sessionClosed)
      #expect(Self.code { () throws(StreamError) in _ = try save.cancel(&control) } == .sessionClosed)
      #expect(save.phase == .failed && StreamSummary(log.octets).error?.code == .aborted)
      #expect(control.devices.script.moves.count == moves && Saving.states(control) == Self.all)
    }
    var control = try Saving.machine()
    var save = try Self.limbo(&control, SinkLog())
    control.reset()
    #expect(
      Self.code { () throws(StreamError) in try save.resumeHere(&control, because: .saidByOperator) } == .sessionClosed)
    #expect(save.phase == .limbo)
  }

  /// A machine that stands still is saved without running in between, and stands still afterwards.
  @Test(arguments: [false, true])
  func aStoppedMachine(preCopy: Bool) throws {
    let log = SinkLog()
    var control = try Saving.machine()
    _ = try control.request(MigrationState.stop.rawValue)
    control.devices.script.moves = []
    var save = try SaveSession(&control, LogSink(log), Saving.options(preCopy: preCopy))
    #expect(try save.step(&control) == .done)
    try save.stop(&control)
    try save.run(&control)
    try save.finish(&control)
    #expect(StreamSummary(log.octets).isWhole && StreamSummary(log.octets).mandatoryFlags == 0)
    try save.resumeHere(&control, because: .saidByOperator)
    #expect(Saving.states(control) == Array(repeating: .stop, count: 4))
    #expect(control.devices.script.moves.allSatisfy { $0.arc == .init(.stop, .stopCopy) || $0.arc == .init(.stopCopy, .stop) })
  }

  @Test func finishNeedsEverything() throws {
    let log = SinkLog()
    var control = try Saving.machine()
    var save = try SaveSession(&control, LogSink(log), Saving.options())
    #expect(Self.code { () throws(StreamError) in try save.finish(&control) } == .wrongCall)
    try save.stop(&control)
    // Eight steps give everything: five pages, and once each the rest of devices 1, 2 and 3.
    for _ in 0..<8 {
      #expect(Self.code { () throws(StreamError) in try save.finish(&control) } == .wrongCall)
      #expect(Self.code { () throws(StreamError) in try save.stop(&control) } == .wrongCall)
      #expect(try save.step(&control) == .more)
    }
    try save.finish(&control)
    #expect(StreamSummary(log.octets).isWhole)
  }

  /// All stop before any may be still while another reaches it.
  @Test func devicesMeetInACommonState() throws {
    let script = SaveScript()
    var nic = SaveFakeDevices.Device()
    nic.capabilities = [.stopCopy, .p2p, .preCopy]
    nic.reachesPeers = true
    var gpu = nic
    gpu.capabilities = [.stopCopy, .p2p]
    var control = try MigrationControl(SaveFakeDevices([nic, gpu, nic], script: script))
    var save = try SaveSession(&control, LogSink(SinkLog()), Saving.options(preCopy: true))
    script.moves = []
    try save.stop(&control)
    #expect(script.moves.prefix(3).map(\.arc.end) == [.preCopyP2P, .runningP2P, .preCopyP2P])
    script.moves = []
    try save.cancel(&control)
    let firstFree = script.moves.firstIndex { $0.arc.end == .running }
    let lastStill = script.moves.lastIndex { $0.arc.end == .runningP2P }
    #expect(firstFree != nil && lastStill != nil && firstFree! > lastStill!)
  }

  /// What cannot be saved is refused before an octet is sent.
  @Test func machinesThatCannotBeSaved() throws {
    var plain = SaveFakeDevices.Device()
    plain.capabilities = []
    var free = SaveFakeDevices.Device()
    free.reachesPeers = true
    for devices in [[plain], [free, free]] {
      let log = SinkLog()
      var control = try MigrationControl(SaveFakeDevices(devices))
      #expect(Self.code { () throws(StreamError) in _ = try Self.limbo(&control, log) } == .stateRefused)
      #expect(log.octets.isEmpty && control.devices.script.moves.isEmpty)
      // Nothing holds the machine.
      #expect(Self.code { () throws(StreamError) in _ = try control.request(MigrationState.running.rawValue) } != .sessionBusy)
    }
    let log = SinkLog()
    var control = try MigrationControl(SaveFakeDevices([]))
    _ = try Self.limbo(&control, log)
    #expect(StreamSummary(log.octets).records == "ME")
  }

  /// The sink fails while END is written: it may have been taken.
  @Test func aSinkThatFailsInEnd() throws {
    let (whole, log, again) = (SinkLog(), SinkLog(), SinkLog())
    var other = try Saving.machine()
    _ = try Self.limbo(&other, whole)
    log.failing = whole.writes - 1
    var control = try Saving.machine()
    var save = try SaveSession(&control, LogSink(log), Saving.options())
    try save.stop(&control)
    try save.run(&control)
    #expect(throws: LogSink.failure) { try save.finish(&control) }
    #expect(save.phase == .limbo && save.failure == LogSink.failure && Saving.states(control) == Self.still)
    try save.resumeHere(&control, because: .refusedByDestination)
    #expect(Saving.states(control) == Self.all)
    _ = try Self.limbo(&control, again)
    #expect(again.octets == whole.octets)
  }
}
