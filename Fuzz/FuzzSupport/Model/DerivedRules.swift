import DeviceModel
import MigrationStream

/// A rule on the data of a piece.
struct DerivedRule: Equatable {
  let rule: FieldRule
  var when: [RuleTerm] = []
  var then: [RuleTerm] = []
}

/// The rules that a definition makes, for a second deriver: written from the specification, without a look at the
/// product's.
///
/// Source: Specs/device-models.md sections 3, 5.3, 5.4 and 5.7.
struct DerivedRules {
  let derivation: ReferenceDerivation
  var layouts: [DerivedLayout] { derivation.layouts }

  init(_ derivation: ReferenceDerivation) { self.derivation = derivation }

  /// A group of a layout, or all of it.
  private struct Scope {
    let layout: Int
    let group: Int?
  }

  /// The layouts that lists lead to from a piece, its own in front, and the lists that lead to each.
  private struct Reach {
    var layouts: [Int]
    var lists: [Int: [RuleField]] = [:]
  }

  /// Rules on the data of a piece, in order.
  func rules(of piece: Int) throws(DerivationRefusal) -> [DerivedRule] {
    let reach = reach(piece)
    var rules: [DerivedRule] = []
    for layout in reach.layouts {
      for number in layouts[layout].entries.indices {
        rules += try ofField(number, in: layout, reach)
        let inside = Scope(layout: layout, group: number)
        rules += try named(layouts[layout].entries[number].json.array("rules"), inside, reach)
      }
      rules += try named(layouts[layout].json.array("rules"), Scope(layout: layout, group: nil), reach)
    }
    return rules
  }

  /// First the lists of the piece, then those of the layouts that they name, in that order.
  private func reach(_ piece: Int) -> Reach {
    var reach = Reach(layouts: [piece])
    var place = 0
    while place < reach.layouts.count {
      let layout = reach.layouts[place]
      for (number, entry) in layouts[layout].entries.enumerated() {
        for element in derivation.elements(of: entry) {
          if !reach.layouts.contains(element) { reach.layouts.append(element) }
          reach.lists[element, default: []].append(RuleField(UInt32(layout), UInt32(number)))
        }
      }
      place += 1
    }
    return reach
  }

  /// What a scope is in a table: of elements, each list that has them.
  private func scopes(_ scope: Scope, _ reach: Reach) -> [RuleField?] {
    if let group = scope.group { return [RuleField(UInt32(scope.layout), UInt32(group))] }
    return scope.layout == reach.layouts[0] ? [nil] : reach.lists[scope.layout] ?? []
  }

  // MARK: - Rules that fields make

  private func ofField(_ number: Int, in layout: Int, _ reach: Reach) throws(DerivationRefusal) -> [DerivedRule] {
    let entry = layouts[layout].entries[number]
    let json = entry.json
    let field = RuleField(UInt32(layout), UInt32(number))
    let hand = Scope(layout: layout, group: entry.parent)
    var rules: [FieldRule] = []
    if let path = json.text("ref"), entry.type.isIndex || entry.shape == .one {
      let array = try demand(path, hand)
      for scope in scopes(array.scope, reach) {
        rules.append(entry.type.isIndex ? .index(field, of: array.field, in: scope) : .count(field, of: array.field, in: scope))
      }
    }
    if entry.type.isEnumerationOrFlags, !json.isTrue("open") { rules.append(.closed(field)) }
    if json.text("verify") == "superset" { rules.append(.subset(field)) }
    if json.text("verify") == "at-most" { rules.append(.atMost(field)) }
    if json.isTrue("unique") { rules.append(.unique(field)) }
    if let path = json.text("in") {
      let key = try demand(path, hand).field
      let none = json.whole("none").map { UInt64(truncatingIfNeeded: $0) }
      rules.append(.reference(field, to: key, none: none))
      if json.isTrue("acyclic") {
        for element in scopes(array(around: number, in: layout), reach) {
          guard let element else { throw DerivationRefusal("\(entry.name) lies in no element") }
          rules.append(.acyclic(element, key: key, parent: field, none: none))
        }
      }
    }
    if let path = json.text("above") {
      let used = try demand(path, hand)
      for scope in scopes(used.scope, reach) { rules.append(.above(field, all: used.field, in: scope)) }
    }
    return rules.map { DerivedRule(rule: $0) }
  }

  /// The innermost array around a field, or all of its layout.
  private func array(around number: Int, in layout: Int) -> Scope {
    var group = layouts[layout].entries[number].parent
    while let number = group, layouts[layout].entries[number].shape == .one {
      group = layouts[layout].entries[number].parent
    }
    return Scope(layout: layout, group: group)
  }

  // MARK: - Rules with names

  private func named(_ rules: [JSONValue], _ hand: Scope, _ reach: Reach) throws(DerivationRefusal) -> [DerivedRule] {
    var made: [DerivedRule] = []
    for rule in rules {
      guard let when = terms(rule.array("when"), find: { find($0, hand) }),
        let then = terms(rule.array("then"), find: { find($0, hand) })
      else { continue }
      if when.count + then.count > 64 { throw DerivationRefusal("a rule has \(when.count + then.count) comparisons") }
      for scope in scopes(element(hand), reach) {
        made.append(DerivedRule(rule: .implies(in: scope), when: when, then: then))
      }
    }
    return made
  }

  /// The innermost array, union or optional that a group is, or lies in.
  private func element(_ scope: Scope) -> Scope {
    var group = scope.group
    while let number = group, layouts[scope.layout].entries[number].type.isStructure,
      layouts[scope.layout].entries[number].shape == .one
    {
      group = layouts[scope.layout].entries[number].parent
    }
    return Scope(layout: scope.layout, group: group)
  }

  /// - Returns: nil where a field does not exist.
  private func terms(_ comparisons: [JSONValue], find: (String) -> (field: RuleField, scope: Scope)?) -> [RuleTerm]? {
    let relations: [(String, RuleTerm.Relation)] = [
      ("equals", .equals), ("not_equals", .notEquals), ("at_least", .atLeast), ("at_most", .atMost),
      ("any_bits", .anyBits), ("no_bits", .noBits),
    ]
    var terms: [RuleTerm] = []
    for comparison in comparisons {
      guard let place = comparison.text("field").flatMap(find) else { return nil }
      for (key, relation) in relations {
        guard let number = comparison.whole(key) else { continue }
        terms.append(RuleTerm(place.field, relation, UInt64(truncatingIfNeeded: number)))
      }
    }
    return terms
  }

  /// When a subsection comes.
  func condition(of piece: Int) throws(DerivationRefusal) -> [RuleTerm] {
    let own = derivation.pieces[piece]
    guard let owner = own.owner else { return [] }
    let comparisons = own.json.array("when")
    let around = own.entry.flatMap { layouts[owner].entries[$0].parent }
    let terms = terms(comparisons) { path in
      guard let target = own.entry else { return find(path, Scope(layout: owner, group: nil)) }
      let entry = layouts[owner].entries[target]
      guard entry.type.isList else { return find(path, Scope(layout: owner, group: target)) }
      for layout in derivation.elements(of: entry) {
        if let found = find(path, Scope(layout: layout, group: nil)) { return found }
      }
      return find(path, Scope(layout: owner, group: around))
    }
    guard let terms else { throw DerivationRefusal("a condition of \(own.name) names what does not exist") }
    if terms.count > 64 { throw DerivationRefusal("the condition of \(own.name) has \(terms.count) comparisons") }
    return terms
  }

  // MARK: - Paths

  private func demand(_ path: String, _ hand: Scope) throws(DerivationRefusal) -> (field: RuleField, scope: Scope) {
    if let found = find(path, hand) { return found }
    throw DerivationRefusal("\(path) does not exist")
  }

  /// The field that a path means, and the group in which its first step was found; lists lead to their elements.
  private func find(_ path: String, _ hand: Scope) -> (field: RuleField, scope: Scope)? {
    let (names, isAbsolute) = DerivedLayout.steps(path)
    guard let start = layouts[hand.layout].first(names[0], from: isAbsolute ? nil : hand.group) else { return nil }
    var (layout, place) = (hand.layout, start)
    for name in names.dropFirst() {
      let entry = layouts[layout].entries[place]
      if entry.type.isList {
        guard let next = derivation.elements(of: entry).first(where: { layouts[$0].child(name, of: nil) != nil }) else {
          return nil
        }
        layout = next
      } else if !entry.type.isGroup {
        return nil
      }
      guard let next = layouts[layout].child(name, of: entry.type.isList ? nil : place) else { return nil }
      place = next
    }
    let scope = Scope(layout: hand.layout, group: layouts[hand.layout].entries[start].parent)
    return (RuleField(UInt32(layout), UInt32(place)), scope)
  }
}
