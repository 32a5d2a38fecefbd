import MigrationStream
import StreamTestKit

/// M41 to M53: lengths, counts and claims.
extension BadInput {
  static var sizes: [BadInput] {
    let valid = ProbeStream.valid
    let starts = ProbeStream.starts(valid)
    func body(_ number: Int, _ length: UInt64) -> RawStream { valid.patched(starts[number] + 24, .u64(length)) }
    func payload(_ number: Int, _ length: UInt64) -> RawStream { valid.patched(starts[number] + 40, .u64(length)) }
    var rows: [BadInput] = []
    for length: UInt64 in [1 << 31, UInt64(UInt32.max), 1 << 63, .max, 16_777_217] {
      rows.append(
        .refused("M41 a body of \(length)", .limitExceeded, .record, .octet(starts[10] + 24), strict: false, body(10, length)))
    }
    for length: UInt64 in [1 << 31, 1 << 32, 1 << 63, .max, 67_108_865] {
      rows.append(
        .refused(
          "M41, M42 a payload of \(length)", .limitExceeded, .record, .octet(starts[4] + 40), strict: false, payload(4, length)))
    }
    rows += [
      .refused("M41 a body of 1 octet", .badValue, .record, .octet(starts[10] + 24), strict: false, body(10, 1)),
      .refused("M41 a body of 0 octets", .truncatedData, .section, .octet(starts[10] + 64), strict: false, emptySection),
      .refused(
        "M42 an extent that wraps", .badExtent, .bulk, .record(4, 64 + 32 + 8),
        valid.changing(4) { $0.body.set(.u64(.max - 7), at: 32) }),
      .refused(
        "M42 an extent behind its region", .badExtent, .bulk, .record(4, 64 + 32 + 8),
        valid.changing(4) { $0.body.set(.u64(65536), at: 32) }),
      .refused(
        "M43 data and header wrap", .truncatedData, .section, .record(10, 80),
        valid.changing(10) { $0.body.set(.u64(.max - 7), at: 16) }),
      .refused(
        "M44 an entry shorter than its head", .truncatedData, .manifest, .record(0, 64 + 40 + 80),
        valid.changing(0) { $0.body.set(.u32(40), at: 120) }),
      .refused(
        "M44 an entry longer than its record", .truncatedData, .manifest, .record(0, 64 + 40 + 80),
        valid.changing(0) { $0.body.set(.u32(1 << 20), at: 120) }),
      .refused(
        "M45 a section that ends with its head", .truncatedData, .section, .record(10, 88),
        valid.changing(10) { $0 = RawSection(data: []).record }),
      .refused(
        "M46 a subsection longer than its section", .truncatedData, .section, .record(10, subsection),
        lampWith([RawSubsection(0, data: .zeros(8)) { $0.layout = 1 }], 60).changing(10) {
          $0.body.set(.u32(64), at: subsection - 64)
        }),
      .refused(
        "M46 more subsections declared than there are", .truncatedData, .section, .record(10, subsection),
        valid.changing(10) { $0.body.set(.u16(1), at: 2) }),
      .refused(
        "M47 data shorter than its layout", .truncatedData, .section, .record(10, 88),
        valid.changing(10) { $0 = RawSection(data: .zeros(8)).record }),
      .refused(
        "M47 data longer than its layout", .unexpectedData, .section, .record(11, 96),
        valid.changing(11) { record in record = ProbeStream.plain(1) { $0.data += .zeros(8) } }),
      .refused(
        "M48 a length that is no multiple of the unit", .badValue, .section, .record(10, 80),
        valid.changing(10) { $0.body.set(.u64(63), at: 16) }),
      .refused("M49 too many records in END", .totalsMismatch, .end, .record(13, 96), valid.patched(starts[13] + 96, .u64(14))),
      .refused("M49 too few octets in END", .totalsMismatch, .end, .record(13, 104), valid.patched(starts[13] + 104, .u64(8))),
      .refused("M49 another chain in END", .totalsMismatch, .end, .record(13, 112), valid.patched(starts[13] + 112, .u64(8))),
      .refused("M49 fewer sections in END", .totalsMismatch, .end, .record(13, 80), valid.patched(starts[13] + 80, .u64(2))),
      .refused("M50 a chunk without extents", .badValue, .bulk, .record(4, 72), valid.changing(4) { $0.body.set(.u32(0), at: 8) }),
      .refused(
        "M50 elements beyond the array", .badValue, .section, .record(10, 88 + 32),
        lampData { $0.queues = .init(repeating: (1, 0), count: 5) }),
      .refused(
        "M50 elements whose octets would wrap", .badValue, .section, .record(10, 88 + 32),
        valid.changing(10) { $0.body.set(.u32(.max), at: 24 + 32) }),
      .refused(
        "M51 subsections in one another, where none may be", .badTarget, .rules, .record(10, subsection + 32 + 4),
        lampWith([nested(9)], 60)),
      .refused(
        "M52 a name of 2^32 - 1 octets", .badValue, .section, .record(10, 88 + 36),
        valid.changing(10) { $0.body.set(.u32(.max), at: 24 + 36) }),
      .refused(
        "M52 a million extents claimed", .truncatedData, .bulk, .record(4, 64 + 32 + 32),
        valid.changing(4) { $0.body.set(.u32(1 << 20), at: 8) }),
      .accepted("M53 hundreds of skippable records", skippable(300, of: 0)),
      .accepted("M53 one large skippable record", skippable(1, of: 65536)),
    ]
    return rows
  }

  static func lampData(_ change: (inout Lamp) -> Void) -> RawStream {
    ProbeStream.valid.changing(10) { $0 = ProbeStream.lamp(Lamp(change)) }
  }

  private static var emptySection: RawStream { ProbeStream.valid.changing(10) { $0.body = [] } }

  private static func nested(_ levels: Int) -> RawSubsection {
    RawSubsection(0, data: .zeros(8), levels == 1 ? [] : [nested(levels - 1)]) { $0.layout = 1 }
  }

  private static func skippable(_ count: Int, of byteCount: Int) -> RawStream {
    var records = ProbeStream.records
    records.insert(
      contentsOf: (0..<count).map { _ in RawRecord(0x8001, flags: RawFlag.skippable, body: .zeros(byteCount)) }, at: 4)
    return RawStream(records)
  }
}
