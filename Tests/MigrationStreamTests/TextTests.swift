import MigrationStream
import StreamTestKit
import Testing

/// Texts are looked at eight octets at a time; they are what the octets are one by one.
@Suite struct TextTests {
  @Test("Each octet: eight of it, and one of it among others", arguments: 0...255)
  func oneOctet(_ octet: Int) {
    let value = UInt8(octet)
    var inputs = [[UInt8](repeating: value, count: 8), [UInt8](repeating: value, count: 9)]
    for place in 0..<8 {
      inputs.append([UInt8](repeating: 0x7e, count: 8))
      inputs[inputs.count - 1][place] = value
    }
    for octets in inputs { #expect(isRight(octets), "\(octets)") }
  }

  @Test("Octets at the borders of what is allowed, in any order")
  func borders() {
    let seed: UInt64 = 0x7e47
    var random = SeededGenerator(seed: seed)
    let borders: [UInt8] = [0x00, 0x1f, 0x20, 0x41, 0x7e, 0x7f, 0x80, 0xbf, 0xc2, 0xe0, 0xa0, 0xf4, 0x8f, 0xfe, 0xff]
    for _ in 0..<4_000 {
      let octets = (0..<Int(random.next() % 20)).map { _ in borders[Int(random.next() % UInt64(borders.count))] }
      #expect(isRight(octets), "seed \(seed): \(octets)")
    }
  }

  private func isRight(_ octets: [UInt8]) -> Bool {
    let isText = String(validating: octets, as: UTF8.self) != nil && octets.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
    return unsafe octets.span.bytes.isText == isText
  }
}
