internal import CXXHash

/// A place in octets, and where what is being read starts and ends.
struct Cursor {
  let octets: [UInt8]
  let start: Int
  var at: Int
  let end: Int

  init(_ octets: [UInt8], _ start: Int, _ end: Int) {
    self.octets = octets
    self.start = start
    self.at = start
    self.end = end
  }

  var left: Int { max(0, end - at) }

  /// - Returns: Where the next `count` octets start.
  mutating func take(_ count: Int) throws(ReferenceRefusal) -> Int {
    try demand(count <= left, .truncatedData, at: at, UInt64(count), UInt64(left))
    at += count
    return at - count
  }

  /// An unsigned number of so many octets.
  mutating func number(_ size: Int) throws(ReferenceRefusal) -> UInt64 {
    integer(octets, try take(size), size)
  }

  mutating func reserved(_ size: Int) throws(ReferenceRefusal) {
    let value = try number(size)
    try demand(value == 0, .reservedNotZero, at: at - size, 0, value)
  }

  /// A field that holds a mark and nothing else.
  mutating func mark() throws(ReferenceRefusal) -> UInt64 {
    let value = try number(2)
    try demand(value >> 2 == 0, .reservedNotZero, at: at - 2, 0, value)
    try demand(value == 1 || value == 2, .badMark, at: at - 2, 0, value)
    return value
  }

  mutating func zeros(_ count: Int) throws(ReferenceRefusal) {
    for place in try take(count)..<at where octets[place] != 0 {
      throw ReferenceRefusal(.badPadding, at: place, expected: 0, found: UInt64(octets[place]))
    }
  }

  /// Some octets, and zeros up to a multiple of 8.
  mutating func padded(_ count: Int) throws(ReferenceRefusal) {
    _ = try take(count)
    try zeros(padding(count, 8))
  }

  /// - Returns: Where the text stands.
  mutating func text(_ length: Int, limit: UInt64) throws(ReferenceRefusal) -> Range<Int> {
    try demand(UInt64(length) <= limit, .limitExceeded, at: at, limit, UInt64(length))
    let start = try take(length)
    try demand(isUTF8(octets, start, at), .badText, at: start)
    for place in start..<at where octets[place] < 0x20 || octets[place] == 0x7f {
      throw ReferenceRefusal(.badText, at: start)
    }
    return start..<at
  }

  func mustEnd() throws(ReferenceRefusal) {
    try demand(left == 0, .unexpectedData, at: at, UInt64(max(0, end - start)), UInt64(at - start))
  }
}

/// How many octets bring a length to a multiple.
func padding(_ length: Int, _ multiple: Int) -> Int { (multiple - length % multiple) % multiple }

func isPowerOfTwo(_ value: UInt64) -> Bool { value != 0 && value & (value - 1) == 0 }

/// An unsigned number of up to 8 octets; of more octets the low 8.
func integer(_ octets: [UInt8], _ at: Int, _ size: Int) -> UInt64 {
  var value: UInt64 = 0
  var place = min(size, 8)
  while place > 0 {
    place -= 1
    value = value << 8 | UInt64(octets[at + place])
  }
  return value
}

/// XXH3-64.
func digest(_ octets: [UInt8], _ range: Range<Int>, seed: UInt64 = 0) -> UInt64 {
  unsafe octets[range].withUnsafeBytes { unsafe XXH3_64bits_withSeed($0.baseAddress, $0.count, seed) }
}

/// One step of the chain over header digests: chapter 10 section 11.
func chained(_ chain: UInt64, _ header: UInt64) -> UInt64 {
  var octets: [UInt8] = []
  for word in [chain, header] { for place in 0..<8 { octets.append(UInt8(truncatingIfNeeded: word >> (8 * place))) } }
  return digest(octets, 0..<16)
}

/// Whether octets are UTF-8: RFC 3629 section 4.
func isUTF8(_ octets: [UInt8], _ start: Int, _ end: Int) -> Bool {
  var at = start
  while at < end {
    let first = octets[at]
    at += 1
    if first < 0x80 { continue }
    let more: Int
    var low: UInt8 = 0x80
    var high: UInt8 = 0xbf
    switch first {
    case 0xc2...0xdf: more = 1
    case 0xe0: (more, low) = (2, 0xa0)
    case 0xed: (more, high) = (2, 0x9f)
    case 0xe1...0xef: more = 2
    case 0xf0: (more, low) = (3, 0x90)
    case 0xf4: (more, high) = (3, 0x8f)
    case 0xf1...0xf3: more = 3
    default: return false
    }
    guard end - at >= more, octets[at] >= low, octets[at] <= high else { return false }
    for place in at..<(at + more) where octets[place] & 0xc0 != 0x80 { return false }
    at += more
  }
  return true
}

/// Whether the texts are the same octets.
func areEqual(_ octets: [UInt8], _ range: Range<Int>, _ others: [UInt8], _ other: Range<Int>) -> Bool {
  guard range.count == other.count else { return false }
  for place in 0..<range.count where octets[range.lowerBound + place] != others[other.lowerBound + place] {
    return false
  }
  return true
}

/// Whether one text comes before another, by their octets.
func isBelow(_ octets: [UInt8], _ range: Range<Int>, _ other: Range<Int>) -> Bool {
  for place in 0..<min(range.count, other.count) {
    let (one, two) = (octets[range.lowerBound + place], octets[other.lowerBound + place])
    if one != two { return one < two }
  }
  return range.count < other.count
}
