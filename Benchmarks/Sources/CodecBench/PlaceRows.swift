import CPeers
import MigrationStream

/// Loading memory: payloads copied to where they belong by the handler, or lying there already when the decoder asks.
struct PlaceRows {
  let size: RunSize

  func run() throws {
    for chunk in [64 << 10, 1 << 20] {
      let source = Memory(size.memoryByteCount, isFilled: true)
      let target = Memory(size.memoryByteCount, isFilled: false)
      let stream = Memory(source.byteCount + source.byteCount / chunk * 192 + 4096, isFilled: false)
      var output = Output(copyingTo: stream)
      try Work.encode(source.octets, chunk: chunk, to: &output)
      let (total, encoded) = (source.byteCount, output.count)
      let contest = try Contest(
        rounds: size.rounds,
        [
          .init("memcpy + XXH3") { unsafe sink &+= peer_copy_and_xxh3_chunks(target.address, source.address, total, chunk) },
          .init("XXH3") { unsafe sink &+= peer_xxh3_chunks(source.address, total, chunk) },
          .init("copied") { try Self.copy(stream.octets(first: encoded), to: target) },
          .init("placed") { try Self.place(stream.octets(first: encoded), lyingIn: source) },
        ])
      for (ours, peer, name, budget) in [
        (2, 0, "push and copy into place", 0.95), (3, 1, "push, octets read into place by the caller", 0.9),
      ] {
        var row = Row("place", "\(name), \(chunk >> 10) KiB chunks, from memory")
        let label = peer == 0 ? "memcpy + XXH3, chunk by chunk" : "XXH3 dispatched, a call a chunk"
        row.values(
          ours: Double(total) / contest.median(ours), peer: (label, Double(total) / contest.median(peer)), unit: "GB/s")
        row.speed(contest.speed(of: ours, against: peer), atLeast: budget)
        row.print()
      }
    }
  }

  /// Everything comes in one segment; the handler copies.
  private static func copy(_ stream: RawSpan, to target: Memory) throws(StreamError) {
    var decoder = try PushDecoder(allocator: CountingAllocator.allocator)
    var copier = Copier(target: target)
    _ = try decoder.push(stream, to: &copier)
    try decoder.finish()
  }

  /// Headers and bodies come as the decoder wants them; payloads already lie where it says.
  private static func place(_ stream: RawSpan, lyingIn memory: Memory) throws(StreamError) {
    var decoder = try PushDecoder(allocator: CountingAllocator.allocator)
    var nobody = NoHandler()
    while !decoder.state.hasEnded {
      if let place = decoder.place {
        let start = Int(place.offset)
        try decoder.placed(memory.octets.extracting(start..<(start + Int(place.byteCount))), to: &nobody)
      } else {
        let start = Int(decoder.offset)
        _ = try decoder.push(stream.extracting(start..<(start + decoder.wantedByteCount)), to: &nobody)
      }
    }
    try decoder.finish()
  }
}

/// Copies payloads of one data extent to its place.
private struct Copier: StreamHandler {
  let target: Memory
  private var start = 0

  init(target: Memory) { self.target = target }

  mutating func preamble(_ preamble: Preamble) {}

  mutating func record(_ record: borrowing Record, _ state: borrowing StreamState) {
    guard record.header.kind == RecordKind.memory.rawValue else { return }
    start = Int(MemoryHead.extent(0, in: record.body).offset)
  }

  mutating func payload(_ octets: RawSpan, at position: UInt64) {
    target.copy(octets, to: start + Int(position))
  }

  mutating func recordEnd(_ header: RecordHeader, at offset: UInt64, _ state: borrowing StreamState) {}
}
