import MigrationStream

extension [UInt8] {
  /// A little-endian number of at most 8 octets; traps outside.
  func number(at position: Int, width: Int) -> UInt64 {
    if width == 7 { return word64(position) & (1 << 56 - 1) }
    return span.octets.unsigned(at: position, width: width)
  }

  func word16(_ position: Int) -> UInt16 { span.octets.integer(at: position, as: UInt16.self) }
  func word32(_ position: Int) -> UInt32 { span.octets.integer(at: position, as: UInt32.self) }
  func word64(_ position: Int) -> UInt64 { span.octets.integer(at: position, as: UInt64.self) }

  /// Writes the low `width` octets of a number, little-endian; traps outside.
  mutating func setNumber(_ value: UInt64, at position: Int, width: Int) {
    precondition(position >= 0 && width >= 0 && position <= count - width, "outside")
    var value = value
    for index in position..<(position + width) {
      self[index] = UInt8(truncatingIfNeeded: value)
      value >>= 8
    }
  }

  mutating func clear(_ range: Range<Int>) {
    for index in range { self[index] = 0 }
  }

  func digest(_ range: Range<Int>) -> UInt64 { Digest.xxh3(span.octets.extracting(range)) }

  func isZero(_ range: Range<Int>) -> Bool { span.octets.extracting(range).isZero }

  /// A length in the input, cut to what there is.
  func clamped(_ position: Int, _ most: Int) -> Int { Int(Swift.min(word64(position), UInt64(Swift.max(most, 0)))) }
}

extension Int {
  /// The next multiple of 8.
  var padded: Int { (self &+ 7) & ~7 }
}
