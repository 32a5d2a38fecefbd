import DeviceModel

/// A second reader of JSON, written from Specs/device-models.md section 2 and RFC 8259: which texts are taken, and what
/// they say.
///
/// It writes a text anew in a form of its own, in which texts of one value are equal octets.
struct ReferenceJSON {
  private static let nestingMax = 64

  private let octets: [UInt8]
  private var position = 0
  private var form: [UInt8] = []

  /// - Returns: The form of the value; nil for a text that is refused.
  static func form(of octets: [UInt8]) -> [UInt8]? {
    var reader = ReferenceJSON(octets: octets)
    guard reader.value(depth: 0) else { return nil }
    reader.skipSpace()
    return reader.position == octets.count ? reader.form : nil
  }

  private init(octets: [UInt8]) { self.octets = octets }

  private var next: UInt8? { position < octets.count ? octets[position] : nil }

  private mutating func skipSpace() {
    while let octet = next, [0x20, 0x09, 0x0a, 0x0d].contains(octet) { position += 1 }
  }

  private mutating func take(_ letter: Character) -> Bool {
    guard next == letter.asciiValue else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) -> Bool {
    skipSpace()
    if take("{") { return depth < Self.nestingMax && members(depth: depth + 1) }
    if take("[") { return depth < Self.nestingMax && elements(depth: depth + 1) }
    if take("\"") { return string(marked: "s") != nil }
    for word in ["true", "false", "null"] where octets[position...].starts(with: word.utf8) {
      position += word.utf8.count
      form += Array(word.utf8)
      return true
    }
    return integer()
  }

  private mutating func members(depth: Int) -> Bool {
    form += Array("{".utf8)
    var keys: Set<String> = []
    skipSpace()
    if !take("}") {
      repeat {
        skipSpace()
        guard take("\""), let key = string(marked: "k"), keys.insert(key).inserted else { return false }
        skipSpace()
        guard take(":"), value(depth: depth) else { return false }
        skipSpace()
      } while take(",")
      guard take("}") else { return false }
    }
    form += Array("}".utf8)
    return true
  }

  private mutating func elements(depth: Int) -> Bool {
    form += Array("[".utf8)
    skipSpace()
    if !take("]") {
      repeat {
        guard value(depth: depth) else { return false }
        skipSpace()
      } while take(",")
      guard take("]") else { return false }
    }
    form += Array("]".utf8)
    return true
  }

  private mutating func integer() -> Bool {
    let start = position
    let isNegative = take("-")
    let first = position
    while let digit = next, digit >= 0x30, digit <= 0x39 { position += 1 }
    let digits = octets[first..<position]
    guard let leading = digits.first, leading != 0x30 || digits.count == 1 && !isNegative else { return false }
    if let mark = next, [0x2e, 0x45, 0x65].contains(mark) { return false }
    let text = String(decoding: octets[start..<position], as: UTF8.self)
    guard isNegative ? Int64(text) != nil : UInt64(text) != nil else { return false }
    form += Array("i\(text)".utf8)
    return true
  }

  /// - Returns: nil when it is none.
  private mutating func string(marked mark: Character) -> String? {
    var units: [UInt8] = []
    while !take("\"") {
      guard let octet = next, octet >= 0x20 else { return nil }
      position += 1
      guard octet == 0x5c else {
        units.append(octet)
        continue
      }
      guard let scalar = escaped() else { return nil }
      units += Array(String(scalar).utf8)
    }
    guard let text = String(validating: units, as: UTF8.self) else { return nil }
    form += ReferenceJSON.spelled(text, mark)
    return text
  }

  private mutating func escaped() -> Unicode.Scalar? {
    guard let letter = next else { return nil }
    position += 1
    switch Character(Unicode.Scalar(letter)) {
    case "\"", "\\", "/": return Unicode.Scalar(letter)
    case "b": return "\u{8}"
    case "f": return "\u{c}"
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "u":
      guard let high = unit() else { return nil }
      guard (0xd800..<0xe000).contains(high) else { return Unicode.Scalar(high) }
      guard high < 0xdc00, take("\\"), take("u"), let low = unit(), (0xdc00..<0xe000).contains(low) else { return nil }
      return Unicode.Scalar(0x10000 + (high & 0x3ff) << 10 + low & 0x3ff)
    default: return nil
    }
  }

  private mutating func unit() -> UInt32? {
    guard position + 4 <= octets.count else { return nil }
    let digits = octets[position..<(position + 4)]
    position += 4
    let isHexadecimal = digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20) }
    return isHexadecimal ? UInt32(String(decoding: digits, as: UTF8.self), radix: 16) : nil
  }
}

extension ReferenceJSON {
  fileprivate static func spelled(_ text: String, _ mark: Character) -> [UInt8] {
    Array("\(mark)\(text.utf8.count):\(text)".utf8)
  }

  /// The form of a value that the product has read.
  static func form(of value: JSONValue) -> [UInt8] {
    switch value.content {
    case .object(let members):
      Array("{".utf8) + members.flatMap { spelled($0.key, "k") + form(of: $0.value) } + Array("}".utf8)
    case .array(let elements): Array("[".utf8) + elements.flatMap { form(of: $0) } + Array("]".utf8)
    case .string(let text): spelled(text, "s")
    case .integer(let number): Array("i\(number)".utf8)
    case .bool(let isTrue): Array((isTrue ? "true" : "false").utf8)
    case .null: Array("null".utf8)
    }
  }
}
