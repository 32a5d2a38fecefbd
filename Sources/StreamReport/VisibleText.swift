import MigrationStream

extension Unicode.Scalar {
  /// Whether a terminal could act on this scalar, or hide or reorder text because of it.
  var isControl: Bool {
    switch value {
    case 0..<0x20, 0x7f...0x9f: true
    // Direction marks, embeddings and isolates; line and paragraph separators; byte order mark; tags.
    case 0x061c, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff, 0xfff9...0xfffb: true
    case 0xe0000...0xe007f: true
    default: false
    }
  }
}

extension String {
  /// The same text with everything that a terminal acts on, and the backslash and the quote, escaped.
  public var visible: String { visible(keeping: "") }

  /// As ``visible``, with the backslash or the quote left alone where they cannot be mistaken.
  public func visible(keeping kept: String) -> String {
    if utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f && $0 != 0x5c && $0 != 0x22 }) { return self }
    var shown = ""
    for scalar in unicodeScalars {
      if scalar == "\\" || scalar == "\"", !kept.unicodeScalars.contains(scalar) {
        shown += "\\"
        shown.unicodeScalars.append(scalar)
      } else if scalar.isControl {
        shown += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }

  /// Octets as text: UTF-8 where it is well formed; else each octet above 7e becomes `\xNN`.
  public init(octets: RawSpan) {
    var copy: [UInt8] = []
    copy.reserveCapacity(octets.byteCount)
    for index in 0..<octets.byteCount { copy.append(octets.octet(at: index)) }
    if let text = String(validating: copy, as: UTF8.self) {
      self = text
    } else {
      self = copy.map { $0 < 0x7f ? String(UnicodeScalar($0)) : "\\x" + hexadecimal($0) }.joined()
    }
  }
}

extension Array where Element == UInt8 {
  /// The first `max` of some octets.
  init(_ octets: RawSpan, max: Int) {
    self = []
    let count = Swift.min(octets.byteCount, max)
    reserveCapacity(count)
    for index in 0..<count { append(octets.octet(at: index)) }
  }
}
