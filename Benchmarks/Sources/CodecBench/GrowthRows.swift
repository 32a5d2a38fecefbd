import BenchStreams
import CPeers
import MigrationStream

#if canImport(Glibc)
import Glibc
#endif

/// How cost grows with octets, sections and devices. Each stream goes from the encoder straight into a push decoder that
/// checks everything, so it is stored nowhere; memory is what both asked their allocator for.
struct GrowthRows {
  let size: RunSize

  func run() throws {
    let chunk = Memory(1 << 20, isFilled: true)
    let octets = [1 << 10, 64 << 10, 1 << 20, 64 << 20, 1 << 30, 8 << 30].filter { $0 <= size.growthByteCountMax }
    try grow("octet of memory", octets) { try memory(of: $0, chunk) }
    let counts = [1, 100, 10_000, 1_000_000].filter { $0 <= size.growthCountMax }
    try grow("section, replaced in each pass", counts) { try sections($0, chunk) }
    // Their paths are sorted, to find two that are the same.
    try grow("device with a section", [1, 100, 10_000].filter { $0 <= size.growthCountMax }, power: 1.2) {
      try devices($0, chunk)
    }
  }

  /// A row for each number of items, and one for the slope between the last two.
  private func grow(
    _ item: String, _ counts: [Int], power: Double = 1.1, _ work: (Int) throws -> Void
  ) throws {
    var last: (count: Int, nanoseconds: Double)?
    var slope = 0.0
    for count in counts {
      var times: [Double] = []
      let peak = try CountingAllocator.peak {
        for _ in 0..<size.growthRounds {
          let start = peer_now()
          // Small streams many times, or the clock is what is measured.
          let repeats = max(1, min(1000, 100_000 / count))
          for _ in 0..<repeats { try work(count) }
          times.append(Double(peer_now() - start) / Double(repeats))
        }
      }
      let spread = Spread(times)
      if let last {
        slope = log(spread.median / last.nanoseconds) / log(Double(count) / Double(last.count))
      }
      last = (count, spread.median)
      var row = Row("growth", "encode, push and verify, for each \(item)")
      row.number("count", count)
      row.values(ours: spread.median / Double(count), peer: nil, unit: "ns")
      row.number("low", spread.low / Double(count))
      row.number("high", spread.high / Double(count))
      row.number("memory", peak)
      row.print()
    }
    var row = Row("slope", "growth of the time from \(counts.dropLast().last ?? 1) to \(counts.last ?? 1) items: \(item)")
    row.values(ours: slope, peer: nil, unit: "power of the count")
    row.atMost(power, slope)
    row.print()
  }

  private func memory(of count: Int, _ chunk: Memory) throws(StreamError) {
    var pipe = try Pipe()
    var encoder = try BenchStreams.encoder(allocator: CountingAllocator.allocator)
    try pipe.send(encoder.preamble)
    try pipe.send(try encoder.manifest(try BenchStreams.manifest(regionByteCount: UInt64(count))))
    var start = 0
    while start < count {
      let octets = chunk.octets(first: min(chunk.byteCount, count - start))
      try pipe.send(try encoder.memory(region: 0, offset: UInt64(start), octets: octets))
      start += octets.byteCount
    }
    try pipe.send(try encoder.end())
    try pipe.finish()
  }

  private func sections(_ count: Int, _ chunk: Memory) throws(StreamError) {
    var pipe = try Pipe()
    var encoder = try BenchStreams.encoder(
      mandatoryFlags: MandatoryFlags.passes, allocator: CountingAllocator.allocator)
    try Self.begin(&encoder, &pipe, deviceCount: 1)
    for pass in 0..<count {
      if pass > 0 { try pipe.send(try encoder.barrier()) }
      try pipe.send(
        try encoder.section(
          device: 0, section: 0, layout: 0, data: chunk.octets(first: 64), replaces: pass > 0))
    }
    try pipe.send(try encoder.end())
    try pipe.finish()
  }

  private func devices(_ count: Int, _ chunk: Memory) throws(StreamError) {
    var pipe = try Pipe()
    var encoder = try BenchStreams.encoder(allocator: CountingAllocator.allocator)
    try Self.begin(&encoder, &pipe, deviceCount: count)
    for device in 0..<count {
      try pipe.send(
        try encoder.section(device: UInt32(device), section: 0, layout: 0, data: chunk.octets(first: 64)))
    }
    try pipe.send(try encoder.end())
    try pipe.finish()
  }

  private static func begin(
    _ encoder: inout StreamEncoder, _ pipe: inout Pipe, deviceCount: Int
  ) throws(StreamError) {
    let allocator = CountingAllocator.allocator
    try pipe.send(encoder.preamble)
    try pipe.send(
      try encoder.manifest(try BenchStreams.manifest(deviceCount: deviceCount, allocator: allocator)))
    let layout = try BenchStreams.layout(allocator: allocator)
    try pipe.send(try encoder.layout(canonical: layout.canonical))
  }
}

/// Gather lists, segment by segment into a decoder.
struct Pipe: ~Copyable {
  private var decoder: PushDecoder
  private var nobody = NoHandler()

  init() throws(StreamError) { decoder = try PushDecoder(allocator: CountingAllocator.allocator) }

  mutating func send(_ list: borrowing GatherList) throws(StreamError) {
    for index in 0..<list.count { try send(list[index]) }
  }

  mutating func send(_ segment: RawSpan) throws(StreamError) { _ = try decoder.push(segment, to: &nobody) }

  mutating func finish() throws(StreamError) { try decoder.finish() }
}
