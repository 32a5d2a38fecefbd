import MigrationStream
import StreamIO

/// MEMORY.
///
/// Source: Specs/30-channels-passes-images.md section 5.2.
extension Normaliser {
  /// Writes what a region finally holds.
  mutating func writeMemory(
    of region: UInt32, _ entry: RegionEntry, _ input: borrowing InputFile, _ limits: StreamLimits
  ) throws {
    var runs = MemoryRun.finalContent(of: survey.takeMemory(of: Int(region))[...])
    if runs.isEmpty { return }
    let spool = try survey.spoolFrames(of: &runs, input, limits)
    var chunks = try RegionChunks(region, entry)
    for run in runs { try take(run, &chunks, input, spool) }
    try closeSlot(&chunks, input, spool)
    try flushZeros(&chunks)
  }

  // MARK: Slots

  /// Splits a run where slots end; whole slots of zeros are one step.
  private mutating func take(
    _ run: MemoryRun, _ chunks: inout RegionChunks, _ input: borrowing InputFile, _ spool: borrowing InputFile?
  ) throws {
    var rest = run
    while true {
      let slot = rest.offset / SlotPieces.byteCount * SlotPieces.byteCount
      if slot != chunks.slot {
        try closeSlot(&chunks, input, spool)
        chunks.slot = slot
      }
      var end = slot + SlotPieces.byteCount
      if rest.isZero, rest.offset == slot, rest.end >= end {
        end = rest.end / SlotPieces.byteCount * SlotPieces.byteCount
        try takeZeros(slot..<end, &chunks)
      } else {
        end = min(end, rest.end)
        chunks.runs.append(rest.prefix(to: end))
      }
      if end == rest.end { return }
      rest = rest.suffix(from: end)
    }
  }

  /// Writes the chunk of a slot that holds data; zeros of one that does not may go on in the next.
  private mutating func closeSlot(
    _ chunks: inout RegionChunks, _ input: borrowing InputFile, _ spool: borrowing InputFile?
  ) throws {
    try checkOutput()
    defer { chunks.runs.removeAll(keepingCapacity: true) }
    guard chunks.runs.contains(where: { !$0.isZero }) else {
      for run in chunks.runs { try takeZeros(run.offset..<run.end, &chunks) }
      return
    }
    chunks.pieces.begin(at: chunks.slot)
    for run in chunks.runs {
      try chunks.pieces.take(run.offset..<run.end, isData: !run.isZero) { octets, range in
        try run.read(input, spool, into: &octets, range)
      }
    }
    try chunks.pieces.finish()
    guard chunks.pieces.hasData else {
      for index in 0..<chunks.pieces.extents.count {
        let extent = chunks.pieces.extents[index]
        try takeZeros(extent.offset..<(extent.offset + extent.length), &chunks)
      }
      return
    }
    try flushZeros(&chunks)
    try target.memory(&encoder, region: chunks.region, pieces: chunks.pieces)
  }

  // MARK: Zeros

  private mutating func takeZeros(_ run: Range<UInt64>, _ chunks: inout RegionChunks) throws {
    if run.lowerBound != chunks.zeros.upperBound {
      try flushZeros(&chunks)
      chunks.zeros = run
    } else {
      chunks.zeros = chunks.zeros.lowerBound..<run.upperBound
    }
  }

  private mutating func flushZeros(_ chunks: inout RegionChunks) throws {
    guard !chunks.zeros.isEmpty else { return }
    let (start, length) = (chunks.zeros.lowerBound, chunks.zeros.upperBound - chunks.zeros.lowerBound)
    try target.memory(&encoder, region: chunks.region, offset: start, length: length, kind: .zero)
    chunks.zeros = chunks.zeros.upperBound..<chunks.zeros.upperBound
  }
}

/// The chunks of a region while they are put together.
private struct RegionChunks: ~Copyable {
  let region: UInt32
  var pieces: SlotPieces
  /// Where the slot at hand starts, and the runs that are mentioned in it.
  var slot: UInt64 = 0
  var runs: [MemoryRun] = []
  /// Zeros in front of the slot that are not written yet.
  var zeros: Range<UInt64> = 0..<0

  init(_ region: UInt32, _ entry: RegionEntry) throws(StreamError) {
    self.region = region
    pieces = try SlotPieces(entry)
  }
}
