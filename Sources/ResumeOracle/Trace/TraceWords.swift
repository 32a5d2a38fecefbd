internal import ResumePath

/// The words of one line of a trace.
struct TraceWords {
  private let line: Int
  private let words: [(text: String, column: Int)]
  private var position = 0
  private let lineByteCount: Int

  /// - Throws: when a character stands there that no trace has.
  init(_ octets: ArraySlice<UInt8>, number: Int) throws(TraceFault) {
    line = number
    lineByteCount = octets.count
    guard String(validating: octets, as: UTF8.self) != nil else {
      throw TraceFault(line: number, column: 1, "the line is not UTF-8")
    }
    var words: [(text: String, column: Int)] = []
    var index = octets.startIndex
    while index < octets.endIndex {
      let first = octets[index]
      if first == 0x20 || first == 0x09 || first == 0x0d {
        index += 1
        continue
      }
      if first == UInt8(ascii: "#") { break }
      let end = octets[index...].firstIndex { $0 == 0x20 || $0 == 0x09 || $0 == 0x0d } ?? octets.endIndex
      let column = index - octets.startIndex + 1
      if let strange = octets[index..<end].firstIndex(where: { $0 < 0x21 || $0 > 0x7e }) {
        throw TraceFault(
          line: number, column: strange - octets.startIndex + 1, "a word of a trace has printable ASCII characters only")
      }
      words.append((String(decoding: octets[index..<end], as: UTF8.self), column))
      index = end
    }
    self.words = words
  }

  var isAtEnd: Bool { position == words.count }

  /// The next word, which stays the next.
  var next: String? { isAtEnd ? nil : words[position].text }

  /// Takes the next word when it is this one.
  mutating func take(_ word: String) -> Bool {
    guard next == word else { return false }
    position += 1
    return true
  }

  /// Takes the next word.
  ///
  /// - Parameter wanted: What it must be, for people.
  mutating func word(_ wanted: String) throws(TraceFault) -> String {
    guard let word = next else { throw fault("\(wanted) is missing") }
    position += 1
    return word
  }

  /// Takes the next word if `value` makes something of it.
  mutating func value<Value>(_ wanted: String, _ value: (String) -> Value?) throws(TraceFault) -> Value {
    guard let word = next else { throw fault("\(wanted) is missing") }
    guard let result = value(word) else { throw fault("\(Self.quoted(word)) is not \(wanted)") }
    position += 1
    return result
  }

  /// Demands that nothing follows.
  func end() throws(TraceFault) {
    guard let word = next else { return }
    throw fault("nothing may follow here, and \(Self.quoted(word)) does")
  }

  /// A fault at the next word.
  func fault(_ message: String) -> TraceFault {
    TraceFault(line: line, column: isAtEnd ? lineByteCount + 1 : words[position].column, message)
  }

  /// A word for a message, which stays short.
  static func quoted(_ word: String) -> String {
    word.utf8.count <= 40 ? "'\(word)'" : "'\(word.prefix(40))...'"
  }
}

extension TraceWords {
  mutating func number(_ wanted: String, max: UInt64 = .max) throws(TraceFault) -> UInt64 {
    try value(max == .max ? wanted : "\(wanted) (a number up to \(max))") { word in
      Self.number(word).flatMap { $0 <= max ? $0 : nil }
    }
  }

  mutating func name(_ wanted: String) throws(TraceFault) -> String {
    try value("\(wanted) (a letter, then letters, digits, - _ .)") { Self.isName($0) ? $0 : nil }
  }

  mutating func octets() throws(TraceFault) -> [UInt8] {
    try value("octets (1 to \(TraceLimits.inlineBytesMax) pairs of hexadecimal digits)") { Self.octets($0) }
  }

  mutating func state() throws(TraceFault) -> UInt32 {
    try value("a state (a number up to 4294967295, or one of \(TraceNames.states))") { word in
      TraceNames.state(word)?.rawValue ?? Self.number(word).flatMap { UInt32(exactly: $0) }
    }
  }

  mutating func place() throws(TraceFault) -> TracePlace {
    try value("a place (a number, rN, rN+K, end, end-K)") { TracePlace($0) }
  }

  mutating func range() throws(TraceFault) -> TraceRange {
    try value("a range (PLACE..PLACE)") { TraceRange($0) }
  }

  /// A range, or the whole when the line ends or goes on with something else.
  mutating func optionalRange() -> TraceRange {
    guard let word = next, let range = TraceRange(word) else { return .whole }
    position += 1
    return range
  }

  static func number(_ word: String) -> UInt64? {
    guard let first = word.utf8.first, first != UInt8(ascii: "+"), first != UInt8(ascii: "-") else { return nil }
    guard word.hasPrefix("0x") else { return UInt64(word) }
    let digits = word.dropFirst(2)
    guard let digit = digits.utf8.first, digit != UInt8(ascii: "+"), digit != UInt8(ascii: "-") else { return nil }
    return UInt64(digits, radix: 16)
  }

  static func isName(_ word: String) -> Bool {
    guard word.utf8.count <= TraceLimits.nameBytesMax, let first = word.utf8.first, first.isLetter else { return false }
    return word.utf8.allSatisfy(\.isNameOctet)
  }

  static func octets(_ word: String) -> [UInt8]? {
    let digits = Array(word.utf8)
    guard !digits.isEmpty, digits.count % 2 == 0, digits.count <= 2 * TraceLimits.inlineBytesMax else { return nil }
    var octets: [UInt8] = []
    octets.reserveCapacity(digits.count / 2)
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = digits[index].hexadecimal, let low = digits[index + 1].hexadecimal else { return nil }
      octets.append(high << 4 | low)
    }
    return octets
  }
}

extension UInt8 {
  fileprivate var isLetter: Bool { (0x41...0x5a).contains(self) || (0x61...0x7a).contains(self) }
  fileprivate var isDigit: Bool { (0x30...0x39).contains(self) }

  /// Letters, digits, `-`, `_`, `.`.
  var isNameOctet: Bool { isLetter || isDigit || self == 0x2d || self == 0x5f || self == 0x2e }

  fileprivate var hexadecimal: UInt8? {
    switch self {
    case 0x30...0x39: self - 0x30
    case 0x41...0x46: self - 0x41 + 10
    case 0x61...0x66: self - 0x61 + 10
    default: nil
    }
  }
}
