import MigrationStream
import StreamTestKit

extension LessonTable {
  /// Offsets: INDEX 536, body 600 (num_layouts 600, offset of MANIFEST 616, reserved 624, layout 632, section
  /// 648), END 672;
  /// with pages: INDEX_PAGE 384, body 448 (num_extents 452, reserved 456), INDEX 496.
  mutating func addIndexes() {
    folder = "end"
    let (indexed, paged) = (Base.indexed, Base.indexedMemory)
    accept("index-without-its-flag", "10 §2", "optional flags are information", indexed.patched(20, .u32(0)))
    accept(
      "index-flag-without-index", "10 §2", "optional flags are information", Base.empty.patched(20, .u32(1)))
    reject(
      "index-marked-required", .badMark, .record, 542, released: 3, "10 §3.1", "the table demands skippable",
      indexed.changing(3) { $0.flags = 1 })
    reject(
      "index-not-before-end", .recordOutOfOrder, .record, 676, released: 4, found: 6, "10 §3.1",
      "a BARRIER between INDEX and END",
      indexed.patched(16, .u32(4)).inserting(.barrier(pass: 0, next: 5), at: 4))
    reject(
      "index-twice", .recordOutOfOrder, .record, 676, released: 4, found: 10, "10 §3.1",
      "INDEX comes directly before END", indexed.inserting(.index(), at: 4))
    reject(
      "abort-behind-an-index", .recordOutOfOrder, .record, 676, released: 4, found: 11, "30 §4",
      "a source gives up before it writes INDEX", indexed.inserting(.abort(reason: 2, []), at: 4))
    for (name, flags) in [("required", UInt16(1)), ("skippable", 2)] {
      reject(
        "index-before-an-unknown-\(name)-kind", .recordOutOfOrder, .record, 676, released: 4, found: 0x8001,
        "10 §3.1", "INDEX comes directly before END",
        indexed.inserting(RawRecord(0x8001, flags: flags, body: []), at: 4))
    }
    index("index-of-a-manifest-elsewhere", 616, 3, "MANIFEST stands at 64", indexed.patched(616, .u64(72)))
    index(
      "index-lists-above-its-body", 600, 3, "two layouts listed, one there", indexed.patched(600, .u32(2)))
    index("index-lists-below-its-body", 600, 3, "no layout listed, one there", indexed.patched(600, .u32(0)))
    index("index-lists-of-four-milliards", 600, 3, "a claim sizes nothing", indexed.patched(600, .u32(.max)))
    reject(
      "index-reserved", .reservedNotZero, .index, 624, released: 3, "30 §4", "octets 24 to 31",
      indexed.patched(631, [1]))
    index("index-page-empty", 452, 2, "1 to 4096 extents", paged.patched(452, .u32(0)))
    index("index-page-of-4097-extents", 452, 2, "1 to 4096 extents", paged.patched(452, .u32(4097)))
    reject(
      "index-page-reserved", .reservedNotZero, .index, 456, released: 2, "30 §4", "octets 8 to 15",
      paged.patched(456, [1]))
    reject(
      "index-page-left-over-octets", .unexpectedData, .index, 496, released: 2, expected: 56, found: 48,
      "30 §4", "8 octets behind the extents", paged.changing(2) { $0.body += .zeros(8) })
  }

  private mutating func index(
    _ name: String, _ offset: UInt64, _ released: Int, _ comment: String, _ stream: RawStream
  ) {
    reject(name, .badIndex, .index, offset, released: released, "30 §4", comment, stream)
  }
}
