import MigrationStream

/// Finds the fields that paths of rules mean.
///
/// Source: Specs/device-models.md sections 5.3 and 5.4.
struct RulePaths {
  /// The reader's, by number.
  let layouts: [ResolvedLayout]
  /// Numbers of the layouts of elements.
  private let elements: [ExactName: Int]

  init(_ layouts: [ResolvedLayout], elements: [ExactName: Int]) {
    self.layouts = layouts
    self.elements = elements
  }

  /// A group of a layout, or all of a layout.
  struct Scope: Equatable {
    var layout: Int
    var group: Int?
  }

  struct Found {
    var field: RuleField
    /// Where the first step of the path was found.
    var scope: Scope
  }

  func field(_ field: RuleField) -> ResolvedField { layouts[Int(field.layout)].fields[Int(field.entry)] }

  /// Numbers of the layouts that elements of a list have.
  func elements(of list: ResolvedField) -> [Int] { list.field.elements.compactMap { elements[ExactName($0)] } }

  /// The first name is looked for in a group, then in the groups around it; where it is found, the others follow, from
  /// lists to their elements.
  func find(_ path: String, from scope: Scope) -> Found? {
    guard let path = ModelPath(path), let start = layouts[scope.layout].start(of: path, from: scope.group) else {
      return nil
    }
    let found = Scope(layout: scope.layout, group: start.group)
    return follow(path.names.dropFirst(), from: RuleField(UInt32(scope.layout), UInt32(start.entry)), found)
  }

  /// As ``find(_:from:)``, from the elements of a list outwards.
  func find(_ path: String, fromElementsOf list: RuleField) -> Found? {
    for layout in elements(of: field(list)) {
      if let found = find(path, from: Scope(layout: layout)) { return found }
    }
    return find(path, from: Scope(layout: Int(list.layout), group: field(list).parent))
  }

  private func follow(_ steps: ArraySlice<String>, from start: RuleField, _ scope: Scope) -> Found? {
    var place = start
    for step in steps {
      guard let next = child(step, of: place) else { return nil }
      place = next
    }
    return Found(field: place, scope: scope)
  }

  private func child(_ name: String, of place: RuleField) -> RuleField? {
    let own = field(place)
    guard own.field.type.type == .list else {
      return layouts[Int(place.layout)].entry(named: name, in: Int(place.entry)).map { RuleField(place.layout, UInt32($0)) }
    }
    for layout in elements(of: own) {
      if let entry = layouts[layout].entry(named: name, in: nil) { return RuleField(UInt32(layout), UInt32(entry)) }
    }
    return nil
  }

  func pointer(_ field: RuleField, _ member: String? = nil) -> String {
    layouts[Int(field.layout)].pointer(to: Int(field.entry), member)
  }

  /// A term that compares a field with a number.
  func term(_ comparison: Comparison, _ field: RuleField, _ pointer: String) throws(DocumentFault) -> RuleTerm {
    let type = self.field(field).field.type
    let number = try bits(comparison.value, type, pointer)
    return RuleTerm(field, RuleTerm.Relation(comparison.relation), number)
  }

  /// A number with the sign of a type.
  func bits(_ value: Int128, _ type: ModelFieldType, _ pointer: String) throws(DocumentFault) -> UInt64 {
    if type.type.isSigned ? Int64(exactly: value) != nil : UInt64(exactly: value) != nil {
      return UInt64(truncatingIfNeeded: value)
    }
    throw DocumentFault("\(value) is no value of \(type.spelling)", pointer: pointer, line: 0)
  }
}

extension RuleTerm.Relation {
  init(_ relation: Comparison.Relation) {
    self =
      switch relation {
      case .equals: .equals
      case .notEquals: .notEquals
      case .atLeast: .atLeast
      case .atMost: .atMost
      case .anyBits: .anyBits
      case .noBits: .noBits
      }
  }
}
