import MigrationStream

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

  /// What is written of it: no field that has gone, no group of which nothing is left, no reference to an array that is not
  /// there; where nothing is left at all, the layout as it is read.
  func written(_ hasGone: (ModelField) -> Bool) -> ResolvedLayout {
    var isWritten: [Bool] = []
    for entry in fields { isWritten.append(!hasGone(entry.field) && entry.parent.map { isWritten[$0] } ?? true) }
    var hasChild = Array(repeating: false, count: fields.count)
    for (number, entry) in fields.enumerated().reversed() {
      if entry.field.type.type.isGroup { isWritten[number] = hasChild[number] }
      if isWritten[number], let parent = entry.parent { hasChild[parent] = true }
    }
    if !isWritten.contains(false) || !isWritten.contains(true) { return self }
    var numbers: [Int] = []
    var left: [ResolvedField] = []
    for (number, entry) in fields.enumerated() {
      numbers.append(left.count)
      guard isWritten[number] else { continue }
      var field = entry.field
      // A path means what it means to readers, also where another array of its name is left.
      if let path = field.reference.flatMap({ ModelPath($0) }), let target = self.entry(at: path, from: entry.parent),
        !isWritten[target]
      {
        field.reference = nil
      }
      left.append(
        ResolvedField(
          field: field, parent: entry.parent.map { numbers[$0] }, fieldClass: entry.fieldClass, symbols: entry.symbols,
          position: entry.position))
    }
    return ResolvedLayout(name: name, pointer: pointer, fields: left, rules: rules)
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
