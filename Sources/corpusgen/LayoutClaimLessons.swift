import MigrationStream
import StreamTestKit

extension LessonTable {
  /// Attributes of the one entry, 368: flags 371, width 372, len_name 384, min 400, max 408, default 416, until 428; its
  /// text starts at 432, or its first symbol does (name length 440).
  mutating func addLayoutClaims() {
    folder = "layout"
    func field(_ type: RawType = .unsigned, width: UInt32? = 1, _ change: (inout RawField) -> Void)
      -> RawStream
    {
      Base.section([RawField("x", type, width: width, [], change)], data: .zeros(16))
    }
    claim("range-upside-down", 408, "max is at least min", field { ($0.flags, $0.min, $0.max) = (2, 5, 4) })
    claim("range-above-its-width", 408, "256 in one octet", field { ($0.flags, $0.max) = (2, 256) })
    claim(
      "default-above-its-width", 416, "256 in one octet", field { ($0.flags, $0.defaultValue) = (4, 256) })
    claim("since-after-until", 428, "until is at least since", field { ($0.since, $0.until) = (3, 2) })
    claim(
      "symbol-above-its-width", 432, "256 in one octet",
      field(.enumeration) { $0.symbols = [RawSymbol(256, "a")] })
    claim("symbol-without-name", 440, "1 to 255", field(.enumeration) { $0.symbols = [RawSymbol(1, "")] })
    claim("unit-of-256", 386, "at most 255", field { $0.unit = .init(repeating: 0x75, count: 256) })
    claim("layout-without-name", 360, "1 to 255", Base.uart.patched(360, .u16(0)))
    claim(
      "range-of-16-octets", 371, "a 16-octet integer carries none",
      field(width: 16) { ($0.flags, $0.max) = (2, 1) })
    claim(
      "range-of-a-bool", 371, "integers, counted octets and lists only",
      field(.bool) { ($0.flags, $0.max) = (2, 1) })
    claim(
      "default-of-a-string", 371, "scalars of up to 8 octets only", field(.string, width: 4) { $0.flags = 4 })
    accept(
      "range-with-a-sign", "20 §3", "-5 to 5 and the default -1, read with the sign of the type",
      field(.signed) { field in
        field.flags = 6
        field.min = UInt64(bitPattern: -5)
        (field.max, field.defaultValue) = (5, UInt64(bitPattern: -1))
      }.changing(2) { $0 = RawSection(data: .zeros(8)).record })
    claim(
      "range-with-a-sign-in-no-octets", 372, "a width is judged before the range that lies in it",
      field(.signed, width: 0) { ($0.flags, $0.min, $0.max) = (2, UInt64(bitPattern: -5), 5) })
    claim(
      "union-of-257-children", 16816, "at most 256; the 257th has entry 257",
      Base.section([RawField("u", .union, Self.children(257))], data: .zeros(16)))
    accept(
      "union-of-256-children", "20 §3", "the most",
      Base.section([RawField("u", .union, Self.children(256))], data: .zeros(16)))
  }

  private static func children(_ count: Int) -> [RawField] {
    (0..<count).map { RawField("c\($0)", .unsigned, width: 8) }
  }

  private mutating func claim(_ name: String, _ offset: UInt64, _ comment: String, _ stream: RawStream) {
    reject(name, .badLayout, .layout, offset, released: 1, "20 §3", comment, stream)
  }

  /// Numbers in section data against the layout: SECTION 440, data 528.
  mutating func addSectionNumbers() {
    folder = "section"
    let label = RawField("l", .string) { ($0.flags, $0.min, $0.max) = (2, 2, 3) }
    func text(_ count: UInt32) -> RawStream {
      Base.section(
        [label], data: .joined(.u32(count), .zeros(4), .init(repeating: 0x61, count: Int(count)).padded()))
    }
    accept("string-as-long-as-it-may", "20 §4", "2 to 3 octets", text(3))
    for count in [UInt32(1), 4] {
      reject(
        "string-of-\(count)", .badValue, .section, 528, released: 2, found: UInt64(count), "20 §4",
        "2 to 3 octets",
        text(count))
    }
    reject(
      "list-element-not-a-multiple-of-8", .badValue, .section, 540, released: 2, found: 9, "20 §4",
      "len_element is 9",
      Base.section(
        [RawField("l", .list)], data: .joined(.u32(1), .zeros(4), .u32(0), .u32(9), .zeros(16))))
    let skippable = Base.device { $0.sections = [RawAnnouncement("state", flags: RawFlag.skippable)] }
    accept(
      "skippable-in-a-required-device", "10 §3.1", "the mark is the section's",
      skippable.changing(2) { $0.flags = 2 })
    reject(
      "required-where-skippable-was-announced", .badMark, .record, 446, released: 2, "10 §3.1",
      "the mark is the section's", skippable)
  }

  /// MEMORY of a skippable device: 264 (flags 270).
  mutating func addBulkMarks() {
    folder = "memory"
    let skippable = Base.ownedRegion.changing(0) {
      $0 =
        RawManifest {
          $0.regions = [RawRegion { $0.owner = 0 }]
          $0.devices = [RawDevice { ($0.sections, $0.flags) = ([], RawFlag.skippable) }]
        }.record
    }
    accept(
      "of-a-skippable-device", "10 §3.1", "marked like its owner", skippable.changing(1) { $0.flags = 2 })
    reject(
      "required-of-a-skippable-device", .badMark, .record, 270, released: 1, "10 §3.1",
      "marked unlike its owner",
      skippable)
    folder = "pass"
    let passes: UInt32 = 1 << 2
    reject(
      "bytes-of-an-earlier-pass", .badPass, .bulk, 376, released: 2, expected: 1, found: 0, "30 §2",
      "pass 0 behind its barrier",
      Base.bytes(mandatory: passes, [.barrier(pass: 0, next: 2), .bytes(.ramp(64))]))
    accept(
      "section-first-in-a-later-pass", "10 §6", "nothing to replace, so no flag",
      Base.device(mandatory: passes).inserting(.barrier(pass: 0, next: 3), at: 2).changing(3) {
        $0.body.set(.u32(1), at: 8)
      })
  }
}
