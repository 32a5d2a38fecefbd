import MigrationStream
import StreamTestKit

extension LessonTable {
  /// Offsets: `Base.image`; PLACED_MEMORY 14336 (flags 14342, device 14348), body 14400, first extent 14416.
  mutating func addPlacedMemory() {
    folder = "image"
    let stream = Base.image
    let data = RawPlacedExtent.data(0, Base.page, area: 4096)
    accept(
      "granule-supersedes-in-place", "30 §3.2", "two records of one pass name granule 0; the first digest is history",
      Base.image([.placed([.data(0, .ramp(4096), area: 4096)]), .placed([data, .zero(4096, 4096)]), Self.rest]))
    accept(
      "granule-supersedes-in-a-later-pass", "30 §3.2", "data in pass 0, other data in pass 1",
      Base.image(
        mandatory: 1 << 2,
        [
          .placed([.data(0, .ramp(4096), area: 4096), .zero(4096, 6144)]), .barrier(pass: 0, next: 4),
          .placed(pass: 1, [data]), .placed(pass: 1, [.data(8192, Base.lastPage, area: 4096)]),
        ]))
    accept(
      "data-becomes-zero", "30 §3.2", "a hole where data was",
      Base.image(area: .zeros(10240), [.placed([data]), .placed([.zero(0, 10240)])]))
    accept("discard", "30 §3.2", "up to the end of the region", Base.image([
      .placed([data, .discard(4096, 6144)]), .placed([.data(8192, Base.lastPage, area: 4096)])]))
    accept("nothing-is-mentioned", "30 §3.3", "the area is a hole", Base.image(area: .zeros(10240), []))
    accept(
      "opaque", "30 §3.2", "zero octets are data too",
      Base.image(
        mandatory: 1 << 5, { $0.flags = 4 },
        [.placed([data, .data(4096, .zeros(4096), area: 4096), .data(8192, Base.lastPage, area: 4096)])]))
    accept("of-a-skippable-device", "10 §3.1", "the mark is that of the region's owner", Self.owned(0, 2))
    reject(
      "of-another-owner", .badValue, .bulk, 14348, released: 2, expected: 0, found: 0xffff_ffff, "10 §3.1",
      "the region belongs to device 0", Self.owned(none32, 1))
    reject(
      "required-of-a-skippable-device", .badMark, .record, 14342, released: 2, "10 §3.1",
      "the mark is that of the region's owner", Self.owned(0, 1))
    bad("region-not-in-the-manifest", .unknownRegion, 14400, found: 1, "one region", stream.patched(14400, .u32(1)))
    bad("pass-without-passes", .badPass, 14404, found: 1, "no barrier came", stream.patched(14404, .u32(1)))
    bad("no-extent", .badValue, 14408, found: 0, "1 or more", Base.image([.placed([])]))
    bad("reserved", .reservedNotZero, 14412, "octets 12 to 15", stream.patched(14415, [1]))
    bad(
      "extents-past-the-body", .truncatedData, 14512, expected: 32, found: 0, "four declared, three there",
      stream.patched(14408, .u32(4)))
    reject(
      "extents-above-the-limit", .limitExceeded, .bulk, 14408, released: 2, expected: 1_048_576, found: 0xffff_ffff,
      "40 §3", "extentsMax", stream.patched(14408, .u32(.max)))
    bad(
      "left-over-octets", .unexpectedData, 14448, "a word behind the extent",
      Base.image([.placed([data], extra: .zeros(8))]))
    bad(
      "body-without-its-head", .truncatedData, 14400, expected: 16, found: 8, "8 octets of body",
      stream.changing(2) { $0.body = .zeros(8) })
    addPlacedExtents()
  }

  private static let rest = RawRecord.placed([.data(8192, Base.lastPage, area: 4096)])

  private mutating func addPlacedExtents() {
    let data = RawPlacedExtent.data(0, Base.page, area: 4096)
    for kind in [UInt8(0), 4] {
      bad("extent-kind-\(kind)", .badExtent, 14424, "1, 2 or 3", Base.image(RawPlacedExtent(0, 4096, kind: kind)))
    }
    bad("extent-empty", .badExtent, 14424, "length is 1 or more", Base.image(.zero(0, 0)))
    bad("extent-past-the-region", .badExtent, 14424, "one granule too long", Base.image(.zero(8192, 4096)))
    bad("extent-wraps-around", .badExtent, 14424, "offset + length is 2^64", Base.image(.zero(.max - 4095, 4096)))
    bad("extents-overlap", .badExtent, 14448, "granule 1 twice", Base.image(.zero(0, 8192), .zero(4096, 4096)))
    bad("extents-descend", .badExtent, 14448, "granule 1, granule 0", Base.image(.zero(4096, 4096), data))
    bad("granule-twice-in-a-record", .badExtent, 14448, found: 0, "granule 0 twice", Base.image(data, data))
    bad(
      "opaque-with-zero-extent", .badExtent, 14424, "opaque memory has data extents only",
      Base.image(mandatory: 1 << 5, { $0.flags = 4 }, [.placed([.zero(0, 4096)])]))
    place("extent-at-no-granule", 14416, found: 2048, "granules of 4096", Base.image(.data(2048, Base.lastPage, area: 4096)))
    place("zero-extent-at-no-granule", 14416, found: 8, "granules of 4096", Base.image(.zero(8, 4088)))
    place("data-of-two-granules", 14424, found: 8192, "one granule", Base.image(.data(0, .zeros(8192), area: 4096)))
    place("data-of-half-a-granule", 14424, found: 2048, "whole but for the last", Base.image(.data(0, .zeros(2048), area: 4096)))
    place("last-granule-too-short", 14424, found: 1024, "2048 octets are left", Base.image(.data(8192, .zeros(1024), area: 4096)))
    place("zero-of-half-a-granule", 14424, found: 2048, "whole granules", Base.image(.zero(0, 2048)))
    place("discard-ends-in-a-granule", 14424, found: 6144, "whole granules", Base.image(.discard(0, 6144)))
    place(
      "file-offset-elsewhere", 14432, found: 8192, "granule 0 lies at 4096", Base.image(.data(0, Base.page, area: 8192)))
    place(
      "file-offset-of-the-granule-before", 14464, found: 4096, "two granules share their octets",
      Base.image(data, .data(4096, Base.page, area: 0)))
    place(
      "file-offset-in-the-records", 14432, found: 16384, "outside the area",
      Base.image(.data(0, Base.page, area: 16384)))
    place(
      "file-offset-of-another-area", 12384, found: 8192, "region 0 with the octets of region 1", Self.aliased)
    place("zero-with-a-file-offset", 14432, found: 4096, "0", Base.image(.zero(0, 4096)).patched(14432, .u64(4096)))
    place("zero-with-a-digest", 14440, found: 1, "0", Base.image(.zero(0, 4096)).patched(14440, .u64(1)))
    place("discard-with-a-digest", 14440, found: 1, "0", Base.image(.discard(0, 4096)).patched(14440, .u64(1)))
  }

  /// PLACED_MEMORY 12288, body 12352: extent 12368, file offset 12384.
  private static let aliased = RawStream(
    profile: 2,
    [
      Base.twoRegions.record,
      .placement(records: 12288, [RawArea(4096), RawArea(8192)], gap: .zeros(12288 - 376)),
      .placed([.data(0, Base.page, area: 8192)]), .end,
    ])

  /// A region of device 0, which is skippable; PLACED_MEMORY at 14336 of another device or mark.
  private static func owned(_ device: UInt32, _ flags: UInt16) -> RawStream {
    let manifest = RawManifest {
      $0.regions = [RawRegion { ($0.length, $0.owner) = (10240, 0) }]
      $0.devices = [RawDevice { ($0.flags, $0.sections) = (device == none32 ? 1 : RawFlag.skippable, []) }]
    }
    // MANIFEST to 264, PLACEMENT to 368.
    var placed = RawRecord.placed(device: device, [.zero(0, 10240)])
    placed.flags = flags
    return RawStream(
      profile: 2,
      [manifest.record, .placement(records: 14336, [RawArea(4096)], gap: .zeros(14336 - 368)), placed, .end])
  }

  private mutating func bad(
    _ name: String, _ code: StreamError.Code, _ offset: UInt64, expected: UInt64? = nil, found: UInt64? = nil,
    _ comment: String, _ stream: RawStream
  ) {
    reject(name, code, .bulk, offset, released: 2, expected: expected, found: found, "30 §3.2", comment, stream)
  }

  private mutating func place(
    _ name: String, _ offset: UInt64, found: UInt64? = nil, _ comment: String, _ stream: RawStream
  ) {
    bad(name, .badPlacement, offset, found: found, comment, stream)
  }

  // MARK: What lies in the areas

  /// Offsets: `Base.image`; digests 14440, 14472, 14504; granules 4096, 8192, 12288.
  mutating func addAreas() {
    folder = "image"
    let data = RawPlacedExtent.data(0, Base.page, area: 4096)
    area("data-damaged", .digestMismatch, 14440, 3, "an octet of granule 0", Base.image.damaged(5000, [1]))
    area("last-granule-damaged", .digestMismatch, 14504, 3, "its last octet", Base.image.damaged(14335, [1]))
    area("zero-granule-with-octets", .badPadding, 9000, 3, found: 7, "granule 1", Base.image.damaged(9000, [7]))
    area(
      "discarded-granule-with-octets", .badPadding, 8192, 3, found: 7, "granule 1",
      Base.image(data, .discard(4096, 4096), .data(8192, Base.lastPage, area: 4096)).damaged(8192, [7]))
    area(
      "unmentioned-granule-with-octets", .badPadding, 12287, 3, found: 7, "granule 1",
      Base.image(data, .data(8192, Base.lastPage, area: 4096)).damaged(12287, [7]))
    area(
      "last-digest-counts", .digestMismatch, 14584, 4, "the first record has the right digest, the second another",
      Base.image([
        .placed([data, .zero(4096, 4096)]), .placed([.data(0, .ramp(4096), area: 4096), .zero(4096, 6144)]),
      ]))
    area(
      "digest-before-padding", .digestMismatch, 14440, 3, "granule 0 and granule 1 are wrong",
      Base.image.damaged(9000, [7]).damaged(5000, [1]))
    area(
      "unmentioned-area-with-octets", .badPadding, 4097, 2, found: 1, "no record names a granule",
      Base.image([]))
  }

  private mutating func area(
    _ name: String, _ code: StreamError.Code, _ offset: UInt64, _ released: Int, found: UInt64? = nil,
    _ comment: String, _ stream: RawStream
  ) {
    reject(
      name, code, .bulk, offset, released: released + 1, found: found, "30 §3.3", comment, content: true, stream)
  }
}
