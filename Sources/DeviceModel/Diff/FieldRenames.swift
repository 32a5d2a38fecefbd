/// Names that fields of the old definition have in the new one, so that rules which name them are compared by meaning.
///
/// A name counts wherever it stands: two fields of one old name that were renamed differently are the same to it.
struct FieldRenames {
  private var names: [ExactName: Set<ExactName>] = [:]

  init(_ old: ModelDocument, _ new: ModelDocument) {
    for pair in NamedPairs(old.sections, new.sections, names: { [$0.piece.name] }, isAlike: ModelSection.areAlike).pairs {
      if let (left, right) = pair.both { add(left.piece, right.piece) }
    }
    for pair in NamedPairs(old.layouts, new.layouts, names: { [$0.name] }, isAlike: ElementLayout.areAlike).pairs {
      if let (left, right) = pair.both { add(left.fields, right.fields) }
    }
  }

  private mutating func add(_ left: StatePiece, _ right: StatePiece) {
    add(left.fields, right.fields)
    for pair in NamedPairs(left.subsections, right.subsections, names: { [$0.piece.name] }).pairs {
      if let (left, right) = pair.both { add(left.piece, right.piece) }
    }
  }

  private mutating func add(_ left: [ModelField], _ right: [ModelField]) {
    for pair in NamedPairs(left, right, names: { [$0.name] + $0.aliases }, isAlike: ModelField.areAlike).pairs {
      guard let (left, right) = pair.both else { continue }
      if !left.name.hasSameOctets(as: right.name) { names[ExactName(left.name), default: []].insert(ExactName(right.name)) }
      add(left.fields, right.fields)
    }
  }

  /// Whether two paths lead to the same field.
  func areSame(_ old: String, _ new: String) -> Bool {
    if old.hasSameOctets(as: new) { return true }
    guard !names.isEmpty, let left = ModelPath(old), let right = ModelPath(new) else { return false }
    guard left.isAbsolute == right.isAbsolute, left.names.count == right.names.count else { return false }
    return zip(left.names, right.names).allSatisfy { left, right in
      left.hasSameOctets(as: right) || names[ExactName(left)]?.contains(ExactName(right)) ?? false
    }
  }

  func areSame(_ old: Comparison, _ new: Comparison) -> Bool {
    old.relation == new.relation && old.value == new.value && areSame(old.field, new.field)
  }

  /// The same comparisons in any order.
  func areSame(_ old: [Comparison], _ new: [Comparison]) -> Bool {
    old.allSatisfy { left in new.contains { areSame(left, $0) } }
      && new.allSatisfy { right in old.contains { areSame($0, right) } }
  }

  /// Whether every state that obeys one rule obeys the other: it says no more, and of no more states.
  func implies(old: ModelRule, new: ModelRule) -> Bool {
    old.when.allSatisfy { left in new.when.contains { areSame(left, $0) } }
      && new.then.allSatisfy { right in old.then.contains { areSame($0, right) } }
  }

  func implies(new: ModelRule, old: ModelRule) -> Bool {
    new.when.allSatisfy { right in old.when.contains { areSame($0, right) } }
      && old.then.allSatisfy { left in new.then.contains { areSame(left, $0) } }
  }
}

extension ModelSection {
  /// Whether one that went and one that came in its place are the same under another name.
  static func areAlike(_ old: ModelSection, _ new: ModelSection) -> Bool {
    old.piece.fields.map(\.name) == new.piece.fields.map(\.name)
  }
}

extension ElementLayout {
  static func areAlike(_ old: ElementLayout, _ new: ElementLayout) -> Bool {
    old.fields.map(\.name) == new.fields.map(\.name)
  }
}

extension ModelField {
  static func areAlike(_ old: ModelField, _ new: ModelField) -> Bool {
    old.type == new.type && old.count == new.count && old.fields.map(\.name) == new.fields.map(\.name)
  }
}
