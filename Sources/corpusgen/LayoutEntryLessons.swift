import MigrationStream
import StreamTestKit

extension LessonTable {
  /// Offsets: canonical 344 (num_fields 344, num_symbols 348, len_text 352, len_block 356, len_name 360,
  /// reserved 362),
  /// entry 0 368 (shape 369, mark 370, flags 371, width 372, count 376, num_descendants 380, len_name 384,
  /// len_unit 386,
  /// radix 388, clock 389, alignment 390, reserved 391, num_symbols 392, reference 396, min 400, max 408,
  /// default 416),
  /// text 432 to 439.
  mutating func addLayoutEntries() {
    folder = "layout"
    let stream = Base.uart
    bad("no-fields", 344, "num_fields is 1 or more", stream.patched(344, .u32(0)))
    bad("block-not-the-sum", 356, "len_block is 2, the entries take 1", stream.patched(356, .u32(2)))
    reject(
      "head-reserved", .reservedNotZero, .layout, 362, released: 1, "20 §3", "octets 18 to 23",
      stream.patched(367, [1]))
    bad("type-unknown", 368, "type 20", stream.patched(368, [20]))
    bad("type-zero", 368, "type 0", stream.patched(368, [0]))
    bad("shape-unknown", 369, "shape 3", stream.patched(369, [3]))
    for mark in [UInt8(0), 3] {
      reject(
        "mark-\(mark)", .badMark, .layout, 370, released: 1, "10 §1", "exactly one of two bits",
        stream.patched(370, [mark]))
    }
    reject(
      "flag-reserved", .reservedNotZero, .layout, 371, released: 1, "20 §3", "bit 4",
      stream.patched(371, [16]))
    bad("width-unsigned-3", 372, "1, 2, 4, 8 or 16", stream.patched(372, .u32(3)))
    bad("width-zero", 372, "elements of width 0 do not exist", stream.patched(368, [9]).patched(372, .u32(0)))
    widths()
    bad("array-of-nothing", 376, "a fixed array has 1 element or more", stream.patched(369, [1]))
    bad("one-with-count", 376, "shape one has count 0", stream.patched(376, .u32(1)))
    bad("scalar-with-descendants", 380, "an integer has no children", stream.patched(380, .u32(1)))
    bad("name-empty", 384, "1 to 255", stream.patched(384, .u16(0)))
    bad(
      "name-of-256", 384, "1 to 255",
      Base.section([RawField(String(repeating: "n", count: 256), .bool)], data: .zeros(8)))
    bad("radix-3", 388, "0, 2, 8, 10 or 16", stream.patched(388, [3]))
    bad("clock-on-an-integer", 389, "only instants and durations have one", stream.patched(389, [1]))
    bad(
      "clock-4", 389, "0 to 3",
      Base.section([RawField("due", .instant) { $0.clock = 4 }], data: .zeros(8)))
    bad("alignment-on-an-integer", 390, "only addresses and sizes have one", stream.patched(390, [1]))
    bad(
      "alignment-64", 390, "at most 63",
      Base.section([RawField("at", .guestAddress, width: 8) { $0.alignmentLog2 = 64 }], data: .zeros(8)))
    reject(
      "entry-reserved", .reservedNotZero, .layout, 391, released: 1, "20 §3", "octet 23",
      stream.patched(391, [1]))
    bad("reference-on-an-integer", 396, "only counts and indexes refer", stream.patched(396, .u32(1)))
    bad(
      "reference-past-the-entries", 396, "there is one entry",
      Base.section([RawField("n", .count, width: 4) { $0.reference = 3 }], data: .zeros(8)))
    bad(
      "reference-to-no-array", 396, "entry 1 has shape one",
      Base.section(
        [RawField("n", .count, width: 4) { $0.reference = 2 }, RawField("x", .bool)], data: .zeros(8)))
    bad("min-without-the-flag", 400, "0 without the range flag", stream.patched(400, .u64(1)))
    bad("max-without-the-flag", 408, "0 without the range flag", stream.patched(408, .u64(1)))
    bad("default-without-the-flag", 416, "0 without the default flag", stream.patched(416, .u64(1)))
    addTrees()
    addSymbolsAndTexts()
  }

  private mutating func bad(_ name: String, _ offset: UInt64, _ comment: String, _ stream: RawStream) {
    reject(name, .badLayout, .layout, offset, released: 1, "20 §3", comment, stream)
  }

  private mutating func widths() {
    let wrong: [(RawType, UInt32)] = [
      (.float, 2), (.bool, 2), (.enumeration, 16), (.bitmap, 12), (.vector, 8), (.uuid, 8), (.mac, 8),
      (.pciAddress, 8), (.guestAddress, 2), (.duration, 4), (.instant, 4), (.countedBytes, 8), (.string, 1),
      (.list, 8),
    ]
    for (type, width) in wrong {
      reject(
        "width-\(type)-\(width)", .badLayout, .layout, 372, released: 1, "20 §2",
        "not a width of this type", Base.section([RawField("x", type, width: width)], data: .zeros(16)))
    }
  }

  private mutating func addTrees() {
    let child = RawField("a", .unsigned, width: 4)
    for type in [RawType.structure, .union, .optional] {
      bad(
        "\(type)-without-children", 380, "1 or more descendants",
        Base.section([RawField("s", type, width: 4)], data: .zeros(8)))
    }
    bad(
      "structure-width", 372, "the children take 4 octets, the entry says 8",
      Base.section([RawField("s", .structure, width: 8, [child])], data: .zeros(8)))
    bad(
      "descendants-past-the-entries", 380, "two entries follow, says the first; there is one",
      Base.section([RawField("s", .structure, [child])], data: .zeros(8)).patched(380, .u32(2)))
    reject(
      "array-too-long-for-32-bits", .limitExceeded, .layout, 376, released: 1, expected: 16_777_216,
      found: 1 << 34, "40 §3", "2^31 elements of 8 octets: blockBytesMax",
      Base.section([RawField("a", .unsigned, width: 8).array(1 << 31)], data: .zeros(8)))
    reject(
      "sibling-names-equal", .duplicateName, .layout, 432, released: 1, "20 §3",
      "lcr twice on one level; the later entry starts at 432",
      Base.section(
        [RawField("lcr", .unsigned, width: 1), RawField("lcr", .unsigned, width: 1)], data: .zeros(8)))
    accept(
      "same-name-on-two-levels", "20 §3", "names differ among siblings only",
      Base.section(
        [RawField("a", .unsigned, width: 4), RawField("s", .structure, [child])], data: .zeros(8)))
    accept("eight-levels", "20 §3", "eight structures around an octet", Base.nested(8))
    reject(
      "nine-levels", .limitExceeded, .layout, 880, released: 1, expected: 8, found: 9, "20 §3",
      "nesting is at most 8 deep; the ninth structure has entry 8", Base.nested(9))
    addPlacesBeforeAttributes(child)
  }

  /// An entry's place in the tree is judged before its radix: entry 1 starts at 432, entry 8 at 880.
  private mutating func addPlacesBeforeAttributes(_ child: RawField) {
    reject(
      "nesting-before-radix", .limitExceeded, .layout, 880, released: 1, expected: 8, found: 9, "40 §5",
      "the ninth structure, and its radix is 3", Base.nested(9).patched(900, [3]))
    reject(
      "structure-width-before-the-radix-of-its-last-child", .badLayout, .layout, 372, released: 1,
      "40 §5", "the child takes 4 octets, the structure says 8, and the child's radix is 3",
      Base.section([RawField("s", .structure, width: 8, [child])], data: .zeros(8)).patched(452, [3]))
    bad(
      "radix-of-a-child-before-the-structure-width", 452, "a second child follows, and with it the width is judged",
      Base.section([RawField("s", .structure, width: 16, [child, RawField("b", .bool)])], data: .zeros(16))
        .patched(452, [3]))
  }

  /// Symbols of the one field: 432, 448; text 464.
  private mutating func addSymbolsAndTexts() {
    let symbols = Base.section(
      [RawField("m", .enumeration, width: 4) { $0.symbols = [RawSymbol(1, "a"), RawSymbol(2, "b")] }],
      data: .zeros(8))
    reject(
      "symbol-order", .badOrder, .layout, 448, released: 1, "20 §3", "values strictly ascend",
      symbols.patched(448, .u64(1)))
    reject(
      "symbol-reserved", .reservedNotZero, .layout, 442, released: 1, "20 §3", "octets 10 to 15",
      symbols.patched(447, [1]))
    bad("symbols-of-an-integer", 392, "only enumeration and flags have symbols", symbols.patched(368, [1]))
    bad("symbols-left-over", 348, "two symbols, the fields have one", symbols.patched(392, .u32(1)))
    bad("symbols-missing", 392, "two symbols, the field wants three", symbols.patched(392, .u32(3)))
    reject(
      "text-no-text", .badText, .layout, 436, released: 1, "10 §1", "a field's name with a zero octet",
      Base.uart.patched(437, [0]))
    reject(
      "text-padding", .badPadding, .layout, 439, released: 1, "20 §3", "behind the last text",
      Base.uart.patched(439, [1]))
    bad(
      "text-left-over", 352, "one octet of text belongs to no name",
      Base.uart.patched(352, .u32(8)))
    bad(
      "text-missing", 384, "the names need 7 octets, len_text is 6",
      Base.uart.patched(352, .u32(6)))
  }
}

extension Base {
  /// Structures in structures, and an octet inside.
  static func nested(_ levels: Int) -> RawStream {
    let inner = RawField("x", .unsigned, width: 1)
    let field = (0..<levels).reduce(inner) { field, _ in RawField("s", .structure, [field]) }
    return section([field], data: .zeros(8))
  }
}
