import MigrationStream
import StreamTestKit

extension LessonTable {
  /// One field called `lcr`: SECTION 440, data 528. Two entries and six octets of text: SECTION 504, data 592.
  mutating func addSectionData() {
    folder = "section"
    addFixedData()
    addVariableData()
    addNestedData()
  }

  /// A field called `lcr`, so that the text has the length of ``Base/oneField``.
  private func one(_ type: RawType, width: UInt32? = nil, _ data: [UInt8]) -> RawStream {
    Base.section([RawField("lcr", type, width: width)], data: data)
  }

  private mutating func data(
    _ name: String, _ code: StreamError.Code, _ offset: UInt64, found: UInt64? = nil, _ comment: String,
    _ stream: RawStream
  ) {
    reject(name, code, .section, offset, released: 2, found: found, "20 §4", comment, stream)
  }

  private mutating func addFixedData() {
    accept(
      "enumeration-without-symbol", "20 §2", "legal framing; the reader's symbols decide in mapping",
      Base.section(
        [RawField("m", .enumeration, width: 1) { $0.symbols = [RawSymbol(1, "on")] }],
        data: .u64(9)))
    accept(
      "value-outside-its-own-range", "20 §3", "ranges of a layout are claims of the producer",
      Base.section(
        [
          RawField("n", .unsigned, width: 1) {
            $0.flags = 2
            $0.max = 3
          }
        ], data: .u64(200)))
    accept(
      "nan-with-payload", "20 §2", "the bits of a NaN are kept",
      one(.float, width: 8, .u64(0x7ff4_0000_dead_beef)))
    data("bool-2", .badValue, 528, found: 2, "0 or 1", one(.bool, .u64(2)))
    data(
      "bool-in-an-array", .badValue, 530, found: 3, "the third of three elements",
      Base.section([RawField("lcr", .bool).array(3)], data: .u64(0x03_0101)))
    data(
      "padding-field-not-zero", .badPadding, 530, "the third of five octets",
      one(.padding, width: 5, .u64(1 << 16)))
    data(
      "block-padding-not-zero", .badPadding, 529, "behind a block of one octet",
      one(.unsigned, width: 1, .u64(0x0100)))
    data(
      "optional-2", .badValue, 592, found: 2, "0 or 1",
      Base.section([RawField("l", .optional, [RawField("x", .bool)])], data: .u64(2)))
    data(
      "union-child-that-is-not-there", .badValue, 592, found: 1, "one child, number 0",
      Base.section([RawField("l", .union, [RawField("x", .bool)])], data: .u64(1)))
  }

  private mutating func addVariableData() {
    let blob: [UInt8] = .joined(.u32(3), .zeros(4), .hex("616263"), .zeros(5))
    accept("counted-bytes", "20 §4", "3 octets and 5 of padding", one(.countedBytes, blob))
    accept("string", "20 §4", "3 octets and 5 of padding", one(.string, blob))
    accept(
      "string-with-control-characters", "20 §2", "a string is UTF-8; only texts of the format exclude them",
      one(.string, .joined(.u32(2), .zeros(4), .hex("0a00"), .zeros(6))))
    data(
      "string-not-utf-8", .badText, 536, "an overlong form",
      one(.string, .joined(.u32(2), .zeros(4), .hex("c0af"), .zeros(6))))
    data(
      "counted-bytes-past-the-data", .truncatedData, 536, "9 octets declared, 8 there",
      one(.countedBytes, .joined(.u32(9), .zeros(4), .zeros(8))))
    data(
      "counted-bytes-of-four-gibibytes", .truncatedData, 536, "a claim sizes nothing",
      one(.countedBytes, .joined(.u32(.max), .zeros(4), .zeros(8))))
    data(
      "counted-bytes-padding", .badPadding, 541, "the third padding octet",
      one(.countedBytes, .joined(.u32(3), .zeros(4), .hex("6162630000010000"))))
    let counted = RawField("lcr", .unsigned, width: 2).counted(4)
    accept(
      "counted-array-full", "20 §2", "4 of at most 4 elements",
      Base.section([counted], data: .joined(.u32(4), .zeros(4), .ramp(8))))
    accept("counted-array-empty", "20 §2", "no element", Base.section([counted], data: .zeros(8)))
    data(
      "counted-array-above-its-count", .badValue, 528, found: 5, "5 of at most 4 elements",
      Base.section([counted], data: .joined(.u32(5), .zeros(4), .zeros(16))))
    data(
      "counted-array-padding", .badPadding, 538, "behind one element of two octets",
      Base.section([counted], data: .joined(.u32(1), .zeros(4), .hex("0102010000000000"))))
    data(
      "counted-array-past-the-data", .truncatedData, 536, "the elements are missing",
      Base.section([counted], data: .joined(.u32(4), .zeros(4))))
    accept(
      "counted-array-of-counted-bytes", "20 §4", "two elements, then the variable part of each",
      Base.section(
        [RawField("lcr", .countedBytes).counted(2)],
        data: .joined(.u32(2), .zeros(4), .u32(1), .u32(9), .u64(7), .ramp(9), .zeros(7))))
    accept(
      "fixed-array-of-strings", "20 §4", "each element's variable part, in order",
      Base.section(
        [RawField("lcr", .string).array(2)],
        data: .joined(.u32(1), .u32(0), .u64(0x61))))
  }

  private mutating func addNestedData() {
    let list = RawField("lcr", .list)
    func elements(_ count: UInt32, _ parts: [UInt8]...) -> RawStream {
      Base.section([list], data: .joined(.u32(count), .zeros(4), parts.flatMap { $0 }))
    }
    let empty: [UInt8] = .joined(.u32(0), .u32(8), .zeros(8))
    accept("list-of-its-own-layout", "20 §4", "two empty elements", elements(2, empty, empty))
    data(
      "list-element-of-unknown-layout", .unknownLayout, 536, found: 1, "there is one layout",
      elements(1, .u32(1), .u32(8), .zeros(8)))
    data(
      "list-element-left-over-octets", .unexpectedData, 552, "16 octets declared, 8 consumed",
      elements(1, .u32(0), .u32(16), .zeros(16)))
    data(
      "list-element-past-the-data", .truncatedData, 544, "16 octets declared, 8 there",
      elements(1, .u32(0), .u32(16), .zeros(8)))
    data("list-of-four-milliards", .truncatedData, 536, "a claim sizes nothing", elements(.max))
    accept(
      "list-eight-deep", "20 §4", "an element in an element, eight times",
      Base.section([list], data: Self.nestedList(8)))
    reject(
      "list-nine-deep", .limitExceeded, .section, 664, released: 2, expected: 8, found: 9, "20 §4",
      "nesting counts through list elements; the ninth element starts at 664",
      Base.section([list], data: Self.nestedList(9)))
    var missing = Self.nestedList(8)
    missing[missing.count - 8] = 1
    reject(
      "list-nine-deep-and-missing", .limitExceeded, .section, 664, released: 2, expected: 8, found: 9, "20 §4",
      "the depth is judged before the octets of the ninth element, of which there are none",
      Base.section([list], data: missing))
    reject(
      "structure-in-a-list-eight-deep", .limitExceeded, .section, 796, released: 2, expected: 8, found: 9,
      "20 §4", "a structure that needs no check counts too; the ninth level starts at 796",
      Base.section(
        [list, RawField("s", .structure, [RawField("b", .unsigned, width: 1)])],
        data: Self.nestedList(8)))
    let optional = [list, RawField("o", .optional, [RawField("b", .unsigned, width: 1)])]
    accept(
      "absent-optional-in-a-list-eight-deep", "20 §4", "what is absent is no ninth level",
      Base.section(optional, data: Self.nestedList(8)))
    reject(
      "optional-in-a-list-nine-deep", .limitExceeded, .section, 800, released: 2, expected: 8, found: 9, "20 §4",
      "the octets of the ninth level are in the variable part, behind the block that says that they are there",
      Base.section(optional, data: Self.nestedList(8, innermost: .joined(.u32(0), .u32(1), .u64(7)))))
    accept(
      "union-second-child", "20 §4", "child 1, of 8 octets",
      Base.section(
        [RawField("e", .union, [RawField("a", .bool), RawField("b", .unsigned, width: 8)])],
        data: .joined(.u64(1), .ramp(8))))
    accept(
      "optional-present", "20 §4", "two children",
      Base.section(
        [RawField("o", .optional, [RawField("a", .bool), RawField("b", .unsigned, width: 8)])],
        data: .joined(.u64(1), .hex("01"), .ramp(8), .zeros(7))))
  }

  /// A list of one element of its own layout, and so on; the innermost list is empty unless said.
  private static func nestedList(_ levels: Int, innermost: [UInt8] = .zeros(8)) -> [UInt8] {
    guard levels > 0 else { return innermost }
    let element = nestedList(levels - 1, innermost: innermost)
    return .joined(.u64(1), .u32(0), .u32(UInt32(element.count)), element)
  }
}
