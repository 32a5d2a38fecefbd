/// Names of one scope of a source file: legal, each once, and always the same for the same document.
struct IdentifierScope {
  private var taken: Set<String>
  /// The last number that was tried behind a name.
  private var counts: [String: Int] = [:]

  init(reserved: Set<String> = []) { taken = reserved }

  /// An identifier for `name` that is free, and so are the ones that it makes with `prefixes` in front.
  mutating func claim(_ name: String, with prefixes: [String] = []) -> String {
    var (candidate, count) = (name, counts[name, default: 1])
    while !isFree(candidate, prefixes) {
      count += 1
      candidate = "\(name)_\(count)"
    }
    counts[name] = count
    taken.insert(candidate)
    for prefix in prefixes { taken.insert(prefix + candidate) }
    return candidate
  }

  private func isFree(_ name: String, _ prefixes: [String]) -> Bool {
    !taken.contains(name) && prefixes.allSatisfy { !taken.contains($0 + name) }
  }
}

/// Identifiers made of names: runs of anything but letters and digits of ASCII become one mark.
enum Identifier {
  /// Octets of an identifier that is made of one name.
  private static let byteCountMax = 48

  /// `rx_filter_size`.
  static func snake(_ name: String, empty: String = "field") -> String {
    let words = words(name).map { $0.lowercased() }
    let joined = String(words.joined(separator: "_").prefix(byteCountMax))
    if joined.isEmpty { return empty }
    return joined.first?.isNumber == true ? empty + "_" + joined : joined
  }

  /// `rxFilterSize`.
  static func lowerCamel(_ name: String, empty: String = "field") -> String {
    let words = words(name)
    guard let first = words.first else { return empty }
    let isShouted = !first.contains { $0.isLowercase }
    let head = isShouted ? first.lowercased() : first.prefix(1).lowercased() + first.dropFirst()
    let joined = String((head + words.dropFirst().map(capitalised).joined()).prefix(byteCountMax))
    return joined.first?.isNumber == true ? empty + joined : joined
  }

  /// `RxFilterSize`.
  static func upperCamel(_ name: String, empty: String = "Field") -> String {
    let joined = String(words(name).map(capitalised).joined().prefix(byteCountMax))
    if joined.isEmpty { return empty }
    return joined.first?.isNumber == true ? empty + joined : joined
  }

  private static func capitalised(_ word: Substring) -> String { word.prefix(1).uppercased() + word.dropFirst() }

  private static func words(_ name: String) -> [Substring] {
    name.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
  }
}
