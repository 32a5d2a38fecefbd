import StreamTestKit

extension Base {
  /// A region of one page in its area of a file.
  ///
  /// MANIFEST 64 (body 128), PLACEMENT 208 (body 272: areas 288), 40 octets; hole to 4096; area 4096;
  /// PLACED_MEMORY 8192
  /// (body 8256, 48 octets), END 8304. The hole and the area ride behind PLACEMENT as octets that belong to no
  /// record.
  static let image: RawStream = {
    let page: [UInt8] = .ramp(4096)
    let placement: [UInt8] = .joined(
      .u32(1), .u32(0), .u64(8192), .u64(4096), .u64(4096), .u64(0))
    let placed: [UInt8] = .joined(
      .u32(0), .u32(0), .u32(1), .u32(0), .u64(0), .u64(1 << 56 | 4096), .u64(4096), .u64(page.digest))
    var area = RawRecord(RawKind.placement, body: placement)
    area.gap = .zeros(4096 - 312) + page
    return RawStream(
      profile: 2,
      [
        RawManifest { $0.regions = [RawRegion { $0.length = 4096 }] }.record, area,
        RawRecord(RawKind.placedMemory, body: placed), .end,
      ])
  }()
}
