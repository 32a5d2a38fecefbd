import MigrationStream
import ResumePath
import StreamTestKit
import Testing

/// The straight way, and what each call says before and after it.
@Suite struct SessionTests {
  @Test func straightWay() throws {
    let log = FakeLog()
    var control = try FakeControl.fake(log: log)
    let stream = try FakeStream().encoded().octets
    let handle = try control.open()
    #expect(control.allStates == [.resuming, .resuming, .resuming])
    #expect(control.status == .open)
    try control.deliver(stream, handle)
    #expect(control.status == .complete)
    #expect(control.compatibility == .compatible)
    #expect(control.offset == UInt64(stream.count))
    #expect(control.devices.applied == [:])
    try control.finish(handle)
    #expect(control.status == .committed)
    #expect(control.allStates == [.stop, .stop, .stop])
    try Self.expectUsual(control.devices)
    #expect(try control.request(MigrationState.running.rawValue) == nil)
    #expect(control.allStates == [.running, .running, .running])
  }

  /// What ``FakeStream/usualSteps`` leave.
  static func expectUsual(_ devices: borrowing FakeDevices) throws {
    let ram = devices.memory(of: 0)
    #expect(ram[0..<4096] == [UInt8].ramp(4096)[...])
    #expect(ram[4096..<8192].allSatisfy { $0 == 9 })
    let vram = devices.memory(of: 1)
    #expect(Array(vram[16..<116]) == Array([UInt8].ramp(161)[0..<100]))
    #expect(Array(vram[8192..<8253]) == Array([UInt8].ramp(161)[100...]))
    #expect(Array(devices.byteString(of: 1)[0..<377]) == .ramp(300) + .ramp(77))
    #expect(devices.forwarded[2] == .ramp(200) + .ramp(50) + [UInt8](repeating: 3, count: 1000))
    #expect(
      devices.applied[0]
        == FakeDevices.State(
          pieces: [
            .init(isSubsection: false, number: 0, owner: -1, data: FakeStream.state(control: 3)),
            .init(isSubsection: true, number: 0, owner: 0, data: .u64(12)),
            .init(isSubsection: false, number: 1, owner: -1, data: .u64(99)),
          ], byteString: .ramp(40)))
    #expect(
      devices.applied[1]?.pieces == [.init(isSubsection: false, number: 0, owner: -1, data: .joined(.u32(8), .u32(11)))])
    #expect(devices.applied[2] == FakeDevices.State())
  }

  // MARK: Handles

  @Test func openOnce() throws {
    var control = try FakeControl.fake()
    let handle = try control.open()
    #expect(try control.request(MigrationState.resuming.rawValue) == nil)
    #expect(refusal { () throws(StreamError) in _ = try control.open() }?.code == .sessionBusy)
    #expect(control.status == .open)
    let stream = try FakeStream().encoded().octets
    try control.deliver(Array(stream[0..<1000]), handle)
    #expect(try control.request(MigrationState.resuming.rawValue) == nil)
    #expect(refusal { () throws(StreamError) in _ = try control.open() }?.code == .sessionBusy)
    #expect(control.offset == 1000)
    try control.deliver(Array(stream[1000...]), handle)
    try control.finish(handle)
  }

  @Test func handlesOfOthersTouchNothing() throws {
    let stream = try FakeStream().encoded().octets
    let log = FakeLog()
    var control = try FakeControl.fake(log: log)
    let first = try control.open()
    try control.deliver(Array(stream[0..<500]), first)
    control.reset()
    #expect(control.status == .none)
    Self.expectClosed(&control, first)
    let second = try control.open()
    #expect(second != first)
    let calls = log.calls
    Self.expectClosed(&control, first)
    #expect(log.calls == calls)
    #expect((control.status, control.offset) == (.open, 0))
    try control.deliver(stream, second)
    Self.expectClosed(&control, first)
    try control.finish(second)
    Self.expectClosed(&control, first)
    // Its session is over, but what it said once it says again.
    try control.finish(second)
    #expect(Self.refusalOfWrite(&control, second)?.code == .sessionClosed)
    #expect(refusal { () throws(StreamError) in try control.abort(second) }?.code == .sessionClosed)
  }

  private static func expectClosed(_ control: inout FakeControl, _ handle: SessionHandle) {
    #expect(refusalOfWrite(&control, handle)?.code == .sessionClosed)
    #expect(refusal { () throws(StreamError) in try control.finish(handle) }?.code == .sessionClosed)
    #expect(refusal { () throws(StreamError) in try control.abort(handle) }?.code == .sessionClosed)
    let place = refusal { () throws(StreamError) in
      _ = try control.writeInPlace(byteCount: 1, handle) { _ in
        Issue.record("called")
        return 0
      }
    }
    #expect(place?.code == .sessionClosed)
  }

  static func refusalOfWrite(_ control: inout FakeControl, _ handle: SessionHandle, _ octets: [UInt8] = [1]) -> StreamError? {
    refusal { () throws(StreamError) in _ = try control.write(octets.span.octets, handle) }
  }

  @Test func writesOfNothing() throws {
    var control = try FakeControl.fake()
    let handle = try control.open()
    let stream = try FakeStream().encoded().octets
    for octet in stream {
      #expect(try control.write(RawSpan(), handle) == 0)
      try control.deliver([octet], handle)
    }
    #expect(try control.write(RawSpan(), handle) == 0)
    try control.finish(handle)
  }

  // MARK: The end

  @Test func finishTwice() throws {
    let log = FakeLog()
    var control = try FakeControl.fake(log: log)
    let handle = try control.open()
    try control.deliver(try FakeStream().encoded().octets, handle)
    try control.finish(handle)
    let calls = log.calls
    try control.finish(handle)
    #expect(log.calls == calls)
    #expect(control.status == .committed)
  }

  @Test(arguments: [MigrationState.stop, .running, .stopCopy])
  func aRequestThatLeavesFinishesFirst(_ goal: MigrationState) throws {
    let log = FakeLog()
    var control = try FakeControl.fake(log: log)
    let handle = try control.open()
    try control.deliver(try FakeStream().encoded().octets, handle)
    #expect(try control.request(goal.rawValue) == nil)
    #expect(control.status == .committed)
    #expect(control.allStates == [goal, goal, goal])
    #expect(log.calls.filter { $0 == .commit(0) }.count == 1)
    try Self.expectUsual(control.devices)
  }

  @Test func refusedRequestsLeaveTheSession() throws {
    var control = try FakeControl.fake()
    let handle = try control.open()
    let stream = try FakeStream().encoded().octets
    try control.deliver(Array(stream[0..<1000]), handle)
    for goal in [0, 5, 6, 7, 8, 255, 0xabcd, UInt32.max] {
      #expect(refusal { () throws(StreamError) in _ = try control.request(goal) }?.code == .stateRefused)
      #expect((control.status, control.offset) == (.open, 1000))
      #expect(control.allStates == [.resuming, .resuming, .resuming])
    }
    try control.deliver(Array(stream[1000...]), handle)
    try control.finish(handle)
  }

  @Test(arguments: [true, false])
  func octetsBehindTheEnd(_ isOneWrite: Bool) throws {
    let stream = try FakeStream().encoded().octets
    for isExclusive in [true, false] {
      var control = try FakeControl.fake()
      let handle = try control.open()
      if isOneWrite {
        #expect(try control.write((stream + [0, 0]).span.octets, handle) == stream.count)
      } else {
        try control.deliver(stream, handle)
        #expect(try control.write([0].span.octets, handle) == 0)
      }
      let error = refusal { () throws(StreamError) in try control.finish(handle, exclusive: isExclusive) }
      guard isExclusive else {
        #expect(error == nil)
        continue
      }
      #expect(error?.code == .trailingData)
      #expect(error?.offset == UInt64(stream.count))
      #expect(control.allStates == [.error, .error, .error])
      // Asking again with other words changes nothing.
      #expect(refusal { () throws(StreamError) in try control.finish(handle, exclusive: false) } == error)
      #expect(control.devices.applied == [:])
    }
  }

  // MARK: Giving up

  @Test func leavingWithoutAnOctet() throws {
    for leaves in [true, false] {
      let log = FakeLog()
      var control = try FakeControl.fake(log: log)
      let handle = try control.open()
      let error = refusal { () throws(StreamError) in
        if leaves { _ = try control.request(MigrationState.running.rawValue) } else { try control.finish(handle) }
      }
      #expect(error == StreamError(.truncated, .resume, at: 0, expected: 64))
      #expect(control.allStates == [.error, .error, .error])
      #expect(control.status == .poisoned(try #require(error)))
      #expect(!log.calls.contains { if case .commit = $0 { true } else { false } })
      control.reset()
      try control.resume(try FakeStream().encoded().octets)
    }
  }

  @Test func abortWithoutAnOctet() throws {
    var control = try FakeControl.fake()
    let first = try control.open()
    try control.abort(first)
    #expect(control.status == .aborted)
    #expect(control.allStates == [.resuming, .resuming, .resuming])
    #expect(refusal { () throws(StreamError) in try control.finish(first) }?.code == .sessionClosed)
    let second = try control.open()
    #expect(second != first)
    try control.deliver(try FakeStream().encoded().octets, second)
    try control.finish(second)
  }

  @Test func abortOfNothingIsNotLeft() throws {
    var control = try FakeControl.fake()
    try control.abort(try control.open())
    let error = refusal { () throws(StreamError) in _ = try control.request(MigrationState.stop.rawValue) }
    #expect(error?.code == .truncated)
    #expect(control.allStates == [.error, .error, .error])
  }

  @Test func abortWithOctets() throws {
    let stream = try FakeStream().encoded().octets
    for count in [1, 64, 2000, stream.count] {
      var control = try FakeControl.fake()
      let handle = try control.open()
      try control.deliver(Array(stream[0..<count]), handle)
      try control.abort(handle)
      #expect(control.status == .aborted)
      #expect(control.allStates == [.error, .error, .error])
      #expect(refusal { () throws(StreamError) in try control.finish(handle) }?.code == .sessionClosed)
      #expect(refusal { () throws(StreamError) in _ = try control.open() }?.code == .stateRefused)
      #expect(control.devices.applied == [:])
      control.reset()
      #expect(control.devices.isBlank == true)
      try control.resume(stream)
    }
  }

  @Test func recovering() throws {
    let stream = try FakeStream().encoded().octets
    var control = try FakeControl.fake()
    // Nothing to recover from.
    #expect(control.recover(to: MigrationState.stop.rawValue) == false)
    #expect(control.allStates == [.stop, .stop, .stop])
    let handle = try control.open()
    var damaged = stream
    damaged[700] ^= 1
    let first = refusal { () throws(StreamError) in try control.deliver(damaged, handle) }
    #expect(first != nil)
    #expect(control.recover(to: MigrationState.stop.rawValue) == true)
    #expect(control.status == .poisoned(try #require(first)))
    #expect(control.allStates == [.running, .running, .running])
    #expect(Self.refusalOfWrite(&control, handle)?.code == .sessionClosed)
    #expect(control.devices.isBlank == true)
    // A request that cannot be granted is what made it necessary.
    #expect(control.recover(to: 99) == true)
    try control.resume(stream)
    #expect(control.status == .committed)
  }

  @Test func resetAnywhere() throws {
    let (stream, records) = try FakeStream().encoded()
    var cuts = Set(records.flatMap { [$0, $0 + 1, $0 + 63, $0 + 64, $0 + 70] } + [0, 1, stream.count - 1, stream.count])
    cuts = cuts.filter { $0 <= stream.count }
    var control = try FakeControl.fake()
    for cut in cuts.sorted() {
      let handle = try control.open()
      try control.deliver(Array(stream[0..<cut]), handle)
      control.reset()
      #expect(control.devices.isBlank == true, "\(cut)")
      #expect((control.status, control.offset, control.compatibility) == (.none, 0, .unknown))
      #expect(control.allStates == [.running, .running, .running])
    }
    try control.resume(stream)
    try Self.expectUsual(control.devices)
    control.reset()
    #expect(control.devices.isBlank == true)
  }
}
