import MigrationStream
import ResumePath
import StreamTestKit
import Testing

/// What devices say about sizes, which nobody believes; and when there is nothing at present.
@Suite struct SaveEstimateTests {
  private static func machine(_ script: SaveScript) throws(StreamError) -> MigrationControl<SaveFakeDevices> {
    var device = SaveFakeDevices.Device()
    device.capabilities = [.stopCopy, .preCopy]
    device.memory = FakeMemory(.ramp(4096))
    return try MigrationControl(SaveFakeDevices([device], script: script))
  }

  @Test func initialOctetsOnlyFall() throws {
    let script = SaveScript()
    var control = try Self.machine(script)
    script.estimate = SaveEstimate()
    var save = try SaveSession(&control, LogSink(SinkLog()), Saving.options(preCopy: true))
    for (claim, heard) in [(0, 0), (100, 100), (100, 100), (120, 100), (60, 60), (61, 60), (0, 0), (5, 0)] as [(UInt64, UInt64)] {
      script.estimate = SaveEstimate(initialByteCount: claim, dirtyByteCount: claim &* 3, stopCopyByteCount: 7)
      for _ in 0..<3 {
        #expect(
          save.estimate(control)
            == SaveEstimate(initialByteCount: heard, dirtyByteCount: claim &* 3, stopCopyByteCount: 7))
      }
    }
  }

  @Test func sumsStayNumbers() throws {
    let script = SaveScript()
    var control = try Saving.machine(script)
    let most = UInt64.max
    script.estimate = SaveEstimate(initialByteCount: most, dirtyByteCount: most, stopCopyByteCount: most)
    var save = try SaveSession(&control, LogSink(SinkLog()), Saving.options(preCopy: true))
    let claim = UInt64(1) << 56 - 1
    // Two of the four devices give state while they run.
    #expect(
      save.estimate(control)
        == SaveEstimate(initialByteCount: 2 * claim, dirtyByteCount: 2 * claim, stopCopyByteCount: 4 * claim))
    try save.stop(&control)
    #expect(save.estimate(control) == SaveEstimate(stopCopyByteCount: 4 * claim))
    try save.cancel(&control)
    #expect(save.estimate(control) == SaveEstimate())
  }

  /// Whatever a device claims, the stream is the same, and so is the memory that it takes.
  @Test(arguments: [0, 1, 4095, 1 << 20, UInt64.max])
  func aLieHarmsNothing(_ claim: UInt64) throws {
    func save(_ estimate: SaveEstimate?) throws -> (octets: [UInt8], peak: Int) {
      let (log, script, counter) = (SinkLog(), SaveScript(), CountingAllocator())
      script.estimate = estimate
      var control = try Saving.machine(script)
      var save = try SaveSession(
        &control, LogSink(log), Saving.options(preCopy: true), allocator: counter.allocator)
      try save.run(&control, until: .passEnded)
      try save.stop(&control)
      try save.run(&control)
      try save.finish(&control)
      return (log.octets, counter.peak)
    }
    let (truth, lie) = (
      try save(nil), try save(SaveEstimate(initialByteCount: claim, dirtyByteCount: claim, stopCopyByteCount: claim))
    )
    #expect(truth.octets == lie.octets)
    #expect(truth.peak == lie.peak)
  }

  @Test func nothingAtPresentIsNotTheEnd() throws {
    let (log, script) = (SinkLog(), SaveScript())
    var control = try Self.machine(script)
    script.fault = .saysMore
    var save = try SaveSession(&control, LogSink(log), Saving.options(preCopy: true))
    let octets = log.octets
    for _ in 0..<100 { #expect(try save.step(&control) == .noDataNow) }
    // No octet in all of pre-copy, and no empty pass.
    #expect(log.octets == octets && save.closedPassCount == 0)
    try save.stop(&control)
    for _ in 0..<100 { #expect(try save.step(&control) == .noDataNow) }
    #expect(log.octets == octets && save.phase == .stopCopy)
    #expect(throws: StreamError.self) { try save.finish(&control) }
    script.fault = .none
    try save.run(&control)
    // The end stays the end.
    for _ in 0..<3 { #expect(try save.step(&control) == .done) }
    try save.finish(&control)
    #expect(StreamSummary(log.octets).records == "MmE")
  }

  /// A device whose octets never end does not keep the others from their turn.
  @Test func turnsEnd() throws {
    let (log, script) = (SinkLog(), SaveScript())
    var control = try Saving.machine(script)
    script.estimate = SaveEstimate()
    var options = Saving.options(preCopy: true)
    options.turnByteCountMax = 10_000
    var save = try SaveSession(&control, LogSink(log), options)
    for _ in 0..<60 {
      control.devices.write(0, page: 1, 0xaa)
      if try save.step(&control) == .passEnded { break }
    }
    #expect(save.closedPassCount == 1)
    #expect(StreamSummary(log.octets).devices.contains(1))
  }
}
