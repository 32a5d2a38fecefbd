import BenchStreams
import CPeers
import MigrationStream

#if canImport(Glibc)
import Glibc
#endif

/// Rows of the codec in memory, each a ratio against a peer in the same run.
@main
enum CodecBench {
  static let rounds = 15

  static func main() throws {
    print("row | ours | peer | ratio median (lowest to highest) | budget | verdict")
    print("--- | --- | --- | --- | --- | ---")
    if CommandLine.arguments.count > 1, let count = Int(CommandLine.arguments[1]) {
      return try smallRecords(count)
    }
    for (total, where_) in [(1 << 30, "memory"), (8 << 20, "cache")] {
      for chunk in [4 << 10, 64 << 10, 1 << 20] { try bulk(total: total, chunk: chunk, where_) }
    }
    try smallRecords(1_000_000)
  }

  /// Encode, and decode with verify, of `total` octets in chunks, against the digests of the same chunks.
  static func bulk(total: Int, chunk: Int, _ where_: String) throws {
    let repeats = max(1, (256 << 20) / total)
    let source = unsafe pages(total, fill: true)
    defer { unsafe source.deallocate() }
    let budget = chunk >= 64 << 10 ? 0.9 : nil
    let octets = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(source))
    let whole = Pair.measure(
      rounds: 5, ours: { for _ in 0..<repeats { unsafe sink &+= peer_xxh3_chunks(source.baseAddress, total, chunk) } },
      peer: { for _ in 0..<repeats { unsafe sink &+= peer_xxh3(source.baseAddress, total) } })
    report("(XXH3 in calls of \(chunk >> 10) KiB against one call, from \(where_))", whole, Double(total * repeats), nil)
    let encode = try Pair.measure(
      rounds: rounds, ours: { for _ in 0..<repeats { try Self.encode(octets, chunk) } },
      peer: { for _ in 0..<repeats { unsafe sink &+= peer_xxh3_chunks(source.baseAddress, total, chunk) } })
    let label = "\(chunk >> 10) KiB chunks, from \(where_)"
    report("encode, \(label)", encode, Double(total * repeats), budget)

    let stream = unsafe pages(total + total / chunk * 192 + 4096, fill: false)
    defer { unsafe stream.deallocate() }
    let count = try unsafe write(octets, chunk, to: stream)
    let encoded = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(stream)).extracting(first: count)
    let pull = try Pair.measure(
      rounds: rounds, ours: { for _ in 0..<repeats { try Self.pull(encoded) } },
      peer: { for _ in 0..<repeats { unsafe sink &+= peer_xxh3_chunks(source.baseAddress, total, chunk) } })
    report("pull and verify, \(label)", pull, Double(total * repeats), budget)
    let push = try Pair.measure(
      rounds: rounds, ours: { for _ in 0..<repeats { try Self.push(encoded) } },
      peer: { for _ in 0..<repeats { unsafe sink &+= peer_xxh3_chunks(source.baseAddress, total, chunk) } })
    report("push and verify in 4 MiB segments, \(label)", push, Double(total * repeats), budget)
  }

  /// Records of 64 octets: nanoseconds and allocations a record.
  static func smallRecords(_ count: Int) throws {
    let payload = unsafe pages(64, fill: true)
    defer { unsafe payload.deallocate() }
    let octets = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(payload))
    let stream = unsafe pages(count * 192 + 4096, fill: false)
    defer { unsafe stream.deallocate() }
    var length = 0
    var allocations = [0, 0, 0]
    length = try unsafe writeRecords(octets, count, to: stream)
    let encode = try Pair.measure(
      rounds: rounds,
      ours: {
        let before = CountingAllocator.callCount
        try encodeRecords(octets, count)
        allocations[0] = CountingAllocator.callCount - before
      }, peer: { unsafe sink &+= peer_record_loop(stream.baseAddress, count * 192, 192) })
    let encoded = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(stream)).extracting(first: length)
    reportSmall("encode, records of 64 octets", encode, count, allocations[0])
    let pull = try Pair.measure(
      rounds: rounds,
      ours: {
        let before = CountingAllocator.callCount
        try Self.pull(encoded)
        allocations[1] = CountingAllocator.callCount - before
      }, peer: { unsafe sink &+= peer_record_loop(stream.baseAddress, count * 192, 192) })
    reportSmall("pull and verify, records of 64 octets", pull, count, allocations[1])
    let push = try Pair.measure(
      rounds: rounds,
      ours: {
        let before = CountingAllocator.callCount
        try Self.push(encoded)
        allocations[2] = CountingAllocator.callCount - before
      }, peer: { unsafe sink &+= peer_record_loop(stream.baseAddress, count * 192, 192) })
    reportSmall("push and verify, records of 64 octets", push, count, allocations[2])
  }

  // MARK: The work

  static func encode(_ octets: RawSpan, _ chunk: Int) throws(StreamError) {
    var encoder = try BenchStreams.encoder(regionByteCount: UInt64(octets.byteCount))
    let manifest = try BenchStreams.manifest(regionByteCount: UInt64(octets.byteCount))
    _ = try encoder.manifest(manifest)
    var start = 0
    while start < octets.byteCount {
      let list = try encoder.memory(
        region: 0, offset: UInt64(start), octets: octets.extracting(start..<(start + chunk)))
      unsafe sink &+= UInt64(list.count)
      start += chunk
    }
    _ = try encoder.end()
  }

  /// Gather lists of `count` records; nothing is written.
  static func encodeRecords(_ octets: RawSpan, _ count: Int) throws(StreamError) {
    var encoder = try BenchStreams.encoder(
      regionByteCount: 4096, allocator: CountingAllocator.allocator)
    let manifest = try BenchStreams.manifest(regionByteCount: 4096)
    _ = try encoder.manifest(manifest)
    for index in 0..<count {
      let last = index == count - 1 ? RecordFlags.last : 0
      let list = try encoder.bytes(
        device: 0, octets: octets, flags: RecordFlags.unitFirst | RecordFlags.unitLast | last)
      unsafe sink &+= UInt64(list.count)
    }
    _ = try encoder.end()
  }

  static func pull(_ stream: RawSpan) throws(StreamError) {
    var decoder = try PullDecoder(stream, allocator: CountingAllocator.allocator)
    while let item = try decoder.next() { unsafe sink &+= UInt64(item.payload.byteCount) }
    try decoder.finish()
  }

  static func push(_ stream: RawSpan) throws(StreamError) {
    var decoder = try PushDecoder(allocator: CountingAllocator.allocator)
    var nobody = NoHandler()
    var start = 0
    while start < stream.byteCount {
      let end = min(start + 4 << 20, stream.byteCount)
      start += try decoder.push(stream.extracting(start..<end), to: &nobody)
    }
    try decoder.finish()
  }

  @unsafe
  static func write(
    _ octets: RawSpan, _ chunk: Int, to target: UnsafeMutableRawBufferPointer
  ) throws(StreamError) -> Int {
    var encoder = try BenchStreams.encoder(regionByteCount: UInt64(octets.byteCount))
    let manifest = try BenchStreams.manifest(regionByteCount: UInt64(octets.byteCount))
    var position = unsafe copy(encoder.preamble, to: target, at: 0)
    position = unsafe copy(try encoder.manifest(manifest), to: target, at: position)
    var start = 0
    while start < octets.byteCount {
      let list = try encoder.memory(
        region: 0, offset: UInt64(start), octets: octets.extracting(start..<(start + chunk)))
      position = unsafe copy(list, to: target, at: position)
      start += chunk
    }
    return unsafe copy(try encoder.end(), to: target, at: position)
  }

  @unsafe
  static func writeRecords(
    _ octets: RawSpan, _ count: Int, to target: UnsafeMutableRawBufferPointer
  ) throws(StreamError) -> Int {
    var encoder = try BenchStreams.encoder(
      regionByteCount: 4096, allocator: CountingAllocator.allocator)
    let manifest = try BenchStreams.manifest(regionByteCount: 4096)
    var position = unsafe copy(encoder.preamble, to: target, at: 0)
    position = unsafe copy(try encoder.manifest(manifest), to: target, at: position)
    for index in 0..<count {
      let last = index == count - 1 ? RecordFlags.last : 0
      let list = try encoder.bytes(
        device: 0, octets: octets, flags: RecordFlags.unitFirst | RecordFlags.unitLast | last)
      position = unsafe copy(list, to: target, at: position)
    }
    return unsafe copy(try encoder.end(), to: target, at: position)
  }

  @unsafe
  static func copy(_ list: borrowing GatherList, to target: UnsafeMutableRawBufferPointer, at start: Int) -> Int {
    var position = start
    for index in 0..<list.count { position = unsafe copy(list[index], to: target, at: position) }
    return position
  }

  @unsafe
  static func copy(_ span: RawSpan, to target: UnsafeMutableRawBufferPointer, at position: Int) -> Int {
    unsafe span.withUnsafeBytes { octets in
      guard let base = octets.baseAddress, let place = target.baseAddress else { return }
      unsafe (place + position).copyMemory(from: base, byteCount: octets.count)
    }
    return position + span.byteCount
  }

  @unsafe
  static func pages(_ count: Int, fill: Bool) -> UnsafeMutableRawBufferPointer {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 4096)
    var word: UInt64 = 0x9e37_79b9_7f4a_7c15
    for index in 0..<(count / 8) {
      if fill { word = word &* 6_364_136_223_846_793_005 &+ 1 }
      unsafe memory.storeBytes(of: fill ? word : 0, toByteOffset: index * 8, as: UInt64.self)
    }
    return unsafe memory
  }

  // MARK: Printing

  static func report(_ row: String, _ pair: Pair, _ octets: Double, _ budget: Double?) {
    let (low, median, high) = pair.ratios
    let ours = rate(octets, Pair.median(pair.ours))
    let peer = rate(octets, Pair.median(pair.peer))
    let verdict = budget.map { judge(low, median, high, $0) } ?? "-"
    print(
      "\(row) | \(ours) | XXH3 dispatched \(peer) | \(round2(median)) (\(round2(low)) to \(round2(high))) | "
        + "\(budget.map { "at least \($0)" } ?? "none") | \(verdict)")
  }

  static func reportSmall(_ row: String, _ pair: Pair, _ count: Int, _ allocations: Int) {
    let (low, median, high) = pair.ratios
    let each = Pair.median(pair.ours) / Double(count)
    let peer = Pair.median(pair.peer) / Double(count)
    let isGood = each <= 100 && allocations < 64
    print(
      "\(row) | \(round2(each)) ns, \(allocations) allocations in \(count) records | "
        + "two digests a record \(round2(peer)) ns | \(round2(median)) (\(round2(low)) to \(round2(high))) | "
        + "at most 100 ns, no allocation a record | \(isGood ? "met" : "missed")")
  }

  /// A miss inside the spread is undecided, not a pass.
  static func judge(_ low: Double, _ median: Double, _ high: Double, _ budget: Double) -> String {
    if median >= budget { return "met" }
    return high >= budget ? "undecided" : "missed"
  }

  static func rate(_ octets: Double, _ nanoseconds: Double) -> String {
    "\(round2(octets / nanoseconds)) GB/s"
  }

  static func round2(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
