/// The spelling of JSON pointers (RFC 6901).
enum JSONPointer {
  static func append(_ step: String, to pointer: inout String) {
    pointer += "/"
    guard step.utf8.contains(where: { $0 == 0x7e || $0 == 0x2f }) else {
      pointer += step
      return
    }
    for scalar in step.unicodeScalars {
      switch scalar {
      case "~": pointer += "~0"
      case "/": pointer += "~1"
      default: pointer.unicodeScalars.append(scalar)
      }
    }
  }

  /// nil when `pointer` is none.
  static func steps(of pointer: String) -> [String]? {
    if pointer.isEmpty { return [] }
    guard pointer.utf8.first == 0x2f else { return nil }
    var steps: [String] = []
    for part in pointer.unicodeScalars.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      guard let step = unescaped(part) else { return nil }
      steps.append(step)
    }
    return steps
  }

  private static func unescaped(_ part: Substring.UnicodeScalarView) -> String? {
    var step = String.UnicodeScalarView()
    var scalars = part.makeIterator()
    while let scalar = scalars.next() {
      guard scalar == "~" else {
        step.append(scalar)
        continue
      }
      switch scalars.next() {
      case "0": step.append("~")
      case "1": step.append("/")
      default: return nil
      }
    }
    return String(step)
  }
}

/// A name from outside as messages show it: short, and nothing in it moves a cursor or turns the text round.
struct VisibleName: CustomStringConvertible {
  let description: String

  init(_ name: String, scalarsMax: Int = 60) {
    var text = ""
    for scalar in name.unicodeScalars.prefix(scalarsMax) {
      if scalar.isShown {
        text.unicodeScalars.append(scalar)
      } else {
        text += "\\u{\(String(scalar.value, radix: 16))}"
      }
    }
    description = name.unicodeScalars.count > scalarsMax ? text + "..." : text
  }
}

extension Unicode.Scalar {
  /// Whether it stands for itself in output: neither moves a cursor, nor hides or reorders text.
  var isShown: Bool {
    if (0x20..<0x7f).contains(value) { return true }
    return switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: false
    default: true
    }
  }
}
