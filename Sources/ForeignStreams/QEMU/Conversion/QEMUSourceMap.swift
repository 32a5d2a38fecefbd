/// Where the octets of a converted stream's sections and byte strings were in the QEMU stream.
public struct QEMUSourceMap: Sendable, Equatable {
  /// Octets that follow each other in both streams; inside a number their order may be turned round.
  public struct Run: Sendable, Equatable {
    /// Octets from the start of the converted stream.
    public var convertedOffset: UInt64
    /// Octets from the start of the QEMU stream.
    public var sourceOffset: UInt64
    public var length: UInt64
  }

  /// Ascending, without overlap.
  public private(set) var runs: [Run] = []

  /// The place in the QEMU stream of an octet of the converted one; nil for octets that the converter made.
  public func sourceOffset(of convertedOffset: UInt64) -> UInt64? {
    var low = 0
    var high = runs.count
    while low < high {
      let middle = low + (high - low) / 2
      if runs[middle].convertedOffset <= convertedOffset { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return nil }
    let run = runs[low - 1]
    let distance = convertedOffset - run.convertedOffset
    return distance < run.length ? run.sourceOffset + distance : nil
  }

  /// Appends the runs of one record, whose offsets count from `base`.
  mutating func append(_ record: [Run], base: UInt64) {
    for run in record.sorted(by: { $0.convertedOffset < $1.convertedOffset }) {
      let moved = Run(
        convertedOffset: run.convertedOffset + base, sourceOffset: run.sourceOffset, length: run.length)
      if !runs.isEmpty, runs[runs.count - 1].absorb(moved) { continue }
      runs.append(moved)
    }
  }
}

extension QEMUSourceMap.Run {
  /// Grows by `next` when that continues this run in both streams.
  mutating func absorb(_ next: Self) -> Bool {
    guard next.convertedOffset == convertedOffset + length, next.sourceOffset == sourceOffset + length
    else { return false }
    length += next.length
    return true
  }
}
