import MigrationStream
import StreamTestKit

/// A network card in five versions, and what each makes of each other's streams.
///
/// 2 adds `mtu` and widens `rx_packets`; 3 calls `irq` `vector` and drops `legacy`; 4 takes more addresses and adds a
/// statistic that others may skip; 5 adds a mode and, as an optional, wake-on-LAN.
private enum Card {
  /// What a program of that version writes.
  static func written(by version: Int) -> [RawField] { fields(version).filter { version < 3 || $0.until == 0 } }

  /// What it reads: from version 3 on, `legacy` in older streams too.
  static func fields(_ version: Int) -> [RawField] {
    var fields = [
      RawField("status", .unsigned, width: 2),
      RawField("rx_packets", .unsigned, width: version < 2 ? 4 : 8),
      LessonTable.u8(version < 3 ? "irq" : "vector"),
      RawField("mode", .enumeration, width: 1) {
        $0.symbols = [RawSymbol(0, "half"), RawSymbol(1, "full")] + (version < 5 ? [] : [RawSymbol(2, "auto")])
      },
      RawField("legacy", .unsigned, width: 2) { $0.until = version < 3 ? 0 : 2 },
      RawField("rx_filter", .mac).counted(version < 4 ? 2 : 8),
    ]
    if version >= 2 { fields.append(LessonTable.new("mtu", .unsigned, width: 2, since: 2, 1500)) }
    if version >= 4 {
      var drops = LessonTable.new("drops", .unsigned, width: 4, since: 4, 0)
      drops.mark = 2
      fields.append(drops)
    }
    if version >= 5 {
      fields.append(
        RawField("wol", .optional, [LessonTable.u8("pattern")]) { ($0.since, $0.mark) = (5, 2) })
    }
    return fields
  }

  static let macs: [[UInt8]] = [
    .hex("525400000001 0000"), .hex("525400000001 525400000002 00000000"),
    .hex("525400000001 525400000002 525400000003 000000000000"),
  ]

  /// status, rx_packets, irq or vector, mode, legacy (1 and 2), number of addresses, mtu, drops, wol; padding; addresses.
  static let data: [[UInt8]] = [
    .hex("0301 44332211 09 01 0707 01000000 0000") + macs[0],
    .hex("0301 0100000001000000 09 01 0707 01000000 2823 00000000") + macs[0],
    .hex("0301 0100000001000000 09 01 02000000 2823 000000000000") + macs[1],
    .hex("0301 0100000001000000 09 01 03000000 2823 07000000 0000") + macs[2],
    .hex("0301 0100000001000000 09 01 03000000 2823 07000000 01000000 000000000000") + macs[2] + .u64(0x5a),
  ]

  static func name(_ from: Int, _ to: Int) -> String { "evolution-\(from)-to-\(to)" }

  static func lesson(_ from: Int, _ to: Int) -> MappingLesson {
    MappingLesson(written(by: from), data[from - 1], fields(to), version: UInt32(from)) {
      if to >= 3 { $0.aliases = [.init(0, 2, "irq")] }
      if from >= 3, to >= 3 { $0.left = [(0, 4, 0)] }
    }
  }
}

extension LessonTable {
  /// 25 pairs: the version that wrote, the version that reads.
  mutating func addEvolution() {
    map(1, 1, "E", "the same version", Card.data[0])
    for from in 2...5 {
      refuses(
        Card.name(from, 1), "N1", .valueTooLarge, at: 2, expected: 4, found: 8, "more packets than version 1 can count",
        Card.lesson(from, 1))
    }
    let fromFirst: [UInt8] = .hex("0301 4433221100000000 09 01 0707 01000000 dc05")
    let fromSecond: [UInt8] = .hex("0301 0100000001000000 09 01 0707 01000000 2823")
    let fromThird: [UInt8] = .hex("0301 0100000001000000 09 01 0000 02000000 2823")
    let fromFourth: [UInt8] = .hex("0301 0100000001000000 09 01 0000 03000000 2823 07000000")
    map(1, 2, "W1 D1", "widened, and the usual mtu", fromFirst + .zeros(4) + Card.macs[0])
    map(2, 2, "E", "the same version", Card.data[1])
    for from in 3...5 {
      refuses(
        Card.name(from, 2), "D3", .missingField, at: 0, expected: 2, found: UInt64(from), "irq is not called vector yet",
        Card.lesson(from, 2))
    }
    map(1, 3, "W1 D1 A1", "renamed by alias; legacy is still there", fromFirst + .zeros(4) + Card.macs[0])
    map(2, 3, "A1", "renamed by alias", fromSecond + .zeros(4) + Card.macs[0])
    map(3, 3, "D4", "legacy is left alone", fromThird + .zeros(4) + Card.macs[1])
    for from in 4...5 {
      refuses(
        Card.name(from, 3), "C3", .countAboveMaximum, at: 12, expected: 2, found: 3, "three addresses, and room for two",
        Card.lesson(from, 3))
    }
    map(1, 4, "W1 D1 A1 C2", "no drops yet", fromFirst + .zeros(4) + Card.macs[0])
    map(2, 4, "D1 A1", "no drops yet", fromSecond + .zeros(4) + Card.macs[0])
    map(3, 4, "D1 D4 C2", "no drops yet, two addresses", fromThird + .zeros(4) + Card.macs[1])
    map(4, 4, "D4 C2", "three addresses", fromFourth + Card.macs[2])
    var skipping = Card.lesson(5, 4)
    skipping.skipped = [(0, 7, 22)]
    maps(Card.name(5, 4), "U1 Y1 D4", "wake-on-LAN is skipped; full means the same", skipping, fromFourth + Card.macs[2])
    map(1, 5, "W1 D1 A1", "no wake-on-LAN", fromFirst + .zeros(12) + Card.macs[0])
    map(2, 5, "D1 A1", "no wake-on-LAN", fromSecond + .zeros(12) + Card.macs[0])
    map(3, 5, "D1 D4", "no wake-on-LAN", fromThird + .zeros(12) + Card.macs[1])
    map(4, 5, "D1 D4", "no wake-on-LAN", fromFourth + .zeros(8) + Card.macs[2])
    map(5, 5, "D4 G2", "the same version", fromFourth + .hex("01000000 00000000") + Card.macs[2] + .u64(0x5a))
    var automatic = Card.lesson(5, 4)
    automatic.data[11] = 2
    refuses(
      "evolution-5-to-4-auto", "Y2", .symbolChanged, at: 11, found: 2, "version 4 does not know the mode", automatic)
  }

  private mutating func map(_ from: Int, _ to: Int, _ rows: String, _ comment: String, _ result: [UInt8]) {
    maps(Card.name(from, to), rows, comment, Card.lesson(from, to), result)
  }
}
