import MigrationStream
import StreamTestKit

extension LessonTable {
  /// Offsets: `Base.image` and `Base.twoAreas`.
  mutating func addPlacements() {
    folder = "image"
    accept("one-region", "30 §3", "two granules and a half: data, zero, data", Base.image)
    accept(
      "without-regions", "30 §3.1", "records start at the next multiple of 64",
      RawStream(
        profile: 2, [RawManifest().record, .placement(records: 256, [], gap: .zeros(8)), .end]))
    accept(
      "octets-between-areas-are-not-read", "30 §3.1", "a page of octets between two areas, and behind them",
      Self.twoAreas(
        records: 16384, [RawArea(4096), RawArea(12288)],
        gap: .zeros(4096 - 376) + Base.page + .init(repeating: 0xaa, count: 4096) + Base.page))
    accept(
      "records-start-behind-a-hole", "30 §3.1", "ofs_records is not the end of the last area",
      Self.twoAreas(
        records: 12352, [RawArea(4096), RawArea(8192, granule: 64 << 20)],
        gap: .zeros(4096 - 376) + Base.page + Base.page + .init(repeating: 0xaa, count: 64)))
    accept(
      "area-at-a-multiple-of-the-page-size", "30 §3.1", "page_size 65536", Self.largePage(at: 65536))
    placement("num-areas-below-the-regions", 272, found: 0, "one region", Base.image.patched(272, .u32(0)))
    placement("num-areas-above-the-regions", 272, found: 2, "one region", Base.image.patched(272, .u32(2)))
    reject(
      "placement-reserved", .reservedNotZero, .bulk, 276, released: 1, "30 §3.1", "octets 4 to 7",
      Base.image.patched(279, [1]))
    placement(
      "records-not-at-a-multiple-of-64", 280, found: 14344, "behind the area, at a multiple of 8",
      Base.image.patched(280, .u64(14344)))
    placement(
      "records-inside-the-area", 280, found: 14272, "64 octets of the area are left",
      Base.image.patched(280, .u64(14272)))
    placement("records-of-a-region-without-octets", 280, "no room for PLACEMENT", Base.image.patched(280, .u64(0)))
    placement(
      "records-above-two-to-the-62", 280, "no file system goes there", Base.image.patched(280, .u64(1 << 62 + 64)))
    addAreaPlaces()
    addPlacementOrder()
    addSparseBombs()
  }

  private mutating func addAreaPlaces() {
    for (name, offset) in [("at-no-page", UInt64(4104)), ("at-2048", 6144)] {
      placement("area-\(name)", 288, found: offset, "a multiple of 4096", Base.placed([RawArea(offset)]))
    }
    placement("area-at-0", 288, found: 0, "the preamble stands there", Base.placed([RawArea(0)]))
    placement(
      "area-not-at-a-multiple-of-the-page-size", 288, found: 4096, "page_size 65536", Self.largePage(at: 4096))
    placement(
      "area-wraps-around", 288, "offset + length is above 2^64", Base.placed([RawArea(.max - 4095)]))
    placement(
      "area-ends-above-two-to-the-62", 288, "no file system goes there", Base.placed([RawArea(1 << 62)]))
    placement(
      "areas-overlap", 352, found: 4096, "both regions in one area", Base.twoAreas([RawArea(4096), RawArea(4096)]))
    placement(
      "areas-descend", 352, found: 4096, "region 1 before region 0", Base.twoAreas([RawArea(8192), RawArea(4096)]))
    for granule in [UInt64(0), 2048, 6144, 128 << 20, 1 << 63] {
      placement(
        "granule-\(granule)", 296, found: granule, "a power of two from 4096 to 64 MiB",
        Base.image.patched(296, .u64(granule)))
    }
    reject(
      "area-reserved", .reservedNotZero, .bulk, 304, released: 1, "30 §3.1", "the third word of an area",
      Base.image.patched(311, [1]))
    reject(
      "placement-left-over-octets", .unexpectedData, .bulk, 312, released: 1, expected: 48, found: 40, "30 §3.1",
      "a word behind the areas", Base.placed([RawArea(4096)], extra: .zeros(8)))
    reject(
      "placement-of-half-an-area", .truncatedData, .bulk, 288, released: 1, expected: 24, found: 16, "30 §3.1",
      "an area without its last word", Base.image.changing(1) { $0.body.removeLast(8) })
    reject(
      "placement-without-its-head", .truncatedData, .bulk, 272, released: 1, expected: 16, found: 8, "30 §3.1",
      "8 octets of body", Base.image.changing(1) { $0.body = .zeros(8) })
  }

  private mutating func addPlacementOrder() {
    func order(_ name: String, _ offset: UInt64, _ released: Int, _ comment: String, _ stream: RawStream) {
      reject(name, .recordOutOfOrder, .record, offset, released: released, "10 §3.1", comment, stream)
    }
    order("without-placement", 212, 1, "PLACED_MEMORY in its place", Base.image.changing(1) { $0 = .placed([.zero(0, 4096)]) })
    order("placement-twice", 14340, 2, "a second PLACEMENT behind the areas", Base.image.inserting(
      .placement(records: 14336, [RawArea(4096)]), at: 2))
    order(
      "layout-before-placement", 212, 1, "PLACEMENT is the second record",
      Base.image.inserting(Base.oneField.record(0), at: 1))
    order(
      "unknown-before-placement", 212, 1, "skippable or not",
      Base.image.inserting(RawRecord(0x8001, flags: RawFlag.skippable, body: []), at: 1))
    order(
      "abort-before-placement", 212, 1, "nothing but PLACEMENT", Base.image.inserting(.abort(reason: 1, []), at: 1))
    order("memory-in-an-image", 14340, 2, "PLACED_MEMORY replaces it", Base.image.inserting(
      .memory([.data(0, 64)]), at: 2))
    reject(
      "placement-marked-skippable", .badMark, .record, 214, released: 1, "10 §3.1", "the table demands required",
      Base.image.changing(1) { $0.flags = RawFlag.skippable })
    reject(
      "placement-of-a-device", .badValue, .record, 220, released: 1, found: 0, "10 §3.1", "a record of the machine",
      Base.image.changing(1) { $0.device = 0 })
    reject(
      "of-two-channels", .badValue, .preamble, 26, released: 0, expected: 1, found: 2, "30 §3",
      "num_channels is 1", Base.image.patched(26, .u16(2)).patched(16, .u32(1 << 1)))
  }

  /// Claims of areas that are not there.
  private mutating func addSparseBombs() {
    reject(
      "ends-inside-the-area", .truncated, .record, 5000, released: 2, expected: 14024, found: 4688, "30 §3",
      "ofs_records lies beyond the file", Base.image.cut(to: 5000))
    reject(
      "ends-where-records-start", .truncated, .record, 14336, released: 2, expected: 64, found: 0, "30 §3",
      "the areas are there, END is not", Base.image.cut(to: 14336))
    reject(
      "sparse-bomb", .truncated, .record, 312, released: 2, expected: 1 << 61 - 312, found: 0, "30 §3",
      "an area at 2^60 and records at 2^61, in 312 octets",
      Base.placed(records: 1 << 61, [RawArea(1 << 60)]))
    reject(
      "region-of-two-to-the-56", .truncated, .record, 312, released: 2, expected: 1 << 60 - 312, found: 0, "30 §3",
      "a region of nearly 2^56 octets costs what came of it",
      Base.placed(records: 1 << 60, [RawArea(4096)]) { $0.length = 1 << 56 - 1 })
  }

  private mutating func placement(
    _ name: String, _ offset: UInt64, found: UInt64? = nil, _ comment: String, _ stream: RawStream
  ) {
    reject(name, .badPlacement, .bulk, offset, released: 1, found: found, "30 §3.1", comment, stream)
  }

  private static func twoAreas(records: UInt64, _ areas: [RawArea], gap: [UInt8]) -> RawStream {
    let extents = areas.enumerated().map { number, area in
      RawRecord.placed(region: UInt32(number), [.data(0, Base.page, area: area.fileOffset)])
    }
    return RawStream(
      profile: 2, [Base.twoRegions.record, .placement(records: records, areas, gap: gap)] + extents + [.end])
  }

  private static func largePage(at offset: UInt64) -> RawStream {
    let manifest = RawManifest { $0.regions = [RawRegion { ($0.length, $0.pageSize) = (4096, 65536) }] }
    let records = offset + 4096
    return RawStream(
      profile: 2,
      [
        manifest.record,
        .placement(records: records, [RawArea(offset)], gap: .zeros(Int(offset) - 312) + Base.page),
        .placed([.data(0, Base.page, area: offset)]), .end,
      ])
  }
}
