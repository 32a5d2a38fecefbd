extension JSONValue {
  /// Reads one JSON text (RFC 8259), strictly: what it refuses, and why it takes linear time, is ``JSONParser``'s.
  ///
  /// `firstLine` is the number of the text's first line in the file that it comes from.
  public init(parsing octets: [UInt8], firstLine: Int = 1) throws(DocumentFault) {
    var parser = JSONParser(octets, firstLine: firstLine)
    self = try parser.document()
  }
}

/// A strict reader of JSON: no value without meaning, no number that is not an integer, no key twice.
///
/// Time is linear in the octets. A value takes 32 octets of memory, a member 48, so the limits bound all of it.
///
/// Source: Specs/device-models.md section 2, RFC 8259.
struct JSONParser {
  static let octetsMax = 16 << 20
  static let nestingMax = 64
  static let valuesMax = 1 << 20

  private enum Step {
    case key(String)
    case element(Int)
  }

  private let octets: [UInt8]
  private var position = 0
  private var line: Int
  private var valueCount = 0
  /// The way to the value at hand.
  private var steps: [Step] = []

  init(_ octets: [UInt8], firstLine: Int) {
    self.octets = octets
    line = firstLine
  }

  mutating func document() throws(DocumentFault) -> JSONValue {
    guard octets.count <= Self.octetsMax else {
      throw fault("the document has \(octets.count) octets; at most \(Self.octetsMax) are read")
    }
    guard !octets.starts(with: [0xef, 0xbb, 0xbf]) else {
      throw fault("the document begins with a byte order mark; expected UTF-8 without one")
    }
    skipSpace()
    let value = try value()
    skipSpace()
    guard position == octets.count else { throw fault("expected the end after the value, found \(found)") }
    return value
  }
}

// MARK: - Values

extension JSONParser {
  private mutating func value() throws(DocumentFault) -> JSONValue {
    let line = line
    valueCount += 1
    guard valueCount <= Self.valuesMax else {
      throw fault("the document has more than \(Self.valuesMax) values")
    }
    guard let first = next else { throw fault("expected a value, found \(found)") }
    switch first {
    case 0x7b: return JSONValue(.object(try members()), line: line)
    case 0x5b: return JSONValue(.array(try elements()), line: line)
    case 0x22: return JSONValue(.string(try string()), line: line)
    case 0x2d, 0x30...0x39: return JSONValue(.integer(try integer()), line: line)
    case 0x74: return try word("true", .bool(true))
    case 0x66: return try word("false", .bool(false))
    case 0x6e: return try word("null", .null)
    default: throw fault("expected a value, found \(found)")
    }
  }

  private mutating func word(_ word: StaticString, _ content: JSONValue.Content) throws(DocumentFault) -> JSONValue {
    let text = "\(word)"
    guard octets[position...].starts(with: text.utf8) else { throw fault("expected `\(text)`, found another word") }
    position += word.utf8CodeUnitCount
    return JSONValue(content, line: line)
  }

  private mutating func members() throws(DocumentFault) -> [JSONMember] {
    try open()
    var members: [JSONMember] = []
    var names = KeySet()
    if take(0x7d) { return members }
    while true {
      guard next == 0x22 else { throw fault("expected a key in quotes, found \(found)") }
      let key = try string()
      steps.append(.key(key))
      guard names.insert(key, after: members) else {
        throw fault("the key `\(VisibleName(key))` comes a second time in its object")
      }
      skipSpace()
      guard take(0x3a) else { throw fault("expected `:` after the key, found \(found)") }
      skipSpace()
      members.append(JSONMember(key, try value()))
      steps.removeLast()
      skipSpace()
      if take(0x7d) { return members }
      guard take(0x2c) else { throw fault("expected `,` or `}` after the member, found \(found)") }
      skipSpace()
    }
  }

  private mutating func elements() throws(DocumentFault) -> [JSONValue] {
    try open()
    var elements: [JSONValue] = []
    if take(0x5d) { return elements }
    while true {
      steps.append(.element(elements.count))
      elements.append(try value())
      steps.removeLast()
      skipSpace()
      if take(0x5d) { return elements }
      guard take(0x2c) else { throw fault("expected `,` or `]` after the element, found \(found)") }
      skipSpace()
    }
  }

  private mutating func open() throws(DocumentFault) {
    guard steps.count < Self.nestingMax else {
      throw fault("values nest more than \(Self.nestingMax) levels deep")
    }
    position += 1
    skipSpace()
  }

  private mutating func integer() throws(DocumentFault) -> Int128 {
    let isNegative = next == 0x2d
    if isNegative { position += 1 }
    guard let first = next, (0x30...0x39).contains(first) else {
      throw fault("expected a digit after `-`, found \(found)")
    }
    var magnitude: UInt64 = 0
    let start = position
    while let digit = next, (0x30...0x39).contains(digit) {
      let (tens, isTooLong) = magnitude.multipliedReportingOverflow(by: 10)
      let (sum, isTooLarge) = tens.addingReportingOverflow(UInt64(digit - 0x30))
      guard !isTooLong, !isTooLarge else { throw numberIsTooLarge }
      magnitude = sum
      position += 1
    }
    if let mark = next, mark == 0x2e || mark | 0x20 == 0x65 {
      throw fault("the number is not an integer: fractions and exponents are not taken")
    }
    guard first != 0x30 || position == start + 1 else {
      throw fault("the number begins with a zero that is not its only digit")
    }
    guard !isNegative || magnitude != 0 else { throw fault("a zero has no sign") }
    guard !isNegative || magnitude <= 1 << 63 else { throw numberIsTooLarge }
    return isNegative ? -Int128(magnitude) : Int128(magnitude)
  }

  private var numberIsTooLarge: DocumentFault {
    fault("the number is not within -9223372036854775808 to 18446744073709551615")
  }
}

// MARK: - Strings

extension JSONParser {
  private mutating func string() throws(DocumentFault) -> String {
    position += 1
    let start = position
    var all: UInt8 = 0
    while let octet = next {
      all |= octet
      switch octet {
      case 0x22:
        let part = octets[start..<position]
        position += 1
        // Validation is not specialised; most strings need none.
        return all < 0x80 ? String(decoding: part, as: UTF8.self) : try checked(String(validating: part, as: UTF8.self))
      case 0x5c: return try stringWithEscapes(from: start)
      case 0..<0x20: throw fault("a string has \(found); control characters are written as escapes")
      default: position += 1
      }
    }
    throw fault("a string has no end")
  }

  private mutating func stringWithEscapes(from start: Int) throws(DocumentFault) -> String {
    var text = Array(octets[start..<position])
    while let octet = next {
      switch octet {
      case 0x22:
        position += 1
        return try checked(String(validating: text, as: UTF8.self))
      case 0x5c:
        position += 1
        try escape(into: &text)
      case 0..<0x20: throw fault("a string has \(found); control characters are written as escapes")
      default:
        text.append(octet)
        position += 1
      }
    }
    throw fault("a string has no end")
  }

  private func checked(_ text: String?) throws(DocumentFault) -> String {
    guard let text else { throw fault("a string is not valid UTF-8") }
    return text
  }

  private mutating func escape(into text: inout [UInt8]) throws(DocumentFault) {
    guard let letter = next else { throw fault("a string has no end") }
    switch letter {
    case 0x22, 0x5c, 0x2f: text.append(letter)
    case 0x62: text.append(0x08)
    case 0x66: text.append(0x0c)
    case 0x6e: text.append(0x0a)
    case 0x72: text.append(0x0d)
    case 0x74: text.append(0x09)
    case 0x75:
      position += 1
      text.append(contentsOf: Array(Character(try scalar()).utf8))
      return
    default: throw fault("expected one of `\"\\/bfnrtu` after `\\`, found \(found)")
    }
    position += 1
  }

  /// Of one escape, or of two that make a surrogate pair.
  private mutating func scalar() throws(DocumentFault) -> Unicode.Scalar {
    let high = try fourDigits()
    if let scalar = Unicode.Scalar(high) { return scalar }
    guard high < 0xdc00, take(0x5c), take(0x75) else { throw fault("an escape is one half of a surrogate pair alone") }
    let low = try fourDigits()
    guard (0xdc00...0xdfff).contains(low),
      let scalar = Unicode.Scalar(0x10000 + (high - 0xd800) << 10 + (low - 0xdc00))
    else { throw fault("an escape is one half of a surrogate pair alone") }
    return scalar
  }

  private mutating func fourDigits() throws(DocumentFault) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let octet = next, let digit = Character(Unicode.Scalar(octet)).hexDigitValue else {
        throw fault("expected four hexadecimal digits after `\\u`, found \(found)")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}

// MARK: - Octets and faults

extension JSONParser {
  private var next: UInt8? { position < octets.count ? octets[position] : nil }

  private mutating func take(_ octet: UInt8) -> Bool {
    guard next == octet else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let octet = next {
      switch octet {
      case 0x0a:
        line += 1
        position += 1
      case 0x20, 0x09, 0x0d: position += 1
      default: return
      }
    }
  }

  /// What stands at the position, for a message.
  private var found: String {
    guard let octet = next else { return "the end of the text" }
    guard (0x20..<0x7f).contains(octet) else {
      return "the octet 0x\(String(octet >> 4, radix: 16))\(String(octet & 15, radix: 16))"
    }
    return "`\(Unicode.Scalar(octet))`"
  }

  private func fault(_ message: String) -> DocumentFault {
    let pointer = steps.reduce(into: "") { pointer, step in
      switch step {
      case .key(let key): JSONPointer.append(key, to: &pointer)
      case .element(let number): pointer += "/\(number)"
      }
    }
    return DocumentFault(message, pointer: pointer, line: line)
  }
}

/// The keys of one object: a few are compared, many are hashed.
private struct KeySet {
  private static let fewCount = 12
  private var keys: Set<String> = []

  /// False when `key` is one of `members` already.
  mutating func insert(_ key: String, after members: [JSONMember]) -> Bool {
    if members.count < Self.fewCount { return !members.contains { $0.key == key } }
    if keys.isEmpty { keys = Set(members.map(\.key)) }
    return keys.insert(key).inserted
  }
}
