import MigrationStream
import ResumePath
import StreamTestKit
import Testing

/// A machine that took a stream gives the same one.
@Suite struct SaveAgainTests {
  private static func stream(
    _ control: inout MigrationControl<SaveFakeDevices>, preCopy: Bool, seed: UInt64 = 0
  ) throws -> [UInt8] {
    let log = SinkLog()
    var random = SeededGenerator(seed: seed)
    var save = try SaveSession(&control, LogSink(log), Saving.options(preCopy: preCopy))
    for _ in 0..<(preCopy ? random.pick(0...30) : 0) {
      _ = try save.step(&control)
      if random.once(in: 3) {
        control.devices.write(0, page: random.pick(0...2), UInt8(random.pick(0...255)))
        control.devices.write(1, page: random.pick(0...1), UInt8(random.pick(0...255)))
      }
    }
    try save.stop(&control)
    try save.run(&control)
    try save.finish(&control)
    // The other side runs; this one is reset, as a pool does.
    try save.handOver(&control)
    return log.octets
  }

  private static func resume(
    _ octets: [UInt8], _ control: inout MigrationControl<SaveFakeDevices>
  ) throws(StreamError) {
    let handle = try control.open()
    var start = 0
    while start < octets.count {
      start += try control.write(octets.span.octets.extracting(start..<min(start + 1000, octets.count)), handle)
    }
    try control.finish(handle)
    _ = try control.request(MigrationState.running.rawValue)
  }

  @Test(arguments: 0..<20)
  func resumedGivesTheSame(seed: Int) throws {
    var source = try Saving.machine()
    let first = try Self.stream(&source, preCopy: true, seed: UInt64(seed))
    var destination = try Saving.machine()
    // What it had before does not shine through.
    for device in 0...1 {
      let memory = destination.devices.devices[device].memory
      for index in 0..<memory.count { memory[index] = 0x55 }
    }
    destination.devices.devices[1].value = 0
    destination.devices.devices[2].count = 0
    try Self.resume(first, &destination)
    for device in 0..<4 {
      let (there, here) = (source.devices.devices[device], destination.devices.devices[device])
      #expect(there.memory.octets == here.memory.octets && there.value == here.value, "seed \(seed), device \(device)")
      #expect(there.count == here.count && there.byteString == here.byteString, "seed \(seed), device \(device)")
    }
    source.reset()
    #expect(
      try Self.stream(&destination, preCopy: false) == Self.stream(&source, preCopy: false), "seed \(seed)")
  }

  /// What a transaction sink cuts is what a strict destination wants; any other cut it refuses.
  @Test(arguments: [false, true], [false, true])
  func strictDestinationsAreFedExactly(preCopy: Bool, isCut: Bool) throws {
    var source = try Saving.machine()
    let transactions = try SaveTransactionTests.transactions(&source, preCopy: preCopy)
    let other = try Saving.machine()
    var options = ResumeOptions()
    options.isStrict = true
    var destination = try MigrationControl(SaveFakeDevices(other.devices.devices), options: options)
    let handle = try destination.open()
    var refusal: StreamError?
    do throws(StreamError) {
      for (index, transaction) in transactions.enumerated() {
        let end = isCut && index == 5 ? transaction.count - 8 : transaction.count
        _ = try destination.write(transaction.span.octets.extracting(..<end), handle)
      }
      try destination.finish(handle)
    } catch { refusal = error }
    #expect(refusal?.code == (isCut ? .badUnit : nil))
  }
}
