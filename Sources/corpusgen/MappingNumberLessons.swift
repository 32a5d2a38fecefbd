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
    addSigned()
    addFloats()
    addTypes()
    addUnits()
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

  private mutating func addSigned() {
    for (narrow, wide) in [(1, 2), (1, 4), (1, 8), (2, 4), (2, 8), (4, 8)] as [(UInt32, UInt32)] {
      let lowest = ~UInt64(0) << UInt64(8 * narrow - 1)
      let widened = wide == 8 ? lowest : lowest & ~(~UInt64(0) << UInt64(8 * wide))
      let stored = lowest & (UInt64.max >> UInt64(64 - 8 * narrow))
      maps(
        "w2-\(narrow)-to-\(wide)", "W2", "the lowest value, widened with the sign",
        pair(.signed, narrow, .u64(stored), .signed, wide), .u64(widened))
      maps(
        "n1-signed-\(wide)-to-\(narrow)", "N1", "the lowest value that fits",
        pair(.signed, wide, .u64(widened), .signed, narrow), .u64(stored))
      let below = wide == 8 ? lowest - 1 : (lowest - 1) & ~(~UInt64(0) << UInt64(8 * wide))
      refuses(
        "n1-signed-\(wide)-to-\(narrow)-too-low", "N1", .valueTooLarge, at: 0, expected: UInt64(narrow),
        found: UInt64(wide), "the highest value below those that fit",
        pair(.signed, wide, .u64(below), .signed, narrow))
    }
    maps(
      "w2-8-to-16", "W2", "minus two",
      pair(.signed, 8, .u64(.max - 1), .signed, 16), .joined(.u64(.max - 1), .u64(.max)))
    refuses(
      "n1-signed-2-to-1-too-high", "N1", .valueTooLarge, at: 0, expected: 1, found: 2, "128",
      pair(.signed, 2, .u64(128), .signed, 1))
    refuses(
      "n1-third-element", "N1", .valueTooLarge, at: 4, expected: 1, found: 2, "the third of four elements",
      MappingLesson(
        [RawField("a", .unsigned, width: 2).array(4)], .u64(0x0001_0100_00ff_0000),
        [RawField("a", .unsigned, width: 1).array(4)]))
    maps(
      "w1-array", "W1", "each element of a fixed array",
      MappingLesson(
        [RawField("a", .unsigned, width: 1).array(4)], .u64(0xff02_0301),
        [RawField("a", .unsigned, width: 2).array(4)]), .u64(0x00ff_0002_0003_0001))
  }

  private mutating func addFloats() {
    for (name, narrow, wide) in [
      ("one", 0x3f80_0000, 0x3ff0_0000_0000_0000), ("least-subnormal", 1, 0x36a0_0000_0000_0000),
      ("minus-zero", 0x8000_0000, 0x8000_0000_0000_0000), ("infinity", 0x7f80_0000, 0x7ff0_0000_0000_0000),
      ("signalling-nan", 0xff80_0001, 0xfff0_0000_2000_0000),
    ] as [(String, UInt64, UInt64)] {
      maps("w3-\(name)", "W3", "widened exactly", pair(.float, 4, .u64(narrow), .float, 8), .u64(wide))
    }
    refuses(
      "n2-float", "N2", .typeChanged, at: 0, expected: 4, found: 8, "even 0 is not narrowed",
      pair(.float, 8, .u64(0), .float, 4))
  }

  private mutating func addTypes() {
    refuses(
      "w4-bool-to-unsigned", "W4", .typeChanged, at: 0, expected: 1, found: 4, "a bool is no integer",
      pair(.bool, 1, .u64(1), .unsigned, 1))
    refuses(
      "t2-unsigned-to-bool", "T2", .typeChanged, at: 0, expected: 4, found: 1, "nor the reverse",
      pair(.unsigned, 1, .u64(1), .bool, 1))
    refuses(
      "s1-signed-to-unsigned", "S1", .signChanged, at: 0, expected: 1, found: 2, "even 0",
      pair(.signed, 2, .u64(0), .unsigned, 2))
    refuses(
      "s1-unsigned-to-signed", "S1", .signChanged, at: 0, expected: 2, found: 1, "of another width too",
      pair(.unsigned, 1, .u64(0), .signed, 4))
    for (type, value) in [(RawType.size, 14), (.count, 15), (.index, 16), (.guestAddress, 13)] as [(RawType, UInt64)] {
      maps(
        "t1-\(type)-to-unsigned", "T1", "the content is the same",
        pair(type, 4, .u64(0x8765_4321), .unsigned, 4), .u64(0x8765_4321))
      maps(
        "t1-unsigned-to-\(type)", "T1", "the content is the same",
        pair(.unsigned, 4, .u64(0x8765_4321), type, 4), .u64(0x8765_4321))
      refuses(
        "t2-\(type)-to-wider-unsigned", "T2", .typeChanged, at: 0, expected: 1, found: value,
        "the type and the width at once",
        pair(type, 4, .u64(1), .unsigned, 8))
    }
    refuses(
      "t2-size-to-count", "T2", .typeChanged, at: 0, expected: 15, found: 14, "both are like unsigned, not like each other",
      pair(.size, 4, .u64(1), .count, 4))
    refuses(
      "t2-enumeration-to-flags", "T2", .typeChanged, at: 0, expected: 6, found: 5, "of the same width",
      pair(.enumeration, 4, .u64(1), .flags, 4))
    refuses(
      "t2-before-c1", "T2", .typeChanged, at: 1, expected: 4, found: 1, "type is judged before count",
      MappingLesson(
        [Self.u8("z"), Self.u8("a").array(2)], .u64(1), [Self.u8("z"), RawField("a", .bool).array(3)]))
  }

  private mutating func addUnits() {
    func unit(_ unit: String) -> [RawField] {
      [Self.u8("z"), RawField("a", .unsigned, width: 2) { $0.unit = .text(unit) }]
    }
    func clock(_ clock: UInt8) -> [RawField] { [RawField("a", .instant) { $0.clock = clock }] }
    refuses(
      "x1-another-unit", "X1", .unitChanged, at: 1, "ns against us", MappingLesson(unit("ns"), .u64(0), unit("us")))
    refuses(
      "x1-no-unit", "X1", .unitChanged, at: 1, "none against one", MappingLesson(unit(""), .u64(0), unit("us")))
    refuses(
      "x1-before-n1", "X1", .unitChanged, at: 0, "unit is judged before the value",
      MappingLesson(
        [RawField("a", .unsigned, width: 2) { $0.unit = .text("ns") }], .u64(0xffff),
        [Self.u8("a")]))
    maps("x1-same-unit", "E", "the unit is the same", MappingLesson(unit("ns"), .u64(0x010203), unit("ns") + [Self.u8("n") { ($0.flags, $0.since) = (4, 2) }]), .u64(0x010203))
    refuses(
      "x2-another-clock", "X2", .unitChanged, at: 0, expected: 3, found: 1, "virtual against realtime",
      MappingLesson(clock(1), .u64(5), clock(3)))
    maps("x2-same-clock", "E", "nothing differs", MappingLesson(clock(1), .u64(.max), clock(1)), .u64(.max))
  }
}
