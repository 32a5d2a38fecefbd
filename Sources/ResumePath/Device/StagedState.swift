public import MigrationStream

/// A section or subsection that came for a device, in the reader's layout and right by its rules.
@frozen
public struct StagedPiece: Equatable, Sendable, BitwiseCopyable {
  /// In the reader's table.
  public var piece: RulePiece
  /// Position in ``StagedState/pieces`` of what a subsection lies in; -1 for a section.
  public var owner: Int
  /// Steps of its target path: ``StagedState/element(_:of:)``. 0: it hangs on its owner as a whole.
  public var targetStepCount: Int
  /// Octets from the start of the stream to its data.
  public var offset: UInt64
  /// Its data; the target path lies before it.
  var start: Int
  var byteCount: Int

  var targetStart: Int { start - TargetStep.byteCount * targetStepCount }
}

extension TargetStep {
  /// Octets of a step: field and element. Source: Specs/10-stream-format.md section 6.1.
  static let byteCount = 8
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

  /// The element of a group or list that a step of the target path leads to; 0 where that is no array.
  ///
  /// - Parameter step: From the outermost on; less than ``StagedPiece/targetStepCount``.
  public func element(_ step: Int, of piece: StagedPiece) -> UInt32 {
    octets.extracting(piece.targetStart..<piece.start).integer(at: TargetStep.byteCount * step + 4, as: UInt32.self)
  }
}
