import MigrationStream
import StreamTestKit

extension LessonTable {
  /// Rows Y, R and V: symbols, the reader's ranges and its configuration; and limits.
  mutating func addMappedRules() {
    addSymbols()
    addRanges()
    addVerifiedFields()
    addVerifiedGroups()
    addMappedLimits()
  }

  private mutating func addSymbols() {
    func field(_ type: RawType, _ width: UInt32, _ symbols: [(UInt64, String)]) -> RawField {
      RawField("a", type, width: width) { $0.symbols = symbols.map { RawSymbol($0.0, $0.1) } }
    }
    let old = field(.enumeration, 2, [(0, "off"), (1, "on"), (300, "odd")])
    let new = field(.enumeration, 1, [(0, "off"), (1, "yes"), (2, "auto")])
    maps("y1-same-name", "Y1", "0 is called off by both", MappingLesson([old], .u64(0), [new]), .u64(0))
    maps("y1-unnamed", "Y1", "9 has no name on either side", MappingLesson([old], .u64(9), [new]), .u64(9))
    maps("y1-wider", "Y1", "the reverse: 0 again", MappingLesson([new], .u64(0), [old]), .u64(0))
    refuses(
      "y2-another-name", "Y2", .symbolChanged, at: 0, found: 1, "on against yes",
      MappingLesson([old], .u64(1), [new]))
    refuses(
      "y2-named-by-the-reader-only", "Y2", .symbolChanged, at: 0, found: 2, "2 is called auto by the reader",
      MappingLesson([old], .u64(2), [new]))
    refuses(
      "y2-named-by-the-stream-only", "Y2", .symbolChanged, at: 0, found: 300, "symbols are judged before the width",
      MappingLesson([old], .u64(300), [new]))
    refuses(
      "y3-too-wide", "Y3", .valueTooLarge, at: 0, expected: 1, found: 2, "301 has no name on either side",
      MappingLesson([old], .u64(301), [new]))
    let flags = field(.flags, 1, [(1, "rx"), (2, "tx"), (0x30, "mode")])
    let other = field(.flags, 2, [(1, "rx"), (0x10, "mode"), (0x80, "reset")])
    maps("y1-flags", "Y1", "rx, and bit 2 that nobody names", MappingLesson([flags], .u64(5), [other]), .u64(5))
    refuses(
      "y2-flags-bit-unnamed", "Y2", .symbolChanged, at: 0, found: 3, "the reader does not name tx",
      MappingLesson([flags], .u64(3), [other]))
    refuses(
      "y2-flags-other-mask", "Y2", .symbolChanged, at: 0, found: 0x20, "mode has another mask",
      MappingLesson([flags], .u64(0x20), [other]))
    refuses(
      "y3-flags-too-wide", "Y3", .valueTooLarge, at: 0, expected: 1, found: 2, "bit 8",
      MappingLesson([other], .u64(0x100), [flags]))
  }

  private mutating func addRanges() {
    func ranged(_ type: RawType, _ width: UInt32, _ min: UInt64, _ max: UInt64) -> RawField {
      RawField("a", type, width: width) { ($0.flags, $0.min, $0.max) = (2, min, max) }
    }
    func plain(_ type: RawType, _ width: UInt32) -> RawField { RawField("a", type, width: width) }
    let low = UInt64(bitPattern: -5)
    maps("r1-lowest", "R1", "at the minimum", MappingLesson([plain(.unsigned, 1)], .u64(4), [ranged(.unsigned, 1, 4, 9)]), .u64(4))
    refuses(
      "r1-below", "R1", .valueOutOfRange, at: 0, expected: 4, found: 3, "below the minimum",
      MappingLesson([plain(.unsigned, 1)], .u64(3), [ranged(.unsigned, 1, 4, 9)]))
    refuses(
      "r1-above-after-widening", "R1", .valueOutOfRange, at: 0, expected: 9, found: 10, "above the maximum",
      MappingLesson([plain(.unsigned, 1)], .u64(10), [ranged(.unsigned, 8, 4, 9)]))
    maps(
      "r1-signed", "R1", "minus 5 is in the range",
      MappingLesson([plain(.signed, 1)], .u64(0xfb), [ranged(.signed, 2, low, 5)]), .u64(0xfffb))
    refuses(
      "r1-signed-below", "R1", .valueOutOfRange, at: 0, expected: low, found: UInt64(bitPattern: -6), "minus 6 is not",
      MappingLesson([plain(.signed, 1)], .u64(0xfa), [ranged(.signed, 2, low, 5)]))
    refuses(
      "r1-equal-layouts", "R1", .valueOutOfRange, at: 0, expected: 9, found: 10,
      "the producer broke its own claim; the reader's rule is the same",
      MappingLesson([ranged(.unsigned, 1, 4, 9)], .u64(10), [ranged(.unsigned, 1, 4, 9)]))
    refuses(
      "r1-alignment", "R1", .valueOutOfRange, at: 0, expected: 4096, found: 0x1800, "no multiple of 4096",
      MappingLesson(
        [plain(.guestAddress, 8)], .u64(0x1800), [RawField("a", .guestAddress, width: 8) { $0.alignmentLog2 = 12 }]))
    maps(
      "r1-own-range-of-the-stream", "E", "the range of the stream plays no part",
      MappingLesson([ranged(.unsigned, 1, 4, 9)], .u64(10), [plain(.unsigned, 1)]), .u64(10))
    refuses(
      "r1-after-all-other-rows", "U2", .unknownRequired, at: 1, found: 1, "ranges are judged when all else has passed",
      MappingLesson([plain(.unsigned, 1), Self.u8("x")], .u64(10), [ranged(.unsigned, 1, 4, 9)]))
    refuses(
      "r1-in-an-array", "R1", .valueOutOfRange, at: 10, expected: 9, found: 12, "the third of three elements",
      MappingLesson(
        [plain(.unsigned, 1).counted(4)], .joined(.u64(3), .u64(0x0c0504)), [ranged(.unsigned, 2, 4, 9).counted(4)]))
    refuses(
      "r1-default", "R1", .valueOutOfRange, at: 0, expected: 9, found: 10, "a default is judged too",
      MappingLesson(
        [Self.u8("z")], .u64(0),
        [Self.u8("z"), Self.u8("a") { ($0.flags, $0.since, $0.defaultValue, $0.min, $0.max) = (6, 2, 10, 4, 9) }]))
  }

  static func verified(_ name: String) -> RawField { u8(name) { $0.flags = 8 } }

  private mutating func addVerifiedFields() {
    let (stream, reader) = ([Self.u8("a"), Self.u8("b")], [Self.u8("a"), Self.verified("b")])
    maps(
      "v1-equal", "V1", "the local value is the same",
      MappingLesson(stream, .u64(0x0201), reader) { $0.local = .u64(0x02ff) }, .u64(0x0201))
    refuses(
      "v2-not-equal", "V2", .verifyMismatch, at: 1, expected: 3, found: 2, "the local value is another",
      MappingLesson(stream, .u64(0x0201), reader) { $0.local = .u64(0x03ff) })
    maps(
      "v3-no-local-values", "V3", "nobody can compare",
      MappingLesson(stream, .u64(0x0201), reader) { $0.unverified = [(0, 1, 1)] }, .u64(0x0201))
    maps(
      "v3-equal-layouts", "V3", "nobody can compare what is used where it lies",
      MappingLesson(reader, .u64(0x0201), reader) { $0.unverified = [(0, 1, 1)] }, .u64(0x0201))
    refuses(
      "v2-equal-layouts", "V2", .verifyMismatch, at: 1, expected: 3, found: 2, "what is used where it lies",
      MappingLesson(reader, .u64(0x0201), reader) { $0.local = .u64(0x03ff) })
    refuses(
      "v2-default", "V2", .verifyMismatch, at: 0, expected: 4, found: 5, "a default is compared like a value",
      MappingLesson(
        [Self.u8("a")], .u64(1),
        [Self.u8("a"), Self.u8("b") { ($0.flags, $0.since, $0.defaultValue) = (12, 2, 5) }]
      ) { $0.local = .u64(0x0401) })
  }

  private mutating func addVerifiedGroups() {
    func verified(_ field: RawField) -> RawField {
      var field = field
      field.flags = 8
      return field
    }
    let pair = RawField("s", .structure, [Self.u8("x"), Self.u8("y")])
    refuses(
      "v2-structure", "V2", .verifyMismatch, at: 2, expected: 9, found: 3, "the child that differs",
      MappingLesson([Self.u8("a"), pair], .u64(0x030201), [Self.u8("a"), verified(pair)]) {
        $0.local = .u64(0x090201)
      })
    refuses(
      "v2-count", "V2", .verifyMismatch, at: 0, expected: 1, found: 2, "the numbers of elements differ",
      MappingLesson(
        [Self.u8("a").counted(3)], .joined(.u64(2), .u64(0x0201)), [verified(Self.u8("a").counted(4))]
      ) { $0.local = .joined(.u64(1), .u64(1)) })
    refuses(
      "v2-string", "V2", .verifyMismatch, at: 4, "the octets differ; the number in the block stands for them",
      MappingLesson(
        [RawField("z", .size, width: 4), RawField("a", .string)], .joined(.u32(0), .u32(1), .u64(0x61)),
        [RawField("z", .size, width: 4), verified(RawField("a", .string))]
      ) { $0.local = .joined(.u32(0), .u32(1), .u64(0x62)) })
    refuses(
      "v2-no-such-element", "V2", .verifyMismatch, at: 9, found: 2, "the local values have one element",
      MappingLesson(
        [RawField("s", .structure, [Self.u8("x")]).counted(3)], .joined(.u64(2), .u64(0x0201)),
        [RawField("s", .structure, [Self.verified("x")]).counted(3)]
      ) { $0.local = .joined(.u64(1), .u64(1)) })
    addVerifiedPlaces()
    maps(
      "v3-in-an-array", "V3", "once for each element",
      MappingLesson(
        [RawField("s", .structure, [Self.u8("x")]).counted(3)], .joined(.u64(2), .u64(0x0201)),
        [RawField("s", .structure, [Self.verified("x")]).counted(3)]
      ) { $0.unverified = [(0, 1, 8), (0, 1, 9)] }, .joined(.u64(2), .u64(0x0201)))
  }

  /// What the local values lack, and what has nothing to compare.
  private mutating func addVerifiedPlaces() {
    refuses(
      "v2-signed", "V2", .verifyMismatch, at: 0, expected: 1, found: UInt64(bitPattern: -2), "minus 2 is not 1",
      MappingLesson(
        [RawField("a", .signed, width: 2)], .u64(0xfffe), [RawField("a", .signed, width: 2) { $0.flags = 8 }]
      ) { $0.local = .u64(1) })
    func nested(_ field: RawField) -> [RawField] { [RawField("s", .structure, [field]).counted(3)] }
    func verified(_ field: RawField) -> [RawField] {
      var field = field
      field.flags = 8
      return nested(field)
    }
    let array = Self.u8("x").counted(2)
    refuses(
      "v2-no-such-place-of-nothing", "V2", .verifyMismatch, at: 8, "an array without elements in an element more",
      MappingLesson(nested(array), .joined(.u64(1), .u64(0)), verified(array)) { $0.local = .u64(0) })
    let optional = RawField("o", .optional, [Self.u8("x")])
    refuses(
      "v2-no-such-optional", "V2", .verifyMismatch, at: 8, "an absent optional in an element more",
      MappingLesson(nested(optional), .joined(.u64(1), .u64(0)), verified(optional)) { $0.local = .u64(0) })
    let ranged = Self.u8("x") { ($0.flags, $0.min, $0.max) = (2, 4, 9) }
    refuses(
      "v2-after-range-inside", "R1", .valueOutOfRange, at: 0, expected: 9, found: 10, "of a leaf the range is first",
      MappingLesson(
        [RawField("s", .structure, [Self.u8("x")])], .u64(10), [RawField("s", .structure, [ranged]) { $0.flags = 8 }]
      ) { $0.local = .u64(5) })
    let both = Self.u8("x") { ($0.flags, $0.min, $0.max) = (10, 4, 9) }
    refuses(
      "v2-count-before-range", "V2", .verifyMismatch, at: 0, found: 1, "the number stands before the element",
      MappingLesson([Self.u8("x").counted(2)], .joined(.u64(1), .u64(10)), [both.counted(2)]) { $0.local = .u64(0) })
    func structure(_ count: UInt32, _ flags: UInt8) -> [RawField] {
      [RawField("s", .structure, [RawField("p", .padding, width: 1).counted(count)]) { $0.flags = flags }]
    }
    maps(
      "v1-counted-padding", "V1", "padding is no field, and so is not compared",
      MappingLesson(structure(2, 0), .joined(.u64(2), .u64(0)), structure(3, 8)) {
        $0.local = .joined(.u64(1), .u64(0))
      }, .u64(0))
  }

  private mutating func addMappedLimits() {
    refuses(
      "limit-of-the-result", "C2", .limitExceeded, at: 0, expected: 600, found: 608,
      "200 elements of 1 octet become 200 of 3 octets",
      MappingLesson(
        [RawField("s", .structure, [Self.u8("x")]).counted(200)], .joined(.u64(200), .zeros(200)),
        [
          RawField(
            "s", .structure, [Self.u8("x"), Self.new("n", .unsigned, width: 2, since: 2, 1)]
          ).counted(200)
        ]) { $0.limits = ["recordBodyBytesMax=600"] })
    addMappedNesting()
  }

  /// A list element is the first group, `s` the second, `t` the third, one too many. The element's part lies at 16.
  private mutating func addMappedNesting() {
    func lesson(
      _ children: [RawField], version: UInt32 = 1, _ change: (inout RawField) -> Void = { _ in }
    ) -> MappingLesson {
      MappingLesson([RawField("a", .list)], .joined(.u64(1), .u32(1), .u32(8), .u64(7)), [RawField("a", .list)], version: version) {
        $0.stream.append(RawLayout("e", [Self.u8("n")]))
        $0.reader.append(RawLayout("e", [Self.u8("n"), RawField("s", .structure, children, change)]))
        $0.limits = ["nestingMax=2"]
      }
    }
    let deep = RawField("t", .structure, [Self.u8("c")])
    refuses(
      "limit-of-nesting", "D6", .limitExceeded, at: 16, expected: 2, found: 3,
      "the third group is refused before its child, which has no default", lesson([deep]))
    refuses(
      "limit-of-nesting-behind-a-missing-field", "D3", .missingField, at: 16, expected: 2, found: 1,
      "a field of the second group comes before the third", lesson([Self.u8("b"), deep]))
    refuses(
      "limit-of-nesting-left-alone", "D4", .limitExceeded, at: 16, expected: 2, found: 3,
      "groups of a field that is left alone are groups", lesson([deep], version: 2) { $0.until = 1 })
    let list = RawField("i", .list) { ($0.flags, $0.min, $0.max) = (2, 1, 9) }
    refuses(
      "limit-of-nesting-behind-no-emptiest-value", "D4", .missingField, at: 16, expected: 1, found: 2,
      "the field has no emptiest value, so its groups are not made",
      lesson([RawField("t", .structure, [list])], version: 2) { $0.until = 1 })
  }
}
