/// A field of a resolved layout.
public struct ResolvedField: Sendable {
  public let field: ModelField
  /// Entry of the group around it.
  public let parent: Int?
  /// What it is to the guest: its own class, or that of the group or piece around it.
  public let fieldClass: FieldClass
  /// Symbols that exist, in ascending order of value.
  public let symbols: [FieldSymbol]
  /// Position among the fields of its group in the document.
  let position: Int
}

/// The fields of a layout that exist with some parameters, as entries in preorder.
///
/// Source: Specs/device-models.md section 5.5.
public struct ResolvedLayout: Sendable {
  /// As streams have it.
  public let name: String
  public let fields: [ResolvedField]
  let rules: [ModelRule]
  /// JSON pointer to what has the fields.
  let pointer: String
  private let places: [Place: Int]

  private struct Place: Hashable {
    let parent: Int?
    let name: ExactName
  }

  init(name: String, pointer: String, fields: [ResolvedField], rules: [ModelRule]) {
    self.name = name
    self.rules = rules
    self.pointer = pointer
    self.fields = fields
    places = Dictionary(
      fields.enumerated().map { (Place(parent: $0.element.parent, name: ExactName($0.element.field.name)), $0.offset) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The layout without references to arrays that it does not have: they have gone.
  var withoutDanglingReferences: ResolvedLayout {
    let whole = fields.map { entry in
      guard let path = entry.field.reference.flatMap({ ModelPath($0) }), self.entry(at: path, from: entry.parent) == nil else {
        return entry
      }
      var field = entry.field
      field.reference = nil
      return ResolvedField(
        field: field, parent: entry.parent, fieldClass: entry.fieldClass, symbols: entry.symbols,
        position: entry.position)
    }
    return ResolvedLayout(name: name, pointer: pointer, fields: whole, rules: rules)
  }

  /// The entry of that name directly in a group, or at the top.
  public func entry(named name: String, in group: Int?) -> Int? { places[Place(parent: group, name: ExactName(name))] }

  /// The entry that a path means which stands in a group: its first name is looked for there, then in the groups around
  /// it; where it is found, the others follow.
  public func entry(at path: ModelPath, from group: Int?) -> Int? {
    guard let start = start(of: path, from: group) else { return nil }
    var place = start.entry
    for name in path.names.dropFirst() {
      guard let next = entry(named: name, in: place) else { return nil }
      place = next
    }
    return place
  }

  /// The entry that the first step of a path means, and the group that has it.
  func start(of path: ModelPath, from group: Int?) -> (entry: Int, group: Int?)? {
    path.names.first.flatMap { nearest($0, from: path.isAbsolute ? nil : group) }
  }

  /// The entry of that name in a group or the nearest one around it, and the group that has it.
  private func nearest(_ name: String, from group: Int?) -> (entry: Int, group: Int?)? {
    var scope = group
    while true {
      if let found = entry(named: name, in: scope) { return (found, scope) }
      guard let inner = scope else { return nil }
      scope = fields[inner].parent
    }
  }

  /// JSON pointer to an entry's field, or to one of its members.
  func pointer(to entry: Int, _ member: String? = nil) -> String {
    var positions: [Int] = []
    var place: Int? = entry
    while let current = place {
      positions.append(fields[current].position)
      place = fields[current].parent
    }
    return pointer + positions.reversed().map { "/fields/\($0)" }.joined() + (member.map { "/" + $0 } ?? "")
  }
}
