/// A value of a document, and the way to it.
struct DocumentNode {
  private indirect enum Place {
    case root
    case member(of: Place, String)
    case element(of: Place, Int)
  }

  let value: JSONValue
  private let place: Place

  init(root: JSONValue) {
    value = root
    place = .root
  }

  private init(_ value: JSONValue, _ place: Place) {
    self.value = value
    self.place = place
  }

  var pointer: String {
    var steps: [String] = []
    var place = place
    while true {
      switch place {
      case .root:
        return steps.reversed().reduce(into: "") { JSONPointer.append($1, to: &$0) }
      case .member(let parent, let key):
        steps.append(key)
        place = parent
      case .element(let parent, let number):
        steps.append(String(number))
        place = parent
      }
    }
  }

  func fault(_ message: String) -> DocumentFault {
    DocumentFault(message, pointer: pointer, line: value.line)
  }

  func expected(_ what: String) -> DocumentFault { fault("expected \(what), found \(value.kind)") }
}

// MARK: - Groups

extension DocumentNode {
  /// The members of an object.
  func members() throws(DocumentFault) -> [(key: String, node: DocumentNode)] {
    guard case .object(let members) = value.content else { throw expected("an object") }
    return members.map { ($0.key, DocumentNode($0.value, .member(of: place, $0.key))) }
  }

  /// The elements of an array, `least` or more.
  func elements(least: Int = 0) throws(DocumentFault) -> [DocumentNode] {
    guard case .array(let elements) = value.content else { throw expected("an array") }
    guard elements.count >= least else {
      throw fault("expected \(least == 1 ? "an element" : "\(least) elements") or more, found \(elements.count)")
    }
    return elements.indices.map { DocumentNode(elements[$0], .element(of: place, $0)) }
  }

  /// A member of an object whose keys have been checked.
  subscript(key: String) -> DocumentNode? {
    value[key].map { DocumentNode($0, .member(of: place, key)) }
  }

  func required(_ key: String) throws(DocumentFault) -> DocumentNode {
    guard let node = self[key] else { throw fault("the key `\(key)` is missing") }
    return node
  }

  /// Refuses a value that is no object, and keys that are not among `keys`.
  func checkKeys(_ keys: [String]) throws(DocumentFault) {
    guard case .object(let members) = value.content else { throw expected("an object") }
    for member in members where !keys.contains(member.key) {
      let hint = Spelling.nearest(to: member.key, among: keys).map { "; did you mean `\($0)`?" } ?? ""
      let all = keys.map { "`\($0)`" }.joined(separator: ", ")
      throw DocumentNode(member.value, .member(of: place, member.key))
        .fault(
          "the key `\(VisibleName(member.key))` is unknown here\(hint.isEmpty ? "; expected one of \(all)" : hint)")
    }
  }
}

// MARK: - Values

extension DocumentNode {
  func string() throws(DocumentFault) -> String {
    guard case .string(let text) = value.content else { throw expected("a string") }
    return text
  }

  func bool() throws(DocumentFault) -> Bool {
    guard case .bool(let value) = value.content else { throw expected("`true` or `false`") }
    return value
  }

  func integer(_ what: String = "an integer") throws(DocumentFault) -> Int128 {
    guard case .integer(let value) = value.content else { throw expected(what) }
    return value
  }

  func integer(in range: ClosedRange<Int128>, _ what: String = "an integer") throws(DocumentFault) -> Int128 {
    let value = try integer(what)
    guard range.contains(value) else {
      throw fault("expected \(what) of \(range.lowerBound) to \(range.upperBound), found \(value)")
    }
    return value
  }

  /// A number of a definition, at most `version`.
  func version(atMost version: UInt32 = .max, _ what: String = "a version") throws(DocumentFault) -> UInt32 {
    UInt32(try integer(in: 1...Int128(version), what))
  }

  /// One of the words of an enumeration.
  func word<Words: RawRepresentable & CaseIterable>(
    _ words: Words.Type = Words.self
  ) throws(DocumentFault) -> Words where Words.RawValue == String {
    try word(among: Words.allCases.map { ($0.rawValue, $0) })
  }

  func word<Meaning>(among words: [(String, Meaning)]) throws(DocumentFault) -> Meaning {
    let text = try string()
    guard let word = words.first(where: { $0.0 == text }) else {
      let all = words.map { "`\($0.0)`" }.joined(separator: ", ")
      throw fault("expected one of \(all), found `\(VisibleName(text))`")
    }
    return word.1
  }

  /// Text for people: of control characters, only line feeds.
  func prose() throws(DocumentFault) -> String {
    let text = try string()
    guard !text.unicodeScalars.contains(where: { $0.isControl && $0 != "\n" }) else {
      throw fault("a text has a control character other than a line feed")
    }
    return text
  }
}

extension JSONValue {
  /// What a value is, for messages.
  var kind: String {
    switch content {
    case .null: "`null`"
    case .bool(let value): "`\(value)`"
    case .integer(let value): "the integer \(value)"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

/// Guesses what was meant by a word that is not among the known ones.
enum Spelling {
  private static let candidatesMax = 1000

  static func nearest(to word: String, among words: some Sequence<String>) -> String? {
    let limit = min(3, max(1, word.utf8.count / 2))
    let close = words.prefix(candidatesMax).filter {
      abs($0.utf8.count - word.utf8.count) <= limit && $0.utf8.count < 64
    }
    let measured = close.map { (word: $0, distance: distance(Array(word.utf8), Array($0.utf8))) }
    return measured.filter { $0.distance <= limit }.min { $0.distance < $1.distance }?.word
  }

  /// Octets to insert, remove or replace.
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (number, octet) in left.enumerated() {
      var diagonal = row[0]
      row[0] = number + 1
      for column in right.indices {
        let cost = diagonal + (octet == right[column] ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(cost, diagonal + 1, row[column] + 1)
      }
    }
    return row[right.count]
  }
}
