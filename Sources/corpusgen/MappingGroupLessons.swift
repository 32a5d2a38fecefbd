import MigrationStream
import StreamTestKit

extension LessonTable {
  /// Rows C, B and G: arrays, counted octets, groups and lists.
  mutating func addMappedGroups() {
    addMappedArrays()
    addMappedCounts()
    addMappedStructures()
    addMappedUnions()
    addMappedLists()
  }

  private mutating func addMappedArrays() {
    refuses(
      "c1-another-count", "C1", .countChanged, at: 0, expected: 3, found: 2, "two elements against three",
      MappingLesson([Self.u8("a").array(2)], .u64(0), [Self.u8("a").array(3)]))
    refuses(
      "c4-one-to-array", "C4", .typeChanged, at: 0, expected: 1, found: 0, "an array of one is another shape",
      MappingLesson([Self.u8("a")], .u64(0), [Self.u8("a").array(1)]))
    refuses(
      "c4-fixed-to-counted", "C4", .typeChanged, at: 0, expected: 2, found: 1, "even of the same count",
      MappingLesson([Self.u8("a").array(4)], .u64(0), [Self.u8("a").counted(4)]))
    refuses(
      "c4-before-type", "C4", .typeChanged, at: 0, expected: 0, found: 2, "shape is judged before type",
      MappingLesson([Self.u8("a").counted(4)], .u64(0), [RawField("a", .bool)]))
    let counted = RawField("a", .unsigned, width: 2)
    func numbers(_ count: UInt32, _ elements: UInt64) -> [UInt8] { .joined(.u32(count), .u32(0), .u64(elements)) }
    for (name, count, elements) in [("below", 2, 0x0002_0001), ("at", 3, 0x0003_0002_0001)] as [(String, UInt32, UInt64)] {
      maps(
        "c2-counted-array-\(name)", "C2", "\(count) elements, and the reader takes 3",
        MappingLesson([counted.counted(9)], numbers(count, elements), [counted.counted(3)]),
        numbers(count, elements))
    }
    refuses(
      "c3-counted-array-above", "C3", .countAboveMaximum, at: 0, expected: 3, found: 4, "4 elements, and the reader takes 3",
      MappingLesson([counted.counted(9)], numbers(4, 0), [counted.counted(3)]))
    maps(
      "c2-counted-array-empty", "C2", "no element, so nothing takes room",
      MappingLesson([counted.counted(9)], .u64(0), [counted.counted(3)]), .u64(0))
    maps(
      "c2-counted-array-widened", "C2 W1", "each element is widened",
      MappingLesson(
        [counted.counted(9)], numbers(3, 0xffff_0002_0001), [RawField("a", .unsigned, width: 4).counted(3)]),
      .joined(.u32(3), .u32(0), .u32(1), .u32(2), .u64(0xffff)))
    refuses(
      "n1-counted-element", "N1", .valueTooLarge, at: 10, expected: 1, found: 2, "the second element does not fit",
      MappingLesson([counted.counted(9)], numbers(2, 0x0100_0001), [Self.u8("a").counted(3)]))
    for (type, width, other) in [(RawType.bytes, 3, 4), (.bitmap, 8, 16), (.vector, 32, 16)] as [(RawType, UInt32, UInt32)] {
      refuses(
        "b1-\(type)", "B1", .countChanged, at: 0, expected: UInt64(other), found: UInt64(width),
        "octets are neither added nor cut off",
        MappingLesson(
          [RawField("a", type, width: width)], [UInt8].ramp(Int(width)).padded(), [RawField("a", type, width: other)]))
      maps(
        "b1-\(type)-equal", "E", "another field before it",
        MappingLesson(
          [RawField("a", type, width: width)], [UInt8].ramp(Int(width)).padded(),
          [RawField("p", .padding, width: 8), RawField("a", type, width: width)]),
        .zeros(8) + [UInt8].ramp(Int(width)).padded())
    }
  }

  private mutating func addMappedCounts() {
    func ranged(_ type: RawType, _ min: UInt64, _ max: UInt64) -> RawField {
      RawField("a", type) { ($0.flags, $0.min, $0.max) = (2, min, max) }
    }
    func octets(_ count: UInt32) -> [UInt8] {
      .joined(.u32(count), .u32(0), [UInt8](repeating: 0x41, count: Int(count)).padded())
    }
    for type in [RawType.countedBytes, .string] {
      maps(
        "c2-\(type)-at", "C2", "as many octets as the reader takes",
        MappingLesson([RawField("a", type)], octets(5), [ranged(type, 2, 5)]), octets(5))
      refuses(
        "c3-\(type)-above", "C3", .countAboveMaximum, at: 0, expected: 5, found: 6, "one octet too many",
        MappingLesson([RawField("a", type)], octets(6), [ranged(type, 2, 5)]))
      refuses(
        "c5-\(type)-below", "C5", .valueOutOfRange, at: 0, expected: 2, found: 1, "one octet too few",
        MappingLesson([RawField("a", type)], octets(1), [ranged(type, 2, 5)]))
    }
    maps(
      "c2-without-a-range", "C2", "a reader without a range takes any number",
      MappingLesson([ranged(.countedBytes, 0, 20)], octets(20), [RawField("a", .countedBytes)]), octets(20))
    refuses(
      "t2-bytes-to-string", "T2", .typeChanged, at: 0, expected: 33, found: 32, "even if it is UTF-8",
      MappingLesson([RawField("a", .countedBytes)], octets(1), [RawField("a", .string)]))
    let element: [UInt8] = .joined(.u32(0), .u32(8), .zeros(8))
    refuses(
      "c3-list-above", "C3", .countAboveMaximum, at: 0, expected: 1, found: 2, "two elements of its own layout",
      MappingLesson([RawField("a", .list)], .joined(.u64(2), element, element), [ranged(.list, 0, 1)]))
    maps(
      "c2-array-of-strings", "C2", "the string in the second field comes after both of the first",
      MappingLesson(
        [RawField("b", .string), RawField("a", .string).array(2)],
        .joined(.u32(1), .u32(2), .u64(0), .u64(0x62), .u64(0x3161)),
        [RawField("a", .string).array(2), RawField("b", .string)]),
      .joined(.u32(2), .u32(0), .u64(1), .u64(0x3161), .u64(0x62)))
  }

  private mutating func addMappedStructures() {
    let narrow = RawField("s", .structure, [Self.u8("x"), Self.u8("y")])
    let wide = RawField("s", .structure, [RawField("y", .unsigned, width: 2), Self.u8("x")])
    maps(
      "g1-structure", "G1", "children in another order and width",
      MappingLesson([Self.u8("a"), narrow], .u64(0x03_0201), [Self.u8("a"), wide]), .u64(0x0200_0301))
    maps(
      "g1-array", "G1 W1", "each element by itself",
      MappingLesson([narrow.array(2)], .u64(0x0403_0201), [wide.array(2)]), .u64(0x0300_0401_0002))
    maps(
      "g1-counted-array", "G1 C2", "elements of 2 octets become elements of 3",
      MappingLesson(
        [narrow.counted(8)], .joined(.u64(3), .u64(0x0605_0403_0201)), [wide.counted(3)]),
      .joined(.u64(3), .hex("020001 040003 060005"), .zeros(7)))
    refuses(
      "g1-child-of-an-element", "S1", .signChanged, at: 9, expected: 2, found: 1,
      "the second child of the first of two elements, which lie at 8",
      MappingLesson(
        [narrow.counted(8)], .joined(.u64(2), .u64(0x0403_0201)),
        [RawField("s", .structure, [Self.u8("x"), RawField("y", .signed, width: 1)]).counted(8)]))
    maps(
      "g1-field-behind-an-array", "G1", "the field lies behind the array's number as if it were behind the element",
      MappingLesson(
        [RawField("s", .structure, [RawField("x", .unsigned, width: 4)]).counted(2), Self.u8("a")],
        .joined(.u32(1), .u32(7), .u64(9)),
        [RawField("s", .structure, [RawField("x", .unsigned, width: 4)]).counted(3), Self.u8("a")]),
      .joined(.u32(1), .u32(7), .u64(9)))
    maps(
      "g1-no-element", "C2", "a child that could not be mapped is not there",
      MappingLesson(
        [narrow.counted(8)], .u64(0), [RawField("s", .structure, [Self.u8("q")]).counted(8)]), .u64(0))
    let texts = RawField("s", .structure, [RawField("t", .string), Self.u8("n")])
    let swapped = RawField("s", .structure, [Self.u8("n"), RawField("t", .string)])
    maps(
      "g1-array-with-variable-parts", "G1", "each element's string after all blocks",
      MappingLesson(
        [texts.array(2)], .joined(.u32(1), [5], .u32(2), [6], .zeros(6), .u64(0x61), .u64(0x6362)),
        [swapped.array(2)]),
      .joined([5], .u32(1), [6], .u32(2), .zeros(6), .u64(0x61), .u64(0x6362)))
    let optional = RawField("o", .optional, [Self.u8("x"), RawField("y", .unsigned, width: 2)])
    let other = RawField("o", .optional, [RawField("y", .unsigned, width: 4)])
    let skippable = RawField("o", .optional, [Self.skippable("x"), RawField("y", .unsigned, width: 2)])
    maps(
      "g2-absent", "G2", "what is not there is not judged",
      MappingLesson([optional], .u64(0), [other]), .u64(0))
    refuses(
      "g2-present-unknown-child", "U2", .unknownRequired, at: 8, found: 1, "the part lies at 8",
      MappingLesson([optional], .joined(.u64(1), .u64(0x020305)), [other]))
    maps(
      "g2-present", "G2", "children by the table",
      MappingLesson([skippable], .joined(.u64(1), .u64(0x020305)), [other]) { $0.skipped = [(0, 1, 8)] },
      .joined(.u64(1), .u64(0x0203)))
  }

  private mutating func addMappedUnions() {
    let stream = RawField("u", .union, [Self.u8("x"), RawField("y", .unsigned, width: 2), Self.skippable("z")])
    let reader = RawField("u", .union, [RawField("w", .string), RawField("y", .unsigned, width: 4), Self.u8("x")])
    maps(
      "g3-first-child", "G3", "child 0 is the reader's child 2",
      MappingLesson([stream], .joined(.u64(0), .u64(9)), [reader]), .joined(.u64(2), .u64(9)))
    maps(
      "g3-second-child", "G3 W1", "child 1 is the reader's child 1, and wider",
      MappingLesson([stream], .joined(.u64(1), .u64(0xffff)), [reader]), .joined(.u64(1), .u64(0xffff)))
    refuses(
      "g3-unknown-child", "G3", .unknownRequired, at: 0, found: 2, "a value must be there, so its mark plays no part",
      MappingLesson([stream], .joined(.u64(2), .u64(1)), [reader]))
    maps(
      "g3-alias", "G3 A1", "a child was renamed",
      MappingLesson([stream], .joined(.u64(2), .u64(1)), [reader]) {
        $0.reader = [RawLayout("l", [RawField("u", .union, [Self.u8("v"), Self.u8("x")])])]
        $0.aliases = [.init(0, 1, "z")]
      }, .joined(.u64(0), .u64(1)))
    maps(
      "g3-padding-child", "G3", "a child without content, of another width",
      MappingLesson(
        [RawField("u", .union, [RawField("none", .padding, width: 1)])], .joined(.u64(0), .u64(0)),
        [RawField("u", .union, [Self.u8("x"), RawField("none", .padding, width: 9)])]),
      .joined(.u64(1), .zeros(16)))
    refuses(
      "a2-union-children", "A2", .duplicateName, at: 0, expected: 1, found: 2, "two children of the stream are one of the reader",
      MappingLesson(
        [RawField("u", .union, [Self.u8("x"), Self.u8("z")])], .joined(.u64(1), .u64(1)),
        [RawField("u", .union, [Self.u8("x")])]
      ) { $0.aliases = [.init(0, 1, "z")] })
    refuses(
      "a2-union-first-child", "A2", .duplicateName, at: 0, expected: 1, found: 2, "the first of two such children is there",
      MappingLesson(
        [RawField("u", .union, [Self.u8("x"), Self.u8("z")])], .joined(.u64(0), .u64(1)),
        [RawField("u", .union, [Self.u8("x")])]
      ) { $0.aliases = [.init(0, 1, "z")] })
    refuses(
      "a2-union-other-child", "A2", .duplicateName, at: 0, expected: 1, found: 2, "neither of two such children is there",
      MappingLesson(
        [RawField("u", .union, [Self.u8("x"), Self.u8("z"), Self.u8("y")])], .joined(.u64(2), .u64(1)),
        [RawField("u", .union, [Self.u8("x"), Self.u8("y")])]
      ) { $0.aliases = [.init(0, 1, "z")] })
    refuses(
      "a2-union-three-readers", "A2", .duplicateName, at: 0, expected: 2, found: 1, "three children of the reader are one of the stream",
      MappingLesson(
        [RawField("u", .union, [Self.u8("x")])], .joined(.u64(0), .u64(1)),
        [RawField("u", .union, [Self.u8("x"), Self.u8("y"), Self.u8("w")])]
      ) { $0.aliases = [.init(0, 2, "x"), .init(0, 3, "x")] })
  }

  private mutating func addMappedLists() {
    let element = RawLayout("e", [RawField("n", .unsigned, width: 1)])
    let wide = RawLayout("e", [RawField("n", .unsigned, width: 4)])
    let list = [RawField("a", .list)]
    func data(_ elements: (UInt32, UInt64)...) -> [UInt8] {
      .joined(.u64(UInt64(elements.count)), elements.flatMap { [UInt8].joined(.u32($0.0), .u32(8), .u64($0.1)) })
    }
    maps(
      "g4-list", "G4", "the element's layout has another number and a wider field at the reader",
      MappingLesson(list, data((1, 7)), list) {
        $0.stream.append(element)
        $0.reader = [$0.reader[0], RawLayout("z", [RawField("n", .bool)]), wide]
      }, data((2, 7)))
    maps(
      "g4-equal-layouts", "G4", "section and element have equal layouts; the numbers still become the reader's",
      MappingLesson(list, data((1, 7), (1, 8)), list) {
        $0.stream.append(element)
        $0.reader = [$0.reader[0], RawLayout("z", [RawField("n", .bool)]), element]
      }, data((2, 7), (2, 8)))
    maps(
      "g4-alias-in-an-element", "G4 A1", "aliases are those of the reader's layout 1",
      MappingLesson(list, data((1, 7)), list) {
        $0.stream.append(element)
        $0.reader.append(RawLayout("e", [RawField("m", .unsigned, width: 1)]))
        $0.aliases = [.init(1, 0, "n")]
      }, data((1, 7)))
    refuses(
      "g4-unknown-layout", "G4", .unknownRequired, at: 8, found: 1, "the reader has no layout of that name",
      MappingLesson(list, data((1, 7)), list) { $0.stream.append(element) })
    refuses(
      "g4-field-of-an-element", "S1", .signChanged, at: 16, expected: 2, found: 1, "the element's octets lie at 16",
      MappingLesson(list, data((1, 7)), list) {
        $0.stream.append(element)
        $0.reader.append(RawLayout("e", [RawField("n", .signed, width: 1)]))
      })
    refuses(
      "g5-second-layout-of-a-name", "G5", .duplicateName, at: 24, expected: 1, found: 2, "even if it is equal",
      MappingLesson(list, data((1, 7), (2, 7)), list) {
        $0.stream += [element, element]
        $0.reader.append(element)
      })
  }
}
