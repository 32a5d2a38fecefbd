import MigrationStream

/// The extents of one slot in canonical form, made from the runs of octets that are mentioned in it.
///
/// ```
///  page       page       page       page              runs       z zero, d data, . not mentioned
///  |zzzzzzdddd|dddddddddd|zzzzzzzzzz|dddd....dd|
///  [data               ] [zero     ][zero][data]      extents, if the second d run of the last page holds content
/// ```
///
/// Source: Specs/30-channels-passes-images.md section 5.2.
struct SlotPieces: ~Copyable {
  /// Octets of a slot.
  static let byteCount: UInt64 = 1 << 20

  private let pageByteCount: UInt64
  private let isOpaque: Bool
  /// Octets from the start of the region to the slot, and the octets of the slot where they are data.
  private(set) var start: UInt64 = 0
  private(set) var octets: OwnedBytes
  private(set) var extents = OwnedBuffer<Extent>()
  private(set) var hasData = false
  /// The piece that is being put together: from, to, and whether a part of it came as data.
  private var piece: Range<UInt64> = 0..<0
  private var pieceIsRead = false

  init(_ region: RegionEntry) throws(StreamError) {
    pageByteCount = min(max(region.pageByteCount, 64), 65_536)
    isOpaque = region.isOpaque
    octets = OwnedBytes()
    try octets.append(repeating: 0, count: Int(Self.byteCount))
  }

  /// Begins a slot.
  mutating func begin(at start: UInt64) {
    self.start = start
    extents.removeAll()
    hasData = false
    piece = start..<start
    pieceIsRead = false
  }

  /// Takes the next run of the slot; the octets of one that `isData` are read by `read` to a range of ``octets``.
  mutating func take(
    _ run: Range<UInt64>, isData: Bool, read: (inout OwnedBytes, Range<Int>) throws -> Void
  ) throws {
    if isData { try read(&octets, positions(run)) }
    if run.lowerBound != piece.upperBound { try closePiece() }
    var at = run.lowerBound
    while at < run.upperBound {
      if piece.isEmpty { piece = at..<at }
      let border = at / pageByteCount * pageByteCount + pageByteCount
      var end = min(run.upperBound, border)
      // Whole zero pages are one step, so that work follows extents and not the octets they claim.
      if !isData, piece.isEmpty, end == border { end = run.upperBound / pageByteCount * pageByteCount }
      try extendPiece(to: end, isData: isData)
      if end % pageByteCount == 0 { try closePiece() }
      at = end
    }
  }

  /// Ends the slot: ``extents`` are those of its chunk.
  mutating func finish() throws(StreamError) { try closePiece() }

  private func positions(_ range: Range<UInt64>) -> Range<Int> {
    Int(range.lowerBound - start)..<Int(range.upperBound - start)
  }

  /// Zero octets are written only where they share a piece with data.
  private mutating func extendPiece(to end: UInt64, isData: Bool) throws(StreamError) {
    if isData, !pieceIsRead { clear(piece) }
    if !isData, pieceIsRead { clear(piece.upperBound..<end) }
    pieceIsRead = pieceIsRead || isData
    piece = piece.lowerBound..<end
  }

  private mutating func clear(_ range: Range<UInt64>) {
    let positions = positions(range)
    var space = octets.mutableSpan
    for position in positions { space[position] = 0 }
  }

  private mutating func closePiece() throws(StreamError) {
    guard !piece.isEmpty else { return }
    let isData = isOpaque || pieceIsRead && !octets.bytes.extracting(positions(piece)).isZero
    let kind = isData ? ExtentKind.data : .zero
    hasData = hasData || isData
    let last = extents.count - 1
    if last >= 0, extents[last].kind == kind, extents[last].offset + extents[last].length == piece.lowerBound {
      extents[last].length += UInt64(piece.count)
    } else {
      try extents.append(Extent(offset: piece.lowerBound, length: UInt64(piece.count), kind: kind))
    }
    piece = piece.upperBound..<piece.upperBound
    pieceIsRead = false
  }
}
