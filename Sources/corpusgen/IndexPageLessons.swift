import MigrationStream
import StreamTestKit

extension LessonTable {
  /// Offsets: `Base.indexedImage` and `Base.superseded`.
  mutating func addIndexPages() {
    folder = "index"
    let image = Base.indexedImage
    accept("pages-of-two", "30 §4.2", "the content of one region in two pages", Self.twoPages(second: 4096))
    page("page-of-no-region", 15040, "one region", image.patched(15040, .u32(1)))
    page("extent-of-no-kind", 15056, "kind 4", image.patched(15071, [4]))
    page("extent-empty", 15056, "length is 1 or more", image.patched(15064, .u64(1 << 56)))
    page("extent-past-the-region", 15120, "10240 octets", image.patched(15128, .u64(1 << 56 | 2049)))
    page("extents-overlap", 15088, "one octet of granule 0", image.patched(15088, .u64(4095)))
    page("extents-descend", 15120, "before the one before", image.patched(15120, .u64(0)))
    page("extent-wraps-around", 15120, "offset + length is above 2^64", image.patched(15120, .u64(.max - 7)))
    page("zero-with-an-offset-of-data", 15088, "0", image.patched(15104, .u64(8192)))
    page("data-elsewhere", 15056, "the area and the offset", image.patched(15072, .u64(8192)))
    page("data-nowhere", 15056, "the area and the offset", image.patched(15072, .u64(0)))
    page("record-at-no-multiple-of-8", 15056, "no record starts there", image.patched(15080, .u64(14529)))
    page("record-in-the-preamble", 15056, "no record starts there", image.patched(15080, .u64(0)))
    page("record-behind-the-pages", 15056, "the page itself", image.patched(15080, .u64(14976)))
    reject(
      "extents-cut", .truncatedData, .index, 15056, released: 6, expected: 96, found: 88, "40 §4",
      "all extents of a page are one item", image.changing(6) { $0.body.removeLast(8) })
    reject(
      "pages-overlap", .badIndex, .index, 15168, released: 7, "30 §4.2", "the second starts in the first",
      Self.twoPages(second: 4088))
    reject(
      "page-of-a-region-before", .badIndex, .index, 648, released: 4, "30 §4.2", "region 1, then region 0",
      Self.twoRegions([1, 0], naming: 1))
    accept("pages-of-two-regions", "30 §4.2", "region 0, then region 1", Self.twoRegions([0, 1]))
    addPageOrder()
    addIndexesOfChannels()
    addContents()
  }

  private mutating func page(_ name: String, _ offset: UInt64, _ comment: String, _ stream: RawStream) {
    reject(name, .badIndex, .index, offset, released: 6, "30 §4.2", comment, stream)
  }

  private mutating func addPageOrder() {
    let image = Base.indexedImage
    func order(_ name: String, found: UInt64, _ stream: RawStream) {
      reject(
        name, .recordOutOfOrder, .record, 15156, released: 7, found: found, "30 §4",
        "behind a page come pages, INDEX or ABORT", stream)
    }
    order("memory-behind-a-page", found: 8, image.inserting(.placed([.zero(0, 4096)]), at: 7))
    order(
      "unknown-behind-a-page", found: 0x8001,
      image.inserting(RawRecord(0x8001, flags: RawFlag.skippable, body: []), at: 7))
    order("end-behind-a-page", found: 13, image.changing(7) { $0 = .end })
    reject(
      "abort-behind-a-page", .aborted, .end, 15216, released: 7, found: 3, "30 §4",
      "a source may give up while it writes pages", image.changing(7) { $0 = .abort(reason: 3, []) })
  }

  /// Offsets of two channels have nothing in common. Channel 0: MANIFEST 64, MEMORY 208, then what is listed here, 384.
  private mutating func addIndexesOfChannels() {
    folder = "channel"
    defer { folder = "index" }
    let records: [(String, UInt64, RawRecord)] = [
      ("index", 10, .index()), ("page", 9, .indexPage(region: 0, [RawIndex.extent(0, 64, data: 320, record: 208)])),
    ]
    for (name, kind, record) in records {
      reject(
        "\(name)-on-channel-0", .recordOutOfOrder, .record, 388, released: 2, found: kind, "30 §4",
        "num_channels is 2", Base.two.inserting(record, at: 2))
    }
  }

  /// What only a reader of the content can tell.
  private mutating func addContents() {
    func extents(
      _ name: String, _ offset: UInt64, _ released: Int, _ comment: String, from first: UInt64 = 0, to end: UInt64 = 64,
      _ list: [UInt8]...
    ) {
      reject(
        name, .badIndex, .index, offset, released: released, "30 §4.2", comment, content: true,
        Base.superseded(list, from: first, to: end))
    }
    let (data, zero) = (
      RawIndex.extent(0, 32, data: 320, record: 208), RawIndex.extent(32, 32, kind: 2, record: 384)
    )
    extents("of-superseded-data", 576, 3, "the second record has zeros there", RawIndex.extent(0, 64, data: 320, record: 208))
    extents("extent-missing", 680, 4, "the zeros are not listed", to: 32, data)
    extents("first-extent-missing", 576, 3, "the data is not listed", from: 32, zero)
    extents(
      "data-one-octet-off", 576, 3, "the payload starts at 320", RawIndex.extent(0, 32, data: 321, record: 208), zero)
    extents("of-another-record", 608, 3, "the zeros are those of 384", data, RawIndex.extent(32, 32, kind: 2, record: 208))
    extents("of-another-kind", 608, 3, "zero, not discard", data, RawIndex.extent(32, 32, kind: 3, record: 384))
    extents(
      "extent-that-is-not-there", 640, 3, "nothing is said of octet 64", to: 65, data, zero,
      RawIndex.extent(64, 1, kind: 2, record: 384))
    extents(
      "extent-cut-in-two", 576, 3, "final extents are as long as can be", RawIndex.extent(0, 16, data: 320, record: 208),
      RawIndex.extent(16, 16, data: 336, record: 208), zero)
    reject(
      "index-without-the-content", .badIndex, .index, 456, released: 2, expected: 1, found: 0, "30 §4.2",
      "an INDEX without pages, and memory", content: true,
      Base.ram([.memory([.data(0, 64)]), .index()]))
  }

  /// INDEX_PAGE 14976 (112 octets), INDEX_PAGE 15088 (body 15152, 144 octets, extents 15168, 15200), INDEX 15232.
  private static func twoPages(second: UInt64) -> RawStream {
    var stream = Base.indexedImage
    var extents = Base.imageExtents
    extents[1].set(.u64(second), at: 0)
    stream.records[6] = .indexPage(region: 0, [extents[0]])
    stream.records[7] = .index(
      layouts: [RawIndex.layout(14336, 192)], sections: [RawIndex.section(0, 0, 14704, 96)],
      pages: [
        RawIndex.page(0, 1, 0, 4096, 14976, 112), RawIndex.page(0, 2, second, 10240, 15088, 144),
      ], byteStrings: [RawIndex.bytes(0, 1, 14800, 64)])
    return stream.inserting(.indexPage(region: 0, [extents[1], extents[2]]), at: 7)
  }

  /// MANIFEST 64 to 248; MEMORY 248 and 360 (112 octets each); INDEX_PAGE 472 (112 octets), INDEX_PAGE 584 (body 648).
  ///
  /// - Parameter first: The region of the first MEMORY; the second is of region 1.
  private static func twoRegions(_ order: [UInt32], naming first: UInt32 = 0) -> RawStream {
    let manifest = RawManifest { $0.regions = [RawRegion(), RawRegion { $0.name = .text("rom") }] }
    let pages = order.map { region in
      RawRecord.indexPage(
        region: region, [RawIndex.extent(0, 4096, kind: 2, record: 248 + 112 * UInt64(region))])
    }
    return RawStream(
      [manifest.record, .memory(region: first, [.zero(0, 4096)]), .memory(region: 1, [.zero(0, 4096)])] + pages + [
        .index(pages: order.enumerated().map {
          RawIndex.page($0.element, 1, 0, 4096, 472 + 112 * UInt64($0.offset), 112)
        }), .end,
      ])
  }
}
