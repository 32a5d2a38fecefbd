import MigrationStream
import StreamTestKit

extension LessonTable {
  /// Rows R and V: the reader's ranges and its configuration.
  mutating func addMappedRules() {
    addVerifiedFields()
  }

  static func verified(_ name: String) -> RawField { u8(name) { $0.flags = 8 } }

  private mutating func addVerifiedFields() {
    maps(
      "v1-equal", "V1", "the local value is the same",
      MappingLesson([Self.u8("a"), Self.u8("b")], .u64(0x0201), [Self.u8("a"), Self.verified("b")]) {
        $0.local = .u64(0x02ff)
      }, .u64(0x0201))
    refuses(
      "v2-not-equal", "V2", .verifyMismatch, at: 1, expected: 3, found: 2, "the local value is another",
      MappingLesson([Self.u8("a"), Self.u8("b")], .u64(0x0201), [Self.u8("a"), Self.verified("b")]) {
        $0.local = .u64(0x03ff)
      })
    maps(
      "v3-no-local-values", "V3", "nobody can compare",
      MappingLesson([Self.u8("a"), Self.u8("b")], .u64(0x0201), [Self.u8("a"), Self.verified("b")]) {
        $0.unverified = [(0, 1, 1)]
      }, .u64(0x0201))
  }
}
