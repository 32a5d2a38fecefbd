import MigrationStream

/// An extent of PLACED_MEMORY.
///
/// Source: Specs/30-channels-passes-images.md section 3.2.
public struct RawPlacedExtent: Sendable {
  public var offset: UInt64
  public var length: UInt64
  /// 1 data, 2 zero, 3 discard.
  public var kind: UInt8
  public var fileOffset: UInt64 = 0
  public var digest: UInt64 = 0

  /// A run of granules without octets.
  public init(_ offset: UInt64, _ length: UInt64, kind: UInt8) {
    self.offset = offset
    self.length = length
    self.kind = kind
  }

  /// A granule whose octets lie in an area that starts at `area`.
  public static func data(_ offset: UInt64, _ octets: [UInt8], area: UInt64) -> RawPlacedExtent {
    var extent = RawPlacedExtent(offset, UInt64(octets.count), kind: 1)
    extent.fileOffset = area &+ offset
    extent.digest = octets.digest
    return extent
  }

  public static func zero(_ offset: UInt64, _ length: UInt64) -> RawPlacedExtent {
    RawPlacedExtent(offset, length, kind: 2)
  }

  public static func discard(_ offset: UInt64, _ length: UInt64) -> RawPlacedExtent {
    RawPlacedExtent(offset, length, kind: 3)
  }
}

/// The area of a region.
public struct RawArea: Sendable {
  public var fileOffset: UInt64
  public var granule: UInt64 = 4096

  public init(_ fileOffset: UInt64, granule: UInt64 = 4096) {
    self.fileOffset = fileOffset
    self.granule = granule
  }
}

extension RawRecord {
  /// A PLACEMENT; `gap` is what follows it up to `records`.
  ///
  /// Source: Specs/30-channels-passes-images.md section 3.1.
  public static func placement(
    records: UInt64, _ areas: [RawArea], extra: [UInt8] = [], gap: [UInt8] = []
  ) -> RawRecord {
    var body: [UInt8] = .joined(.u32(UInt32(areas.count)), .u32(0), .u64(records))
    for area in areas { body.put(.u64(area.fileOffset), .u64(area.granule), .u64(0)) }
    var record = RawRecord(RawKind.placement, body: body + extra)
    record.gap = gap
    return record
  }

  /// A PLACED_MEMORY.
  ///
  /// Source: Specs/30-channels-passes-images.md section 3.2.
  public static func placed(
    region: UInt32 = 0, pass: UInt32 = 0, device: UInt32 = none32, _ extents: [RawPlacedExtent],
    extra: [UInt8] = []
  ) -> RawRecord {
    var body: [UInt8] = .joined(.u32(region), .u32(pass), .u32(UInt32(extents.count)), .u32(0))
    for extent in extents {
      body.put(.u64(extent.offset), .u64(extent.length | UInt64(extent.kind) << 56))
      body.put(.u64(extent.fileOffset), .u64(extent.digest))
    }
    return RawRecord(RawKind.placedMemory, device: device, body: body + extra)
  }
}
