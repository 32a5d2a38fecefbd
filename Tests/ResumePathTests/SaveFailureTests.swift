import MigrationStream
import ResumePath
import StreamTestKit
import Testing

/// Every call of a device and every write of a sink fails in turn.
@Suite struct SaveFailureTests {
  /// One save from beginning to end; returns how far the session came.
  private static func save(
    _ control: inout MigrationControl<SaveFakeDevices>, _ log: SinkLog, preCopy: Bool
  ) -> (phase: SaveSessionPhase, error: StreamError?) {
    do throws(StreamError) {
      var save = try SaveSession(&control, LogSink(log), Saving.options(preCopy: preCopy))
      do throws(StreamError) {
        try save.run(&control, until: .passEnded)
        try save.stop(&control)
        try save.run(&control)
        try save.finish(&control)
        return (save.phase, nil)
      } catch {
        // The same again, without effect.
        let writes = log.writes
        #expect(throws: error) { try save.step(&control) }
        #expect(throws: error) { try save.stop(&control) }
        #expect(throws: error) { try save.finish(&control) }
        #expect(throws: error) { try save.cancel(&control) }
        #expect(save.failure == error && log.writes == writes)
        return (save.phase, error)
      }
    } catch {
      return (.failed, error)
    }
  }

  /// What an undisturbed save of the machine gives.
  private static func stream(preCopy: Bool) throws -> (octets: [UInt8], calls: Int, writes: Int) {
    let (log, script) = (SinkLog(), SaveScript())
    var control = try Saving.machine(script)
    #expect(save(&control, log, preCopy: preCopy).phase == .limbo)
    #expect(StreamSummary(log.octets).isWhole)
    return (log.octets, script.calls, log.writes)
  }

  @Test(arguments: [false, true], [false, true])
  func everyCallOfADevice(preCopy: Bool, isBroken: Bool) throws {
    let whole = try Self.stream(preCopy: preCopy)
    for call in 0..<whole.calls {
      let (log, script) = (SinkLog(), SaveScript())
      script.fault = .call(call, isBroken: isBroken)
      var control = try Saving.machine(script)
      let (phase, error) = Self.save(&control, log, preCopy: preCopy)
      #expect(phase == .failed && error?.code == .deviceFailed && error?.found == 77, "call \(call)")
      let summary = StreamSummary(log.octets)
      #expect(summary.error?.code == .aborted && summary.error?.found == 2, "call \(call): \(summary)")
      Self.expectTruth(control, "call \(call)")
      let states = Saving.states(control)
      if !states.contains(.error) { #expect(states == Array(repeating: .running, count: 4), "call \(call)") }
      // The machine is not held, and saves again, from the beginning.
      control.reset()
      script.fault = .none
      let again = SinkLog()
      #expect(Self.save(&control, again, preCopy: preCopy).phase == .limbo, "call \(call)")
      #expect(again.octets == whole.octets, "call \(call)")
    }
  }

  /// The way back fails too: each device is where it says it is.
  @Test(arguments: [false, true])
  func everythingFromACallOn(preCopy: Bool) throws {
    let calls = try Self.stream(preCopy: preCopy).calls
    for call in 0..<calls {
      let (log, script) = (SinkLog(), SaveScript())
      script.fault = .callsFrom(call)
      var control = try Saving.machine(script)
      #expect(Self.save(&control, log, preCopy: preCopy).phase == .failed)
      #expect(!StreamSummary(log.octets).isWhole)
      Self.expectTruth(control, "call \(call)")
    }
  }

  @Test(arguments: [false, true], [0, 1, 63, 1 << 20])
  func everyWriteOfTheSink(preCopy: Bool, taken: Int) throws {
    let whole = try Self.stream(preCopy: preCopy)
    for write in 0..<whole.writes {
      let log = SinkLog()
      log.failing = write
      log.takenOfFailing = taken
      var control = try Saving.machine()
      let (phase, error) = Self.save(&control, log, preCopy: preCopy)
      #expect(error == LogSink.failure, "write \(write)")
      // Nothing is written after it, no ABORT either.
      #expect(log.writes == write + 1, "write \(write)")
      let isEnd = write == whole.writes - 1
      #expect(phase == (isEnd ? .limbo : .failed), "write \(write)")
      #expect(StreamSummary(log.octets).isWhole == (isEnd && taken == 1 << 20), "write \(write)")
      let state = isEnd ? MigrationState.stopCopy : .running
      #expect(Saving.states(control) == Array(repeating: state, count: 4), "write \(write)")
      Self.expectTruth(control, "write \(write)")
    }
  }

  /// A device that says it is done although the sink took nothing.
  @Test func sinkErrorsAreNotForgotten() throws {
    let whole = try Self.stream(preCopy: true)
    for write in 0..<whole.writes - 1 {
      let (log, script) = (SinkLog(), SaveScript())
      script.fault = .swallowsSinkErrors
      log.failing = write
      var control = try Saving.machine(script)
      let (phase, error) = Self.save(&control, log, preCopy: true)
      #expect(phase == .failed && error == LogSink.failure && log.writes == write + 1, "write \(write)")
    }
  }

  @Test(arguments: [
    (SaveScript.Fault.leavesUnitOpen, StreamError.Code.badUnit),
    (.forgetsLast, .incompleteBytes),
    (.sendsSectionTwice, .duplicateSection),
  ])
  func devicesThatBreakTheRules(_ fault: SaveScript.Fault, _ code: StreamError.Code) throws {
    let (log, script) = (SinkLog(), SaveScript())
    script.fault = fault
    var control = try Saving.machine(script)
    let (phase, error) = Self.save(&control, log, preCopy: true)
    #expect(phase == .failed && error?.code == code)
    let summary = StreamSummary(log.octets)
    #expect(summary.error?.code == .aborted && summary.error?.found == 6)
    // The unit that was open is a transaction of its own, and so is ABORT.
    #expect(log.open.isEmpty)
    #expect(Saving.states(control) == Array(repeating: .running, count: 4))
  }

  /// All allocations fail in turn, and nothing stays held.
  @Test func everyAllocation() throws {
    let (log, counter) = (SinkLog(), CountingAllocator())
    var control = try Saving.machine()
    func run(_ counter: CountingAllocator) -> StreamError? {
      do throws(StreamError) {
        var save = try SaveSession(
          &control, LogSink(log), Saving.options(preCopy: true), allocator: counter.allocator)
        try save.run(&control, until: .passEnded)
        try save.stop(&control)
        try save.run(&control)
        try save.finish(&control)
        try save.resumeHere(&control, because: .saidByOperator)
        return nil
      } catch {
        return error
      }
    }
    #expect(run(counter) == nil)
    #expect(counter.calls > 10 && counter.live == 0)
    for call in 0..<counter.calls {
      let failing = CountingAllocator(refusing: call)
      #expect(run(failing)?.code == .outOfMemory, "allocation \(call)")
      #expect(failing.live == 0, "allocation \(call)")
      #expect(Saving.states(control) == Array(repeating: .running, count: 4), "allocation \(call)")
    }
    #expect(run(CountingAllocator()) == nil)
  }

  private static func expectTruth(_ control: borrowing MigrationControl<SaveFakeDevices>, _ place: String) {
    for device in 0..<4 where control.state(of: device) != .error {
      #expect(control.state(of: device) == control.devices.devices[device].state, "\(place), device \(device)")
    }
  }
}
