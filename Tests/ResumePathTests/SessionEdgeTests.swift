import MigrationStream
import ResumePath
import StreamTestKit
import Testing

/// Machines at the edge: without devices, and recovered to `resuming`.
@Suite struct SessionEdgeTests {
  // MARK: A machine of memory only

  private static let bare = FakeSetup(regions: [FakeSetup.Region(name: "ram")], devices: [])

  private static func stream() throws(StreamError) -> [UInt8] {
    var stream = FakeStream()
    (stream.setup, stream.layouts, stream.steps) = (bare, [], [.memory(0, 0, .ramp(5000))])
    return try stream.encoded().octets
  }

  @Test func memoryAlone() throws {
    var control = try FakeControl.fake(Self.bare)
    try control.resume(try Self.stream())
    #expect(control.status == .committed)
    #expect(control.devices.memory(of: 0)[0..<4096] == [UInt8].ramp(4096)[...])
    #expect(try control.request(MigrationState.running.rawValue) == nil)
    #expect(control.status == .committed)
  }

  /// No device is in `resuming`, but the session is: leaving it commits.
  @Test func memoryAloneIsNotLeftHalfway() throws {
    let stream = try Self.stream()
    for count in [0, 1, 64, stream.count - 1] {
      var control = try FakeControl.fake(Self.bare)
      let handle = try control.open()
      try control.deliver(Array(stream[0..<count]), handle)
      let left = refusal { () throws(StreamError) in _ = try control.request(MigrationState.running.rawValue) }
      #expect(left?.code == .truncated, "\(count)")
      #expect(control.status == left.map { .poisoned($0) })
    }
    var control = try FakeControl.fake(Self.bare)
    let handle = try control.open()
    try control.deliver(stream, handle)
    #expect(try control.request(MigrationState.running.rawValue) == nil)
    #expect(control.status == .committed)
    try control.finish(handle)
  }

  /// No device can be in `error`, but the machine is: only a reset lets it run.
  @Test func memoryAloneStaysRefused() throws {
    let stream = try Self.stream()
    for aborts in [false, true] {
      var control = try FakeControl.fake(Self.bare)
      let handle = try control.open()
      if aborts {
        try control.deliver(Array(stream[0..<100]), handle)
        try control.abort(handle)
      } else {
        let zeros = [UInt8](repeating: 0, count: 64)
        #expect(SessionTests.refusalOfWrite(&control, handle, zeros)?.code == .badMagic)
      }
      for goal in [MigrationState.running, .stop, .resuming] {
        let refused = refusal { () throws(StreamError) in _ = try control.request(goal.rawValue) }
        #expect(refused?.code == .stateRefused, "\(goal)")
      }
      control.reset()
      try control.resume(stream)
    }
  }

  // MARK: Arrays in arrays

  /// A device is told all of the way, also after gaps were closed.
  @Test func wholeTargetPath() throws {
    let grid = FakeSetup.Device(
      path: "grid", model: "test/grid", sections: [FakeSetup.Piece(name: "grid")],
      subsections: [FakeSetup.Piece(name: "spot")])
    let places: [(UInt32, UInt32)] = [(0, 1), (1, 0), (1, 1), (1, 2)]
    let spots = places.map { row, cell -> [UInt8] in
      .joined(
        .u32(48), .u16(0), .u16(0), .u32(1), .u16(2), .u16(0), .u64(8), .u32(0), .u32(row), .u32(1), .u32(cell),
        .u64(UInt64(10 * row + cell)))
    }
    let data = [UInt8].ramp(24)
    var stream = FakeStream()
    stream.setup.devices = [grid]
    stream.setup.regions = []
    stream.layouts.append(FakeDevices.grid)
    for passes in [1, 2, 5] {
      stream.steps = [.section(0, 0, layout: 4, data, subsections: spots)]
      for _ in 1..<passes {
        stream.steps += [.barrier, .section(0, 0, layout: 4, data, subsections: spots, replaces: true)]
      }
      var control = try FakeControl.fake(stream.setup)
      try control.resume(try stream.encoded().octets)
      let expected = places.map { row, cell in
        FakeDevices.Given(
          isSubsection: true, number: 0, owner: 0, path: [row, cell], data: .u64(UInt64(10 * row + cell)))
      }
      #expect(control.devices.applied[0]?.pieces.dropFirst().elementsEqual(expected) == true)
    }
  }

  // MARK: Recovered

  /// Who recovers gets no handle, so no session is opened that nobody could write to.
  @Test func recoveredToResuming() throws {
    let stream = try FakeStream().encoded().octets
    var control = try FakeControl.fake()
    #expect(control.recover(to: MigrationState.resuming.rawValue) == false)
    #expect(control.allStates == [.resuming, .resuming, .resuming])
    #expect(control.status == .none)
    let handle = try control.open()
    // One that is open goes on.
    try control.deliver(Array(stream[0..<500]), handle)
    #expect(control.recover(to: MigrationState.resuming.rawValue) == false)
    #expect((control.status, control.offset) == (.open, 500))
    try control.deliver(Array(stream[500...]), handle)
    try control.finish(handle)
  }

  /// Left without a session, the first error stays the one that is said.
  @Test func firstErrorOutlivesRecovery() throws {
    var control = try FakeControl.fake()
    #expect(control.recover(to: 99) == true)
    let first = control.status
    #expect(control.recover(to: MigrationState.resuming.rawValue) == false)
    let left = refusal { () throws(StreamError) in _ = try control.request(MigrationState.running.rawValue) }
    #expect(left?.code == .truncated)
    #expect(control.status == first)
    #expect(control.allStates == [.error, .error, .error])
  }
}
