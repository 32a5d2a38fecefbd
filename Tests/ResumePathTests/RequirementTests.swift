import MigrationStream
import ResumePath
import StreamTestKit
import Testing

/// What a session promises, requirement by requirement; Tests/Mutations breaks each promise and wants a test to notice.
@Suite struct RequirementTests {
  private static func usual() throws -> [UInt8] { try FakeStream().encoded().octets }

  /// The usual stream with one step changed.
  private static func stream(_ change: (inout [FakeStream.Step]) -> Void) throws -> [UInt8] {
    var stream = FakeStream()
    change(&stream.steps)
    return try stream.encoded().octets
  }

  // MARK: F26, F43, F44: what is refused

  @Test func rightDigestsDoNotMakeRightValues() throws {
    // A number that the device compares with its own, 11.
    let octets = try Self.stream { steps in
      steps[13] = .section(1, 0, layout: 3, .joined(.u32(8), .u32(12)))
    }
    var control = try FakeControl.fake()
    #expect(refusal { () throws(StreamError) in try control.resume(octets) }?.code == .verifyMismatch)
    #expect(control.devices.applied.isEmpty)
  }

  @Test(arguments: [false, true])
  func duplicatesAreRefused(isIdentical: Bool) throws {
    // The encoder writes no such thing, so a record is put twice by hand: the second one's sequence repeats.
    let (octets, records) = try FakeStream().encoded()
    var doubled = octets
    let record = Array(octets[records[7]..<records[8]])
    var second = record
    if !isIdentical { second[second.count - 1] ^= 1 }
    doubled.insert(contentsOf: second, at: records[8])
    var control = try FakeControl.fake()
    let error = refusal { () throws(StreamError) in try control.resume(doubled) }
    #expect(error?.code == .badSequence)
    #expect(error?.code.failureClass == .fatalSession)
    #expect(control.devices.applied.isEmpty)
  }

  // MARK: F30: reset

  @Test(arguments: 0..<20)
  func resetAnywhere(_ part: Int) throws {
    let octets = try Self.usual()
    var control = try FakeControl.fake()
    let handle = try control.open()
    try control.deliver(Array(octets.prefix(octets.count * part / 19)), handle)
    control.reset()
    #expect(control.allStates == [.running, .running, .running])
    #expect(control.status == .none)
    let isBlank = control.devices.isBlank
    #expect(isBlank)
    #expect(refusal { () throws(StreamError) in try control.finish(handle) }?.code == .sessionClosed)
    try control.resume(octets)
    try SessionTests.expectUsual(control.devices)
  }

  // MARK: F38, F39: segments and transactions

  @Test(arguments: [1, 7, 64, 1000, Int.max])
  func anySegmentation(size: Int) throws {
    var control = try FakeControl.fake()
    try control.resume(try Self.usual(), size: size)
    try SessionTests.expectUsual(control.devices)
  }

  /// Where the transactions of the usual stream end: the preamble, each record, and the two records of one write unit as one.
  private static func transactions() throws -> [[UInt8]] {
    let (octets, records) = try FakeStream().encoded()
    var borders = [0] + records + [octets.count]
    // The unit of device 2 begins in step 7, behind MANIFEST and the layouts.
    borders.remove(at: 1 + 1 + FakeDevices.layouts.count + 7 + 1)
    return zip(borders, borders.dropFirst()).map { Array(octets[$0..<$1]) }
  }

  @Test func strictModeTakesTransactions() throws {
    var options = ResumeOptions()
    options.isStrict = true
    var control = try FakeControl.fake(options: options)
    let handle = try control.open()
    for transaction in try Self.transactions() { try control.deliver(transaction, handle) }
    try control.finish(handle)
    try SessionTests.expectUsual(control.devices)
  }

  /// Two in one, or one in two.
  @Test(arguments: 0..<10, [false, true])
  func strictModeRefusesOtherBorders(_ at: Int, isSplit: Bool) throws {
    var options = ResumeOptions()
    options.isStrict = true
    var transactions = try Self.transactions()
    if isSplit {
      let half = transactions[at].count / 2
      transactions.insert(Array(transactions[at].suffix(from: half)), at: at + 1)
      transactions[at] = Array(transactions[at].prefix(half))
    } else {
      transactions[at] += transactions.remove(at: at + 1)
    }
    var control = try FakeControl.fake(options: options)
    let handle = try control.open()
    let error = refusal { () throws(StreamError) in
      for transaction in transactions { try control.deliver(transaction, handle) }
    }
    #expect(error?.code == .badUnit)
    #expect(control.devices.applied.isEmpty)
  }

  // MARK: F45, F46, F51, F60: errors stay, and nothing is applied by halves

  @Test func poisonStays() throws {
    var octets = try Self.usual()
    octets[octets.count - 200] ^= 1
    var control = try FakeControl.fake()
    let handle = try control.open()
    let first = refusal { () throws(StreamError) in try control.deliver(octets, handle) }
    #expect(first != nil)
    let taken = control.offset
    #expect(first.map { control.status == .poisoned($0) } ?? false)
    #expect(control.allStates == [.error, .error, .error])
    for _ in 0..<3 {
      #expect(refusal { () throws(StreamError) in _ = try control.write(octets.span.octets, handle) } == first)
      #expect(refusal { () throws(StreamError) in try control.finish(handle) } == first)
    }
    #expect(control.offset == taken)
    #expect(control.devices.applied.isEmpty)
  }

  /// Neither the end of the input nor a request makes a part of a stream effective.
  @Test(arguments: [0, 1, 2, 3], [MigrationState.stop, .running, .stopCopy])
  func noPartIsApplied(quarters: Int, goal: MigrationState) throws {
    let octets = try Self.usual()
    let log = FakeLog()
    var control = try FakeControl.fake(log: log)
    let handle = try control.open()
    try control.deliver(Array(octets.prefix(octets.count * quarters / 4 + (quarters == 3 ? octets.count / 4 - 1 : 0))), handle)
    #expect(refusal { () throws(StreamError) in _ = try control.request(goal.rawValue) }?.code == .truncated)
    #expect(control.allStates == [.error, .error, .error])
    #expect(control.devices.applied.isEmpty)
    #expect(!log.calls.contains(.prepare(0)))
    #expect(!log.calls.contains(.commit(0)))
  }

  @Test func allPrepareBeforeOneCommits() throws {
    let log = FakeLog()
    var control = try FakeControl.fake(log: log)
    try control.resume(try Self.usual())
    let order = log.calls.filter { call in
      switch call {
      case .prepare, .commit: true
      default: false
      }
    }
    #expect(order == [.prepare(0), .prepare(1), .prepare(2), .commit(0), .commit(1), .commit(2)])
  }

  @Test func aRefusalToPrepareHasNoEffect() throws {
    let octets = try Self.usual()
    let log = FakeLog()
    var control = try FakeControl.fake(log: log)
    let handle = try control.open()
    try control.deliver(octets, handle)
    // The second of three.
    log.failing = log.calls.count + 1
    #expect(refusal { () throws(StreamError) in try control.finish(handle) }?.code == .deviceFailed)
    #expect(control.devices.applied.isEmpty)
    #expect(control.allStates == [.error, .error, .error])
  }

  /// All octets came, END too: nothing has happened yet.
  @Test func onlyFinishSaysSuccess() throws {
    let log = FakeLog()
    var control = try FakeControl.fake(log: log)
    let handle = try control.open()
    try control.deliver(try Self.usual(), handle)
    #expect(control.status == .complete)
    #expect(control.allStates == [.resuming, .resuming, .resuming])
    #expect(!log.calls.contains(.commit(0)))
    try control.finish(handle)
    try control.finish(handle)
    #expect(control.status == .committed)
    #expect(log.calls.filter { $0 == .commit(0) }.count == 1)
  }

  // MARK: F47: recover

  @Test func recoverKeepsTheFirstError() throws {
    var control = try FakeControl.fake()
    let handle = try control.open()
    let first = refusal { () throws(StreamError) in
      try control.deliver([UInt8](repeating: 1, count: 200), handle)
    }
    #expect(first?.code == .badMagic)
    let wasReset = control.recover(to: MigrationState.stop.rawValue)
    #expect(wasReset)
    #expect(control.allStates == [.running, .running, .running])
    #expect(first.map { control.status == .poisoned($0) } ?? false)
    let wasResetAgain = control.recover(to: MigrationState.stop.rawValue)
    #expect(!wasResetAgain)
    #expect(control.allStates == [.stop, .stop, .stop])
  }

  // MARK: F55: early compatibility

  @Test func theVerdictComesBeforeBulk() throws {
    let (octets, records) = try FakeStream().encoded()
    var control = try FakeControl.fake()
    let handle = try control.open()
    #expect(control.compatibility == .unknown)
    try control.deliver(Array(octets.prefix(records[1])), handle)
    #expect(control.compatibility == .compatible)

    var other = FakeSetup.usual
    other.devices[0].parameters[0].value = 19200
    let log = FakeLog()
    var elsewhere = try FakeControl.fake(other, log: log)
    let error = refusal { () throws(StreamError) in try elsewhere.resume(octets) }
    #expect(error?.code == .parameterRefused)
    #expect(elsewhere.offset <= UInt64(records[1]))
    #expect(error.map { elsewhere.compatibility == .refused($0) } ?? false)
    #expect(!log.calls.contains { if case .memory = $0 { true } else { false } })
  }

  // MARK: F57: handles

  @Test func handlesEndWithTheirSessions() throws {
    let octets = try Self.usual()
    var control = try FakeControl.fake()
    let first = try control.open()
    #expect(refusal { () throws(StreamError) in _ = try control.open() }?.code == .sessionBusy)
    try control.deliver(octets, first)
    try control.finish(first)
    #expect(refusal { () throws(StreamError) in _ = try control.write(octets.span.octets, first) }?.code == .sessionClosed)
    control.reset()
    let second = try control.open()
    #expect(first != second)
    #expect(refusal { () throws(StreamError) in _ = try control.write(octets.span.octets, first) }?.code == .sessionClosed)
    #expect(refusal { () throws(StreamError) in try control.abort(first) }?.code == .sessionClosed)
    #expect(control.status == .open)
    try control.deliver(octets, second)
    try control.finish(second)
    try SessionTests.expectUsual(control.devices)
  }

  // MARK: F42: classes

  @Test func refusedCallsLeaveTheSessionAlone() throws {
    let octets = try Self.usual()
    var control = try FakeControl.fake()
    let handle = try control.open()
    try control.deliver(Array(octets.prefix(500)), handle)
    for goal: UInt32 in [0, 6, 8, 255, 0xffff_fffe, .max] {
      let error = refusal { () throws(StreamError) in _ = try control.request(goal) }
      #expect(error?.code.failureClass == .rejectedNoEffect)
      #expect(error?.code.hostError == .einval)
      #expect(control.status == .open)
    }
    try control.deliver(Array(octets.dropFirst(500)), handle)
    try control.finish(handle)
    try SessionTests.expectUsual(control.devices)
  }
}
