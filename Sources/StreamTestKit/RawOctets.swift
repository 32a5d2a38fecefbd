import MigrationStream

/// Octets of one field, written from the specification without the codec's own writers.
extension [UInt8] {
  /// A little-endian integer.
  public static func integer<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> Value($0 * 8)) }
  }

  public static func u8(_ value: UInt8) -> [UInt8] { [value] }
  public static func u16(_ value: UInt16) -> [UInt8] { integer(value) }
  public static func u32(_ value: UInt32) -> [UInt8] { integer(value) }
  public static func u64(_ value: UInt64) -> [UInt8] { integer(value) }

  public static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

  public static func text(_ text: String) -> [UInt8] { [UInt8](text.utf8) }

  /// Octets 0, 1, 2 and so on, modulo 251: every place of a payload can be told from its neighbours.
  public static func ramp(_ count: Int) -> [UInt8] { (0..<count).map { UInt8($0 % 251) } }

  /// Octets from hexadecimal digits; other characters are skipped.
  public static func hex(_ digits: String) -> [UInt8] {
    var octets: [UInt8] = []
    var high: UInt8?
    for digit in digits.utf8.compactMap({ Character(UnicodeScalar($0)).hexDigitValue }) {
      if let first = high {
        octets.append(first << 4 | UInt8(digit))
        high = nil
      } else {
        high = UInt8(digit)
      }
    }
    return octets
  }

  /// Texts one after the other, then zero octets up to a multiple of 8.
  ///
  /// Source: Specs/10-stream-format.md section 1.
  public static func textGroup(_ texts: [[UInt8]]) -> [UInt8] { texts.flatMap { $0 }.padded() }

  /// The same octets with zero octets up to a multiple of `alignment` behind them.
  public func padded(to alignment: Int = 8) -> [UInt8] {
    self + .zeros((alignment - count % alignment) % alignment)
  }

  /// Several fields one after the other.
  public static func joined(_ parts: [UInt8]...) -> [UInt8] { parts.flatMap { $0 } }

  public mutating func put(_ parts: [UInt8]...) { for part in parts { append(contentsOf: part) } }

  public mutating func set(_ octets: [UInt8], at position: Int) {
    replaceSubrange(position..<position + octets.count, with: octets)
  }

  /// XXH3-64 with seed 0.
  public var digest: UInt64 { Digest.xxh3(span.octets) }

  /// XXH3-64 of the first 56 octets of a header, with the stream's seed.
  public func headerDigest(seed: UInt64) -> UInt64 {
    let octets = self.span.octets
    return Digest.xxh3(
      header: InlineArray { $0 < 7 ? octets.integer(at: $0 * 8, as: UInt64.self) : 0 }, seed: seed)
  }
}

/// Device, layout and region number that says "none".
public let none32 = UInt32.max
/// Guest address that says "none".
public let none64 = UInt64.max
