import MigrationStream
import StreamTestKit

/// M33 to M40: records in the wrong order, too often, too rarely, from elsewhere.
///
/// Records of ``ProbeStream``: 0 MANIFEST, 1 to 3 LAYOUT, 4, 5 MEMORY, 6 to 9 BYTES, 10 to 12 SECTION, 13 END.
extension BadInput {
  static var order: [BadInput] {
    let valid = ProbeStream.valid
    let records = ProbeStream.records
    func put(_ order: [Int]) -> RawStream { RawStream(order.map { records[$0] }) }
    var rows: [BadInput] = [
      .accepted("what must be accepted", valid),
      .refused("M33 two layouts swapped", .badOrder, .layout, .record(1, 64), put([0, 2, 1] + Array(3...13))),
      .refused("M33 two sections swapped", .sectionOutOfOrder, .section, .record(11, 64), put(Array(0...9) + [11, 10, 12, 13])),
      .refused("M33 reversed", .recordOutOfOrder, .record, .record(0, 4), put(Array((0...13).reversed()))),
      .refused("M33 rotated", .recordOutOfOrder, .record, .record(0, 4), put(Array(1...13) + [0])),
      .refused("M33 the link's records swapped", .badOffset, .bulk, .record(8, 64), strict: false, put(Array(0...7) + [9, 8] + Array(10...13))),
      .refused("M34 a section before its layout", .unknownLayout, .section, .record(1, 68), put([0, 10])),
      .refused("M35 memory before MANIFEST", .recordOutOfOrder, .record, .record(0, 4), put([4, 0] + Array(5...13))),
      .refused(
        "M35 a second MANIFEST in the middle", .recordOutOfOrder, .record, .record(4, 4),
        put([0, 1, 2, 3, 0] + Array(4...13))),
      .refused(
        "M36 a section twice, identical", .duplicateSection, .section, .record(11, 64),
        put(Array(0...10) + [10, 11, 12, 13])),
      .refused(
        "M36 a section twice, not identical", .duplicateSection, .section, .record(11, 64),
        RawStream(Array(records[0...10]) + [ProbeStream.lamp(Lamp { $0.level = 11 })] + Array(records[11...13]))),
      .refused(
        "M36 octets of a byte string twice, identical", .badOffset, .bulk, .record(9, 64),
        RawStream(Array(records[0...8]) + [
          .bytes(device: 2, flags: 1, Array(ProbeStream.payload(96).prefix(64)))
        ] + Array(records[9...13]))),
      .refused("M36 a byte string twice", .dataAfterLast, .bulk, .record(7, 12), put(Array(0...6) + [6] + Array(7...13))),
      .refused(
        "M36 a device twice", .duplicateName, .manifest, .record(0, 64 + duplicatePathOffset),
        RawStream([ProbeStream.manifest { $0.devices[1].path = .text("/lamp") }.record] + Array(records[1...13]))),
      .refused("M38 END in the middle", .missingSection, .end, .record(10, 0), put(Array(0...9) + [13, 10, 11, 12])),
      .refused(
        "M38 END after a byte string's first unit", .incompleteBytes, .end, .record(12, 0), strict: false,
        put(Array(0...5) + [6, 7, 8] + [10, 11, 12] + [13])),
      .refused("M38 END is missing", .truncated, .record, .end, atFinish: true, put(Array(0...12))),
      .refused("M38 END twice", .trailingData, .end, .record(14, 0), atFinish: true, strict: false, put(Array(0...13) + [13])),
      .refused(
        "M40 a subsection in a subsection of another owner", .badTarget, .rules, .record(10, subsection + 32 + 4),
        lampWith([RawSubsection(0, data: .zeros(8), [RawSubsection(0, data: .zeros(8)) { $0.layout = 1 }]) { $0.layout = 1 }], 60)),
      .refused(
        "M40 octets behind the last subsection", .unexpectedData, .section, .record(10, subsection + 32),
        valid.changing(10) { $0 = ProbeStream.lamp(Lamp { $0.level = 60 }) { section in
          section.subsections = [RawSubsection(0, data: .zeros(8)) { $0.layout = 1 }]
          section.extra = .zeros(8)
        } }),
    ]
    rows += sequences(valid)
    return rows
  }

  /// From the start of the body of MANIFEST to the path of its second device: 24 + texts 16, regions 40 and 40, the first
  /// device of 48 + texts 16 + parameter 24 + announcements 24 and 24 + head 48.
  private static var duplicatePathOffset: Int { 40 + 40 + 40 + (48 + 16 + 24 + 24 + 24) + 48 }

  /// Octets from the start of the lamp's SECTION to its first subsection: header, head, data of 40 + 16 + 8.
  static var subsection: Int { 64 + 24 + 64 }

  static func lampWith(_ subsections: [RawSubsection], _ level: UInt32) -> RawStream {
    ProbeStream.valid.changing(10) { record in
      record = ProbeStream.lamp(Lamp { $0.level = level }) { $0.subsections = subsections }
    }
  }

  private static func sequences(_ valid: RawStream) -> [BadInput] {
    let spliced: [UInt8] = RawStream([ProbeStream.records[0]]).patched(40, .zeros(16)).octets
    return [
      .refused("M37 a gap", .badSequence, .record, .record(5, 16), valid.changing(5) { $0.sequence = 6 }),
      .refused("M37 a repeat", .badSequence, .record, .record(5, 16), valid.changing(5) { $0.sequence = 4 }),
      .refused("M37 starts at 1", .badSequence, .record, .record(0, 16), valid.changing(0) { $0.sequence = 1 }),
      .refused(
        "M37 wraps at 32 bits", .badSequence, .record, .record(5, 16), valid.changing(5) { $0.sequence = 5 + (1 << 32) }),
      .refused(
        "M39 a record of another stream", .digestMismatch, .record, .record(0, 56),
        valid.damaged(64, Array(spliced[64..<128]))),
      .refused(
        "M39 the end of another stream", .digestMismatch, .record, .record(13, 56),
        valid.damaged(ProbeStream.starts(valid)[13] + 56, [1, 2, 3, 4, 5, 6, 7, 8])),
      .refused("M55 one octet behind END", .trailingData, .end, .record(14, 0), atFinish: true, strict: false, valid.followed(by: [0])),
      .refused(
        "M55 a record behind END", .trailingData, .end, .record(14, 0), atFinish: true, strict: false,
        valid.followed(by: Array(valid.octets[64..<128]))),
      .refused("M55 zeros behind END", .trailingData, .end, .record(14, 0), atFinish: true, strict: false, valid.followed(by: .zeros(512))),
    ]
  }
}
