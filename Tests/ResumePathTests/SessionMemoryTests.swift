import MigrationStream
import ResumePath
import StreamTestKit
import Testing

/// What memory a session takes, and what happens when there is none.
@Suite struct SessionMemoryTests {
  /// Entering and leaving states, opening and giving up: no memory is asked for.
  @Test func stateRequestsAllocateNothing() throws {
    let counter = CountingAllocator()
    var control = try FakeControl.fake(allocator: counter.allocator)
    let calls = counter.calls
    for goal in [MigrationState.stop, .running, .stopCopy, .stop, .running] { _ = try control.request(goal.rawValue) }
    let handle = try control.open()
    #expect(refusal { () throws(StreamError) in _ = try control.open() }?.code == .sessionBusy)
    #expect(refusal { () throws(StreamError) in _ = try control.request(99) }?.code == .stateRefused)
    try control.abort(handle)
    control.reset()
    _ = control.recover(to: MigrationState.stop.rawValue)
    #expect(counter.calls == calls)
  }

  /// Every allocation is refused in turn: an error that stays, nothing in effect, nothing leaks.
  @Test func everyAllocation() throws {
    let octets = try SessionPropertyTests.small.encoded().octets
    let counter = CountingAllocator()
    try Self.resume(octets, counter)
    #expect(counter.live == 0)
    for call in 0..<counter.calls {
      let failing = CountingAllocator(refusing: call)
      let error = refusal { () throws(StreamError) in try Self.resume(octets, failing) }
      #expect(error?.code == .outOfMemory, "allocation \(call)")
      #expect(failing.live == 0, "allocation \(call)")
      #expect(failing.calls == call + 1, "allocation \(call): asked again")
    }
  }

  private static func resume(_ octets: [UInt8], _ allocator: CountingAllocator) throws(StreamError) {
    var control = try FakeControl.fake(SessionPropertyTests.machine, allocator: allocator.allocator)
    let error = refusal { () throws(StreamError) in try control.resume(octets) }
    guard let error else { return }
    #expect(control.devices.applied == [:])
    #expect(control.allStates == [.error, .error, .error])
    #expect(control.status == .poisoned(error))
    control.reset()
    #expect(control.devices.isBlank == true)
    throw error
  }

  /// What a session took it gives back, however it ended.
  @Test func nothingIsKept() throws {
    let octets = try FakeStream().encoded().octets
    let counter = CountingAllocator()
    var control = try FakeControl.fake(allocator: counter.allocator)
    let idle = counter.live
    try control.resume(octets)
    #expect(counter.live <= idle + 4096)
    let committed = counter.live
    for _ in 0..<3 {
      var damaged = octets
      damaged[damaged.count - 9] ^= 1
      #expect(refusal { () throws(StreamError) in try control.resume(damaged) } != nil)
      #expect(counter.live <= committed)
      control.reset()
      #expect(counter.live <= committed)
    }
  }

  /// Replacing a section again and again keeps what is staged small.
  @Test func replacedSectionsGiveWay() throws {
    var stream = FakeStream()
    stream.setup.devices = [stream.setup.devices[0]]
    stream.setup.regions = []
    let setup = stream.setup
    stream.steps = [.section(0, 0, layout: 0, FakeStream.state(control: 0))]
    for pass in 0..<2000 {
      stream.steps += [.barrier, .section(0, 0, layout: 0, FakeStream.state(control: 2, level: UInt32(pass)), replaces: true)]
    }
    stream.steps.append(.section(0, 1, layout: 2, .u64(1)))
    let counter = CountingAllocator()
    var control = try FakeControl.fake(setup, allocator: counter.allocator)
    try control.resume(try stream.encoded().octets, size: 4096)
    #expect(control.devices.applied[0]?.pieces.first?.data == FakeStream.state(control: 2, level: 1999))
    #expect(counter.peak < 65536)
  }

  /// The limit counts what is staged at a time.
  @Test func stagedBytes() throws {
    var stream = SessionPropertyTests.small
    stream.steps.removeLast()
    stream.steps.insert(.section(1, 0, layout: 3, .joined(.u32(8), .u32(11))), at: stream.steps.count)
    let octets = try stream.encoded().octets
    // state 8, fifo 8, clock 8, head 8, and 4 of the byte string; before it was replaced, state 8 once more.
    for (limit, isRefused) in [(UInt64(36), false), (35, true), (12, true), (8, true), (7, true), (0, true)] {
      var options = ResumeOptions()
      options.stagedBytesMax = limit
      var control = try FakeControl.fake(SessionPropertyTests.machine, options: options)
      let error = refusal { () throws(StreamError) in try control.resume(octets) }
      #expect((error != nil) == isRefused, "limit \(limit): \(String(describing: error))")
      guard let error else { continue }
      #expect((error.code, error.stage) == (.limitExceeded, .resume))
      #expect(error.expected == limit)
      #expect(error.found > limit)
    }
  }

  /// Read by the caller to where it belongs: no octet of a payload goes through a buffer.
  @Test(arguments: [Int.max, 1000, 61, 1])
  func readIntoPlace(_ size: Int) throws {
    let octets = try FakeStream().encoded().octets
    var control = try FakeControl.fake()
    let handle = try control.open()
    var (position, placed) = (0, 0)
    while control.status == .open {
      let count = try control.writeInPlace(byteCount: size, handle) { memory in
        #expect(memory.byteCount <= size)
        memory.update(from: octets.span.octets.extracting(position..<(position + memory.byteCount)))
        return memory.byteCount
      }
      if let count {
        #expect(control.wantedByteCount == 0 || count > 0)
        (position, placed) = (position + count, placed + count)
      } else {
        let wanted = control.wantedByteCount
        #expect(wanted > 0)
        let end = min(position + min(size, wanted), octets.count)
        position += try control.write(octets.span.octets.extracting(position..<end), handle)
      }
    }
    #expect(position == octets.count)
    // All of `ram` and `vram` that came plain, and the byte string in place.
    #expect(placed == 5000 + 161 + 300 + 77)
    try control.finish(handle)
    try SessionTests.expectUsual(control.devices)
  }

  @Test func readIntoPlaceIsRefused() throws {
    let (octets, _) = try FakeStream().encoded()
    let log = FakeLog()
    var control = try FakeControl.fake(log: log)
    let handle = try control.open()
    var position = 0
    while control.wantedByteCount > 0 {
      position += try control.write(octets.span.octets.extracting(position..<(position + control.wantedByteCount)), handle)
    }
    // More than there is, and less than nothing: a wrong call, without effect.
    for wrong in [Int.max, 5001, -1, Int.min] {
      let error = refusal { () throws(StreamError) in _ = try control.writeInPlace(byteCount: 9000, handle) { _ in wrong } }
      #expect(error?.code == .wrongCall)
      #expect((control.status, control.offset) == (.open, UInt64(position)))
    }
    #expect(try control.writeInPlace(byteCount: 9000, handle) { _ in 0 } == 0)
    // Octets that are not those of the digest.
    let error = refusal { () throws(StreamError) in
      _ = try control.writeInPlace(byteCount: 9000, handle) { memory in
        #expect(memory.byteCount == 5000)
        return memory.byteCount
      }
    }
    #expect(error?.code == .digestMismatch)
    #expect(control.allStates == [.error, .error, .error])
    control.reset()
    #expect(control.devices.isBlank == true)
  }
}
