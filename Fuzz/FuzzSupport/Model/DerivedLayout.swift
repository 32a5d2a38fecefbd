import DeviceModel

/// The fields of a layout that exist with some parameters.
///
/// Source: Specs/device-models.md section 5.5.
struct DerivedLayout {
  /// What has the fields: a section, subsection or layout of elements.
  let json: JSONValue
  /// As streams have it.
  let name: String
  private(set) var entries: [DerivedField] = []
  /// Whether a writer's layout has the entry.
  private(set) var isWritten: [Bool] = []

  /// - Parameter name: That of the piece.
  init(_ json: JSONValue, named name: String, _ settings: DerivationSettings, version: UInt32) throws(DerivationRefusal) {
    self.json = json
    self.name = json.text("layout") ?? name
    try add(json.array("fields"), in: nil, json.text("class") ?? "guest-visible", settings, version)
    for number in entries.indices {
      guard let path = entries[number].json.text("ref") else { continue }
      guard let target = entry(at: path, from: entries[number].parent) else {
        throw DerivationRefusal("\(path), which \(entries[number].name) refers to, does not exist")
      }
      entries[number].reference = target
    }
    markWritten()
  }

  private mutating func add(
    _ fields: [JSONValue], in parent: Int?, _ around: String, _ settings: DerivationSettings, _ version: UInt32
  ) throws(DerivationRefusal) {
    let start = entries.count
    for field in fields where settings.enables(field) {
      let number = entries.count
      var entry = DerivedField(field, in: parent, class: around, version: version)
      try entry.settle(settings)
      entries.append(entry)
      if entry.type.isGroup { try add(field.array("fields"), in: number, entry.fieldClass, settings, version) }
      entries[number].end = entries.count
    }
    if entries.count == start { throw DerivationRefusal("no field is enabled in a group or layout of \(name)") }
  }

  /// What has gone is left out, and groups of which nothing is left; where nothing at all is left, all is written.
  private mutating func markWritten() {
    isWritten = entries.map { !$0.hasGone }
    for number in entries.indices {
      if let parent = entries[number].parent, !isWritten[parent] { isWritten[number] = false }
    }
    for number in entries.indices.reversed() where entries[number].type.isGroup {
      if !isWritten[(number + 1)..<entries[number].end].contains(true) { isWritten[number] = false }
    }
    if !isWritten.contains(true) { isWritten = entries.map { _ in true } }
  }
}

// MARK: - Paths

extension DerivedLayout {
  /// The steps of a path, and whether it starts at the top.
  static func steps(_ path: String) -> (names: [String], isAbsolute: Bool) {
    let isAbsolute = path.utf8.first == UInt8(ascii: "/")
    let octets = isAbsolute ? path.utf8.dropFirst() : path.utf8[...]
    let names = octets.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { step in
      var name: [UInt8] = []
      var isEscaped = false
      for octet in step {
        if isEscaped {
          name.append(octet == UInt8(ascii: "0") ? UInt8(ascii: "~") : UInt8(ascii: "/"))
          isEscaped = false
        } else if octet == UInt8(ascii: "~") {
          isEscaped = true
        } else {
          name.append(octet)
        }
      }
      return String(decoding: name, as: UTF8.self)
    }
    return (names, isAbsolute)
  }

  /// An entry and the groups around it, from the inside.
  func around(_ number: Int) -> [DerivedField] {
    var all: [DerivedField] = []
    var place: Int? = number
    while let current = place {
      all.append(entries[current])
      place = entries[current].parent
    }
    return all
  }

  func child(_ name: String, of group: Int?) -> Int? {
    var number = group.map { $0 + 1 } ?? 0
    let end = group.map { entries[$0].end } ?? entries.count
    while number < end {
      if ReferenceNames.areSame(entries[number].name, name) { return number }
      number = entries[number].end
    }
    return nil
  }

  /// The entry that the first step of a path means, looked for in a group and then in those around it.
  func first(_ name: String, from group: Int?) -> Int? {
    var scope = group
    while let inner = scope {
      if let found = child(name, of: inner) { return found }
      scope = entries[inner].parent
    }
    return child(name, of: nil)
  }

  /// The entry that a path means which stands in a group.
  func entry(at path: String, from group: Int?) -> Int? {
    let (names, isAbsolute) = Self.steps(path)
    guard var place = names.first.flatMap({ first($0, from: isAbsolute ? nil : group) }) else { return nil }
    for name in names.dropFirst() {
      guard entries[place].type.isGroup, let next = child(name, of: place) else { return nil }
      place = next
    }
    return place
  }
}
