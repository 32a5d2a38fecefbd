import CPeers
import MigrationStream

/// Records of 64 octets: what a record costs besides its octets, in time and in allocations.
struct RecordRows {
  let size: RunSize

  func run() throws {
    let payload = Memory(64, isFilled: true)
    let stream = Memory(size.recordCount * 192 + 4096, isFilled: false)
    var output = Output(copyingTo: stream)
    try Work.encodeRecords(payload.octets, count: size.recordCount, to: &output)
    let (count, encoded) = (size.recordCount, output.count)
    var allocations = [0, 0, 0, 0]
    let contest = try Contest(
      rounds: size.rounds,
      [
        .init("two digests a record", operations: count) {
          unsafe sink &+= peer_record_loop(stream.address, count * 192, 192)
        },
        .init("encode", operations: count) {
          let before = CountingAllocator.callCount
          var nowhere = Output()
          try Work.encodeRecords(payload.octets, count: count, to: &nowhere)
          allocations[1] = CountingAllocator.callCount - before
        },
        .init("pull and verify", operations: count) {
          let before = CountingAllocator.callCount
          try Work.pull(stream.octets(first: encoded))
          allocations[2] = CountingAllocator.callCount - before
        },
        .init("push and verify", operations: count) {
          let before = CountingAllocator.callCount
          try Work.push(stream.octets(first: encoded))
          allocations[3] = CountingAllocator.callCount - before
        },
      ])
    for index in contest.names.indices.dropFirst() {
      var row = Row("record", "\(contest.names[index]), a record of 64 octets")
      row.values(ours: contest.median(index), peer: (contest.names[0], contest.median(0)), unit: "ns")
      row.speed(contest.speed(of: index, against: 0), atLeast: nil)
      row.atMost(100, contest.median(index))
      row.print()
      var allocation = Row("record", "allocations of \(contest.names[index]), \(count) records")
      allocation.values(ours: Double(allocations[index]), peer: nil, unit: "calls in all")
      allocation.atMost(64, Double(allocations[index]))
      allocation.print()
    }
  }
}
