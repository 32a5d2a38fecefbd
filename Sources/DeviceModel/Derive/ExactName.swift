/// A name by its octets, as dictionary key: two spellings of one character, which `String` takes for equal, differ.
///
/// Source: Specs/device-models.md section 3.
struct ExactName: Hashable, Comparable {
  let text: String

  init(_ text: String) { self.text = text }

  static func == (left: ExactName, right: ExactName) -> Bool { left.text.hasSameOctets(as: right.text) }

  static func < (left: ExactName, right: ExactName) -> Bool { left.text.utf8.lexicographicallyPrecedes(right.text.utf8) }

  func hash(into hasher: inout Hasher) {
    for octet in text.utf8 { hasher.combine(octet) }
  }
}

extension String {
  func hasSameOctets(as other: String) -> Bool { utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8) }
}

/// Positions of names; of two that are the same, the first. A few are compared, many are hashed.
struct NameIndex: Equatable, Sendable {
  private static let fewCount = 12
  private let names: [String]
  private let positions: [ExactName: Int]

  init(_ names: [String]) {
    self.names = names
    positions =
      names.count <= Self.fewCount
      ? [:] : Dictionary(names.enumerated().map { (ExactName($0.element), $0.offset) }) { first, _ in first }
  }

  subscript(name: String) -> Int? {
    names.count <= Self.fewCount ? names.firstIndex { $0.hasSameOctets(as: name) } : positions[ExactName(name)]
  }
}
