/// Where a record lies.
@frozen
public struct RecordPlace: Equatable, Sendable, BitwiseCopyable {
  /// Octets from the start of the stream to its header; 0: no such record came.
  public var offset: UInt64 = 0
  /// Octets of the whole record.
  public var byteCount: UInt64 = 0

  init() {}

  init(offset: UInt64, byteCount: UInt64) {
    self.offset = offset
    self.byteCount = byteCount
  }

  init(_ header: RecordHeader, at offset: UInt64) {
    self.offset = offset
    byteCount = header.recordByteCount
  }
}

/// An INDEX_PAGE as the INDEX lists it.
@frozen
public struct IndexPageEntry: Equatable, Sendable, BitwiseCopyable {
  public var region: UInt32
  public var extentCount: UInt32
  /// Octets from the start of the region to the first extent, and to the end of the last one.
  public var firstOffset: UInt64
  public var end: UInt64
  public var place: RecordPlace
}

/// Where the records lie that an index leads to.
///
/// Memory: 16 octets a layout and an announced section, 40 an INDEX_PAGE. Byte strings are in the state's own table.
///
/// Source: Specs/30-channels-passes-images.md section 4.
struct RecordPlaces: ~Copyable {
  private let addressOnly = AddressOnly()
  /// By layout number.
  var layouts: OwnedBuffer<RecordPlace>
  /// By position among all announced sections: the record that holds the state so far.
  var sections: OwnedBuffer<RecordPlace>
  /// In the order of the records.
  var pages: OwnedBuffer<IndexPageEntry>
  /// Where the first INDEX_PAGE starts, or the INDEX without pages.
  var pagesOffset: UInt64 = 0
  /// Extents of all pages so far: the position in the final content of the one that comes next.
  var pagedExtentCount = 0

  init(allocator: StreamAllocator) {
    layouts = OwnedBuffer(allocator: allocator)
    sections = OwnedBuffer(allocator: allocator)
    pages = OwnedBuffer(allocator: allocator)
  }
}
