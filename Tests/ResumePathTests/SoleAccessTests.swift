import MigrationStream
import ResumePath
import StreamTestKit
import Testing

/// Several threads use one session: the result is that of some order, or somebody was told that it is busy.
@Suite struct SoleAccessTests {
  private final class Machine: Sendable {
    let access: SoleAccess<FakeControl>

    init() throws(StreamError) { access = try SoleAccess(FakeControl.fake()) }
  }

  @Test func writersTogether() async throws {
    let octets = try FakeStream().encoded().octets
    let machine = try Machine()
    let handle = try machine.access.withAccess { (control) throws(StreamError) in try control.open() }
    let busy = await withTaskGroup(of: Int.self) { group in
      for size in [61, 64, 7, 500] {
        group.addTask { Self.write(octets, size, machine, handle) }
      }
      return await group.reduce(0, +)
    }
    #expect(busy >= 0)
    try machine.access.withAccess { (control) throws(StreamError) in
      #expect(control.offset == UInt64(octets.count))
      try control.finish(handle)
      #expect(control.status == .committed)
    }
    try machine.access.withAccess { (control) throws(StreamError) in
      do { try SessionTests.expectUsual(control.devices) } catch { Issue.record(error) }
    }
  }

  /// Where the stream is, and the octets from there, under one lock.
  ///
  /// - Returns: How often another writer was there.
  private static func write(_ octets: [UInt8], _ size: Int, _ machine: Machine, _ handle: SessionHandle) -> Int {
    var busy = 0
    while true {
      do throws(StreamError) {
        let isDone = try machine.access.withAccess { (control) throws(StreamError) in
          let start = Int(control.offset)
          let end = min(start + size, octets.count)
          #expect(try control.write(octets.span.octets.extracting(start..<end), handle) == end - start)
          return end == octets.count
        }
        if isDone { return busy }
      } catch {
        #expect(error == StreamError(.sessionBusy, .resume, at: 0))
        busy += 1
      }
    }
  }

  @Test func lentOnce() throws {
    let machine = try Machine()
    try machine.access.withAccess { (control) throws(StreamError) in
      let inner = refusal { () throws(StreamError) in
        try machine.access.withAccess { (_) throws(StreamError) in _ = Issue.record("lent twice") }
      }
      #expect(inner == StreamError(.sessionBusy, .resume, at: 0))
      _ = try control.open()
    }
    // An error gives it back too.
    let thrown = refusal { () throws(StreamError) in
      try machine.access.withAccess { (control) throws(StreamError) in _ = try control.open() }
    }
    #expect(thrown?.code == .sessionBusy)
    try machine.access.withAccess { (control) throws(StreamError) in #expect(control.status == .open) }
  }

  @Test func memory() throws {
    let counter = CountingAllocator()
    do {
      let access = try SoleAccess(FakeControl.fake(allocator: counter.allocator), allocator: counter.allocator)
      try access.withAccess { (control) throws(StreamError) in _ = try control.open() }
    }
    #expect(counter.live == 0)
    let failing = CountingAllocator(refusing: 0)
    #expect(refusal { () throws(StreamError) in _ = try SoleAccess(5, allocator: failing.allocator) }?.code == .outOfMemory)
  }
}
