internal import MigrationStream

/// Sections of all devices in the reader's layouts, until they are applied or given up.
///
/// Octets and pieces are appended; a section that replaces an earlier one leaves a gap, and the gaps are closed when they
/// are more than what is left.
///
///     octets   | data 0 | data 0.0 | (gap) | data 2 | data 1, again |
///     runs     0: pieces 0 1    1: piece 3    2: piece 2
struct Staging: ~Copyable {
  private let addressOnly = AddressOnly()
  /// A section with its subsections: neighbours in both lists.
  struct Run: BitwiseCopyable {
    /// Position of the device among those taken, and of the section in the device's list, announced ones first.
    var device: UInt32
    var section: UInt32
    var firstPiece: Int
    var pieceCount = 0
    var start: Int
    var byteCount = 0

    /// Octets of memory that it takes.
    var cost: Int { byteCount + pieceCount * MemoryLayout<StagedPiece>.stride }
  }

  private(set) var octets: OwnedBytes
  private(set) var pieces: OwnedBuffer<StagedPiece>
  /// In the order in which the sections came first.
  private var runs: OwnedBuffer<Run>
  /// By position among all announced sections of the stream: which run it has, ``Format/none32`` for none.
  private var latest: OwnedBuffer<UInt32>
  private var gapByteCount = 0
  private var gapCost = 0

  init(allocator: StreamAllocator) {
    octets = OwnedBytes(allocator: allocator)
    pieces = OwnedBuffer(allocator: allocator)
    runs = OwnedBuffer(allocator: allocator)
    latest = OwnedBuffer(allocator: allocator)
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  /// Octets that count against the limit.
  var byteCount: Int { octets.count - gapByteCount }

  /// Makes room to find each announced section of a stream.
  mutating func begin(sectionCount: Int) throws(StreamError) {
    try latest.append(repeating: Format.none32, count: sectionCount)
  }

  // MARK: A section

  mutating func beginRun(device: Int, section: Int) throws(StreamError) {
    try runs.append(
      Run(device: UInt32(device), section: UInt32(section), firstPiece: pieces.count, start: octets.count))
  }

  /// Adds a piece of the section at hand.
  ///
  /// - Parameter target: Its target path; whole steps.
  /// - Returns: Its position in the section, which its subsections name as their owner.
  mutating func append(
    _ piece: RulePiece, owner: Int, target: RawSpan = RawSpan(), at offset: UInt64, _ data: RawSpan
  ) throws(StreamError) -> Int {
    let run = runs.count - 1
    let position = runs[run].pieceCount
    let byteCount = target.byteCount + data.byteCount
    try octets.reserve(byteCount)
    try pieces.append(
      StagedPiece(
        piece: piece, owner: owner, targetStepCount: target.byteCount / TargetStep.byteCount, offset: offset,
        start: octets.count + target.byteCount, byteCount: data.byteCount))
    try octets.append(target)
    try octets.append(data)
    runs[run].pieceCount += 1
    runs[run].byteCount += byteCount
    return position
  }

  /// The section is there as a whole.
  ///
  /// - Parameter announced: Position among all announced sections; one that came before is given up. nil for one that
  ///   was not announced.
  mutating func endRun(announced: Int?) throws(StreamError) {
    guard let announced else { return }
    let earlier = latest[announced]
    guard earlier != Format.none32 else {
      latest[announced] = UInt32(runs.count - 1)
      return
    }
    gapByteCount += runs[Int(earlier)].byteCount
    gapCost += runs[Int(earlier)].cost
    runs[Int(earlier)] = runs[runs.count - 1]
    runs.truncate(to: runs.count - 1)
    // Moving costs no more than what came since the last time.
    let cost = octets.count + pieces.count * MemoryLayout<StagedPiece>.stride
    if gapCost > cost / 2 { try closeGaps() }
  }

  /// Moves what is left together, in memory of its own.
  private mutating func closeGaps() throws(StreamError) {
    var kept = Staging(allocator: octets.allocator)
    try kept.octets.reserve(byteCount)
    for number in 0..<runs.count {
      let run = runs[number]
      try kept.beginRun(device: Int(run.device), section: Int(run.section))
      for number in run.firstPiece..<(run.firstPiece + run.pieceCount) {
        let piece = pieces[number]
        let target = octets.bytes.extracting(piece.targetStart..<piece.start)
        let data = octets.bytes.extracting(piece.start..<(piece.start + piece.byteCount))
        _ = try kept.append(piece.piece, owner: piece.owner, target: target, at: piece.offset, data)
      }
    }
    swap(&kept.latest, &latest)
    swap(&self, &kept)
    kept.scrub()
  }

  // MARK: The end

  /// Puts the pieces in the order of devices and sections; owners are now positions among all pieces of their device.
  mutating func settle() throws(StreamError) {
    runs.sort { left, right in
      left.device != right.device ? left.device < right.device : left.section < right.section
    }
    var settled = OwnedBuffer<StagedPiece>(allocator: pieces.allocator)
    try settled.reserve(pieces.count)
    var (device, first) = (Format.none32, 0)
    for index in 0..<runs.count {
      var run = runs[index]
      if run.device != device { (device, first) = (run.device, settled.count) }
      let base = settled.count - first
      for number in run.firstPiece..<(run.firstPiece + run.pieceCount) {
        var piece = pieces[number]
        if piece.owner >= 0 { piece.owner += base }
        try settled.append(piece)
      }
      run.firstPiece = settled.count - run.pieceCount
      runs[index] = run
    }
    swap(&pieces, &settled)
  }

  /// The pieces of a device once they are settled; devices are asked for in ascending order.
  ///
  /// - Parameter run: Where the search begins, and where it ended.
  func pieceRange(of device: Int, from run: inout Int) -> Range<Int> {
    while run < runs.count, Int(runs[run].device) < device { run += 1 }
    let first = run
    while run < runs.count, Int(runs[run].device) == device { run += 1 }
    guard first < run else { return 0..<0 }
    return runs[first].firstPiece..<(runs[run - 1].firstPiece + runs[run - 1].pieceCount)
  }

  /// Forgets everything, and leaves no octet of it.
  mutating func scrub() {
    octets.scrub()
    pieces.release()
    runs.release()
    latest.release()
    (gapByteCount, gapCost) = (0, 0)
  }
}
