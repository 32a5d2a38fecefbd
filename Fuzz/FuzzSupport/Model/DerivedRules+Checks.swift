import DeviceModel
import MigrationStream

/// What chapter 60 asks of the rules of a table.
///
/// Source: Specs/60-section-rules.md sections 2 and 5.
extension DerivedRules {
  /// Rules on the data of each piece, and when it comes, by number of the piece.
  func checked() throws(DerivationRefusal) -> [(rules: [DerivedRule], condition: [RuleTerm])] {
    var all: [(rules: [DerivedRule], condition: [RuleTerm])] = []
    for number in derivation.pieces.indices {
      all.append((try rules(of: number), try condition(of: number)))
      for rule in all[number].rules { try check(rule, of: number) }
      try check(number, condition: all[number].condition)
    }
    return all
  }

  /// What chapter 60 has no such rule for.
  private func check(_ derived: DerivedRule, of piece: Int) throws(DerivationRefusal) {
    let rule = derived.rule
    let isRight: Bool
    switch (rule.kind, rule.field, rule.other) {
    case (.index, let field?, let array?):
      isRight = isUnsigned(field) && isInside(field, rule.scope) && isArray(array) && isThe(array, rule.scope, piece)
    case (.count, let field?, let array?):
      isRight =
        isUnsigned(field) && isTheNumber(field, rule.scope, piece) && isArray(array) && isThe(array, rule.scope, piece)
    case (.subset, let field?, _), (.atMost, let field?, _):
      isRight = isThe(field, nil, piece) && self[field].shape != .countedArray
    case (.unique, let field?, _): isRight = isNumber(field)
    case (.reference, let field?, let key?): isRight = isNumber(field) && isNumber(key) && haveOneSign(field, key)
    case (.acyclic, let key?, let parent?):
      isRight =
        isTheNumber(key, rule.scope, piece) && isTheNumber(parent, rule.scope, piece) && haveOneSign(key, parent)
    case (.above, let next?, let used?):
      isRight =
        isTheNumber(next, rule.scope, piece) && isNumber(used) && isInside(used, rule.scope) && haveOneSign(next, used)
    case (.implies, _, _):
      isRight = (derived.when + derived.then).allSatisfy { isTerm($0, rule.scope, piece) }
    default: isRight = true
    }
    if !isRight { throw DerivationRefusal("there is no such rule: \(rule)") }
  }

  /// What chapter 60 asks of the key, the target and the condition of a piece.
  private func check(_ piece: Int, condition: [RuleTerm]) throws(DerivationRefusal) {
    let own = derivation.pieces[piece]
    guard let owner = own.owner else {
      let isRight = own.entry.map { isTheNumber(RuleField(UInt32(piece), UInt32($0)), nil, piece) } ?? true
      if !isRight { throw DerivationRefusal("the key of \(own.name) is no number") }
      return
    }
    let target = own.entry.map { RuleField(UInt32(owner), UInt32($0)) }
    let hasElements = target.map { self[$0].type.isGroup || self[$0].type.isList && self[$0].shape == .one } ?? true
    guard hasElements, condition.allSatisfy({ isTerm($0, target, owner) }) else {
      throw DerivationRefusal("the target or condition of \(own.name) names what chapter 60 does not take")
    }
  }

  // MARK: - Fields and scopes

  private subscript(field: RuleField) -> DerivedField { layouts[Int(field.layout)].entries[Int(field.entry)] }

  /// An integer of up to 8 octets, or what is like one.
  private func isNumber(_ field: RuleField) -> Bool {
    let type = self[field].type
    return type.width <= 8 && (type.isInteger || [4, 11, 12].contains(type.code))
  }

  private func isUnsigned(_ field: RuleField) -> Bool {
    isNumber(field) && self[field].type.isInteger && !self[field].type.isSigned
  }

  private func haveOneSign(_ first: RuleField, _ second: RuleField) -> Bool {
    self[first].type.isSigned == self[second].type.isSigned
  }

  private func isArray(_ field: RuleField) -> Bool { self[field].shape != .one || self[field].type.isList }

  /// Whether no array or list lies between a scope and a field.
  private func isThe(_ field: RuleField, _ scope: RuleField?, _ piece: Int) -> Bool {
    guard let around = groups(around: field, in: scope) else { return false }
    if scope == nil, Int(field.layout) != piece { return false }
    if let scope, self[scope].type.isList, !leads(scope, to: field.layout) { return false }
    return around.allSatisfy { layouts[Int(field.layout)].entries[$0].shape == .one }
  }

  /// The groups around a field up to its scope, or to its layout where the scope is another.
  private func groups(around field: RuleField, in scope: RuleField?) -> [Int]? {
    let entries = layouts[Int(field.layout)].entries
    var groups: [Int] = []
    var place = entries[Int(field.entry)].parent
    let end = scope.flatMap { self[$0].type.isList ? nil : $0 }
    if let end, end.layout != field.layout { return nil }
    while let group = place, group != end.map({ Int($0.entry) }) {
      groups.append(group)
      place = entries[group].parent
    }
    return end == nil || place != nil ? groups : nil
  }

  private func leads(_ list: RuleField, to layout: UInt32) -> Bool {
    derivation.elements(of: self[list]).contains(Int(layout))
  }

  private func isTheNumber(_ field: RuleField, _ scope: RuleField?, _ piece: Int) -> Bool {
    isNumber(field) && self[field].shape == .one && isThe(field, scope, piece)
  }

  /// *The* field of the scope, or else of the piece.
  private func isTerm(_ term: RuleTerm, _ scope: RuleField?, _ piece: Int) -> Bool {
    isTheNumber(term.field, scope, piece) || isTheNumber(term.field, nil, piece)
  }

  /// Whether a field lies in a scope, through arrays and lists.
  private func isInside(_ field: RuleField, _ scope: RuleField?) -> Bool {
    guard let scope else { return true }
    var open: [Int] = []
    let own = layouts[Int(scope.layout)].entries
    let isList = self[scope].type.isList
    if !isList, field.layout == scope.layout, field.entry > scope.entry, Int(field.entry) < self[scope].end { return true }
    for number in Int(scope.entry)..<self[scope].end { open += derivation.elements(of: own[number]) }
    var reached = open
    while let layout = open.popLast() {
      if layout == Int(field.layout) { return true }
      for next in layouts[layout].entries.flatMap({ derivation.elements(of: $0) }) where !reached.contains(next) {
        reached.append(next)
        open.append(next)
      }
    }
    return false
  }
}
