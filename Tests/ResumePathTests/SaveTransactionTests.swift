import MigrationStream
import ResumePath
import StreamTestKit
import Testing

/// What a sink gets in one go, for readers that want each write to be one transaction.
@Suite struct SaveTransactionTests {
  /// All octets of a save, taken one transaction at a time after each step.
  static func transactions(
    _ control: inout MigrationControl<SaveFakeDevices>, preCopy: Bool, allocator: StreamAllocator = .system
  ) throws(StreamError) -> [[UInt8]] {
    var taken: [[UInt8]] = []
    func take(_ sink: inout TransactionSink) {
      while sink.count > 0 {
        taken.append(Saving.octets(sink.first))
        sink.removeFirst()
      }
      #expect(Saving.octets(sink.first).isEmpty)
    }
    var save = try SaveSession(
      &control, TransactionSink(allocator: allocator), Saving.options(preCopy: preCopy), allocator: allocator)
    while try save.step(&control) == .more { save.withSink(take) }
    try save.stop(&control)
    while try save.step(&control) != .done { save.withSink(take) }
    try save.finish(&control)
    save.withSink(take)
    return taken
  }

  @Test(arguments: [false, true])
  func eachIsOneGroupOfRecords(preCopy: Bool) throws {
    var control = try Saving.machine()
    let transactions = try Self.transactions(&control, preCopy: preCopy)
    #expect(transactions[0].count == Preamble.byteCount)
    var records = 0
    for transaction in transactions.dropFirst() {
      let flags = Self.flags(transaction)
      records += flags.count
      guard flags.count > 1 else { continue }
      // The records of a write unit: it starts with the first and ends with the last.
      for (index, flags) in flags.enumerated() {
        #expect((flags & RecordFlags.unitFirst != 0) == (index == 0))
        #expect((flags & RecordFlags.unitLast != 0) == (index == Self.flags(transaction).count - 1))
      }
    }
    let summary = StreamSummary(transactions.flatMap { $0 })
    #expect(summary.isWhole && summary.records.count == records)
  }

  /// Flags of the records that octets consist of.
  private static func flags(_ octets: [UInt8]) -> [UInt16] {
    var flags: [UInt16] = []
    var start = 0
    let span = octets.span.octets
    while start < octets.count {
      flags.append(span.integer(at: start + 6, as: UInt16.self))
      let (body, payload) = (
        span.integer(at: start + 24, as: UInt64.self), span.integer(at: start + 40, as: UInt64.self)
      )
      start += 64 + Int(body + payload) + Int(octets[start + 10]) + Int(octets[start + 11])
    }
    #expect(start == octets.count)
    return flags
  }

  /// A window of one octet less than the largest transaction refuses it, whole, and nothing of it stays.
  @Test func aUnitLargerThanTheWindow() throws {
    var control = try Saving.machine()
    let largest = try Self.transactions(&control, preCopy: false).map(\.count).max() ?? 0
    for (window, code) in [(largest, nil), (largest - 1, StreamError.Code.windowTooSmall)] {
      var control = try Saving.machine()
      var refusal: StreamError?
      do throws(StreamError) {
        var save = try SaveSession(
          &control, TransactionSink(transactionByteCountMax: window), Saving.options())
        try save.stop(&control)
        try save.run(&control)
        try save.finish(&control)
      } catch { refusal = error }
      #expect(refusal?.code == code)
      guard let refusal else { continue }
      #expect(refusal.expected == UInt64(window) && refusal.found == UInt64(largest))
      #expect(Saving.states(control) == Array(repeating: .running, count: 4))
    }
  }

  @Test func nobodyTakesThem() throws {
    var control = try Saving.machine()
    var refusal: StreamError?
    do throws(StreamError) {
      var save = try SaveSession(&control, TransactionSink(byteCountMax: 10_000), Saving.options())
      try save.stop(&control)
      try save.run(&control)
    } catch { refusal = error }
    #expect(refusal?.code == .limitExceeded && refusal?.expected == 10_000)
  }

  /// A reader that always leaves one behind gets all of them, in memory of a few.
  @Test func oneIsLeftBehind() throws {
    let counter = CountingAllocator()
    var sink = TransactionSink(byteCountMax: 1024, allocator: counter.allocator)
    for number in 0..<UInt8(200) {
      let octets = [UInt8](repeating: number, count: 100)
      try sink.write(GatherList(octets.span.octets))
      guard number > 0 else { continue }
      #expect(Saving.octets(sink.first) == [UInt8](repeating: number - 1, count: 100))
      sink.removeFirst()
    }
    #expect(sink.count == 1 && counter.peak < 4096)
  }

  /// Memory is that of what one step gave, not of the stream.
  @Test func memoryOfTheSink() throws {
    var device = SaveFakeDevices.Device()
    device.memory = FakeMemory(.ramp(64 * 4096))
    var control = try MigrationControl(SaveFakeDevices([device]))
    let counter = CountingAllocator()
    let octets = try Self.transactions(&control, preCopy: false, allocator: counter.allocator).flatMap { $0 }
    #expect(octets.count > 64 * 4096 && counter.peak < 100_000)
  }
}
