/// Where a region lies in the file of an image, and how finely its octets are digested.
///
/// Source: Specs/30-channels-passes-images.md section 3.1.
@frozen
public struct RegionArea: Equatable, Sendable, BitwiseCopyable {
  /// Octets from the start of the file to the first octet of the region.
  public var fileOffset: UInt64
  /// Octets under one digest; a power of two.
  public var granuleByteCount: UInt64

  @inlinable
  public init(fileOffset: UInt64, granuleByteCount: UInt64) {
    self.fileOffset = fileOffset
    self.granuleByteCount = granuleByteCount
  }
}

/// The areas of an image, as its PLACEMENT gives them; empty for the profile `stream`.
///
///      preamble | MANIFEST | PLACEMENT | hole | area 0 | area 1 | records | END
///                                      ^ areasOffset            ^ recordsOffset
///
/// Memory: 16 octets a region.
///
/// Source: Specs/30-channels-passes-images.md section 3.
public struct Placement: ~Copyable {
  private let addressOnly = AddressOnly()
  var table: OwnedBuffer<RegionArea>
  /// The end of PLACEMENT: from here to ``recordsOffset`` no octet belongs to a record. 0 without PLACEMENT.
  public internal(set) var areasOffset: UInt64 = 0
  /// Where the record after PLACEMENT starts. 0 without PLACEMENT.
  public internal(set) var recordsOffset: UInt64 = 0

  init(allocator: StreamAllocator) { table = OwnedBuffer(allocator: allocator) }

  /// By region number.
  public var areas: Span<RegionArea> {
    @_lifetime(borrow self)
    get { table.span }
  }

  static var headByteCount: Int { 16 }
  static var entryByteCount: Int { 24 }
  /// The highest offset of an area's end and of the first record after the areas.
  static var offsetMax: UInt64 { 1 << 62 }
  static var recordsAlignment: UInt64 { 64 }
  static var alignmentMin: UInt64 { 4096 }
  static var granuleMin: UInt64 { 4096 }
  static var granuleMax: UInt64 { 64 << 20 }
  static var granuleRecommended: UInt64 { 64 << 10 }
  static var granulesRecommended: UInt64 { 1 << 19 }
  /// Regions of this size and more start at a multiple of it, so that they can be mapped with huge pages.
  static var hugePage: UInt64 { 2 << 20 }

  /// What an area's offset has to be a multiple of.
  static func alignment(of region: RegionEntry) -> UInt64 { max(alignmentMin, region.pageByteCount) }

  /// The granule for all regions of a manifest: 64 KiB, doubled until there are at most 524288 granules.
  public static func recommendedGranule(for manifest: borrowing Manifest) -> UInt64 {
    var granule = granuleRecommended
    while granule < granuleMax, granules(of: manifest, granule) > granulesRecommended { granule *= 2 }
    return granule
  }

  private static func granules(of manifest: borrowing Manifest, _ granule: UInt64) -> UInt64 {
    var total: UInt64 = 0
    for index in 0..<manifest.regions.count {
      // Regions are below 2^56 octets and 2^32 in number: with granules of 64 KiB the sum stays below 2^64.
      total &+= (manifest.regions[index].byteCount &+ granule &- 1) / granule
    }
    return total
  }
}

/// The fixed part of a PLACED_MEMORY body; its extents follow.
///
/// Source: Specs/30-channels-passes-images.md section 3.2.
@frozen
public struct PlacedMemoryHead: Equatable, Sendable, BitwiseCopyable {
  public static var byteCount: Int { @inlinable get { 16 } }
  /// Octets of one extent.
  public static var extentByteCount: Int { @inlinable get { 32 } }

  public var region: UInt32
  public var pass: UInt32
  public var extentCount: UInt32

  /// The head of a body that a decoder has checked, or that has at least 16 octets.
  public init(_ body: RawSpan) {
    region = body.integer(at: 0, as: UInt32.self)
    pass = body.integer(at: 4, as: UInt32.self)
    extentCount = body.integer(at: 8, as: UInt32.self)
  }

  /// Extent `index` of a checked body.
  public static func extent(_ index: Int, in body: RawSpan) -> PlacedExtent {
    PlacedExtent(body, at: byteCount + index * extentByteCount)
  }
}

/// A run of granules of a region, and what its octets in the area digest to.
@frozen
public struct PlacedExtent: Equatable, Sendable, BitwiseCopyable {
  public var extent: Extent
  /// Where the data lies in the file; 0 for zero and discard.
  public var fileOffset: UInt64
  /// 0 for zero and discard.
  public var digest: UInt64

  init(_ body: RawSpan, at position: Int) {
    extent = Extent(body, at: position)
    fileOffset = body.integer(at: position + 16, as: UInt64.self)
    digest = body.integer(at: position + 24, as: UInt64.self)
  }
}

extension Extent {
  static var lengthMask: UInt64 { 1 << 56 - 1 }

  /// The first two words of an extent whose kind has been checked.
  init(_ body: RawSpan, at position: Int) {
    let word = body.integer(at: position + 8, as: UInt64.self)
    self.init(
      offset: body.integer(at: position, as: UInt64.self), length: word & Self.lengthMask,
      kind: ExtentKind(rawValue: UInt8(truncatingIfNeeded: word >> 56)) ?? .data)
  }
}
