/// Lines of a source file.
struct SourceText {
  private(set) var lines: [String] = []
  private var depth = 0
  private let step: Int

  /// - Parameter step: Spaces that a level is indented.
  init(step: Int) { self.step = step }

  mutating func line(_ text: String = "") {
    lines.append(text.isEmpty ? "" : String(repeating: " ", count: depth * step) + text)
  }

  /// A line, what `body` adds one level deeper, and a last line.
  mutating func block(_ first: String, _ last: String, _ body: (inout SourceText) -> Void) {
    line(first)
    depth += 1
    body(&self)
    depth -= 1
    line(last)
  }

  mutating func append(_ other: SourceText) {
    for text in other.lines { line(text) }
  }

  var text: String { lines.map { $0 + "\n" }.joined() }
}

/// Texts of documents in source files: whatever they hold, they stay text.
enum SourceEscape {
  /// Lines of a comment: words of letters, digits and harmless ASCII, at most about 100 columns each.
  ///
  /// Nothing that ends or opens a comment, continues a line, or turns the direction of the text comes through.
  static func comment(_ text: String) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in harmless(text).split(separator: " ") {
      if !line.isEmpty, line.utf8.count + word.utf8.count >= 100 {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? String(word) : " " + word
    }
    return line.isEmpty ? lines : lines + [line]
  }

  private static func harmless(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    var previous: Unicode.Scalar = " "
    for scalar in text.unicodeScalars {
      var next = scalar
      if scalar.value < 0x20 || scalar.value == 0x7f {
        next = " "
      } else if scalar.isASCII ? scalar == "\\" : !scalar.properties.isAlphabetic {
        next = "?"
      }
      // Not */ and /*, and no trigraph.
      if previous == "*" && next == "/" || previous == "/" && next == "*" || previous == "?" && next == "?" {
        result.append(" ")
      }
      result.append(next)
      previous = next
    }
    return String(result)
  }

  /// A string literal of C, of its octets.
  static func c(_ text: String) -> String {
    "\"" + text.utf8.map(cOctet).joined() + "\""
  }

  /// Three octal digits, so that what follows is not taken for a further one.
  private static func cOctet(_ octet: UInt8) -> String {
    switch octet {
    case 0x22, 0x3f, 0x5c: return "\\" + String(UnicodeScalar(octet))
    case 0x20...0x7e: return String(UnicodeScalar(octet))
    default:
      let digits = String(octet, radix: 8)
      return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
    }
  }

  /// A string literal of Swift.
  static func swift(_ text: String) -> String {
    "\"" + text.unicodeScalars.map { scalar -> String in
      if scalar == "\"" || scalar == "\\" { return "\\" + String(scalar) }
      if scalar.value >= 0x20, scalar.value < 0x7f { return String(scalar) }
      return "\\u{" + String(scalar.value, radix: 16) + "}"
    }.joined() + "\""
  }
}
