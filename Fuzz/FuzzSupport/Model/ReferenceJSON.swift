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
    while let octet = next, octet == 0x20 || octet == 0x09 || octet == 0x0a || octet == 0x0d { position += 1 }
  }

  private mutating func take(_ letter: UInt8) -> Bool {
    guard next == letter else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) -> Bool {
    skipSpace()
    if take(UInt8(ascii: "{")) { return depth < Self.nestingMax && members(depth: depth + 1) }
    if take(UInt8(ascii: "[")) { return depth < Self.nestingMax && elements(depth: depth + 1) }
    if take(UInt8(ascii: "\"")) { return string(marked: UInt8(ascii: "s")) != nil }
    for word in ["true", "false", "null"] where octets[position...].starts(with: word.utf8) {
      position += word.utf8.count
      form += word.utf8
      return true
    }
    return integer()
  }

  private mutating func members(depth: Int) -> Bool {
    form.append(UInt8(ascii: "{"))
    var keys: Set<String> = []
    skipSpace()
    if !take(UInt8(ascii: "}")) {
      repeat {
        skipSpace()
        guard take(UInt8(ascii: "\"")), let key = string(marked: UInt8(ascii: "k")), keys.insert(key).inserted else { return false }
        skipSpace()
        guard take(UInt8(ascii: ":")), value(depth: depth) else { return false }
        skipSpace()
      } while take(UInt8(ascii: ","))
      guard take(UInt8(ascii: "}")) else { return false }
    }
    form.append(UInt8(ascii: "}"))
    return true
  }

  private mutating func elements(depth: Int) -> Bool {
    form.append(UInt8(ascii: "["))
    skipSpace()
    if !take(UInt8(ascii: "]")) {
      repeat {
        guard value(depth: depth) else { return false }
        skipSpace()
      } while take(UInt8(ascii: ","))
      guard take(UInt8(ascii: "]")) else { return false }
    }
    form.append(UInt8(ascii: "]"))
    return true
  }

  private mutating func integer() -> Bool {
    let start = position
    let isNegative = take(UInt8(ascii: "-"))
    let first = position
    while let digit = next, digit >= 0x30, digit <= 0x39 { position += 1 }
    let digits = octets[first..<position]
    guard let leading = digits.first, leading != 0x30 || digits.count == 1 && !isNegative else { return false }
    if let mark = next, [0x2e, 0x45, 0x65].contains(mark) { return false }
    let text = String(decoding: octets[start..<position], as: UTF8.self)
    guard isNegative ? Int64(text) != nil : UInt64(text) != nil else { return false }
    form += "i\(text)".utf8
    return true
  }

  /// - Returns: nil when it is none.
  private mutating func string(marked mark: UInt8) -> String? {
    var units: [UInt8] = []
    while true {
      let start = position
      while let octet = next, octet >= 0x20, octet != 0x22, octet != 0x5c { position += 1 }
      units += octets[start..<position]
      if take(UInt8(ascii: "\"")) { break }
      guard take(UInt8(ascii: "\\")), let scalar = escaped() else { return nil }
      units += String(scalar).utf8
    }
    guard let text = String(validating: units, as: UTF8.self) else { return nil }
    ReferenceJSON.spell(text, mark, into: &form)
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
      guard high < 0xdc00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")), let low = unit(), (0xdc00..<0xe000).contains(low) else { return nil }
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
  fileprivate static func spell(_ text: String, _ mark: UInt8, into form: inout [UInt8]) {
    form.append(mark)
    form += String(text.utf8.count).utf8
    form.append(UInt8(ascii: ":"))
    form += text.utf8
  }

  /// The form of a value that the product has read.
  static func form(of value: JSONValue) -> [UInt8] {
    var form: [UInt8] = []
    append(value, to: &form)
    return form
  }

  private static func append(_ value: JSONValue, to form: inout [UInt8]) {
    switch value.content {
    case .object(let members):
      form.append(UInt8(ascii: "{"))
      for member in members {
        spell(member.key, UInt8(ascii: "k"), into: &form)
        append(member.value, to: &form)
      }
      form.append(UInt8(ascii: "}"))
    case .array(let elements):
      form.append(UInt8(ascii: "["))
      for element in elements { append(element, to: &form) }
      form.append(UInt8(ascii: "]"))
    case .string(let text): spell(text, UInt8(ascii: "s"), into: &form)
    case .integer(let number): form += "i\(number)".utf8
    case .bool(let isTrue): form += (isTrue ? "true" : "false").utf8
    case .null: form += "null".utf8
    }
  }
}
