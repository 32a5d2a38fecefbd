import MigrationStream
import StreamTestKit

/// Rules of chapter 40 section 1 that no single field carries.
extension LessonTable {
  mutating func addReaderRules() {
    folder = "record"
    accept(
      "what-a-rewrite-preserves", "40 §1",
      "an unknown optional flag, an unknown record, a NaN with payload, a discarded extent", Self.preserved)
    addFirstFaults()
  }

  private static var preserved: RawStream {
    let manifest = RawManifest {
      $0.regions = [RawRegion()]
      $0.devices = [RawDevice()]
    }
    return RawStream(
      optional: 1 << 9,
      [
        manifest.record, RawLayout("uart", [RawField("load", .float, width: 8)]).record(0),
        RawRecord(0x8001, flags: 0xfffe, body: .ramp(16), payload: .ramp(5)),
        .memory([.data(0, 64), .discard(4096, 4096)]),
        RawSection(data: .u64(0x7ff4_0000_dead_beef)).record, .end,
      ])
  }

  /// Offsets: LAYOUT 248, SECTION 440 (digest_body 472), body 504 (layout 508, data 528), END 536 (reserved 624);
  /// MEMORY 208 (digest_payload 256), payload 320.
  private mutating func addFirstFaults() {
    folder = "section"
    reject(
      "digest-before-contents", .digestMismatch, .record, 472, released: 2, "40 §1",
      "the layout does not exist either, but nothing of a body is used before its digest matched",
      Base.uart.damaged(508, .u32(9)))
    reject(
      "first-of-two-faults", .badValue, .section, 528, released: 2, found: 2, "40 §1",
      "a bool of 2; after the first refusal END, which is wrong too, is not read",
      Base.section([RawField("lcr", .bool)], data: .u64(2)).patched(624, [1]))
    folder = "memory"
    reject(
      "damaged-payload-of-a-good-body", .digestMismatch, .record, 256, released: 1, "40 §1",
      "extents that are right do not make the octets right", Base.memory.damaged(383, [0xff]))
  }
}
