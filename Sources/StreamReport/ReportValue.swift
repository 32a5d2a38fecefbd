/// A value as a report carries it, before a renderer gives it a form.
public enum ReportValue: Equatable, Sendable {
  case none
  /// Width is the octets it takes, for zero filled hexadecimal.
  case unsigned(UInt64, radix: UInt8 = 10, width: Int = 8)
  /// A negative one shows sign and magnitude in every radix.
  case signed(Int64, radix: UInt8 = 10, width: Int = 8)
  case wide(UInt128, radix: UInt8)
  case wideSigned(Int128, radix: UInt8 = 10)
  /// IEEE 754 bits of 4 or 8 octets.
  case float(bits: UInt64, width: Int)
  case bool(Bool)
  /// What this program calls the value: a UUID, an address, a kind.
  case name(String)
  /// Text as it is in the stream; renderers make it visible.
  case text(String)
  /// The first octets, and how many there are.
  case octets([UInt8], count: UInt64)
  /// The first elements, and how many there are.
  case list([ReportValue], count: UInt64)
  /// A secret that was not asked for.
  case redacted
}

extension ReportValue {
  public static func hex(_ value: UInt64, width: Int = 8) -> ReportValue {
    .unsigned(value, radix: 16, width: width)
  }

  /// The value in the form people read; control characters are escaped.
  public var text: String {
    switch self {
    case .none: ""
    case .unsigned(let value, let radix, let width): Self.number(value, radix: radix, width: width)
    case .signed(let value, let radix, let width):
      (value < 0 ? "-" : "") + Self.number(value.magnitude, radix: radix, width: width)
    case .wide(let value, let radix): Self.number(value, radix: radix, width: 16)
    case .wideSigned(let value, let radix):
      (value < 0 ? "-" : "") + Self.number(value.magnitude, radix: radix, width: 16)
    case .float(let bits, let width): Self.float(bits: bits, width: width)
    case .bool(let value): value ? "true" : "false"
    case .name(let name): name
    case .text(let text): "\"\(text.visible)\""
    case .octets(let head, let count): Self.octets(head, count: count)
    case .list(let head, let count): Self.list(head, count: count)
    case .redacted: "(secret, see --reveal)"
    }
  }

  static func number<Number: FixedWidthInteger & UnsignedInteger>(
    _ value: Number, radix: UInt8, width: Int
  ) -> String {
    switch radix {
    case 16: "0x" + padded(String(value, radix: 16), to: width * 2)
    case 8: "0o" + String(value, radix: 8)
    case 2: "0b" + padded(String(value, radix: 2), to: width * 8)
    default: String(value)
    }
  }

  private static func padded(_ digits: String, to count: Int) -> String {
    String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
  }

  /// The shortest decimal that gives the same bits; a NaN shows its bits.
  static func float(bits: UInt64, width: Int) -> String {
    if width == 4 {
      let value = Float(bitPattern: UInt32(truncatingIfNeeded: bits))
      return value.isNaN ? "nan(\(number(bits, radix: 16, width: 4)))" : value.description
    }
    let value = Double(bitPattern: bits)
    return value.isNaN ? "nan(\(number(bits, radix: 16, width: 8)))" : value.description
  }

  private static func octets(_ head: [UInt8], count: UInt64) -> String {
    let shown = head.map { hexadecimal($0) }.joined(separator: " ")
    if UInt64(head.count) >= count { return shown }
    return shown + (head.isEmpty ? "" : " ... ") + "(\(count) octets)"
  }

  private static func list(_ head: [ReportValue], count: UInt64) -> String {
    var shown = head.map { $0.text }
    if UInt64(head.count) < count { shown.append("... (\(count) elements)") }
    return "[" + shown.joined(separator: ", ") + "]"
  }
}

private let hexadecimalDigits = Array("0123456789abcdef".utf8)

/// Two hexadecimal digits.
func hexadecimal(_ octet: UInt8) -> String {
  String(decoding: [hexadecimalDigits[Int(octet >> 4)], hexadecimalDigits[Int(octet & 15)]], as: UTF8.self)
}
