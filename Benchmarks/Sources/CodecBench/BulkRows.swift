import CPeers
import MigrationStream

/// Encode, pull and push with every digest checked, against the dispatched XXH3 of the same octets.
struct BulkRows {
  let size: RunSize

  func run() throws {
    for (total, place) in [(size.memoryByteCount, "memory"), (size.cacheByteCount, "cache")] {
      let source = Memory(total, isFilled: true)
      let stream = Memory(total + total / 4096 * 192 + 4096, isFilled: false)
      for chunk in [4 << 10, 64 << 10, 1 << 20] {
        try chunks(of: chunk, from: place, source, stream)
      }
      try scattered(from: place, source, stream)
    }
  }

  private func chunks(of chunk: Int, from place: String, _ source: Memory, _ stream: Memory) throws {
    var output = Output(copyingTo: stream)
    try Work.encode(source.octets, chunk: chunk, to: &output)
    let (total, encoded) = (source.byteCount, output.count)
    let repeats = max(1, size.octetsPerSample / total)
    let contest = try Contest(
      rounds: size.rounds,
      [
        .init("XXH3") {
          for _ in 0..<repeats { unsafe sink &+= peer_xxh3_chunks(source.address, total, chunk) }
        },
        .init("encode") {
          for _ in 0..<repeats {
            var nowhere = Output()
            try Work.encode(source.octets, chunk: chunk, to: &nowhere)
          }
        },
        .init("pull and verify") { for _ in 0..<repeats { try Work.pull(stream.octets(first: encoded)) } },
        .init("push and verify, 4 MiB segments") { for _ in 0..<repeats { try Work.push(stream.octets(first: encoded)) } },
        .init("XXH3 in one call") {
          for _ in 0..<repeats { unsafe sink &+= peer_xxh3(source.address, total) }
        },
      ])
    report(contest, "\(chunk >> 10) KiB chunks, from \(place)", repeats * total,
      peer: "XXH3 dispatched, a call a chunk", budget: chunk >= 64 << 10 ? 0.9 : nil)
  }

  /// Chunks of 1 MiB put together from scattered pages.
  private func scattered(from place: String, _ source: Memory, _ stream: Memory) throws {
    let extents = Pages.everyOther(of: source.byteCount)
    var output = Output(copyingTo: stream)
    try Work.encodeScattered(source.octets, extents.span, to: &output)
    let (total, encoded) = (source.byteCount, output.count)
    let repeats = max(1, 2 * size.octetsPerSample / total)
    let contest = try Contest(
      rounds: size.rounds,
      [
        .init("XXH3") {
          for _ in 0..<repeats { unsafe sink &+= peer_xxh3_every_other(source.address, total, Pages.byteCount) }
        },
        .init("encode") {
          for _ in 0..<repeats {
            var nowhere = Output()
            try Work.encodeScattered(source.octets, extents.span, to: &nowhere)
          }
        },
        .init("pull and verify") { for _ in 0..<repeats { try Work.pull(stream.octets(first: encoded)) } },
        .init("push and verify, 4 MiB segments") { for _ in 0..<repeats { try Work.push(stream.octets(first: encoded)) } },
      ])
    report(contest, "1 MiB chunks of scattered 4 KiB pages, from \(place)", repeats * total / 2,
      peer: "XXH3 dispatched, a call a page", budget: 0.9)
  }

  /// A row for each contender but the first, which is their peer.
  private func report(_ contest: Contest, _ label: String, _ octets: Int, peer: String, budget: Double?) {
    for index in contest.names.indices.dropFirst() {
      let isOurs = !contest.names[index].hasPrefix("XXH3")
      var row = Row("bulk", "\(contest.names[index]), \(label)")
      row.values(
        ours: Double(octets) / contest.median(index), peer: (peer, Double(octets) / contest.median(0)), unit: "GB/s")
      row.speed(contest.speed(of: index, against: 0), atLeast: isOurs ? budget : nil)
      row.print()
    }
  }
}
