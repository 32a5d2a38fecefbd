import StreamTestKit

extension Base {
  /// 4096 octets, nearly all zero: a scenario file stays short.
  static let page: [UInt8] = .ramp(64) + .zeros(4032)
  /// What is left of a region of 10240 octets behind two granules.
  static let lastPage: [UInt8] = .ramp(8) + .zeros(2040)

  /// A region of two granules and a half in an image: data, zero, data.
  ///
  /// MANIFEST 64, PLACEMENT 208 (body 272: ofs_records 280; area 288, granule 296, reserved 304), 312; hole to 4096;
  /// area to 14336; PLACED_MEMORY 14336 (body 14400: region, pass 14404, num_extents 14408, reserved 14412; extents
  /// 14416, 14448, 14480), END 14512.
  static let image: RawStream = image([.placed([.data(0, page, area: 4096), .zero(4096, 4096), .data(8192, lastPage, area: 4096)])])

  static let imageArea: [UInt8] = page + .zeros(4096) + lastPage

  /// The same region with other records behind its area.
  static func image(mandatory: UInt32 = 0, area: [UInt8] = imageArea, _ records: [RawRecord]) -> RawStream {
    image(mandatory: mandatory, area: area, { _ in }, records)
  }

  static func image(
    mandatory: UInt32 = 0, area: [UInt8] = imageArea, _ region: (inout RawRegion) -> Void, _ records: [RawRecord]
  ) -> RawStream {
    let manifest = RawManifest { $0.regions = [RawRegion { $0.length = 10240; region(&$0) }] }
    return RawStream(
      mandatory: mandatory, profile: 2,
      [manifest.record, .placement(records: 14336, [RawArea(4096)], gap: .zeros(4096 - 312) + area)] + records + [.end])
  }

  /// One record with one extent: offset 14416, length 14424, file offset 14432, digest 14440.
  static func image(_ extents: RawPlacedExtent...) -> RawStream { image([.placed(extents)]) }

  /// An image whose PLACEMENT says what it wants; nothing of the areas follows.
  static func placed(
    records: UInt64 = 14336, _ areas: [RawArea], extra: [UInt8] = [], _ region: (inout RawRegion) -> Void = { _ in }
  ) -> RawStream {
    let manifest = RawManifest { $0.regions = [RawRegion { $0.length = 10240; region(&$0) }] }
    return RawStream(profile: 2, [manifest.record, .placement(records: records, areas, extra: extra)])
  }

  /// Two regions of 4096 octets: PLACEMENT 248 (body 312: ofs_records 320, areas 328 and 352), 376.
  static func twoAreas(records: UInt64 = 12288, _ areas: [RawArea]) -> RawStream {
    RawStream(
      profile: 2, [twoRegions.record, .placement(records: records, areas)])
  }

  static let twoRegions = RawManifest {
    $0.regions = [
      RawRegion { $0.length = 4096 },
      RawRegion {
        ($0.name, $0.length, $0.guestAddress) = (.text("rom"), 4096, 1 << 32)
      },
    ]
  }
}
