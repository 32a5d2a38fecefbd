/// What to write, in order: octets of the encoder, octets of the caller's memory, padding.
///
/// Made for `writev`: nothing of a plain payload has been copied. Valid until the encoder's next call.
@frozen
public struct GatherList: ~Escapable {
  let head: RawSpan
  let source: RawSpan
  let pieces: Span<SourceRange>
  let tail: RawSpan

  @_lifetime(copy head, copy source, copy pieces, copy tail)
  init(head: RawSpan, source: RawSpan, pieces: Span<SourceRange>, tail: RawSpan) {
    self.head = head
    self.source = source
    self.pieces = pieces
    self.tail = tail
  }

  /// Octets in one piece, those of ``StreamEncoder/preamble`` for instance.
  @_lifetime(copy octets)
  public init(_ octets: RawSpan) {
    self.init(head: octets, source: RawSpan(), pieces: Span(), tail: RawSpan())
  }

  /// Spans to write.
  public var count: Int { pieces.count + (tail.byteCount > 0 ? 2 : 1) }

  /// Octets of all spans.
  public var byteCount: Int {
    var total = head.byteCount + tail.byteCount
    for index in pieces.indices { total += pieces[index].count }
    return total
  }

  public subscript(index: Int) -> RawSpan {
    @_lifetime(copy self)
    get {
      if index == 0 { return head }
      if index > pieces.count { return tail }
      let piece = pieces[index - 1]
      return source.extracting(piece.start..<(piece.start + piece.count))
    }
  }
}

/// A run of the caller's octets.
@frozen
@usableFromInline
struct SourceRange: BitwiseCopyable {
  var start: Int
  var count: Int
}
