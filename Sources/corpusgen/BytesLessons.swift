import MigrationStream
import StreamTestKit

extension LessonTable {
  /// Offsets: BYTES 224 (flags 230), body 288 (pass 296, encoding 300, reserved 301, len_plain 304,
  /// digest_plain 312),
  /// payload 320; of 64 octets: the next BYTES 384 (flags 390), body 448, payload 512.
  mutating func addBytes() {
    folder = "bytes"
    let stream = Base.bytes([.bytes(octets)])
    accept("one-unit", "10 §8", "one write unit in one record", stream)
    accept(
      "units-and-initial-data", "10 §8", "two units, one of three records; initial data ends with the first",
      Base.bytes([
        .bytes(flags: one | RawFlag.initialDataEnd, octets), .bytes(offset: 64, flags: first, octets),
        .bytes(offset: 128, flags: RawFlag.required, octets), .bytes(offset: 192, flags: last, octets),
      ]))
    accept(
      "marks-without-payload", "10 §8", "between units a record may only carry marks",
      Base.bytes([.bytes(flags: one, octets), .bytes(offset: 64, flags: marks, [])]))
    accept(
      "empty-byte-string", "10 §8", "begun and ended without an octet",
      Base.bytes([.bytes(flags: RawFlag.required | RawFlag.last, [])]))
    bad(
      "unit-without-payload", .badUnit, 230, "a record without payload carries no border of a unit",
      Base.bytes([.bytes([])]))
    bad(
      "marks-inside-a-unit", .badUnit, 390, at: 2, "a record without payload only comes when no unit is open",
      Base.bytes([.bytes(flags: first, octets), .bytes(offset: 64, flags: marks, [])]))
    bad(
      "offset-not-the-total", .badOffset, 288, expected: 0, found: 8, "the string starts at 0",
      Base.bytes([.bytes(offset: 8, octets)]))
    bad(
      "gap", .badOffset, 448, at: 2, expected: 64, found: 65, "one octet is missing",
      Base.bytes([.bytes(flags: first, octets), .bytes(offset: 65, flags: last, octets)]))
    bad(
      "overlap", .badOffset, 448, at: 2, expected: 64, found: 0, "the second record starts again",
      Base.bytes([.bytes(flags: first, octets), .bytes(offset: 0, flags: last, octets)]))
    bad(
      "pass-without-passes", .badPass, 296, found: 1, "no barrier came", Base.bytes([.bytes(pass: 1, octets)])
    )
    bad("encoding-2", .badValue, 300, found: 2, "0 or 1", stream.patched(300, [2]))
    reject(
      "zstd-without-the-flag", .undeclaredFeature, .bulk, 300, released: 1, expected: 8, "10 §2",
      "mandatory bit 3 guards zstd", stream.patched(300, [1]))
    bad("reserved", .reservedNotZero, 301, "octets 13 to 15", stream.patched(302, [1]))
    bad(
      "payload-unlike-plain", .badValue, 264, expected: 65, found: 64, "len_plain is 65, the payload has 64",
      stream.patched(304, .u64(65)))
    bad("plain-with-a-plain-digest", .badValue, 312, "digest_plain is for zstd", stream.patched(312, .u64(1)))
    bad(
      "body-too-short", .truncatedData, 288, expected: 32, found: 24, "24 of 32 octets",
      stream.changing(1) { $0.body.removeLast(8) })
    bad(
      "left-over-octets", .unexpectedData, 320, expected: 40, found: 32, "8 octets behind the fields",
      stream.changing(1) { $0.body += .zeros(8) })
    addUnits()
  }

  private mutating func addUnits() {
    bad(
      "unit-continued-that-is-not-open", .badUnit, 230, "no unitFirst came",
      Base.bytes([.bytes(flags: last, octets)]))
    bad(
      "unit-opened-in-a-unit", .badUnit, 390, at: 2, "the first unit was not closed",
      Base.bytes([.bytes(flags: first, octets), .bytes(offset: 64, flags: RawFlag.whole, octets)]))
    bad(
      "last-inside-a-unit", .badUnit, 230, "last leaves no unit open",
      Base.bytes([.bytes(flags: first | RawFlag.last, octets)]))
    bad(
      "initial-data-ends-twice", .badValue, 390, at: 2, "at most once a device",
      Base.bytes([
        .bytes(flags: first | RawFlag.initialDataEnd, octets),
        .bytes(offset: 64, flags: last | RawFlag.initialDataEnd, octets),
      ]))
    bad(
      "behind-the-last", .dataAfterLast, 396, at: 2, "after last nothing follows for the device",
      Base.bytes([.bytes(octets), .bytes(offset: 64, octets)]))
    reject(
      "without-last", .incompleteBytes, .end, 384, released: 2, "10 §8",
      "a byte string that was begun has its last before END",
      Base.bytes([.bytes(flags: one, octets)]))
    reject(
      "ends-inside-a-unit", .incompleteBytes, .end, 384, released: 2, "10 §8",
      "the unit is open and last did not come",
      Base.bytes([.bytes(flags: first, octets)]))
  }

  private mutating func bad(
    _ name: String, _ code: StreamError.Code, _ offset: UInt64, at released: Int = 1,
    expected: UInt64? = nil, found: UInt64? = nil, _ comment: String, _ stream: RawStream
  ) {
    reject(
      name, code, .bulk, offset, released: released, expected: expected, found: found, "10 §8", comment,
      stream)
  }
}

/// Flags of records of a byte string: the first and the last of a unit, a unit of one, marks alone.
private let first = RawFlag.required | RawFlag.unitFirst
private let last = RawFlag.required | RawFlag.unitLast | RawFlag.last
private let one = RawFlag.required | RawFlag.unitFirst | RawFlag.unitLast
private let marks = RawFlag.required | RawFlag.initialDataEnd | RawFlag.last
private let octets = [UInt8].ramp(64)
