import MigrationStream
import StreamTestKit

extension LessonTable {
  /// Rows U, D and A: fields that only one side has, and names.
  mutating func addMappedFields() {
    addUnknownFields()
    addAliases()
  }

  static func u8(_ name: String, _ change: (inout RawField) -> Void = { _ in }) -> RawField {
    RawField(name, .unsigned, width: 1, [], change)
  }

  static func skippable(_ name: String) -> RawField { u8(name) { $0.mark = 2 } }

  private mutating func addUnknownFields() {
    maps(
      "u1-skippable", "U1", "the reader has not got the first field",
      MappingLesson([Self.skippable("x"), Self.u8("a")], .u64(0x0201), [Self.u8("a")]) {
        $0.skipped = [(0, 0, 0)]
      }, .u64(2))
    refuses(
      "u2-required", "U2", .unknownRequired, at: 1, found: 1, "the reader has not got the second field",
      MappingLesson([Self.u8("a"), Self.u8("x")], .u64(0x0201), [Self.u8("a")]))
    maps(
      "u3-padding", "U3", "padding is no field, whatever its mark",
      MappingLesson([RawField("x", .padding, width: 3), Self.u8("a")], .u64(0x0200_0000), [Self.u8("a")]),
      .u64(2))
  }

  private mutating func addAliases() {
    maps(
      "a1-alias", "A1", "the second field had another name",
      MappingLesson(
        [Self.u8("a"), Self.u8("old")], .u64(0x0201), [Self.u8("a"), Self.u8("new")]
      ) { $0.aliases = [.init(0, 1, "old")] }, .u64(0x0201))
    refuses(
      "a2-name-and-alias", "A2", .duplicateName, at: 1, expected: 0, found: 1,
      "the stream has the field under both names",
      MappingLesson([Self.u8("old"), Self.u8("new")], .u64(0x0201), [Self.u8("new")]) {
        $0.aliases = [.init(0, 0, "old")]
      })
  }
}
