import MigrationStream
import ResumePath
import StreamTestKit
import Testing

/// What a session asks its allocator for: nothing for requests, nothing that a claim alone makes large, and nothing left
/// after a reset.
@Suite struct ResumeMemoryTests {
  @Test func requestsAskForNothing() throws {
    let counting = CountingAllocator()
    var control = try FakeControl.fake(allocator: counting.allocator)
    let before = counting.calls
    for goal in [MigrationState.stop, .stopCopy, .stop, .running, .resuming] {
      _ = try control.request(goal.rawValue)
      #expect(control.state(of: 0) == goal)
      #expect(refusal { () throws(StreamError) in _ = try control.request(77) }?.code == .stateRefused)
    }
    control.reset()
    #expect(counting.calls == before)
  }

  @Test func aResetGivesEverythingBack() throws {
    let counting = CountingAllocator()
    let octets = try FakeStream().encoded().octets
    var control = try FakeControl.fake(allocator: counting.allocator)
    let baseline = counting.live
    for part in 0...20 {
      let handle = try control.open()
      try control.deliver(Array(octets.prefix(octets.count * part / 20)), handle)
      control.reset()
      #expect(counting.live == baseline, "\(part) of 20 parts")
      try control.resume(octets)
      #expect(counting.live == baseline)
      control.reset()
    }
  }

  /// Streams that claim much and bring little.
  enum Claim: CaseIterable {
    /// Advisory sizes of two to the 60.
    case estimates
    /// A record of 32 MiB for a staged device, of which 300 octets come.
    case payload
    /// 4 MiB of memory in a frame of some hundred octets, of which a half comes.
    case frame

    func octets() throws -> [UInt8] {
      var stream = FakeStream()
      var cut: Int?
      switch self {
      case .estimates: stream.setup.devices[1].initialByteCount = 1 << 60
      case .payload:
        stream.steps = [.bytes(0, [UInt8](repeating: 7, count: 32 << 20), FakeStream.whole | RecordFlags.last)]
        cut = 300
      case .frame:
        stream.steps = [
          .bytes(0, [UInt8](repeating: 7, count: 4 << 20), FakeStream.whole | RecordFlags.last, compresses: true)
        ]
        cut = 150
      }
      stream.steps += FakeStream.usualSteps.filter { step in
        if case .bytes(0, _, _, _) = step { false } else { true }
      }
      if self == .estimates { stream.steps = FakeStream.usualSteps }
      let (octets, records) = try stream.encoded()
      return cut.map { Array(octets.prefix(records[1 + FakeDevices.layouts.count] + $0)) } ?? octets
    }
  }

  @Test(arguments: Claim.allCases)
  func claimsAreNotBelieved(_ claim: Claim) throws {
    let octets = try claim.octets()
    let counting = CountingAllocator()
    var control = try FakeControl.fake(allocator: counting.allocator)
    let baseline = counting.live
    let handle = try control.open()
    try control.deliver(octets, handle, size: 4096)
    #expect(counting.peak - baseline < 512 << 10, "\(octets.count) octets came")
    control.reset()
    #expect(counting.live == baseline)
  }

  /// As much as is allowed to be staged: twice that, and what moves.
  @Test func stagedOctetsAreBounded() throws {
    let counting = CountingAllocator()
    var options = ResumeOptions()
    options.stagedBytesMax = 1 << 20
    var stream = FakeStream()
    stream.steps = (0..<40).map { _ in .bytes(0, [UInt8](repeating: 7, count: 64 << 10), FakeStream.whole) }
    stream.steps.append(.bytes(0, [1], FakeStream.whole | RecordFlags.last))
    stream.steps += [
      .section(0, 0, layout: 0, FakeStream.state(control: 0)), .section(0, 1, layout: 2, .u64(99)),
      .section(1, 0, layout: 3, .joined(.u32(8), .u32(11))),
    ]
    let octets = try stream.encoded().octets
    var control = try FakeControl.fake(options: options, allocator: counting.allocator)
    let baseline = counting.live
    #expect(refusal { () throws(StreamError) in try control.resume(octets, size: 4096) }?.code == .limitExceeded)
    #expect(counting.peak - baseline < 4 << 20)
  }
}
