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
    #expect(control.devices.applied.isEmpty)
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
}
