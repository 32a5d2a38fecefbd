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
  func hasSameOctets(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
