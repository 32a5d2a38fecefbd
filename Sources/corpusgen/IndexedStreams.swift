import StreamTestKit

/// An entry of an INDEX or of an INDEX_PAGE as octets.
///
/// Source: Specs/30-channels-passes-images.md sections 4.1 and 4.2.
enum RawIndex {
  static func layout(_ offset: UInt64, _ count: UInt64) -> [UInt8] { .joined(.u64(offset), .u64(count)) }

  static func section(_ device: UInt32, _ section: UInt16, _ offset: UInt64, _ count: UInt64) -> [UInt8] {
    .joined(.u32(device), .u16(section), .u16(0), .u64(offset), .u64(count))
  }

  static func page(
    _ region: UInt32, _ extents: UInt32, _ first: UInt64, _ end: UInt64, _ offset: UInt64, _ count: UInt64
  ) -> [UInt8] {
    .joined(.u32(region), .u32(extents), .u64(first), .u64(end), .u64(offset), .u64(count))
  }

  static func bytes(_ device: UInt32, _ records: UInt32, _ first: UInt64, _ count: UInt64) -> [UInt8] {
    .joined(.u32(device), .u32(records), .u64(first), .u64(count))
  }

  /// - Parameter kind: 1 data, 2 zero, 3 discard.
  static func extent(_ offset: UInt64, _ length: UInt64, kind: UInt8 = 1, data: UInt64 = 0, record: UInt64) -> [UInt8] {
    .joined(.u64(offset), .u64(length | UInt64(kind) << 56), .u64(data), .u64(record))
  }
}

extension Base {
  /// An image with everything that an index leads to.
  ///
  /// MANIFEST 64 to 288, PLACEMENT to 392, area 4096 to 14336; LAYOUT 14336 (192 octets), PLACED_MEMORY 14528, SECTION
  /// 14704 (96), BYTES 14800 (payload 14912), INDEX_PAGE 14976 (176 octets, body 15040: num_extents 15044, reserved
  /// 15048, extents 15056, 15088, 15120), INDEX 15152 (body 15216: layout 15248, section 15264, page 15288, byte string
  /// 15328), END 15352.
  static let indexedImage: RawStream = {
    let manifest = RawManifest {
      $0.regions = [RawRegion { $0.length = 10240 }]
      $0.devices = [RawDevice()]
    }
    return RawStream(
      optional: 1, profile: 2,
      [
        manifest.record,
        .placement(records: 14336, [RawArea(4096)], gap: .zeros(4096 - 392) + imageArea), oneField.record(0),
        .placed([.data(0, page, area: 4096), .zero(4096, 4096), .data(8192, lastPage, area: 4096)]),
        RawSection(data: .zeros(8)).record, .bytes(.ramp(64)), .indexPage(region: 0, imageExtents),
        .index(
          layouts: [RawIndex.layout(14336, 192)], sections: [RawIndex.section(0, 0, 14704, 96)],
          pages: [RawIndex.page(0, 3, 0, 10240, 14976, 176)], byteStrings: [RawIndex.bytes(0, 1, 14800, 64)]), .end,
      ])
  }()

  static let imageExtents = [
    RawIndex.extent(0, 4096, data: 4096, record: 14528), RawIndex.extent(4096, 4096, kind: 2, record: 14528),
    RawIndex.extent(8192, 2048, data: 12288, record: 14528),
  ]

  /// A stream in which one record supersedes the end of another's data.
  ///
  /// MEMORY 208 (payload 320), MEMORY 384, INDEX_PAGE 496 (body 560, extents 576, 608), INDEX 640 (body 704, page 736).
  static let superseded = superseded([
    RawIndex.extent(0, 32, data: 320, record: 208), RawIndex.extent(32, 32, kind: 2, record: 384),
  ])

  static func superseded(_ extents: [[UInt8]], from first: UInt64 = 0, to end: UInt64 = 64) -> RawStream {
    let count = UInt64(extents.count)
    var stream = ram([
      .memory([.data(0, 64)]), .memory([.zero(32, 32)]), .indexPage(region: 0, extents),
      .index(pages: [RawIndex.page(0, UInt32(count), first, end, 496, 80 + 32 * count)]),
    ])
    stream.preamble.set(.u32(1), at: 20)
    return stream
  }
}
