import MigrationStream
import StreamTestKit

extension LessonTable {
  /// Rows E, W, N, S, T: one field called `a` on both sides.
  mutating func addMappedIntegers() {
    maps("equal", "E", "nothing differs", pair(.unsigned, 2, .u64(0x1234), .unsigned, 2), .u64(0x1234))
    for type in [RawType.unsigned, .count, .index, .size] { addWidths(type, [1, 2, 4, 8]) }
    addWidths(.guestAddress, [4, 8])
    for (narrow, wide) in [(1, 16), (8, 16)] as [(UInt32, UInt32)] {
      maps(
        "w1-unsigned-\(narrow)-to-\(wide)", "W1", "widened with zeros",
        pair(.unsigned, narrow, .u64(0xf1), .unsigned, wide), .joined(.u64(0xf1), .zeros(8)))
    }
    maps(
      "n1-unsigned-16-to-8", "N1", "64 bits in use",
      pair(.unsigned, 16, .joined(.u64(.max), .zeros(8)), .unsigned, 8), .u64(.max))
    refuses(
      "n1-unsigned-16-to-8-too-large", "N1", .valueTooLarge, at: 0, expected: 8, found: 16, "the 65th bit",
      pair(.unsigned, 16, .joined(.u64(0), .u64(1)), .unsigned, 8))
  }

  private func pair(
    _ stream: RawType, _ width: UInt32, _ data: [UInt8], _ reader: RawType, _ readerWidth: UInt32
  ) -> MappingLesson {
    MappingLesson(
      [RawField("a", stream, width: width)], data, [RawField("a", reader, width: readerWidth)])
  }

  /// Every pair of two widths: the highest value of the narrow one, and one more.
  private mutating func addWidths(_ type: RawType, _ widths: [UInt32]) {
    for narrow in widths {
      for wide in widths where wide > narrow {
        let highest = UInt64.max >> UInt64(64 - 8 * narrow)
        maps(
          "w1-\(type)-\(narrow)-to-\(wide)", "W1", "widened with zeros",
          pair(type, narrow, .u64(highest), type, wide), .u64(highest))
        maps(
          "n1-\(type)-\(wide)-to-\(narrow)", "N1", "the highest value that fits",
          pair(type, wide, .u64(highest), type, narrow), .u64(highest))
        refuses(
          "n1-\(type)-\(wide)-to-\(narrow)-too-large", "N1", .valueTooLarge, at: 0, expected: UInt64(narrow),
          found: UInt64(wide), "the lowest value that does not fit",
          pair(type, wide, .u64(highest + 1), type, narrow))
      }
    }
  }
}
