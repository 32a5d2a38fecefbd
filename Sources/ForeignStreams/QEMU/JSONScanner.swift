/// Reads JSON text octet by octet, without building anything, keeping duplicate keys and their order.
///
/// QEMU's descriptions repeat keys inside one object, which most JSON readers drop.
struct JSONScanner {
  private static let nestingMax = 256

  let text: [UInt8]
  /// Where the text begins in the stream, for errors.
  let base: Int
  private(set) var position = 0
  /// The last string read, decoded; lone surrogates stay as three octets each.
  private(set) var string: [UInt8] = []

  init(_ text: [UInt8], at base: Int) {
    self.text = text
    self.base = base
  }

  func failure(
    _ code: ForeignError.Code = .descriptionInvalid, expected: UInt64 = 0, found: UInt64? = nil
  ) -> ForeignError {
    let octet = position < text.count ? UInt64(text[position]) : 0
    return ForeignError(
      code, .description, at: UInt64(base + position), expected: expected, found: found ?? octet)
  }

  private mutating func skipSpace() {
    while position < text.count,
      text[position] == 0x20 || text[position] == 0x0a
        || text[position] == 0x0d || text[position] == 0x09
    { position += 1 }
  }

  /// The next octet that is not space; at the end of the text an error.
  mutating func next() throws(ForeignError) -> UInt8 {
    skipSpace()
    guard position < text.count else { throw failure(.truncated, expected: 1, found: 0) }
    return text[position]
  }

  mutating func expect(_ octet: UInt8) throws(ForeignError) {
    guard try next() == octet else { throw failure(expected: UInt64(octet)) }
    position += 1
  }

  /// Steps over `octet` if it is next.
  mutating func accept(_ octet: UInt8) throws(ForeignError) -> Bool {
    guard try next() == octet else { return false }
    position += 1
    return true
  }

  /// Whether another member or element follows; steps over the comma or the closing octet.
  ///
  /// - Parameter isFirst: True before the first one; becomes false.
  mutating func hasNext(until close: UInt8, _ isFirst: inout Bool) throws(ForeignError) -> Bool {
    if try accept(close) { return false }
    if !isFirst { try expect(UInt8(ascii: ",")) }
    isFirst = false
    return true
  }

  /// An object's next key into ``string``, with the colon.
  mutating func readKey() throws(ForeignError) {
    try readString()
    try expect(UInt8(ascii: ":"))
  }

  /// An integer; fractions and exponents are refused, since nothing in a description has them.
  mutating func readInteger() throws(ForeignError) -> Int64 {
    let isNegative = try accept(UInt8(ascii: "-"))
    let start = position
    var value: Int64 = 0
    while position < text.count, case let digit = text[position] &- 0x30, digit < 10 {
      let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = scaled.addingReportingOverflow(Int64(digit))
      guard !overflow, !carry else { throw failure(.limitExceeded, expected: UInt64(Int64.max)) }
      value = sum
      position += 1
    }
    guard position > start else { throw failure() }
    return isNegative ? -value : value
  }

  /// Steps over any value.
  mutating func skipValue(depth: Int = 0) throws(ForeignError) {
    guard depth < Self.nestingMax else {
      throw failure(.limitExceeded, expected: UInt64(Self.nestingMax), found: UInt64(depth + 1))
    }
    switch try next() {
    case UInt8(ascii: "{"):
      position += 1
      var isFirst = true
      while try hasNext(until: UInt8(ascii: "}"), &isFirst) {
        try readKey()
        try skipValue(depth: depth + 1)
      }
    case UInt8(ascii: "["):
      position += 1
      var isFirst = true
      while try hasNext(until: UInt8(ascii: "]"), &isFirst) { try skipValue(depth: depth + 1) }
    case UInt8(ascii: "\""): try readString()
    default: try skipWord()
    }
  }

  /// Steps over a number or `true`, `false`, `null`.
  private mutating func skipWord() throws(ForeignError) {
    let start = position
    while position < text.count {
      let octet = text[position]
      let isLetterOrDigit = octet &- 0x30 < 10 || (octet | 0x20) &- 0x61 < 26
      guard isLetterOrDigit || octet == 0x2b || octet == 0x2d || octet == 0x2e else { break }
      position += 1
    }
    guard position > start else { throw failure() }
  }
}

extension JSONScanner {
  /// A string into ``string``.
  mutating func readString() throws(ForeignError) {
    try expect(UInt8(ascii: "\""))
    string.removeAll(keepingCapacity: true)
    while true {
      guard position < text.count else { throw failure(.truncated, expected: 1, found: 0) }
      let octet = text[position]
      switch octet {
      case UInt8(ascii: "\""):
        position += 1
        return
      case UInt8(ascii: "\\"):
        position += 1
        try readEscape()
      case 0..<0x20: throw failure()
      default:
        string.append(octet)
        position += 1
      }
    }
  }

  private mutating func readEscape() throws(ForeignError) {
    guard position < text.count else { throw failure(.truncated, expected: 1, found: 0) }
    let octet = text[position]
    position += 1
    switch octet {
    case UInt8(ascii: "n"): string.append(0x0a)
    case UInt8(ascii: "t"): string.append(0x09)
    case UInt8(ascii: "r"): string.append(0x0d)
    case UInt8(ascii: "b"): string.append(0x08)
    case UInt8(ascii: "f"): string.append(0x0c)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): string.append(octet)
    case UInt8(ascii: "u"): try readUnicodeEscape()
    default: throw failure()
    }
  }

  private mutating func readUnicodeEscape() throws(ForeignError) {
    let unit = try readHexUnit()
    let isHigh = unit & 0xfc00 == 0xd800
    if isHigh, position + 1 < text.count, text[position] == 0x5c, text[position + 1] == 0x75 {
      let start = position
      position += 2
      let low = try readHexUnit()
      if low & 0xfc00 == 0xdc00 {
        appendScalar(0x10000 + ((unit & 0x3ff) << 10 | low & 0x3ff))
        return
      }
      position = start
    }
    appendScalar(unit)
  }

  private mutating func readHexUnit() throws(ForeignError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard position < text.count else { throw failure(.truncated, expected: 1, found: 0) }
      let octet = text[position]
      switch octet {
      case 0x30...0x39: value = value << 4 | UInt32(octet - 0x30)
      case 0x41...0x46: value = value << 4 | UInt32(octet - 0x37)
      case 0x61...0x66: value = value << 4 | UInt32(octet - 0x57)
      default: throw failure()
      }
      position += 1
    }
    return value
  }

  /// UTF-8, extended to lone surrogates, which have no other octets.
  private mutating func appendScalar(_ scalar: UInt32) {
    func tail(_ shift: UInt32) -> UInt8 { UInt8(0x80 | (scalar >> shift) & 0x3f) }
    switch scalar {
    case 0..<0x80: string.append(UInt8(scalar))
    case 0x80..<0x800: string += [UInt8(0xc0 | scalar >> 6), tail(0)]
    case 0x800..<0x10000: string += [UInt8(0xe0 | scalar >> 12), tail(6), tail(0)]
    default: string += [UInt8(0xf0 | scalar >> 18), tail(12), tail(6), tail(0)]
    }
  }
}
