import MigrationStream
import StreamTestKit

extension LessonTable {
  /// Rows U, D and A: fields that only one side has, and names.
  mutating func addMappedFields() {
    addUnknownFields()
    addMissingFields()
    addMissingGroups()
    addFieldsLeftAlone()
    addAliases()
  }

  static func u8(_ name: String, _ change: (inout RawField) -> Void = { _ in }) -> RawField {
    RawField(name, .unsigned, width: 1, [], change)
  }

  static func skippable(_ name: String) -> RawField { u8(name) { $0.mark = 2 } }

  /// With a default and since a version.
  static func new(_ name: String, _ type: RawType, width: UInt32?, since: UInt32, _ value: UInt64) -> RawField {
    RawField(name, type, width: width) { ($0.flags, $0.since, $0.defaultValue) = (4, since, value) }
  }

  private mutating func addUnknownFields() {
    maps(
      "u1-skippable", "U1", "the reader has not got the first field",
      MappingLesson([Self.skippable("x"), Self.u8("a")], .u64(0x0201), [Self.u8("a")]) {
        $0.skipped = [(0, 0, 0)]
      }, .u64(2))
    let pair = RawField("a", .structure, [Self.u8("b"), Self.skippable("x")])
    maps(
      "u1-in-an-array", "U1", "reported for each element",
      MappingLesson(
        [pair.array(2)], .u64(0x0403_0201), [RawField("a", .structure, [Self.u8("b")]).array(2)]
      ) { $0.skipped = [(0, 2, 1), (0, 2, 3)] }, .u64(0x0301))
    maps(
      "u1-with-a-variable-part", "U1", "the string behind the skipped bytes is found",
      MappingLesson(
        [RawField("x", .countedBytes) { $0.mark = 2 }, RawField("a", .string)],
        .joined(.u32(9), .u32(2), .ramp(9), .zeros(7), .hex("6869"), .zeros(6)), [RawField("a", .string)]
      ) { $0.skipped = [(0, 0, 0)] }, .joined(.u32(2), .u32(0), .hex("6869"), .zeros(6)))
    refuses(
      "u2-required", "U2", .unknownRequired, at: 1, found: 1, "the reader has not got the second field",
      MappingLesson([Self.u8("a"), Self.u8("x")], .u64(0x0201), [Self.u8("a")]))
    refuses(
      "u2-absent-optional", "U2", .unknownRequired, at: 1, found: 1, "whatever its content",
      MappingLesson([Self.u8("a"), RawField("x", .optional, [Self.u8("b")])], .u64(1), [Self.u8("a")]))
    maps(
      "u3-padding", "U3", "padding is no field, whatever its mark",
      MappingLesson([RawField("x", .padding, width: 3), Self.u8("a")], .u64(0x0200_0000), [Self.u8("a")]),
      .u64(2))
    maps(
      "d5-padding", "D5", "padding of the reader looks for nothing",
      MappingLesson(
        [Self.u8("a"), Self.skippable("p")], .u64(0x0201), [RawField("p", .padding, width: 2), Self.u8("a")]
      ) { $0.skipped = [(0, 1, 1)] }, .u64(0x01_0000))
  }

  private mutating func addMissingFields() {
    let cases: [(RawType, UInt32?, UInt64, [UInt8])] = [
      (.unsigned, 1, 0x81, .u64(0x8100)), (.unsigned, 8, .max, .joined([0], .u64(.max))),
      (.signed, 2, 0xffff_ffff_ffff_fffe, .u64(0xff_fe00)), (.float, 4, 0x3f80_0000, .u64(0x3f_8000_0000)),
      (.float, 8, 0x3ff0_0000_0000_0000, .joined([0], .u64(0x3ff0_0000_0000_0000))),
      (.bool, nil, 1, .u64(0x0100)), (.enumeration, 2, 3, .u64(0x0300)), (.flags, 4, 5, .u64(0x0500)),
      (.mac, nil, 0x5634_1200_5452, .u64(0x56_3412_0054_5200)), (.pciAddress, nil, 0x18, .u64(0x1800)),
      (.guestAddress, 4, 0x1000, .u64(0x10_0000)), (.size, 1, 9, .u64(0x0900)), (.count, 1, 9, .u64(0x0900)),
      (.index, 1, 9, .u64(0x0900)), (.duration, nil, .max, .joined([0], .u64(.max))),
      (.instant, nil, .max, .joined([0], .u64(.max))),
    ]
    for (type, width, value, octets) in cases {
      let field = Self.new("n", type, width: width, since: 2, value)
      maps(
        "d1-\(type)\(width.map { "-\($0)" } ?? "")", "D1", "a default for what version 1 had not",
        MappingLesson([Self.u8("a")], .u64(0), [Self.u8("a"), field]), octets.padded())
    }
    maps(
      "d1-array", "D1", "the default in each element",
      MappingLesson(
        [Self.u8("a")], .u64(1),
        [Self.u8("a"), Self.new("n", .unsigned, width: 2, since: 2, 0x0203).array(3)]),
      .u64(0x02_0302_0302_0301))
    refuses(
      "d2-since-the-version", "D2", .missingField, at: 0, expected: 1, found: 2, "version 2 has had the field",
      MappingLesson(
        [Self.u8("a")], .u64(1), [Self.u8("a"), Self.new("n", .unsigned, width: 1, since: 2, 5)], version: 2))
    refuses(
      "d2-without-since", "D2", .missingField, at: 0, expected: 1, found: 1, "every version has had the field",
      MappingLesson([Self.u8("a")], .u64(1), [Self.u8("a"), Self.new("n", .unsigned, width: 1, since: 0, 5)]))
    refuses(
      "d3-no-default", "D3", .missingField, at: 0, expected: 1, found: 1, "since alone is no default",
      MappingLesson([Self.u8("a")], .u64(1), [Self.u8("a"), Self.u8("n") { $0.since = 2 }]))
    refuses(
      "d3-in-an-element", "D3", .missingField, at: 2, expected: 2, found: 1, "the offset is that of the structure",
      MappingLesson(
        [Self.u8("z").array(2), RawField("a", .structure, [Self.u8("b")]).array(2)], .u64(0),
        [Self.u8("z").array(2), RawField("a", .structure, [Self.u8("n"), Self.u8("b")]).array(2)]))
  }

  private mutating func addMissingGroups() {
    func since(_ field: RawField) -> RawField {
      var field = field
      field.since = 2
      return field
    }
    for (name, field) in [
      ("counted-array", Self.u8("n").counted(3)), ("counted-bytes", RawField("n", .countedBytes)),
      ("string", RawField("n", .string)), ("list", RawField("n", .list)),
      ("optional", RawField("n", .optional, [Self.u8("b")])),
    ] {
      maps(
        "d1-\(name)", "D1", "empty or absent, without a default flag",
        MappingLesson([Self.u8("a")], .u64(7), [Self.u8("a"), since(field)]), .u64(7))
    }
    maps(
      "d1-array-of-strings", "D1", "each of them empty",
      MappingLesson([Self.u8("a")], .u64(7), [Self.u8("a"), since(RawField("n", .string).array(3))]),
      .joined(.u64(7), .zeros(8)))
    refuses(
      "d3-string-with-a-minimum", "D3", .missingField, at: 0, expected: 1, found: 1, "it cannot be empty",
      MappingLesson(
        [Self.u8("a")], .u64(7),
        [Self.u8("a"), RawField("n", .string) { ($0.flags, $0.since, $0.min, $0.max) = (2, 2, 1, 9) }]))
    refuses(
      "d3-union", "D3", .missingField, at: 0, expected: 1, found: 1, "nobody says which child",
      MappingLesson([Self.u8("a")], .u64(7), [Self.u8("a"), since(RawField("n", .union, [Self.u8("b")]))]))
    let defaults = [Self.new("b", .unsigned, width: 1, since: 0, 5), Self.new("c", .bool, width: nil, since: 0, 1)]
    maps(
      "d6-structure", "D6 D1", "its since counts for its children",
      MappingLesson([Self.u8("a")], .u64(7), [Self.u8("a"), since(RawField("n", .structure, defaults).array(2))]),
      .u64(0x01_0501_0507))
    refuses(
      "d6-child-without-default", "D3", .missingField, at: 0, expected: 3, found: 1, "one child has none",
      MappingLesson(
        [Self.u8("a")], .u64(7), [Self.u8("a"), since(RawField("n", .structure, [defaults[0], Self.u8("c")]))]))
    refuses(
      "d6-without-since", "D2", .missingField, at: 0, expected: 2, found: 1, "version 1 has had the structure",
      MappingLesson([Self.u8("a")], .u64(7), [Self.u8("a"), RawField("n", .structure, defaults)]))
  }

  private mutating func addFieldsLeftAlone() {
    let old = Self.u8("n") { ($0.until, $0.flags, $0.min, $0.max) = (1, 2, 4, 9) }
    maps(
      "d4-left-alone", "D4", "version 2 no longer has it; its range is not judged",
      MappingLesson([Self.u8("a")], .u64(7), [old, Self.u8("a")], version: 2) { $0.left = [(0, 0, 0)] },
      .u64(0x0700))
    refuses(
      "d4-until-the-version", "D3", .missingField, at: 0, expected: 0, found: 1, "version 1 still has it",
      MappingLesson([Self.u8("a")], .u64(7), [old, Self.u8("a")], version: 1))
    maps(
      "d4-still-there", "E", "the stream has it all the same",
      MappingLesson([Self.u8("a"), Self.u8("n")], .u64(0x0507), [old, Self.u8("a")], version: 2), .u64(0x0705))
    maps(
      "d4-emptiest-value", "D4", "as many zero octets as the minimum; child 0 of the union, with its own minimum",
      MappingLesson(
        [Self.u8("a")], .u64(7),
        [
          RawField("s", .string) { ($0.until, $0.flags, $0.min, $0.max) = (1, 2, 3, 9) },
          RawField(
            "u", .union, [RawField("b", .countedBytes) { ($0.flags, $0.min, $0.max) = (2, 9, 9) }]
          ) { $0.until = 1 },
          Self.u8("a"),
        ], version: 2
      ) { $0.left = [(0, 0, 0), (0, 1, 0)] },
      .joined(.u32(3), .u32(0), [7], .zeros(7), .zeros(8), .u32(9), .zeros(4), .zeros(16)))
    refuses(
      "d4-list-with-a-minimum", "D4", .missingField, at: 0, expected: 0, found: 2, "elements cannot be made up",
      MappingLesson(
        [Self.u8("a")], .u64(7),
        [RawField("n", .list) { ($0.until, $0.flags, $0.min, $0.max) = (1, 2, 1, 9) }, Self.u8("a")], version: 2))
  }

  private mutating func addAliases() {
    maps(
      "a1-alias", "A1", "the second field had another name",
      MappingLesson(
        [Self.u8("a"), Self.u8("old")], .u64(0x0201), [Self.u8("a"), Self.u8("new")]
      ) { $0.aliases = [.init(0, 1, "old")] }, .u64(0x0201))
    maps(
      "a1-second-alias", "A1", "one of two older names; the reader's order is another",
      MappingLesson(
        [Self.u8("older"), Self.u8("a")], .u64(0x0201), [Self.u8("a"), Self.u8("new")]
      ) { $0.aliases = [.init(0, 1, "old"), .init(0, 1, "older")] }, .u64(0x0102))
    maps(
      "a1-nested", "A1", "a structure and a field inside were renamed",
      MappingLesson(
        [RawField("old", .structure, [Self.u8("x"), Self.u8("b")])], .u64(0x0201),
        [RawField("new", .structure, [Self.u8("b"), Self.u8("y")])]
      ) { $0.aliases = [.init(0, 0, "old"), .init(0, 2, "x")] }, .u64(0x0102))
    refuses(
      "a1-another-level", "U2", .unknownRequired, at: 1, found: 2, "names are never looked for across levels",
      MappingLesson(
        [RawField("s", .structure, [Self.u8("b"), Self.u8("old")])], .u64(0x0201),
        [RawField("s", .structure, [Self.u8("b")]), Self.new("n", .unsigned, width: 1, since: 2, 0)]
      ) { $0.aliases = [.init(0, 2, "old")] })
    maps(
      "a1-own-name", "A1", "an alias that is the name itself is not two",
      MappingLesson([Self.u8("a")], .u64(1), [Self.u8("a"), RawField("p", .padding, width: 1)]) {
        $0.aliases = [.init(0, 0, "a")]
      }, .u64(1))
    refuses(
      "a2-name-and-alias", "A2", .duplicateName, at: 1, expected: 0, found: 1,
      "the stream has the field under both names",
      MappingLesson([Self.u8("old"), Self.u8("new")], .u64(0x0201), [Self.u8("new")]) {
        $0.aliases = [.init(0, 0, "old")]
      })
    refuses(
      "a2-two-readers", "A2", .duplicateName, at: 0, expected: 1, found: 0,
      "the second field of the reader had the name that the first has now",
      MappingLesson([Self.u8("a")], .u64(1), [Self.u8("a"), Self.u8("b")]) { $0.aliases = [.init(0, 1, "a")] })
    refuses(
      "a2-two-and-taken", "A2", .duplicateName, at: 1, expected: 1, found: 1,
      "the second field of the reader had two names that the stream has, and one is another field's now",
      MappingLesson([Self.u8("a"), Self.u8("old")], .u64(0x0201), [Self.u8("a"), Self.u8("b")]) {
        $0.aliases = [.init(0, 1, "a"), .init(0, 1, "old")]
      })
  }
}
