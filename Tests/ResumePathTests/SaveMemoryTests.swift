import MigrationStream
import ResumePath
import StreamTestKit
import Testing

/// What a save asks its allocator for.
@Suite struct SaveMemoryTests {
  /// A device that gives a page of 4096 octets, a section and a write unit each time it is asked.
  private static func machine() throws(StreamError) -> MigrationControl<SaveFakeDevices> {
    var device = SaveFakeDevices.Device()
    device.capabilities = [.stopCopy, .preCopy]
    device.memory = FakeMemory(.ramp(256 * 4096))
    (device.value, device.byteString) = (1, .ramp(5000))
    return try MigrationControl(SaveFakeDevices([device]))
  }

  /// Takes everything, and keeps nothing.
  private struct Drain: OctetSink {
    mutating func write(_ list: borrowing GatherList) throws(StreamError) {}
  }

  @Test func noAllocationPerRecord() throws {
    let counter = CountingAllocator()
    var control = try Self.machine()
    var save = try SaveSession(&control, Drain(), Saving.options(preCopy: true), allocator: counter.allocator)
    try save.run(&control, until: .passEnded)
    for page in 0..<256 { control.devices.write(0, page: page, 3) }
    let calls = counter.calls
    try save.run(&control, until: .passEnded)
    #expect(save.closedPassCount == 2 && counter.calls == calls)
    for page in 0..<256 { control.devices.write(0, page: page, 4) }
    try save.stop(&control)
    for _ in 0..<256 { #expect(try save.step(&control) == .more) }
    #expect(counter.calls == calls)
    // The section, the write unit and END lie in what the largest record so far took.
    try save.run(&control)
    try save.finish(&control)
    #expect(counter.calls == calls)
    #expect(counter.peak < 64 << 10)
  }

  /// Live octets are copied, however many a device gives at once, in pieces of at most 1 MiB.
  @Test func liveOctetsInPieces() throws {
    let (counter, log) = (CountingAllocator(), SinkLog())
    let large = [UInt8].ramp(2 << 20 | 17)
    var device = SaveFakeDevices.Device()
    device.capabilities = [.stopCopy, .preCopy]
    (device.memory, device.byteString, device.givesWhole) = (FakeMemory(large), large, true)
    var control = try MigrationControl(SaveFakeDevices([device]))
    var save = try SaveSession(&control, LogSink(log), Saving.options(preCopy: true), allocator: counter.allocator)
    #expect(try save.step(&control) == .more)
    try save.stop(&control)
    try save.run(&control)
    try save.finish(&control)
    let summary = StreamSummary(log.octets)
    #expect(summary.error == nil && summary.records == "Mmmm|bbbE")
    #expect(summary.memory == [large])
    #expect(counter.peak < 4 << 20)
    // One transaction for the write unit, although it has three records.
    #expect(log.transactions.count == 2 + 3 + 1 + 1 + 1)
  }
}
