import ForeignStreams
import Foundation
import MigrationStream
import Testing

/// Damaged input is converted up to the damage or refused; nothing traps, and what comes out is always a valid stream.
@Suite struct ConversionDamageTests {
  /// Converts what can be; true when it came to an end.
  @discardableResult
  private func convert(_ octets: [UInt8]) throws -> Bool {
    guard let stream = try? QEMUStream(MemoryOctets(octets)) else { return false }
    let converted: Converted
    do {
      converted = try Converted(stream) { $0.damage = .convertUntil }
    } catch {
      #expect([.notConvertible, .limitExceeded].contains(error.code), "\(error)")
      return false
    }
    guard stream.damage != nil else {
      #expect(try converted.pulled() == UInt64(converted.octets.count))
      return true
    }
    let refusal = #expect(throws: StreamError.self) { _ = try converted.pulled() }
    #expect(refusal?.code == .aborted)
    #expect(refusal?.found == 6)
    return true
  }

  private static let described = StreamBuilder.oneDevice(
    payload: [1, 0, 0xa, 1, 0xb, 0, 7, 0x30, 9, 9, 9, 9],
    members: #"""
      "fields": [{"name": "q", "type": "qtailq",
      "vmsd_name": "e", "version": 1, "fields": [{"name": "v", "type": "uint16", "size": 2}],
      "vmsd_name": "f", "version": 1, "fields": [{"name": "w", "type": "uint8", "size": 1}], "size": 6},
      {"name": "b", "type": "bool", "size": 1}, {"name": "p", "type": "nullptr", "size": 1},
      {"name": "a", "array_len": 2, "type": "struct", "struct": {"vmsd_name": "s", "version": 1, "fields":
      [{"name": "h", "type": "uint16", "size": 2}]}, "size": 2}]
      """#)

  @Test func damageIsRefusedUnlessAskedFor() throws {
    let octets = Array(StreamBuilder.memory().prefix(200))
    let stream = try QEMUStream(MemoryOctets(octets))
    let damage = try #require(stream.damage)
    #expect(throws: damage) { _ = try Converted(stream) }
    #expect(try convert(octets))
  }

  @Test(arguments: [StreamBuilder.memory(), described])
  func everyPrefix(_ octets: [UInt8]) throws {
    for count in 8..<octets.count { try convert(Array(octets.prefix(count))) }
  }

  @Test(arguments: [StreamBuilder.memory(), described])
  func everyOctetChanged(_ octets: [UInt8]) throws {
    for place in 8..<octets.count {
      for change in [0x01, 0x80, 0xff] as [UInt8] {
        var damaged = octets
        damaged[place] ^= change
        try convert(damaged)
      }
    }
  }

  @Test func randomChangesOfARecordedStream() throws {
    guard TestFiles.recordedNames.contains("72-none-S") else { return }
    let octets = try TestFiles.unzipped("72-none-S.bin.gz")
    for seed in 0..<200 as Range<UInt64> {
      var generator = SeededGenerator(state: seed)
      var damaged = octets
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: 8..<damaged.count, using: &generator)
        damaged[place] = UInt8.random(in: .min ... .max, using: &generator)
      }
      do { try convert(damaged) } catch { Issue.record("seed \(seed): \(error)") }
    }
  }

  @Test func aBlockThatNoRegionCanBeIsRefusedAtItsLength() throws {
    for length in [1 << 56, 1 << 56 - 256] as [UInt64] {
      var builder = StreamBuilder()
      builder.header()
      builder.section(1, id: 2, "ram", version: 4)
      builder.u64(length | 0x04)
      builder.string8("r0")
      let place = UInt64(builder.octets.count)
      builder.u64(length)
      builder.u64(0x10)
      builder.footer(2)
      builder.end(description: #"{"page_size": 256, "devices": []}"#)
      guard length == 1 << 56 else {
        #expect(try convert(builder.octets))
        continue
      }
      let error = #expect(throws: ForeignError.self) { _ = try Converted(QEMUStream(MemoryOctets(builder.octets))) }
      #expect(
        error
          == ForeignError(
            .notConvertible, .memory, at: place, expected: 1 << 56 - 1, found: length, path: "r0"))
    }
  }

  /// A second list of blocks makes one shorter, after a page that is then outside.
  @Test(arguments: [0, 0x5a] as [UInt8])
  func aPageOutsideOfABlockThatShrankIsLeftOut(_ octet: UInt8) throws {
    var builder = StreamBuilder()
    builder.header()
    builder.section(1, id: 2, "ram", version: 4)
    for length in [512, 256] as [UInt64] {
      builder.u64(length | 0x04)
      builder.string8("r0")
      builder.u64(length)
      guard length == 512 else { continue }
      builder.u64(0x100 | 0x02)
      builder.string8("r0")
      builder.u8(octet)
    }
    builder.u64(0x10)
    builder.footer(2)
    builder.end(description: #"{"page_size": 256, "devices": []}"#)
    #expect(try convert(builder.octets))
  }

  @Test func aSinkThatRefusesEndsTheConversion() throws {
    let stream = try QEMUStream(MemoryOctets(StreamBuilder.memory()))
    let refusal = ForeignError(.sinkRefused, .conversion, at: 3)
    for limit in 0..<12 {
      let counter = Counter()
      let error = #expect(throws: ForeignError.self) {
        _ = try QEMUConverter.convert(stream) { (_) throws(ForeignError) in
          counter.count += 1
          if counter.count > limit { throw refusal }
        }
      }
      #expect(error == refusal)
    }
  }

  private final class Counter { var count = 0 }

  @Test func aHostileDescriptionCostsLittle() throws {
    // One octet an element, and a thousand fields without octets in each.
    let empty = (0..<1_000).map { #"{"name": "e\#($0)", "type": "buffer", "size": 0}"# }.joined(separator: ",")
    let octets = StreamBuilder.oneDevice(
      payload: [UInt8](repeating: 7, count: 20_000),
      members: #""fields": [{"name": "a", "array_len": 20000, "type": "struct", "struct": {"vmsd_name": "s", "#
        + #""version": 1, "fields": [{"name": "x", "type": "uint8", "size": 1}, \#(empty)]}, "size": 1}]"#)
    let stream = try QEMUStream(MemoryOctets(octets))
    let converted = try Converted(stream)
    #expect(converted.result.diagnostics.map(\.kind).contains(.keptAsOctets))
    #expect(try ConvertedStreamReader(converted.octets).devices[2].section?.child("data")?.children.count == 1)
  }
}
