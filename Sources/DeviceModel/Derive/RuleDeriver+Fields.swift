import MigrationStream

/// A piece with the layouts that its lists lead to.
private struct RuleReach {
  let piece: RulePiece
  /// The piece's own layout, then those of elements.
  var layouts: [Int]
  /// Lists whose elements have a layout.
  var lists: [Int: [RuleField]] = [:]

  /// The scopes of what stands in a group: the group, or all of the piece, or each list that has elements of the layout.
  func scopes(_ scope: RulePaths.Scope) -> [RuleField?] {
    if let group = scope.group { return [RuleField(UInt32(scope.layout), UInt32(group))] }
    return scope.layout == layouts[0] ? [nil] : lists[scope.layout] ?? []
  }
}

extension RuleDeriver {
  /// Fields that are looked at at most; those of elements once for each piece whose lists lead to them.
  private static var fieldsMax: Int { 1 << 20 }

  /// Adds the rules on the data of a piece: those of fields, in the order of their entries, then those that have names.
  mutating func addRules(of piece: RulePiece, layout: UInt32) throws(DocumentFault) {
    let reach = try reach(piece, Int(layout))
    for number in reach.layouts {
      for entry in paths.layouts[number].fields.indices { try addRules(RuleField(UInt32(number), UInt32(entry)), reach) }
      let layout = paths.layouts[number]
      try addRules(layout.rules, from: RulePaths.Scope(layout: number), layout.pointer + "/rules", reach)
    }
  }

  private mutating func reach(_ piece: RulePiece, _ layout: Int) throws(DocumentFault) -> RuleReach {
    var reach = RuleReach(piece: piece, layouts: [layout])
    var position = 0
    while position < reach.layouts.count {
      let number = reach.layouts[position]
      fieldCount += paths.layouts[number].fields.count
      for (entry, field) in paths.layouts[number].fields.enumerated() {
        for element in paths.elements(of: field) {
          if reach.lists[element] == nil { reach.layouts.append(element) }
          reach.lists[element, default: []].append(RuleField(UInt32(number), UInt32(entry)))
          fieldCount += 1
        }
      }
      guard fieldCount <= Self.fieldsMax else {
        throw DocumentFault(
          "sections and subsections have more than \(Self.fieldsMax) fields, those of elements counted for each of them",
          pointer: paths.layouts[layout].pointer, line: 0)
      }
      position += 1
    }
    return reach
  }

  private mutating func addRules(_ field: RuleField, _ reach: RuleReach) throws(DocumentFault) {
    let own = paths.field(field)
    let scope = RulePaths.Scope(layout: Int(field.layout), group: own.parent)
    if own.field.type.type.takesSymbols, !own.field.isOpen {
      try add(.closed(field), of: reach.piece, paths.pointer(field, "symbols"))
    }
    // A count that is an array itself counts nothing that a rule could look at.
    if let path = own.field.reference, own.field.type.type == .index || own.field.count == .one {
      let array = try demand(path, field, "ref", from: scope)
      for scope in reach.scopes(array.scope) {
        let rule: FieldRule =
          own.field.type.type == .count
          ? .count(field, of: array.field, in: scope) : .index(field, of: array.field, in: scope)
        try add(rule, of: reach.piece, paths.pointer(field, "ref"))
      }
    }
    switch own.field.verify {
    case .superset: try add(.subset(field), of: reach.piece, paths.pointer(field, "verify"))
    case .atMost: try add(.atMost(field), of: reach.piece, paths.pointer(field, "verify"))
    case .equal, nil: break
    }
    if own.field.isUnique { try add(.unique(field), of: reach.piece, paths.pointer(field, "unique")) }
    if let link = own.field.link { try add(link, of: field, own, from: scope, reach) }
    if let path = own.field.above {
      let used = try demand(path, field, "above", from: scope)
      for scope in reach.scopes(used.scope) {
        try add(.above(field, all: used.field, in: scope), of: reach.piece, paths.pointer(field, "above"))
      }
    }
    let inside = RulePaths.Scope(layout: Int(field.layout), group: Int(field.entry))
    try addRules(own.field.rules, from: inside, paths.pointer(field, "rules"), reach)
  }

  private mutating func add(
    _ link: FieldLink, of field: RuleField, _ own: ResolvedField, from scope: RulePaths.Scope, _ reach: RuleReach
  ) throws(DocumentFault) {
    let key = try demand(link.key, field, "in", from: scope)
    var none: UInt64?
    if let value = link.none { none = try paths.bits(value, own.field.type, paths.pointer(field, "none")) }
    try add(.reference(field, to: key.field, none: none), of: reach.piece, paths.pointer(field, "in"))
    guard link.isAcyclic else { return }
    let pointer = paths.pointer(field, "acyclic")
    for element in reach.scopes(elements(around: field)) {
      guard let element else {
        throw DocumentFault("it lies in no element of an array or list", pointer: pointer, line: 0)
      }
      try add(.acyclic(element, key: key.field, parent: field, none: none), of: reach.piece, pointer)
    }
  }

  /// The innermost array around a field, or all of its layout.
  private func elements(around field: RuleField) -> RulePaths.Scope {
    let layout = paths.layouts[Int(field.layout)]
    var group = layout.fields[Int(field.entry)].parent
    while let entry = group, layout.fields[entry].field.count == .one { group = layout.fields[entry].parent }
    return RulePaths.Scope(layout: Int(field.layout), group: group)
  }

  private func demand(
    _ path: String, _ field: RuleField, _ member: String, from scope: RulePaths.Scope
  ) throws(DocumentFault) -> RulePaths.Found {
    if let found = paths.find(path, from: scope) { return found }
    throw DocumentFault(
      "it refers to \(path), which does not exist with these parameters", pointer: paths.pointer(field, member), line: 0)
  }

  /// Adds rules that have names; those that name a field that does not exist are left out.
  private mutating func addRules(
    _ rules: [ModelRule], from scope: RulePaths.Scope, _ pointer: String, _ reach: RuleReach
  ) throws(DocumentFault) {
    let element = part(around: scope)
    for (number, rule) in rules.enumerated() {
      let pointer = "\(pointer)/\(number)"
      guard let when = try terms(rule.when, from: scope, pointer + "/when"),
        let then = try terms(rule.then, from: scope, pointer + "/then")
      else { continue }
      guard when.count + then.count <= Self.termsMax else {
        throw DocumentFault(
          "it has \(when.count + then.count) comparisons; at most \(Self.termsMax)", pointer: pointer, line: 0)
      }
      for scope in reach.scopes(element) {
        try add(.implies(in: scope), of: reach.piece, pointer, when: when, then: then)
      }
    }
  }

  /// The widest scope that a group is always in, once: structures of shape one are parts of what is around them.
  private func part(around scope: RulePaths.Scope) -> RulePaths.Scope {
    let layout = paths.layouts[scope.layout]
    var group = scope.group
    while let entry = group, layout.fields[entry].field.type.type == .structure, layout.fields[entry].field.count == .one {
      group = layout.fields[entry].parent
    }
    return RulePaths.Scope(layout: scope.layout, group: group)
  }

  private func terms(
    _ comparisons: [Comparison], from scope: RulePaths.Scope, _ pointer: String
  ) throws(DocumentFault) -> [RuleTerm]? {
    var terms: [RuleTerm] = []
    for (number, comparison) in comparisons.enumerated() {
      guard let found = paths.find(comparison.field, from: scope) else { return nil }
      terms.append(try paths.term(comparison, found.field, "\(pointer)/\(number)"))
    }
    return terms
  }
}
