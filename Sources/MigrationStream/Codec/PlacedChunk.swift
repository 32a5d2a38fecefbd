/// A run of octets of an area, and what to do there.
@frozen
public struct PlacedPiece: Equatable, Sendable, BitwiseCopyable {
  /// Octets from the start of the file.
  public var fileOffset: UInt64
  public var byteCount: UInt64
  /// data: write the octets. zero and discard: make a hole, or write zeros; nothing where nothing was written before.
  public var kind: ExtentKind
  /// Position of the octets in the memory that was handed over; data only.
  var start: Int
}

/// A PLACED_MEMORY record and what it says about the areas of the file.
///
/// The caller writes the pieces where they belong and the record where the encoder stood; in which order does not
/// matter, as long as all of it is in the file before END is. Valid until the encoder's next call.
@frozen
public struct PlacedChunk: ~Escapable {
  public let record: GatherList
  private let source: RawSpan
  private let pieces: Span<PlacedPiece>

  @_lifetime(copy record, copy source, copy pieces)
  init(record: GatherList, source: RawSpan, pieces: Span<PlacedPiece>) {
    self.record = record
    self.source = source
    self.pieces = pieces
  }

  /// Pieces, ascending in the file.
  public var count: Int { pieces.count }

  public subscript(index: Int) -> PlacedPiece { pieces[index] }

  /// The octets of a data piece; none of other pieces.
  @_lifetime(copy self)
  public func octets(of piece: PlacedPiece) -> RawSpan {
    guard piece.kind == .data else { return source.extracting(first: 0) }
    return source.extracting(piece.start..<(piece.start + Int(piece.byteCount)))
  }
}
