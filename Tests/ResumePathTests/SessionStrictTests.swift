import MigrationStream
import ResumePath
import StreamTestKit
import Testing

/// Each write is one transaction of the source.
@Suite struct SessionStrictTests {
  private static var options: ResumeOptions {
    var options = ResumeOptions()
    options.isStrict = true
    return options
  }

  /// Where the transactions of the usual stream end: the two records of one write unit belong together.
  private static func borders(_ records: [Int], _ stream: FakeStream, count: Int) -> [Int] {
    var borders = records
    // The first record is MANIFEST, the layouts follow.
    let first = 1 + stream.layouts.count
    var isOpen = false
    for (number, step) in stream.steps.enumerated() {
      if isOpen { borders.removeAll { $0 == records[first + number] } }
      guard case .bytes(_, _, let flags, _) = step else { continue }
      isOpen = (isOpen || flags & RecordFlags.unitFirst != 0) && flags & RecordFlags.unitLast == 0
    }
    return borders
  }

  @Test func transactionByTransaction() throws {
    let stream = FakeStream()
    let (octets, records) = try stream.encoded()
    let borders = Self.borders(records, stream, count: octets.count)
    let strict = try SessionPropertyTests.outcome(octets, cuts: borders, .usual, options: Self.options)
    let loose = try SessionPropertyTests.outcome(octets, cuts: [], .usual)
    #expect(strict == loose)
    #expect(strict.error == nil)
  }

  /// A write unit reaches an external device in one call; in stream mode record by record.
  @Test func writeUnits() throws {
    let stream = FakeStream()
    let (octets, records) = try stream.encoded()
    for isStrict in [true, false] {
      let log = FakeLog()
      var options = ResumeOptions()
      options.isStrict = isStrict
      var control = try FakeControl.fake(log: log, options: options)
      let handle = try control.open()
      var start = 0
      for end in Self.borders(records, stream, count: octets.count) + [octets.count] {
        try control.deliver(Array(octets[start..<end]), handle)
        start = end
      }
      try control.finish(handle)
      let writes = log.calls.compactMap { call -> [UInt8]? in
        if case .write(_, _, let octets) = call { octets } else { nil }
      }
      let last = [UInt8](repeating: 3, count: 1000)
      #expect(writes == (isStrict ? [.ramp(200) + .ramp(50), last] : [.ramp(200), .ramp(50), last]))
    }
  }

  /// Every other border is refused where the transaction ended, or where the octets did.
  @Test func everyOtherSplit() throws {
    let stream = SessionPropertyTests.small
    let (octets, records) = try stream.encoded()
    let borders = Self.borders(records, stream, count: octets.count)
    for cut in SessionPropertyTests.positions(octets, records, from: 1) where !borders.contains(cut) {
      let cuts = (borders.filter { $0 < cut } + [cut])
      let outcome = try SessionPropertyTests.outcome(octets, cuts: cuts + borders.filter { $0 > cut }, options: Self.options)
      #expect(outcome.error?.code == .badUnit, "cut at \(cut)")
      #expect(outcome.error?.offset == UInt64(cut), "cut at \(cut)")
      #expect(outcome.applied.isEmpty)
    }
    for missing in borders {
      let outcome = try SessionPropertyTests.outcome(octets, cuts: borders.filter { $0 != missing }, options: Self.options)
      #expect(outcome.error?.code == .badUnit)
      #expect(outcome.error?.offset == UInt64(missing), "no cut at \(missing)")
    }
  }

  /// Nothing behind the transaction was looked at.
  @Test func nothingBehindIsTouched() throws {
    let stream = SessionPropertyTests.small
    let (octets, records) = try stream.encoded()
    let log = FakeLog()
    var control = try FakeControl.fake(SessionPropertyTests.machine, log: log, options: Self.options)
    let handle = try control.open()
    var start = 0
    for end in records[0...5] {
      try control.deliver(Array(octets[start..<end]), handle)
      start = end
    }
    let calls = log.calls
    let garbage = Array(octets[start..<records[6]]) + [UInt8](repeating: 0xff, count: 200)
    let error = SessionTests.refusalOfWrite(&control, handle, garbage)
    #expect(error?.code == .badUnit)
    #expect(error?.offset == UInt64(records[6]))
    #expect((error?.expected, error?.found) == (UInt64(records[6] - start), UInt64(garbage.count)))
    #expect(control.offset == UInt64(records[6]))
    #expect(log.calls.count == calls.count + 1)
  }

  @Test func inPlaceIsNotStrict() throws {
    let (octets, records) = try FakeStream().encoded()
    var control = try FakeControl.fake(options: Self.options)
    let handle = try control.open()
    try control.deliver(Array(octets[0..<records[0]]), handle)
    #expect(try control.writeInPlace(byteCount: 10, handle) { _ in 1 } == nil)
  }
}
