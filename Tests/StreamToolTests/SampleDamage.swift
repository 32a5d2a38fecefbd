import MigrationStream
import Testing

/// Changes to a stream whose digests are right afterwards, so that deep checks are reached.
enum SampleDamage {
  /// The bool of the section `state` becomes 2.
  static func breakBool(_ octets: inout [UInt8]) throws {
    let offset = try #require(records(octets).first { kind(octets, $0) == RecordKind.section.rawValue })
    // Header, section head, then status, balance, features and mode in front of the bool.
    octets[offset + 64 + 24 + 8] = 2
    repair(&octets, record: offset)
  }

  /// Some octets of one record's header or body become others; never sync and the digests.
  static func mutate(_ octets: inout [UInt8], _ generator: inout SeededOctets) {
    let records = records(octets)
    let offset = records[Int(generator.next() % UInt64(records.count))]
    let bodyByteCount = Int(number(octets, offset + 24))
    for _ in 0...(generator.next() % 3) {
      let isHeader = bodyByteCount == 0 || generator.next() % 8 == 0
      let place = isHeader ? 4 + Int(generator.next() % 20) : 64 + Int(generator.next() % UInt64(bodyByteCount))
      let bits: [UInt8] = [1, 2, 4, 128, 255, UInt8(truncatingIfNeeded: generator.next())]
      octets[offset + place] ^= bits[Int(generator.next() % 6)]
    }
    repair(&octets, record: offset)
  }

  static func kind(_ octets: [UInt8], _ offset: Int) -> UInt16 {
    UInt16(octets[offset + 4]) | UInt16(octets[offset + 5]) << 8
  }

  /// Offsets of all records.
  static func records(_ octets: [UInt8]) -> [Int] {
    var offsets: [Int] = []
    var offset = 64
    while offset + 64 <= octets.count {
      offsets.append(offset)
      if kind(octets, offset) == RecordKind.placement.rawValue {
        offset = Int(number(octets, offset + 64 + 8))
        continue
      }
      let payload = Int(number(octets, offset + 40))
      offset += 64 + Int(number(octets, offset + 24)) + Int(octets[offset + 10]) + payload + Int(octets[offset + 11])
    }
    return offsets
  }

  private static func number(_ octets: [UInt8], _ offset: Int) -> UInt64 {
    (0..<8).reduce(0) { $0 | UInt64(octets[offset + $1]) << UInt64(8 * $1) }
  }

  private static func set(_ value: UInt64, in octets: inout [UInt8], at offset: Int) {
    for index in 0..<8 { octets[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
  }

  /// Makes the digests of a record's body and header right again.
  private static func repair(_ octets: inout [UInt8], record offset: Int) {
    let body = offset + 64
    let end = body + Int(number(octets, offset + 24))
    set(Digest.xxh3(octets.span.octets.extracting(body..<end)), in: &octets, at: offset + 32)
    let uuid = StreamUUID(low: number(octets, 40), high: number(octets, 48))
    var words = InlineArray<8, UInt64>(repeating: 0)
    for index in 0..<7 { words[index] = number(octets, offset + 8 * index) }
    set(Digest.xxh3(header: words, seed: uuid.seed), in: &octets, at: offset + 56)
  }
}
