import MigrationStream
import StreamTestKit

extension LessonTable {
  /// Rows C, B and G: arrays, counted octets, groups and lists.
  mutating func addMappedGroups() {
    addMappedLists()
  }

  private mutating func addMappedLists() {
    let element = RawLayout("e", [RawField("n", .unsigned, width: 1)])
    let wide = RawLayout("e", [RawField("n", .unsigned, width: 4)])
    maps(
      "g4-list", "G4", "the element's layout has another number and a wider field at the reader",
      MappingLesson(
        [RawField("a", .list)],
        .joined(.u32(1), .zeros(4), .u32(1), .u32(8), .u64(7)), [RawField("a", .list)]
      ) {
        $0.stream.append(element)
        $0.reader = [$0.reader[0], RawLayout("z", [RawField("n", .bool)]), wide]
      },
      .joined(.u32(1), .zeros(4), .u32(2), .u32(8), .u64(7)))
    refuses(
      "g4-unknown-layout", "G4", .unknownRequired, at: 8, found: 1, "the reader has no layout of that name",
      MappingLesson(
        [RawField("a", .list)],
        .joined(.u32(1), .zeros(4), .u32(1), .u32(8), .u64(7)), [RawField("a", .list)]
      ) { $0.stream.append(element) })
  }
}
