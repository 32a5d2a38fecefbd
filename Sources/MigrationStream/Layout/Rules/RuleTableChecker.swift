/// Checks a table against the layouts that its numbers are about.
///
/// Source: Specs/60-section-rules.md sections 2 and 5.
struct RuleTableChecker: ~Escapable {
  private let layouts: LayoutTable

  @_lifetime(copy layouts)
  init(_ layouts: LayoutTable) { self.layouts = layouts }

  /// Also says which sections may be made of defaults.
  func check(_ rules: inout SectionRules) throws(StreamError) {
    for number in 0..<rules.sectionTable.count {
      let section = rules.sectionTable[number]
      try check(section, number)
      rules.sectionTable[number].isMadeOfDefaults = layouts.layout(section.layout).hasDefaults
    }
    for number in 0..<rules.subsectionTable.count {
      try check(rules.subsectionTable[number], of: rules, number)
    }
    for number in 0..<rules.fieldRules.count {
      let placed = rules.fieldRules[number]
      try check(placed.rule, own: rules.layout(of: placed.piece), number)
      for term in placed.terms {
        try check(rules.terms[term], inOrAround: placed.rule.scope, own: rules.layout(of: placed.piece), number)
      }
      if placed.rule.kind == .implies, placed.thenCount == 0 { throw misuse(number) }
    }
    (rules.layoutCount, rules.entryCount) = (layouts.count, layouts.entryCount)
  }

  private func check(_ section: SectionRule, _ number: Int) throws(StreamError) {
    try demand(layout: section.layout, number)
    let isMany = section.cardinality == .many
    guard section.versionMin <= section.version, isMany ? section.maximumCount > 0 : section.keyEntry == nil
    else { throw misuse(number) }
    guard let key = section.keyEntry else { return }
    try demandNumber(RuleField(section.layout, key), in: nil, own: section.layout, number)
  }

  private func check(
    _ subsection: SubsectionRule, of rules: borrowing SectionRules, _ number: Int
  ) throws(StreamError) {
    try demand(layout: subsection.layout, number)
    guard subsection.versionMin <= subsection.version else { throw misuse(number) }
    let own = rules.layout(of: subsection.owner)
    let target = subsection.target.map { RuleField(own, $0) }
    if let target {
      try demandScope(target, number)
      let entry = try entry(target, number)
      try demand(entry.type != .list || entry.shape == .one, number, target)
    }
    for index in 0..<subsection.termCount {
      let term = rules.terms[Int(subsection.firstTerm + index)]
      try check(term, inOrAround: target, own: own, number)
    }
  }

  /// A term about *the* field of a scope, or else of the piece.
  private func check(
    _ term: RuleTerm, inOrAround scope: RuleField?, own: UInt32, _ number: Int
  ) throws(StreamError) {
    let isInside = scope != nil && isOne(term.field, in: scope, own: own)
    try demandNumber(term.field, in: isInside ? scope : nil, own: own, number)
  }
}

// MARK: - Rules

extension RuleTableChecker {
  private func check(_ rule: FieldRule, own: UInt32, _ number: Int) throws(StreamError) {
    if let scope = rule.scope { try demandScope(scope, number) }
    guard let field = rule.field else { return }
    let first = try entry(field, number)
    var second: FieldEntry?
    if let other = rule.other { second = try entry(other, number) }
    switch rule.kind {
    case .index, .count:
      try demand(first.isRuleNumber && first.type.isInteger && !first.type.isSigned, number, field)
      if rule.kind == .count {
        try demandNumber(field, in: rule.scope, own: own, number)
      } else {
        try demandInside(field, in: rule.scope, own: own, number)
      }
      guard let array = rule.other else { return }
      try demand(second?.isRuleArray == true, number, array)
      try demandOne(array, in: rule.scope, own: own, number)
    case .closed:
      try demand(first.type.takesSymbols, number, field)
      try demandInside(field, in: nil, own: own, number)
    case .subset, .atMost:
      let isRight = rule.kind == .atMost
        ? first.type.isInteger && first.width <= 8
        : first.type == .unsigned || first.type == .flags || first.type == .bitmap
      try demand(isRight && first.shape != .countedArray, number, field)
      try demandOne(field, in: nil, own: own, number)
    case .unique, .reference:
      try demand(first.isRuleNumber && second?.isRuleNumber != false, number, field)
      try demandInside(field, in: nil, own: own, number)
      if let key = rule.other { try demandInside(key, in: nil, own: own, number) }
    case .acyclic:
      try demandNumber(field, in: rule.scope, own: own, number)
      guard let parent = rule.other, parent.layout == field.layout else { throw misuse(number, field.entry) }
      try demandNumber(parent, in: rule.scope, own: own, number)
    case .above:
      try demandNumber(field, in: rule.scope, own: own, number)
      try demand(second?.isRuleNumber == true, number, field)
      if let used = rule.other { try demandInside(used, in: rule.scope, own: own, number) }
    case .implies: return
    }
    // Where values of two fields are compared, they have the same sign; numbers of elements have none.
    if rule.kind != .index, rule.kind != .count, let second {
      try demand(first.type.isSigned == second.type.isSigned, number, field)
    }
  }

  private func misuse(_ number: Int, _ found: UInt32 = 0) -> StreamError {
    StreamError(.wrongCall, .use, at: UInt64(number), found: UInt64(found))
  }

  private func demand(_ isRight: Bool, _ number: Int, _ field: RuleField) throws(StreamError) {
    guard isRight else { throw StreamError(.typeChanged, .use, at: UInt64(number), found: UInt64(field.entry)) }
  }

  private func demand(layout: UInt32, _ number: Int) throws(StreamError) {
    guard layouts.contains(layout), !layouts.isExternal(layout) else {
      throw StreamError(
        .unknownLayout, .use, at: UInt64(number), expected: UInt64(layouts.count), found: UInt64(layout))
    }
  }

  private func entry(_ field: RuleField, _ number: Int) throws(StreamError) -> FieldEntry {
    try demand(layout: field.layout, number)
    let entries = layouts.layout(field.layout).entries
    guard Int(field.entry) < entries.count else {
      throw StreamError(
        .missingField, .use, at: UInt64(number), expected: UInt64(entries.count), found: UInt64(field.entry))
    }
    return entries[Int(field.entry)]
  }

  private func demandScope(_ scope: RuleField, _ number: Int) throws(StreamError) {
    let type = try entry(scope, number).type
    try demand(type.isGroup || type == .list, number, scope)
  }

  /// *The* field of the scope, and a number.
  private func demandNumber(
    _ field: RuleField, in scope: RuleField?, own: UInt32, _ number: Int
  ) throws(StreamError) {
    let entry = try entry(field, number)
    try demand(entry.isRuleNumber && entry.shape == .one, number, field)
    try demandOne(field, in: scope, own: own, number)
  }

  private func demandOne(
    _ field: RuleField, in scope: RuleField?, own: UInt32, _ number: Int
  ) throws(StreamError) {
    guard isOne(field, in: scope, own: own) else { throw misuse(number, field.entry) }
  }

  /// Whether no array or list lies between the scope and the field. Scope and field exist.
  private func isOne(_ field: RuleField, in scope: RuleField?, own: UInt32) -> Bool {
    guard layouts.contains(field.layout), !layouts.isExternal(field.layout) else { return false }
    let layout = layouts.layout(field.layout)
    var range = layout.subtree(of: nil)
    if let scope, layouts.layout(scope.layout).entries[Int(scope.entry)].type != .list {
      guard scope.layout == field.layout else { return false }
      range = layout.subtree(of: Int(scope.entry))
    } else if scope == nil, field.layout != own {
      return false
    }
    guard range.contains(Int(field.entry)) else { return false }
    var number = range.lowerBound
    while true {
      while layout.sibling(after: number) <= Int(field.entry) { number = layout.sibling(after: number) }
      if number == Int(field.entry) { return true }
      guard layout.entries[number].shape == .one else { return false }
      number += 1
    }
  }

  /// A field that may have any number of values in the scope. Elements of a list there may have any layout.
  private func demandInside(
    _ field: RuleField, in scope: RuleField?, own: UInt32, _ number: Int
  ) throws(StreamError) {
    let layout = layouts.layout(scope?.layout ?? own)
    if let scope, layout.entries[Int(scope.entry)].type == .list { return }
    let range = layout.subtree(of: scope.map { Int($0.entry) })
    for inner in range where layout.entries[inner].type == .list { return }
    guard field.layout == scope?.layout ?? own, range.contains(Int(field.entry)) else {
      throw misuse(number, field.entry)
    }
  }
}

extension PlacedRule {
  /// Positions of its terms among all of the table.
  var terms: Range<Int> { Int(firstTerm)..<Int(firstTerm + whenCount + thenCount) }
}
