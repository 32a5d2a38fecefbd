import MigrationStream
import StreamTestKit

/// M75 to M85: what is wrong in meaning, with digests that are right.
///
/// The lamp's data starts 88 octets behind its record: 0 mode, 1 isLit, 2 unused, 4 level, 8 revision, 12 queueCount,
/// 16 base, 24 current, 28 nextID, 32 number of queues, 36 octets of name, 40 queues, then name.
extension BadInput {
  static var meaning: [BadInput] {
    func lamp(
      _ name: String, _ code: StreamError.Code, _ stage: StreamError.Stage, at offset: Int, _ change: (inout Lamp) -> Void
    ) -> BadInput { .refused(name, code, stage, .record(10, 88 + offset), lampData(change)) }
    let valid = ProbeStream.valid
    return [
      lamp("M75 an index behind its array", .valueOutOfRange, .rules, at: 24) { $0.current = 2 },
      lamp("M75 a count that is not the number", .ruleViolated, .rules, at: 12) { $0.queueCount = 3 },
      lamp("M75 a level above the reader's range", .valueOutOfRange, .mapping, at: 4) { $0.level = 101 },
      lamp("M76 an index of 2^32 - 2", .valueOutOfRange, .rules, at: 24) { $0.current = .max - 1 },
      .accepted("M76 an index that names nothing", lampData { $0.current = .max }),
      lamp("M76 a number twice", .duplicateKey, .rules, at: 48) { $0.queues = [(10, 0), (10, 0)] },
      lamp("M77 a null address", .valueOutOfRange, .mapping, at: 16) { $0.base = 0 },
      lamp("M77 an unaligned address", .valueOutOfRange, .mapping, at: 16) { $0.base = 0x2001 },
      lamp("M77 an address outside", .valueOutOfRange, .mapping, at: 16) { $0.base = 0x10000 },
      lamp("M77 an address that wraps", .valueOutOfRange, .mapping, at: 16) { $0.base = .max - 0xfff },
      .refused(
        "M78 extents that overlap", .badExtent, .bulk, .record(4, 64 + 48),
        valid.changing(4) { $0.body.set(.u64(6144), at: 48) }),
      .refused("M78 a region that is not there", .unknownRegion, .bulk, .record(4, 64), valid.changing(4) { $0.body.set(.u32(2), at: 0) }),
      lamp("M79 lit and off", .ruleViolated, .rules, at: 1) { $0.mode = 0 },
      lamp("M80 a parent that is not there", .danglingReference, .rules, at: 52) { $0.queues[1].parent = 15 },
      lamp("M80 its own parent", .cyclicReference, .rules, at: 44) { $0.queues[0].parent = 10 },
      lamp("M80 a cycle of two", .cyclicReference, .rules, at: 44) { $0.queues = [(10, 20), (20, 10)] },
      lamp("M80 the next number was used", .ruleViolated, .rules, at: 28) { $0.nextID = 20 },
      lamp("M81 another revision", .verifyMismatch, .mapping, at: 8) { $0.revision = 8 },
      lamp("M82 a mode without a name", .symbolChanged, .rules, at: 0) { $0.mode = 9 },
      lamp("M82 a bool of 2", .badValue, .section, at: 1) { $0.isLit = 2 },
      lamp("M82 padding that is not zero", .badPadding, .section, at: 3) { $0.unused = [0, 1] },
      .accepted("M83 control characters in a name", lampData { $0.name = [0x1b, 0x5b, 0x32, 0x4a] }),
      lamp("M83 a name that is not UTF-8", .badText, .section, at: 56) { $0.name = [0xff, 0xfe] },
      .refused(
        "M83 a control character in a path", .badText, .manifest, .record(0, 64 + 40 + 80 + 48),
        valid.changing(0) { record in record = ProbeStream.manifest { $0.devices[0].path = .text("/\u{1b}amp") }.record }),
      .refused(
        "M84 replaces what was not sent", .badValue, .section, .record(10, 6),
        valid.changing(10) { $0.flags |= RawFlag.replaces }),
      .refused(
        "M84 replaces in the same pass", .duplicateSection, .section, .record(11, 64),
        RawStream(Array(ProbeStream.records[0...10]) + [ProbeStream.lamp { $0.flags |= RawFlag.replaces }]
          + Array(ProbeStream.records[11...13]))),
      .accepted("M85 a hint of nothing", hint(0, 0)),
      .accepted("M85 a tiny hint", hint(1, 1)),
      .accepted("M85 a huge hint", hint(.max, .max)),
      .refused(
        "M85 initial data ends twice", .badValue, .bulk, .record(9, 6),
        valid.changing(8) { $0.flags |= RawFlag.initialDataEnd }.changing(9) { $0.flags |= RawFlag.initialDataEnd }),
    ]
  }

  private static func hint(_ initial: UInt64, _ total: UInt64) -> RawStream {
    ProbeStream.valid.changing(0) { record in
      record = ProbeStream.manifest { ($0.devices[0].lenInitial, $0.devices[0].lenTotal) = (initial, total) }.record
    }
  }
}
