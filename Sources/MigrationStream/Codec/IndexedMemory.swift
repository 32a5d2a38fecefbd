/// A record of memory that an index led to: checked once, then asked for its extents, in ascending order.
///
/// ```
/// var memory = try reader.memory(of: extent, record: octets)
/// image:  area octets whose digest is memory.digest(of: extent)      stream:  memory.plain[memory.range(of: extent)]
/// ```
///
/// Memory: the body, and the payload, decompressed.
///
/// Source: Specs/30-channels-passes-images.md section 4.3.
public struct IndexedMemory: ~Copyable {
  private let addressOnly = AddressOnly()
  private let recordOffset: UInt64
  private let headByteCount: Int
  private let extentByteCount: Int
  private let body: OwnedBytes
  private let payload: OwnedBytes
  private let extentCount: Int
  /// The extent of the record that was asked for last, and the octets of data before it.
  private var index = 0
  private var position: UInt64 = 0

  init(
    _ body: consuming OwnedBytes, _ payload: consuming OwnedBytes, _ kind: RecordKind, at recordOffset: UInt64
  ) {
    self.recordOffset = recordOffset
    headByteCount = kind == .placedMemory ? PlacedMemoryHead.byteCount : MemoryHead.byteCount
    extentByteCount = kind == .placedMemory ? PlacedMemoryHead.extentByteCount : Extent.byteCount
    extentCount = Int(body.bytes.integer(at: 8, as: UInt32.self))
    self.body = body
    self.payload = payload
  }

  /// What the record's data extents hold, one after the other; empty in an image.
  public var plain: RawSpan {
    @_lifetime(borrow self)
    get { payload.bytes }
  }

  /// Image: what a granule digests to.
  ///
  /// - Throws: `badIndex` when the record has no such extent.
  public mutating func digest(of extent: IndexedExtent) throws(StreamError) -> UInt64 {
    let found = try find(extent)
    let placed = PlacedMemoryHead.extent(index, in: body.bytes)
    guard found == extent.extent, placed.fileOffset == extent.dataOffset else { throw notSought }
    return placed.digest
  }

  /// Where in the file the digest of the extent stands that was asked for last.
  public var digestOffset: UInt64 {
    recordOffset &+ UInt64(RecordHeader.byteCount + headByteCount + index * extentByteCount + 24)
  }

  /// Profile `stream`: where in ``plain`` the octets of a data extent are.
  ///
  /// - Throws: `badIndex` when the record has no such data.
  public mutating func range(of extent: IndexedExtent) throws(StreamError) -> Range<Int> {
    let found = try find(extent)
    guard found.kind == .data, extent.extent.kind == .data else { throw notSought }
    let start = Int(position &+ (extent.extent.offset &- found.offset))
    return start..<(start + Int(extent.extent.length))
  }

  /// Whether the record says that these octets read as zero.
  ///
  /// - Throws: `badIndex` when it says something else of them.
  public mutating func confirm(_ extent: IndexedExtent) throws(StreamError) {
    guard try find(extent).kind == extent.extent.kind else { throw notSought }
  }

  /// The extent of the record in which an extent of the index lies; extents are passed once.
  private mutating func find(_ extent: IndexedExtent) throws(StreamError) -> Extent {
    while index < extentCount {
      let candidate = Extent(body.bytes, at: headByteCount + index * extentByteCount)
      let end = candidate.offset &+ candidate.length
      if extent.extent.offset < end {
        guard candidate.offset <= extent.extent.offset, extent.extent.length <= end &- extent.extent.offset
        else { throw notSought }
        return candidate
      }
      if candidate.kind == .data { position &+= candidate.length }
      index += 1
    }
    throw notSought
  }

  private var notSought: StreamError { StreamError(.badIndex, .record, at: recordOffset) }
}

extension IndexReader {
  /// Takes the record that names an extent last, with all it holds.
  ///
  /// - Parameter octets: That record with its payload, or more from there on.
  public mutating func memory(
    of extent: IndexedExtent, record octets: RawSpan
  ) throws(StreamError) -> IndexedMemory {
    let kind: RecordKind = state.preamble.profile == .image ? .placedMemory : .memory
    let header = try openMemory(octets, extent, kind)
    try enter(pass: MemoryHead(staged.bytes).pass, field: extent.recordOffset &+ 68)
    try state.takeBody(in: staged, of: header, at: extent.recordOffset)
    var held = OwnedBytes(allocator: staged.allocator)
    let stored = try takePayload(octets, header, at: extent.recordOffset)
    try held.append(try plain(stored, header, at: extent.recordOffset))
    var body = OwnedBytes(allocator: staged.allocator)
    swap(&body, &staged)
    return IndexedMemory(body, held, kind, at: extent.recordOffset)
  }
}
