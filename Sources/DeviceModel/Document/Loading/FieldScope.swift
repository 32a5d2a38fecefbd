import MigrationStream

/// The fields of one group by name. Children are indexed when a path first leads there, so that all look-ups in a layout
/// together take time that is linear in its size.
final class GroupIndex {
  let fields: [ModelField]
  private let numbers: [ExactName: Int]
  private var children: [Int: GroupIndex] = [:]

  init(_ fields: [ModelField]) {
    self.fields = fields
    numbers = Dictionary(
      fields.indices.map { (ExactName(fields[$0].name), $0) }, uniquingKeysWith: { first, _ in first })
  }

  func number(of name: String) -> Int? { numbers[ExactName(name)] }

  func group(_ number: Int) -> GroupIndex {
    if let child = children[number] { return child }
    let child = GroupIndex(fields[number].fields)
    children[number] = child
    return child
  }
}

/// A place in a layout: the groups around it, from the layout itself inwards.
///
/// The first step of a path is looked for in the innermost group, then in the groups around it; where it is found, the
/// rest has to follow.
///
/// Source: Specs/device-models.md sections 5.3 and 5.4.
struct FieldScope {
  private struct Level {
    /// More than one in a list, whose elements have one of several layouts.
    var groups: [GroupIndex]
    /// The position of the group in the one around it.
    var number: Int
    var isArray: Bool
  }

  /// A field that a path led to.
  struct Found {
    var field: ModelField
    /// The innermost array around it: its steps from the layout's top, empty for the layout itself.
    var elementSteps: [Int]
  }

  /// What the steps before the last one of a path may be.
  enum Passage {
    /// Structures of shape one.
    case structures
    /// Structures, unions and optionals of any shape.
    case groups
    /// These, and lists, to the layouts of their elements.
    case elements
  }

  private var levels: [Level]
  let layouts: [ExactName: GroupIndex]

  init(_ fields: [ModelField], layouts: [ExactName: GroupIndex]) {
    self.init(GroupIndex(fields), layouts: layouts)
  }

  init(_ top: GroupIndex, layouts: [ExactName: GroupIndex]) {
    levels = [Level(groups: [top], number: 0, isArray: false)]
    self.layouts = layouts
  }

  /// The scope inside of the group, or the list, `number` of the innermost group.
  func inside(_ number: Int) -> FieldScope {
    var inner = self
    inner.enter(number, of: levels[levels.count - 1].groups[0])
    return inner
  }

  private mutating func enter(_ number: Int, of group: GroupIndex) {
    let field = group.fields[number]
    let isList = field.type.type == .list
    let groups = isList ? field.elements.compactMap { layouts[ExactName($0)] } : [group.group(number)]
    levels.append(Level(groups: groups, number: number, isArray: isList || field.count != .one))
  }

  /// The innermost array around this place.
  var elementSteps: [Int] {
    let last = levels.lastIndex { $0.isArray } ?? 0
    return levels[...last].dropFirst().map(\.number)
  }

  /// The scope inside of the group or list that `path` names, and that group or list.
  func target(_ path: String) -> (scope: FieldScope, field: ModelField)? {
    var scope = self
    var field: ModelField?
    for step in ModelPath(path)?.names ?? [] {
      guard field?.type.type != .list, let group = scope.levels[scope.levels.count - 1].groups.first,
        let number = group.number(of: step)
      else { return nil }
      field = group.fields[number]
      scope.enter(number, of: group)
    }
    return field.map { (scope, $0) }
  }

  /// nil when `path` leads to no field.
  func find(_ path: String, through passage: Passage) -> Found? {
    guard let path = ModelPath(path) else { return nil }
    var steps = path.names[...]
    guard let first = steps.popFirst() else { return nil }
    for depth in path.isAbsolute ? [0] : Array(levels.indices.reversed()) {
      for group in levels[depth].groups {
        guard let number = group.number(of: first) else { continue }
        var scope = self
        scope.levels.removeSubrange((depth + 1)...)
        return scope.follow(steps, from: number, of: group, passage)
      }
    }
    return nil
  }

  private func follow(
    _ steps: ArraySlice<String>, from number: Int, of group: GroupIndex, _ passage: Passage
  ) -> Found? {
    var scope = self
    var group = group
    var number = number
    for step in steps {
      guard passage.allows(group.fields[number]) else { return nil }
      scope.enter(number, of: group)
      let places = scope.levels[scope.levels.count - 1].groups.lazy.compactMap { next in
        next.number(of: step).map { (next, $0) }
      }
      guard let place = places.first else { return nil }
      (group, number) = place
    }
    return Found(field: group.fields[number], elementSteps: scope.elementSteps)
  }
}

extension FieldScope.Passage {
  func allows(_ field: ModelField) -> Bool {
    switch self {
    case .structures: field.type.type == .structure && field.count == .one
    case .groups: field.type.type.isGroup
    case .elements: field.type.type.isGroup || field.type.type == .list
    }
  }
}
