/// Gives each of several siblings a name of its own: a repeated one takes `#2`, `#3` and so on.
struct UniqueNames {
  private var taken: Set<String> = []
  /// The number that a repeated name was given last.
  private var numbers: [String: Int] = [:]

  /// `name` as a text of the format, made unique.
  ///
  /// - Parameters:
  ///   - name: Control characters are replaced, and an empty name becomes `unnamed`.
  ///   - limit: Octets that the result may take at most; the end of a longer name is cut off.
  mutating func take(_ name: String, limit: Int) -> String {
    let base = Self.text(name, limit: limit)
    if taken.insert(base).inserted { return base }
    var number = numbers[base] ?? 1
    var candidate: String
    repeat {
      number += 1
      let suffix = "#\(number)"
      candidate = Self.cut(base, to: limit - suffix.utf8.count) + suffix
    } while !taken.insert(candidate).inserted
    numbers[base] = number
    return candidate
  }

  /// `name` without what the format forbids in a text (Specs/10-stream-format.md section 1).
  static func text(_ name: String, limit: Int) -> String {
    if name.isEmpty { return "unnamed" }
    var result = name
    if name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
      result = ""
      for scalar in name.unicodeScalars {
        let isControl = scalar.value < 0x20 || scalar.value == 0x7f
        result.unicodeScalars.append(isControl ? "\u{fffd}" : scalar)
      }
    }
    return cut(result, to: limit)
  }

  /// Whole scalars of `name`, as many as fit into `limit` octets.
  private static func cut(_ name: String, to limit: Int) -> String {
    guard name.utf8.count > limit else { return name }
    var result = ""
    var count = 0
    for scalar in name.unicodeScalars {
      count += UTF8.width(scalar)
      guard count <= limit else { break }
      result.unicodeScalars.append(scalar)
    }
    return result
  }
}
