/// Writes JSON text in the form of Python's `json.dumps(indent=4)`, through a buffer, in pieces.
struct JSONOutput {
  /// Takes the next piece of text.
  typealias Sink = (Span<UInt8>) throws(ForeignError) -> Void

  private static let capacity = 1 << 16
  /// Octets that a caller may write after one ``reserve(_:)``.
  private static let reserveMax = 1 << 12
  /// A quotation mark, `0x`, 16 digits, a space, a decimal number in parentheses and a quotation mark.
  private static let integerOctetsMax = 64
  private static let digits: [UInt8] = Array("0123456789abcdef".utf8)

  private var octets: [UInt8]
  private var count = 0
  private let sink: Sink

  init(sink: @escaping Sink) {
    octets = [UInt8](repeating: 0, count: Self.capacity)
    self.sink = sink
  }

  /// Hands everything written to the sink.
  mutating func flush() throws(ForeignError) {
    if count > 0 { try sink(octets.span.extracting(0..<count)) }
    count = 0
  }

  /// Makes room for `more` octets, at most ``reserveMax``.
  @inline(__always)
  private mutating func reserve(_ more: Int) throws(ForeignError) {
    if more > Self.capacity - count { try flush() }
  }

  mutating func put(_ octet: UInt8) throws(ForeignError) {
    try reserve(1)
    octets[count] = octet
    count += 1
  }

  mutating func put(_ text: StaticString) throws(ForeignError) {
    for octet in text.description.utf8 { try put(octet) }
  }

  /// A line break and four spaces a level.
  @inline(__always)
  mutating func putLine(_ level: Int) throws(ForeignError) {
    let more = 1 + 4 * level
    try reserve(more)
    let start = count
    count += more
    var span = octets.mutableSpan
    span[start] = 0x0a
    for place in (start + 1)..<(start + more) { span[place] = 0x20 }
  }

  /// A big-endian number as `"0x…"` with two digits an octet, and with its decimal value if it is negative.
  @inline(__always)
  mutating func putInteger(_ value: UInt64, size: Int, isSigned: Bool) throws(ForeignError) {
    try reserve(Self.integerOctetsMax)
    let start = count
    let end = start + 3 + 2 * size
    count = end
    putDigits(value, from: start, to: end)
    let shift = UInt64(64 - 8 * size)
    let extended = Int64(bitPattern: value << shift) >> Int64(shift)
    if isSigned, extended < 0 { try putParenthesised(extended) }
    try put(0x22)
  }

  /// A quotation mark, `0x`, and digits up to `end`.
  @inline(__always)
  private mutating func putDigits(_ value: UInt64, from start: Int, to end: Int) {
    let digits = Self.digits.span
    var span = octets.mutableSpan
    span[start] = 0x22
    span[start + 1] = 0x30
    span[start + 2] = 0x78
    var rest = value
    var place = end
    while place > start + 3 {
      place -= 1
      span[place] = digits[Int(rest & 15)]
      rest >>= 4
    }
  }

  private mutating func putParenthesised(_ value: Int64) throws(ForeignError) {
    try put(0x20)
    try put(0x28)
    for octet in String(value).utf8 { try put(octet) }
    try put(0x29)
  }

  /// Octets as pairs of digits with spaces between; `isFirst` is false behind earlier ones of the same text.
  mutating func putHex(_ values: ArraySlice<UInt8>, isFirst: Bool) throws(ForeignError) {
    var start = values.startIndex
    var isFirst = isFirst
    while start < values.endIndex {
      let end = min(values.endIndex, start + Self.reserveMax / 3)
      try reserve(Self.reserveMax)
      let digits = Self.digits.span
      var place = count
      var span = octets.mutableSpan
      for index in start..<end {
        let value = values[index]
        if !isFirst {
          span[place] = 0x20
          place += 1
        }
        isFirst = false
        span[place] = digits[Int(value >> 4)]
        span[place + 1] = digits[Int(value & 15)]
        place += 2
      }
      count = place
      start = end
    }
  }

  /// Octets that need no escaping.
  mutating func putPlain(_ values: ArraySlice<UInt8>) throws(ForeignError) {
    try reserve(min(values.count, Self.reserveMax))
    var place = count
    var span = octets.mutableSpan
    for value in values.prefix(Self.reserveMax) {
      span[place] = value
      place += 1
    }
    count = place
  }
}

extension JSONOutput {
  /// Text inside quotation marks; everything but printable ASCII is escaped, as Python does.
  mutating func putEscaped(_ text: ArraySlice<UInt8>) throws(ForeignError) {
    var index = text.startIndex
    while index < text.endIndex {
      let octet = text[index]
      guard octet >= 0x80 else {
        try putASCII(octet)
        index += 1
        continue
      }
      let (scalar, length) = Self.scalar(in: text, at: index)
      index += length
      if scalar > 0xffff {
        try putUnit(0xd800 + (scalar - 0x10000) >> 10)
        try putUnit(0xdc00 + (scalar - 0x10000) & 0x3ff)
      } else {
        try putUnit(scalar)
      }
    }
  }

  private mutating func putASCII(_ octet: UInt8) throws(ForeignError) {
    switch octet {
    case 0x22: try put(#"\""#)
    case 0x5c: try put(#"\\"#)
    case 0x08: try put(#"\b"#)
    case 0x09: try put(#"\t"#)
    case 0x0a: try put(#"\n"#)
    case 0x0c: try put(#"\f"#)
    case 0x0d: try put(#"\r"#)
    case 0..<0x20, 0x7f: try putUnit(UInt32(octet))
    default: try put(octet)
    }
  }

  private mutating func putUnit(_ unit: UInt32) throws(ForeignError) {
    try put(#"\u"#)
    for shift in [12, 8, 4, 0] as [UInt32] { try put(Self.digits[Int(unit >> shift & 15)]) }
  }

  /// The scalar at `index`, a lone surrogate included; octets that are no UTF-8 become the replacement character.
  private static func scalar(in text: ArraySlice<UInt8>, at index: Int) -> (UInt32, length: Int) {
    let lead = text[index]
    let length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0
    guard length > 0, lead < 0xf5, length <= text.endIndex - index else { return (0xfffd, 1) }
    var value = UInt32(lead) & (0x7f >> UInt32(length))
    for octet in text[(index + 1)..<(index + length)] {
      guard octet & 0xc0 == 0x80 else { return (0xfffd, 1) }
      value = value << 6 | UInt32(octet & 0x3f)
    }
    let least: UInt32 = length == 4 ? 0x10000 : length == 3 ? 0x800 : 0x80
    return value >= least && value <= 0x10ffff ? (value, length) : (0xfffd, 1)
  }
}
