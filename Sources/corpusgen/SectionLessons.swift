import MigrationStream
import StreamTestKit

extension LessonTable {
  /// Offsets: SECTION 440, body 504 (num_subsections 506, layout 508, pass 512, reserved 516, len_data 520),
  /// data 528 to 535.
  mutating func addSections() {
    folder = "section"
    let stream = Base.uart
    accept("one-octet", "10 §6", "one section of one field", stream)
    accept(
      "two-devices-in-manifest-order", "10 §6", "(0, 0), (0, 1), (1, 0)",
      Base.twoDevices([(0, 0), (0, 1), (1, 0)]))
    reject(
      "not-announced", .unknownSection, .section, 504, released: 2, found: 1, "10 §6",
      "the device has one section, number 0", stream.patched(504, .u16(1)))
    reject(
      "layout-not-sent", .unknownLayout, .section, 508, released: 2, found: 1, "10 §6",
      "there is one layout, number 0", stream.patched(508, .u32(1)))
    reject(
      "layout-sent-too-late", .unknownLayout, .section, 316, released: 1, found: 0, "10 §6",
      "LAYOUT comes before its first use", Base.layoutAfterSection)
    reject(
      "pass-without-passes", .badPass, .section, 512, released: 2, expected: 0, found: 1, "10 §6",
      "no barrier came", stream.patched(512, .u32(1)))
    reject(
      "reserved", .reservedNotZero, .section, 516, released: 2, "10 §6", "octets 12 to 15",
      stream.patched(519, [1]))
    reject(
      "data-not-a-multiple-of-8", .badValue, .section, 520, released: 2, found: 1, "10 §6",
      "len_data is 1", stream.patched(520, .u64(1)))
    reject(
      "data-past-the-record", .truncatedData, .section, 520, released: 2, expected: 16, found: 8, "10 §6",
      "16 octets declared, 8 there", stream.patched(520, .u64(16)))
    reject(
      "data-of-two-to-the-64", .truncatedData, .section, 520, released: 2, "10 §6",
      "offset + len_data would wrap around", stream.patched(520, .u64(.max - 7)))
    reject(
      "left-over-octets-in-the-data", .unexpectedData, .section, 536, released: 2, expected: 16, found: 8,
      "10 §6", "the layout consumes 8 of 16 octets", Base.section(Base.oneField.fields, data: .zeros(16)))
    reject(
      "left-over-octets-in-the-record", .unexpectedData, .section, 536, released: 2, expected: 40,
      found: 32, "10 §6", "8 octets behind the data and no subsection announced",
      stream.changing(2) { $0.body += .zeros(8) })
    reject(
      "no-data-for-the-layout", .truncatedData, .section, 528, released: 2, "10 §6",
      "the layout needs 8 octets, len_data is 0", Base.section(Base.oneField.fields, data: []))
    reject(
      "fixed-part-missing", .truncatedData, .section, 520, released: 2, "10 §6", "a body of 16 octets",
      stream.changing(2) { $0.body = .zeros(16) })
    addSectionOrder()
  }

  private mutating func addSectionOrder() {
    reject(
      "sent-twice", .duplicateSection, .section, 704, released: 3, "10 §6",
      "the same section twice in one pass", Base.twoDevices([(0, 0), (0, 0), (0, 1), (1, 0)]))
    reject(
      "section-step-back", .sectionOutOfOrder, .section, 704, released: 3, "10 §6", "(0, 1), then (0, 0)",
      Base.twoDevices([(0, 1), (0, 0), (1, 0)]))
    reject(
      "device-step-back", .sectionOutOfOrder, .section, 704, released: 3, "10 §6", "(1, 0), then (0, 0)",
      Base.twoDevices([(1, 0), (0, 0), (0, 1)]))
    reject(
      "replaces-without-predecessor", .badValue, .section, 446, released: 2, "10 §6",
      "nothing was sent that could be replaced", Base.uart.changing(2) { $0.flags |= RawFlag.replaces })
    reject(
      "missing", .missingSection, .end, 440, released: 2, expected: 0, "10 §6",
      "the one announced section never came", Base.withoutSection)
    reject(
      "missing-of-the-second-device", .missingSection, .end, 736, released: 4, expected: 1 << 32, "10 §6",
      "device 1 section 0, device in the upper half", Base.twoDevices([(0, 0), (0, 1)]))
    reject(
      "missing-in-the-middle", .missingSection, .end, 736, released: 4, expected: 1, "10 §6",
      "device 0 section 1", Base.twoDevices([(0, 0), (1, 0)]))
  }
}

extension Base {
  /// Two devices, of two sections and of one. MANIFEST 64, LAYOUT 352, SECTIONs 544, 640, 736 (bodies 608, 704, 800).
  static func twoDevices(_ sections: [(UInt32, UInt16)]) -> RawStream {
    let devices = [
      RawDevice { $0.sections = [RawAnnouncement("state"), RawAnnouncement("queue")] },
      RawDevice { $0.path = .text("/uart1") },
    ]
    let manifest = RawManifest { $0.devices = devices }
    let records = sections.map { device, position in
      RawSection(data: .zeros(8)) {
        $0.device = device
        $0.position = position
      }.record
    }
    return RawStream([manifest.record, oneField.record(0)] + records + [.end])
  }

  /// SECTION 248 (body 312).
  static let layoutAfterSection = RawStream([uart.records[0], uart.records[2], uart.records[1], .end])

  /// END 440.
  static let withoutSection = RawStream([uart.records[0], uart.records[1], .end])
}
