public import MigrationStream

/// A section or subsection that came for a device, in the reader's layout and right by its rules.
@frozen
public struct StagedPiece: Equatable, Sendable, BitwiseCopyable {
  /// In the reader's table.
  public var piece: RulePiece
  /// Position in ``StagedState/pieces`` of what a subsection lies in; -1 for a section.
  public var owner: Int
  /// The element of the owner's target that it hangs on; 0 where there is none.
  public var element: UInt32
  /// Octets from the start of the stream to its data.
  public var offset: UInt64
  var start: Int
  var byteCount: Int
}

/// Everything small that came for one device: sections in the order of the manifest, each followed by its
/// subsections, and the byte string of a staged device.
///
/// The octets lie in the session's private memory until the session ends.
@frozen
public struct StagedState: ~Escapable {
  public let pieces: Span<StagedPiece>
  let octets: RawSpan
  /// Empty for devices that are not ``ApplyKind/staged``.
  public let byteString: RawSpan

  @_lifetime(copy pieces, copy octets, copy byteString)
  init(pieces: Span<StagedPiece>, octets: RawSpan, byteString: RawSpan) {
    self.pieces = pieces
    self.octets = octets
    self.byteString = byteString
  }

  /// Data in the reader's layout.
  @_lifetime(copy self)
  public func data(of piece: StagedPiece) -> RawSpan {
    octets.extracting(piece.start..<(piece.start + piece.byteCount))
  }
}
