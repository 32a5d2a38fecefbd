import BenchMachines
import CPeers
import MigrationStream
import ResumePath

/// The resume path: memory that is loaded by a session, small states that become effective, and requests for a state.
struct ResumeRows {
  let size: RunSize

  func run() throws {
    for chunk in [64 << 10, 1 << 20] { try place(chunk: chunk) }
    try commit("200 small devices", BenchShape(deviceCount: 200, stateByteCount: 256), budget: 2_000_000)
    try commit("a 20 KB microVM state in 5 devices", BenchShape(deviceCount: 5, stateByteCount: 4096), budget: 300_000)
    for count in [1, 200] { try requests(deviceCount: count) }
  }

  // MARK: Memory

  private func place(chunk: Int) throws {
    let shape = BenchShape(regionByteCount: size.memoryByteCount)
    let source = Memory(size.memoryByteCount, isFilled: true)
    let target = BenchMemory(size.memoryByteCount)
    target.fill()
    let plain = Memory(size.memoryByteCount, isFilled: false)
    let stream = Memory(source.byteCount + source.byteCount / chunk * 192 + 4096, isFilled: false)
    var output = Output(copyingTo: stream)
    try Self.encodeMemory(shape, source.octets, chunk: chunk, to: &output)
    let (total, encoded) = (source.byteCount, output.count)
    // The octets that a caller who reads into place finds in memory lie there already: each round loads the same.
    var control = try MigrationControl(
      BenchMachine(shape, region: target), allocator: CountingAllocator.allocator)
    try Self.resume(&control, stream.octets(first: encoded))
    let heads = Memory(encoded - total, isFilled: false)
    try Self.gatherHeads(&control, stream.octets(first: encoded), to: heads)
    let contest = try Contest(
      rounds: size.rounds,
      [
        .init("memcpy + XXH3") { unsafe sink &+= peer_copy_and_xxh3_chunks(plain.address, source.address, total, chunk) },
        .init("XXH3") { unsafe sink &+= peer_xxh3_chunks(source.address, total, chunk) },
        .init("copied") { try Self.resume(&control, stream.octets(first: encoded)) },
        .init("placed") { try Self.resumeInPlace(&control, heads.octets) },
      ])
    for (ours, peer, name, budget) in [
      (2, 0, "session, from memory into place", 0.95), (3, 1, "session, read into place by the caller", 0.9),
    ] {
      var row = Row("resume", "\(name), \(chunk >> 10) KiB chunks, from memory")
      let label = peer == 0 ? "memcpy + XXH3, chunk by chunk" : "XXH3 dispatched, a call a chunk"
      row.values(
        ours: Double(total) / contest.median(ours), peer: (label, Double(total) / contest.median(peer)), unit: "GB/s")
      row.speed(contest.speed(of: ours, against: peer), atLeast: budget)
      row.print()
    }
  }

  private static func encodeMemory(
    _ shape: BenchShape, _ octets: RawSpan, chunk: Int, to output: inout Output
  ) throws(StreamError) {
    let allocator = CountingAllocator.allocator
    var encoder = try StreamEncoder(preamble: Preamble(uuid: StreamUUID(low: 1, high: 2)), allocator: allocator)
    output.append(encoder.preamble)
    output.append(try encoder.manifest(try BenchMachine.manifest(shape, allocator: allocator)))
    for start in stride(from: 0, to: octets.byteCount, by: chunk) {
      output.append(
        try encoder.memory(region: 0, offset: UInt64(start), octets: octets.extracting(start..<(start + chunk))))
    }
    output.append(try encoder.end())
  }

  private static func open(_ control: inout MigrationControl<BenchMachine>) throws(StreamError) -> SessionHandle {
    control.reset()
    guard let handle = try control.request(MigrationState.resuming.rawValue) else {
      throw StreamError(.sessionClosed, .resume, at: 0)
    }
    return handle
  }

  private static func resume(_ control: inout MigrationControl<BenchMachine>, _ stream: RawSpan) throws(StreamError) {
    let handle = try open(&control)
    _ = try control.write(stream, handle)
    try control.finish(handle)
  }

  /// What a caller who reads into place reads elsewhere: into a small buffer, which is in the cache.
  private static func gatherHeads(
    _ control: inout MigrationControl<BenchMachine>, _ stream: RawSpan, to heads: Memory
  ) throws(StreamError) {
    let handle = try open(&control)
    var (start, gathered) = (0, 0)
    while start < stream.byteCount {
      if let count = try control.writeInPlace(byteCount: stream.byteCount, handle, { $0.byteCount }) {
        start += count
      } else {
        let piece = stream.extracting(start..<min(start + control.wantedByteCount, stream.byteCount))
        heads.copy(piece, to: gathered)
        gathered += piece.byteCount
        start += try control.write(piece, handle)
      }
    }
    try control.finish(handle)
  }

  /// The caller's reads are left out: the octets lie where they belong from the round before.
  private static func resumeInPlace(
    _ control: inout MigrationControl<BenchMachine>, _ heads: RawSpan
  ) throws(StreamError) {
    let handle = try open(&control)
    var start = 0
    while start < heads.byteCount {
      if try control.writeInPlace(byteCount: .max, handle, { $0.byteCount }) == nil {
        let end = min(start + control.wantedByteCount, heads.byteCount)
        start += try control.write(heads.extracting(start..<end), handle)
      }
    }
    try control.finish(handle)
  }

  // MARK: Small states

  /// From the last octet of END to all devices committed and in ``MigrationState/stop``.
  private func commit(_ name: String, _ shape: BenchShape, budget nanoseconds: Double) throws {
    let stream = Memory(1 << 20, isFilled: false)
    let state = Memory(shape.stateByteCount, isFilled: true)
    var output = Output(copyingTo: stream)
    try Self.encodeStates(shape, state.octets, to: &output)
    let encoded = output.count
    var control = try MigrationControl(BenchMachine(shape), allocator: CountingAllocator.allocator)
    let (from, between, to) = (Memory(1 << 20, isFilled: true), Memory(1 << 20, isFilled: false), Memory(1 << 20, isFilled: false))
    let count = max(size.savesPerSample / 10, 1)
    let contest = try Contest(
      rounds: size.rounds,
      [
        .init("prepare, commit and step in C", operations: count) {
          for _ in 0..<count {
            unsafe sink &+= peer_commit_devices(
              to.address, between.address, from.address, shape.deviceCount, shape.stateByteCount)
          }
        },
        .withSetUp("session", operations: count) {
          var setUp: UInt64 = 0
          for _ in 0..<count {
            let start = peer_now()
            let handle = try Self.open(&control)
            _ = try control.write(stream.octets(first: encoded - 1), handle)
            setUp += peer_now() - start
            _ = try control.write(stream.octets.extracting((encoded - 1)..<encoded), handle)
            try control.finish(handle)
          }
          return setUp
        },
        .init("session, whole stream", operations: count) {
          for _ in 0..<count { try Self.resume(&control, stream.octets(first: encoded)) }
        },
      ])
    guard control.devices.octet(at: 0) == state.octets.octet(at: 0) else {
      throw StreamError(.ruleViolated, .resume, at: 0)
    }
    var row = Row("resume", "last octet to all committed, \(name)")
    row.values(ours: contest.median(1), peer: (contest.names[0], contest.median(0)), unit: "ns")
    row.speed(contest.speed(of: 1, against: 0), atLeast: nil)
    row.atMost(nanoseconds, contest.median(1))
    row.print()
    var whole = Row("resume", "first octet to all committed, \(name)")
    whole.values(ours: contest.median(2), peer: (contest.names[0], contest.median(0)), unit: "ns")
    whole.speed(contest.speed(of: 2, against: 0), atLeast: nil)
    whole.print()
  }

  private static func encodeStates(
    _ shape: BenchShape, _ state: RawSpan, to output: inout Output
  ) throws(StreamError) {
    let allocator = CountingAllocator.allocator
    var encoder = try StreamEncoder(preamble: Preamble(uuid: StreamUUID(low: 1, high: 2)), allocator: allocator)
    output.append(encoder.preamble)
    output.append(try encoder.manifest(try BenchMachine.manifest(shape, allocator: allocator)))
    let layout = try BenchMachine.layout(shape, allocator: allocator)
    output.append(try encoder.layout(canonical: layout.bytes))
    for device in 0..<shape.deviceCount {
      output.append(try encoder.section(device: UInt32(device), section: 0, layout: 0, data: state))
    }
    output.append(try encoder.end())
  }

  // MARK: Requests

  private func requests(deviceCount: Int) throws {
    var control = try MigrationControl(
      BenchMachine(BenchShape(deviceCount: deviceCount)), allocator: CountingAllocator.allocator)
    let count = max(size.recordCount / deviceCount / 20 * 2, 2)
    var allocations = 0
    let contest = try Contest(
      rounds: size.rounds,
      [
        .init("a table and a call a step, in C", operations: count) {
          unsafe sink &+= peer_walk_devices(deviceCount, count)
        },
        .init("request", operations: count) {
          let before = CountingAllocator.callCount
          for _ in 0..<(count / 2) {
            _ = try control.request(MigrationState.stop.rawValue)
            _ = try control.request(MigrationState.running.rawValue)
          }
          allocations += CountingAllocator.callCount - before
        },
      ])
    let devices = deviceCount == 1 ? "1 device" : "\(deviceCount) devices"
    var row = Row("resume", "a state request over two steps, \(devices)")
    row.values(ours: contest.median(1), peer: (contest.names[0], contest.median(0)), unit: "ns")
    row.speed(contest.speed(of: 1, against: 0), atLeast: nil)
    row.print()
    var allocation = Row("resume", "allocations of \(count * (size.rounds + 1)) state requests, \(devices)")
    allocation.values(ours: Double(allocations), peer: nil, unit: "calls in all")
    allocation.atMost(0, Double(allocations))
    allocation.print()
  }
}
