import MigrationStream
import StreamTestKit

extension LessonTable {
  /// Offsets: LAYOUT 248, number 312, form 316, reserved 317, len_canonical 320, fingerprint 328, len_stored
  /// 336, stored 344.
  mutating func addLayoutRecords() {
    folder = "layout"
    accept("every-type", "20 §2", "one field of each type, with the widths it may have", Base.everyType)
    accept(
      "attributes", "20 §3",
      "unit, radix, range, default, secret, verify, alignment, clock, symbols, since and until",
      Base.attributes)
    accept(
      "external", "10 §5", "a section of an external layout is checked by its digest only", Base.external)
    accept(
      "two-layouts", "10 §5", "numbers 0 and 1; the second is not used",
      Base.uart.inserting(Base.ports.record(1), at: 2))
    reject(
      "number-not-the-next", .badOrder, .layout, 312, released: 1, expected: 0, found: 1, "10 §5",
      "the first LAYOUT is number 0", Base.uart.patched(312, .u32(1)))
    reject(
      "number-twice", .badOrder, .layout, 504, released: 2, expected: 1, found: 0, "10 §5", "0 comes twice",
      Base.uart.inserting(Base.oneField.record(0), at: 2))
    reject(
      "form-3", .badValue, .layout, 316, released: 1, found: 3, "10 §5", "0, 1 or 2",
      Base.uart.patched(316, [3]))
    reject(
      "record-reserved", .reservedNotZero, .layout, 317, released: 1, "10 §5", "octets 5 to 7",
      Base.uart.patched(319, [1]))
    reject(
      "stored-unlike-canonical", .badValue, .layout, 336, released: 1, expected: 96, found: 88, "10 §5",
      "len_stored of a plain layout equals len_canonical", Base.uart.patched(336, .u64(88)))
    reject(
      "fingerprint", .digestMismatch, .layout, 328, released: 1, expected: 1, "10 §5",
      "not the digest of the canonical layout", Base.uart.patched(328, .u64(1)))
    reject(
      "stored-past-the-body", .truncatedData, .layout, 336, released: 1, expected: 96, found: 88, "10 §5",
      "96 octets declared, 88 there", Base.uart.changing(1) { $0.body.removeLast(8) })
    reject(
      "left-over-octets", .unexpectedData, .layout, 440, released: 1, expected: 136, found: 128, "10 §5",
      "8 octets behind the stored layout", Base.uart.changing(1) { $0.body += .zeros(8) })
    reject(
      "external-without-the-flag", .undeclaredFeature, .layout, 316, released: 1, expected: 16, "10 §2",
      "mandatory bit 4 guards external layouts", Base.external.patched(16, .u32(0)))
    reject(
      "zstd-without-the-flag", .undeclaredFeature, .layout, 316, released: 1, expected: 8, "10 §2",
      "mandatory bit 3 guards zstd", Base.uart.patched(316, [1]))
    reject(
      "external-identity-no-text", .badText, .layout, 344, released: 1, "10 §5", "a control character",
      Base.external.patched(344, [7]))
    reject(
      "external-identity-padding", .badPadding, .layout, 363, released: 1, "10 §5",
      "the first octet behind a text of 19", Base.external.patched(363, [1]))
    reject(
      "external-identity-above-the-limit", .limitExceeded, .layout, 344, released: 1, expected: 18, found: 19,
      "40 §3", "textBytesMax", limits: ["textBytesMax=18"], Base.external)
    reject(
      "octets-above-the-limit", .limitExceeded, .layout, 320, released: 1, expected: 95, found: 96, "40 §3",
      "layoutBytesMax", limits: ["layoutBytesMax=95"], Base.uart)
    reject(
      "octets-of-all-above-the-limit", .limitExceeded, .layout, 512, released: 2, expected: 463, found: 464,
      "40 §3", "layoutBytesTotalMax: 96 and 368", limits: ["layoutBytesTotalMax=463"],
      Base.uart.inserting(Base.ports.record(1), at: 2))
    reject(
      "identity-above-the-limit-of-all", .limitExceeded, .layout, 320, released: 1, expected: 18, found: 19, "40 §3",
      "layoutBytesTotalMax: an external layout counts with its identity", limits: ["layoutBytesTotalMax=18"],
      Base.external.patched(320, .u64(0)))
    reject(
      "identity-not-whole-above-the-limit-of-all", .truncatedData, .layout, 336, released: 1, expected: 25, found: 24,
      "40 §5", "what is not there is found before layoutBytesTotalMax", limits: ["layoutBytesTotalMax=18"],
      Base.external.patched(336, .u64(25)))
    reject(
      "layouts-above-the-limit", .limitExceeded, .layout, 504, released: 2, expected: 1, found: 2, "40 §3",
      "layoutsMax", limits: ["layoutsMax=1"], Base.uart.inserting(Base.ports.record(1), at: 2))
    reject(
      "fields-above-the-limit", .limitExceeded, .layout, 344, released: 1, expected: 65536, found: 65537,
      "40 §3", "fieldsMax; a claim in 96 octets", Base.uart.patched(344, .u32(65537)))
    reject(
      "block-above-the-limit", .limitExceeded, .layout, 372, released: 1, expected: 16_777_216,
      found: 16_777_217, "40 §3", "blockBytesMax; one field of as many octets",
      Base.section([RawField("lcr", .bytes, width: 16_777_217)], data: .zeros(8)))
    let (first, second) = (RawField("a", .bytes, width: 40), RawField("b", .bytes, width: 30))
    reject(
      "fields-together-above-the-limit", .limitExceeded, .layout, 436, released: 1, expected: 64, found: 70, "40 §3",
      "blockBytesMax; two fields in one block, each below it", limits: ["blockBytesMax=64"],
      Base.section([first, second], data: .zeros(72)))
    reject(
      "fields-of-a-structure-above-the-limit", .limitExceeded, .layout, 500, released: 1, expected: 64, found: 70,
      "40 §5", "found at the second field, before the structure's end says that its width is wrong",
      limits: ["blockBytesMax=64"],
      Base.section([RawField("s", .structure, width: 64, [first, second])], data: .zeros(64)))
    accept(
      "children-of-a-union-above-the-limit-together", "20 §3", "one of them is present", limits: ["blockBytesMax=64"],
      Base.section([RawField("u", .union, [first, second])], data: .zeros(48)))
  }
}

extension Base {
  /// A section of three octets nobody describes. LAYOUT 248, text 344 to 363.
  static let external = RawStream(
    mandatory: 1 << 4,
    [
      RawManifest { $0.devices = [RawDevice()] }.record,
      oneField.record(0, external: "example/uart@1/main"),
      RawSection(data: .hex("0102030405060708")).record, .end,
    ])

  static let everyType = section(
    [
      RawField("u8", .unsigned, width: 1), RawField("u16", .unsigned, width: 2),
      RawField("u32", .unsigned, width: 4), RawField("u64", .unsigned, width: 8),
      RawField("u128", .unsigned, width: 16), RawField("s8", .signed, width: 1),
      RawField("s128", .signed, width: 16), RawField("f32", .float, width: 4),
      RawField("f64", .float, width: 8), RawField("yes", .bool),
      RawField("enum", .enumeration, width: 2), RawField("flags", .flags, width: 8),
      RawField("bitmap", .bitmap, width: 24), RawField("xmm", .vector, width: 16),
      RawField("ymm", .vector, width: 32), RawField("zmm", .vector, width: 64),
      RawField("raw", .bytes, width: 3), RawField("uuid", .uuid), RawField("mac", .mac),
      RawField("bdf", .pciAddress), RawField("gpa32", .guestAddress, width: 4),
      RawField("gpa64", .guestAddress, width: 8), RawField("size", .size, width: 8),
      RawField("count", .count, width: 2), RawField("index", .index, width: 1),
      RawField("elapsed", .duration), RawField("when", .instant) { $0.clock = 1 },
      RawField("gap", .padding, width: 5), RawField("blob", .countedBytes),
      RawField("label", .string),
      RawField("pair", .structure, [RawField("a", .unsigned, width: 1), RawField("b", .bool)]),
      RawField("list", .list), RawField("either", .union, [RawField("left", .unsigned, width: 8)]),
      RawField("maybe", .optional, [RawField("x", .unsigned, width: 2)]),
    ],
    // The block has 302 octets, then the one child of `either`: 8 octets.
    data: .zeros(304 + 8))

  static let attributes = section(
    [
      RawField("divisor", .unsigned, width: 4) {
        $0.unit = .text("ns")
        $0.radix = 16
        $0.flags = 0b0110
        ($0.min, $0.max, $0.defaultValue) = (1, 1 << 20, 12)
        ($0.since, $0.until) = (2, 5)
      },
      RawField("key", .bytes, width: 16) { $0.flags = 1 },
      RawField("slots", .count, width: 2) {
        $0.flags = 8
        $0.reference = 1 + 3
      },
      RawField("ring", .unsigned, width: 2).array(4),
      RawField("base", .guestAddress, width: 8) { $0.alignmentLog2 = 63 },
      RawField("due", .instant) { $0.clock = 3 },
      RawField("mode", .enumeration, width: 1) { $0.symbols = [RawSymbol(0, "off"), RawSymbol(2, "on")] },
      RawField("status", .flags, width: 4) {
        $0.mark = 2
        $0.symbols = [RawSymbol(1, "ack"), RawSymbol(8, "failed")]
      },
      RawField("name", .string) {
        $0.flags = 2
        $0.max = 16
      },
    ], data: .zeros(56))
}
