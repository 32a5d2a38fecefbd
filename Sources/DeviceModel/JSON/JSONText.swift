extension JSONValue {
  /// The value as text in the one form that published documents have.
  ///
  /// Two spaces a level; an array or object stands on one line where that line has at most 120 columns, a Unicode scalar
  /// being one; a line feed at the end. Control and format characters are escapes, all else stands for itself.
  ///
  /// Source: Specs/device-models.md section 2.
  public var text: String {
    var writer = JSONWriter()
    writer.write(self, level: 0, isOuter: true)
    return writer.text + "\n"
  }

  /// The value as one line, without a line feed.
  public var lineText: String { line(columns: .max) ?? "" }
}

/// Lays out JSON. Whether a value fits on its line is found in at most a line's worth of steps, so time is linear.
private struct JSONWriter {
  private static let columnsMax = 120

  private(set) var text = ""
  /// Scalars on the line at hand.
  private var column = 0

  /// `isOuter` values stand on lines of their own, whatever their length; `isLast` ones have no comma after them.
  mutating func write(_ value: JSONValue, level: Int, isOuter: Bool = false, isLast: Bool = true) {
    if !isOuter, let line = value.line(columns: Self.columnsMax - column - (isLast ? 0 : 1)) {
      append(line)
      return
    }
    switch value.content {
    case .array(let elements) where !elements.isEmpty:
      append("[")
      for (number, element) in elements.enumerated() {
        breakLine(level + 1)
        write(element, level: level + 1, isLast: number == elements.count - 1)
        if number != elements.count - 1 { append(",") }
      }
      breakLine(level)
      append("]")
    case .object(let members) where !members.isEmpty:
      append("{")
      for (number, member) in members.enumerated() {
        breakLine(level + 1)
        append(member.key.jsonText + ": ")
        write(member.value, level: level + 1, isLast: number == members.count - 1)
        if number != members.count - 1 { append(",") }
      }
      breakLine(level)
      append("}")
    default: append(value.line(columns: .max) ?? "")
    }
  }

  private mutating func append(_ part: String) {
    text += part
    column += part.columns
  }

  private mutating func breakLine(_ level: Int) {
    let indent = String(repeating: "  ", count: level)
    text += "\n" + indent
    column = indent.utf8.count
  }
}

extension JSONValue {
  /// The value on one line; nil when it needs more than `columns`.
  fileprivate func line(columns: Int) -> String? {
    var text = ""
    var left = columns
    return append(to: &text, left: &left) ? text : nil
  }

  private func append(to text: inout String, left: inout Int) -> Bool {
    func add(_ part: String) -> Bool {
      text += part
      left -= part.columns
      return left >= 0
    }
    switch content {
    case .null: return add("null")
    case .bool(let value): return add(value ? "true" : "false")
    case .integer(let value): return add(String(value))
    case .string(let value): return value.utf8.count / 4 <= left && add(value.jsonText)
    case .array(let elements):
      guard add("[") else { return false }
      for (number, element) in elements.enumerated() {
        guard number == 0 || add(", "), element.append(to: &text, left: &left) else { return false }
      }
      return add("]")
    case .object(let members):
      guard !members.isEmpty else { return add("{}") }
      guard add("{ ") else { return false }
      for (number, member) in members.enumerated() {
        guard number == 0 || add(", "), member.key.utf8.count / 4 <= left, add(member.key.jsonText + ": "),
          member.value.append(to: &text, left: &left)
        else { return false }
      }
      return add(" }")
    }
  }
}

extension String {
  /// How many Unicode scalars it has: each has one octet that continues none.
  fileprivate var columns: Int { utf8.count { $0 & 0xc0 != 0x80 } }

  /// In quotes, escaped.
  fileprivate var jsonText: String {
    if utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x5c }) { return "\"\(self)\"" }
    var text = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      default:
        if scalar.isShown {
          text.unicodeScalars.append(scalar)
        } else {
          for unit in String(scalar).utf16 {
            let digits = String(unit, radix: 16)
            text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
          }
        }
      }
    }
    return text + "\""
  }
}
