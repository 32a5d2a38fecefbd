import Foundation
import MigrationStream
import ResumePath
import StreamTestKit
import Testing

/// CI sets MIGSTREAM_LONG_TESTS: every octet, where a developer's run takes every seventh and those around borders.
private let isLongRun = ProcessInfo.processInfo.environment["MIGSTREAM_LONG_TESTS"] != nil

/// What holds for every cut, every damage and every failure.
@Suite struct SessionPropertyTests {
  /// The usual machine with little memory.
  static let machine: FakeSetup = {
    var machine = FakeSetup.usual
    for region in machine.regions.indices { machine.regions[region].byteCount = 8192 }
    return machine
  }()

  /// A stream with every step, short enough to be cut everywhere.
  static let small: FakeStream = {
    var stream = FakeStream()
    stream.setup = machine
    stream.steps = [
      .memory(0, 0, .ramp(100)),
      .extents(1, [Extent(offset: 8, length: 30, kind: .data), Extent(offset: 4096, length: 4096, kind: .zero)], .ramp(30)),
      .section(0, 0, layout: 0, FakeStream.state(control: 0)), .barrier,
      .memory(0, 100, [UInt8](repeating: 9, count: 300), compresses: true),
      .bytes(1, .ramp(30), FakeStream.whole | RecordFlags.last),
      .bytes(2, .ramp(20), RecordFlags.unitFirst), .bytes(2, .ramp(5), RecordFlags.unitLast | RecordFlags.last),
      .bytes(0, .ramp(4), FakeStream.whole | RecordFlags.last),
      .section(
        0, 0, layout: 0, FakeStream.state(control: 3), subsections: [FakeStream.subsection(.u64(12))], replaces: true),
      .section(0, 1, layout: 2, .u64(99)), .section(1, 0, layout: 3, .joined(.u32(8), .u32(11))),
    ]
    return stream
  }()

  /// Positions to cut or damage a stream at, `first` and up.
  static func positions(_ octets: [UInt8], _ records: [Int], from first: Int) -> [Int] {
    (first..<octets.count).filter { position in
      isLongRun || position % 7 == 3 || records.contains { abs($0 - position) <= 1 || $0 + 64 == position }
    }
  }

  /// Everything that a stream left.
  struct Outcome: Equatable {
    var error: StreamError?
    var states: [MigrationState]
    var applied: [Int: FakeDevices.State]
    var forwarded: [Int: [UInt8]]
    /// Digests.
    var memory: [UInt64]
    var offset: UInt64

    init(_ control: borrowing FakeControl, _ error: StreamError?) {
      self.error = error
      var states: [MigrationState] = []
      for device in 0..<3 { states.append(control.state(of: device)) }
      self.states = states
      (applied, forwarded) = (control.devices.applied, control.devices.forwarded)
      memory = error == nil ? [control.devices.memoryDigest, control.devices.stringDigest] : []
      offset = control.offset
    }
  }

  static func outcome(
    _ octets: [UInt8], cuts: [Int], _ setup: FakeSetup = machine, options: ResumeOptions = ResumeOptions()
  ) throws -> Outcome {
    var control = try FakeControl.fake(setup, options: options)
    let error = refusal { () throws(StreamError) in
      let handle = try control.open()
      var start = 0
      for end in cuts + [octets.count] {
        let count = try control.write(octets.span.octets.extracting(start..<end), handle)
        #expect(count == end - start)
        start = end
      }
      try control.finish(handle)
    }
    return Outcome(control, error)
  }

  @Test func everySplit() throws {
    let (octets, records) = try Self.small.encoded()
    let whole = try Self.outcome(octets, cuts: [])
    #expect(whole.error == nil)
    for cut in Self.positions(octets, records, from: 1) { #expect(try Self.outcome(octets, cuts: [cut]) == whole, "cut at \(cut)") }
    for size in [1, 3, 64, 100] {
      #expect(try Self.outcome(octets, cuts: Array(stride(from: size, to: octets.count, by: size))) == whole)
    }
  }

  @Test func everyPrefix() throws {
    let (octets, records) = try Self.small.encoded()
    var control = try FakeControl.fake(Self.machine)
    for count in Self.positions(octets, records, from: 0) {
      let handle = try control.open()
      try control.deliver(Array(octets[0..<count]), handle)
      #expect(control.status == .open)
      let error = refusal { () throws(StreamError) in try control.finish(handle) }
      #expect(error?.code == .truncated, "\(count)")
      #expect(error?.offset == UInt64(count))
      #expect(control.allStates == [.error, .error, .error])
      #expect(control.devices.applied == [:])
      control.reset()
      #expect(control.devices.isBlank == true)
    }
    try control.resume(octets)
  }

  /// One bit in each octet; all splits of a damaged stream say the same.
  @Test func everyFlip() throws {
    let (octets, records) = try Self.small.encoded()
    var control = try FakeControl.fake(Self.machine)
    for index in Self.positions(octets, records, from: 0) {
      var damaged = octets
      damaged[index] ^= 1 << UInt8(index % 8)
      let whole = refusal { () throws(StreamError) in try control.resume(damaged) }
      #expect(whole != nil, "octet \(index)")
      #expect(control.devices.applied == [:])
      #expect(control.allStates == [.error, .error, .error])
      #expect(control.status == .poisoned(try #require(whole)))
      control.reset()
      let parts = refusal { () throws(StreamError) in try control.resume(damaged, size: 37) }
      #expect(parts == whole, "octet \(index)")
      control.reset()
      #expect(control.devices.isBlank == true)
    }
    try control.resume(octets)
  }

  /// The same error each time, nothing taken, nothing called.
  @Test func poisonStays() throws {
    let octets = try Self.small.encoded().octets
    for index in stride(from: 3, to: octets.count, by: 41) {
      let log = FakeLog()
      var damaged = octets
      damaged[index] ^= 0x10
      var control = try FakeControl.fake(Self.machine, log: log)
      let handle = try control.open()
      let first = try #require(refusal { () throws(StreamError) in try control.deliver(damaged, handle, size: 50) })
      let (calls, offset, compatibility) = (log.calls, control.offset, control.compatibility)
      for again in [damaged, octets, [0]] {
        #expect(SessionTests.refusalOfWrite(&control, handle, again) == first)
      }
      #expect(refusal { () throws(StreamError) in try control.finish(handle) } == first)
      #expect(refusal { () throws(StreamError) in try control.abort(handle) } == first)
      #expect(refusal { () throws(StreamError) in _ = try control.open() }?.code == .stateRefused)
      #expect(log.calls == calls)
      #expect((control.offset, control.compatibility) == (offset, compatibility))
      #expect(control.status == .poisoned(first))
    }
  }

  /// Whatever call of a device fails, nothing takes effect by halves that may not.
  @Test(arguments: [true, false])
  func everyDeviceFailure(_ isBroken: Bool) throws {
    let octets = try Self.small.encoded().octets
    let counting = FakeLog()
    var whole = try FakeControl.fake(Self.machine, log: counting)
    try whole.resume(octets)
    for call in 0..<counting.calls.count {
      let log = FakeLog()
      (log.failing, log.isBroken) = (call, isBroken)
      var control = try FakeControl.fake(Self.machine, log: log)
      let error = try #require(refusal { () throws(StreamError) in try control.resume(octets) }, "call \(call)")
      #expect(error.code == .deviceFailed)
      #expect(error.found == 77)
      switch counting.calls[call] {
      case .move(let device, let arc) where arc.start != .resuming:
        // The walk to resuming: no session, and the truth of each device.
        #expect(control.status == .none)
        #expect(control.state(of: device) == (isBroken ? .error : arc.start))
      default:
        #expect(control.status == .poisoned(error))
        #expect(control.allStates == [.error, .error, .error])
      }
      if case .prepare = counting.calls[call] { #expect(control.devices.applied == [:]) }
      // The call that failed was the last one.
      #expect(log.calls == Array(counting.calls[0...call]))
      control.reset()
      #expect(control.devices.isBlank == true)
      log.failing = nil
      try control.resume(octets)
    }
  }

  /// Memory in small pieces is the same memory.
  @Test(arguments: [1, 7, 64])
  func lentByPieces(_ count: Int) throws {
    let log = FakeLog()
    log.lends = count
    var control = try FakeControl.fake(log: log)
    try control.resume(try FakeStream().encoded().octets)
    try SessionTests.expectUsual(control.devices)
  }

  @Test func nothingLent() throws {
    let log = FakeLog()
    log.lends = 0
    var control = try FakeControl.fake(Self.machine, log: log)
    #expect(refusal { () throws(StreamError) in try control.resume(Self.small.encoded().octets) }?.code == .deviceFailed)
    #expect(control.allStates == [.error, .error, .error])
  }
}
