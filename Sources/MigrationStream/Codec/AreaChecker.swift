/// A run of octets of an image's area, and what it has to hold.
@frozen
public struct AreaPiece: Equatable, Sendable, BitwiseCopyable {
  public var region: UInt32
  /// Octets from the start of the region.
  public var offset: UInt64
  public var byteCount: UInt64
  /// Octets from the start of the file.
  public var fileOffset: UInt64
  /// nil: no extent names these octets. All but data are zero.
  public var kind: ExtentKind?
  /// Data only: what the octets digest to, and where in the file that is said.
  public var digest: UInt64
  public var digestOffset: UInt64
}

/// Checks what lies in the areas of an image, after END was read by a decoder that collected the content.
///
/// It reads nothing itself: the caller asks for one piece after the other and hands over its octets, in segments of any
/// length. Pieces of zeros may be skipped where the file system says that there is a hole, so a run of 2^40 zero octets
/// costs what is really there.
///
///     while let piece = try checker.next(in: decoder.state) {
///       read piece.byteCount octets at piece.fileOffset: take(_:), or skip(_:) for holes
///     }
///
/// Source: Specs/30-channels-passes-images.md section 3.3.
public struct AreaChecker: ~Copyable {
  private var digest: RunningDigest
  /// The piece that is being checked.
  public private(set) var piece: AreaPiece?
  private var arrived: UInt64 = 0
  /// Where the next piece starts, and the first extent of the content that is not behind it.
  private var region = 0
  private var offset: UInt64 = 0
  private var index = 0
  private var poison: StreamError?

  public init(allocator: StreamAllocator = .system) throws(StreamError) {
    digest = try RunningDigest(allocator: allocator)
  }

  /// Octets of the piece that have not come.
  public var remaining: UInt64 { piece.map { $0.byteCount &- arrived } ?? 0 }

  /// The next piece, ascending by (region, offset); nil when every octet of every region was looked at.
  ///
  /// - Throws: `wrongCall` before END, without collected content, or when octets of the piece before are missing.
  public mutating func next(in state: borrowing StreamState) throws(StreamError) -> AreaPiece? {
    if let poison { throw poison }
    guard state.hasEnded, state.options.collectsContent, remaining == 0 else {
      throw StreamError(.wrongCall, .use, at: piece?.fileOffset ?? 0)
    }
    piece = nil
    arrived = 0
    while region < state.placement.areas.count, offset == state.manifest.regions[region].byteCount {
      region += 1
      offset = 0
    }
    guard region < state.placement.areas.count else { return nil }
    let fileOffset = state.placement.areas[region].fileOffset &+ offset
    var end = state.manifest.regions[region].byteCount
    var named: FinalExtent?
    if index < state.content.count, state.content[index].region == UInt32(region) {
      let extent = state.content[index]
      if extent.offset == offset {
        named = extent
        end = extent.end
        index += 1
      } else {
        end = extent.offset
      }
    }
    piece = AreaPiece(
      region: UInt32(region), offset: offset, byteCount: end &- offset, fileOffset: fileOffset, kind: named?.kind,
      digest: named?.word ?? 0, digestOffset: named.map(Self.digestOffset) ?? 0)
    offset = end
    return piece
  }

  private static func digestOffset(of extent: FinalExtent) -> UInt64 {
    let extents = UInt64(RecordHeader.byteCount + PlacedMemoryHead.byteCount)
    return extent.recordOffset &+ extents &+ UInt64(extent.index) &* UInt64(PlacedMemoryHead.extentByteCount) &+ 24
  }

  /// Takes the next octets of the piece.
  ///
  /// - Throws: `digestMismatch` at the digest of the data, `badPadding` at the first octet that is not zero; the same on
  ///   every further call. `wrongCall` for more octets than ``remaining``.
  public mutating func take(_ octets: RawSpan) throws(StreamError) {
    if let poison { throw poison }
    guard let piece, UInt64(octets.byteCount) <= remaining else { throw StreamError(.wrongCall, .use, at: 0) }
    do throws(StreamError) {
      if piece.kind == .data {
        try takeData(octets, piece)
      } else {
        try checkZeros(octets, at: piece.fileOffset &+ arrived)
      }
    } catch let refusal {
      poison = refusal
      throw refusal
    }
    arrived &+= UInt64(octets.byteCount)
  }

  private mutating func takeData(_ octets: RawSpan, _ piece: AreaPiece) throws(StreamError) {
    let found: UInt64
    if UInt64(octets.byteCount) == piece.byteCount {
      found = Digest.xxh3(octets)
    } else {
      if arrived == 0 { digest.reset() }
      digest.update(octets)
      guard UInt64(octets.byteCount) == remaining else { return }
      found = digest.value
    }
    guard found == piece.digest else {
      throw StreamError(
        .digestMismatch, .bulk, at: piece.digestOffset, expected: piece.digest, found: found)
    }
  }

  private func checkZeros(_ octets: RawSpan, at fileOffset: UInt64) throws(StreamError) {
    if octets.isZero { return }
    let index = octets.firstNonZero
    throw StreamError(
      .badPadding, .bulk, at: fileOffset &+ UInt64(index), found: UInt64(octets.octet(at: index)))
  }

  /// Goes on behind octets of the piece that are a hole of the file.
  ///
  /// - Throws: `wrongCall` in data, which is digested as it is read, and for more octets than ``remaining``.
  public mutating func skip(_ count: UInt64) throws(StreamError) {
    if let poison { throw poison }
    guard let piece, piece.kind != .data, count <= remaining else { throw StreamError(.wrongCall, .use, at: 0) }
    arrived &+= count
  }
}
