import MigrationStream
import ReferenceReader
import StreamTestKit

/// A table given to the builder of the library.
extension RulesRun {
  func rules(_ layouts: LayoutTable, _ allocator: StreamAllocator) throws(StreamError) -> SectionRules {
    var builder = SectionRulesBuilder(
      version: UInt32(table.version), versionMin: UInt32(table.oldest), allocator: allocator)
    for section in table.sections {
      _ = try builder.section(rule(section), name: section.piece.name.span.octets)
      for number in section.predecessors { try builder.predecessor(.section(number)) }
    }
    for subsection in table.subsections {
      _ = try builder.subsection(rule(subsection), name: subsection.piece.name.span.octets)
      for term in subsection.condition { try builder.condition(self.term(term)) }
    }
    for (number, section) in table.sections.enumerated() { try add(section.piece.rules, of: .section(number), &builder) }
    for (number, subsection) in table.subsections.enumerated() {
      try add(subsection.piece.rules, of: .subsection(number), &builder)
    }
    return try builder.finish(layouts)
  }

  private func rule(_ section: ReferenceRuleTable.Section) -> SectionRule {
    let piece = section.piece
    var rule = SectionRule(
      layout: UInt32(piece.layout), version: UInt32(piece.version), versionMin: UInt32(piece.minimum))
    (rule.since, rule.isEnabled) = (UInt32(piece.since), piece.isEnabled)
    switch section.cardinality {
    case .one: rule.cardinality = .one
    case .optional: rule.cardinality = .optional
    case .many(let maximum, let key):
      (rule.cardinality, rule.maximumCount, rule.keyEntry) = (.many, UInt32(maximum), key.map(UInt32.init))
    }
    return rule
  }

  private func rule(_ subsection: ReferenceRuleTable.Subsection) -> SubsectionRule {
    let piece = subsection.piece
    let owner: RulePiece =
      switch subsection.owner {
      case .section(let number): .section(number)
      case .subsection(let number): .subsection(number)
      }
    var rule = SubsectionRule(
      layout: UInt32(piece.layout), version: UInt32(piece.version), versionMin: UInt32(piece.minimum), owner: owner,
      target: subsection.target.map(UInt32.init))
    (rule.since, rule.isEnabled) = (UInt32(piece.since), piece.isEnabled)
    return rule
  }

  private func field(_ field: ReferenceRuleTable.Field) -> RuleField { RuleField(UInt32(field.layout), UInt32(field.entry)) }

  private func term(_ term: ReferenceRuleTable.Term) -> RuleTerm {
    let relation: RuleTerm.Relation =
      switch term.relation {
      case .equals: .equals
      case .notEquals: .notEquals
      case .atLeast: .atLeast
      case .atMost: .atMost
      case .anyBits: .anyBits
      case .noBits: .noBits
      }
    return RuleTerm(field(term.field), relation, term.number)
  }

  private func add(
    _ rules: [ReferenceRuleTable.FieldRule], of piece: RulePiece, _ builder: inout SectionRulesBuilder
  ) throws(StreamError) {
    for rule in rules {
      try builder.rule(self.rule(rule), of: piece)
      guard case .implies(_, let when, let then) = rule else { continue }
      for term in when { try builder.when(self.term(term)) }
      for term in then { try builder.then(self.term(term)) }
    }
  }

  private func rule(_ rule: ReferenceRuleTable.FieldRule) -> FieldRule {
    switch rule {
    case .index(let scope, let index, let array, let none):
      .index(field(index), of: field(array), in: scope.map(field), none: none)
    case .count(let scope, let count, let array): .count(field(count), of: field(array), in: scope.map(field))
    case .closed(let symbols): .closed(field(symbols))
    case .subset(let bits): .subset(field(bits))
    case .atMost(let value): .atMost(field(value))
    case .unique(let value): .unique(field(value))
    case .reference(let value, let key, let none): .reference(field(value), to: field(key), none: none)
    case .acyclic(let scope, let key, let parent, let none):
      .acyclic(field(scope), key: field(key), parent: field(parent), none: none)
    case .above(let scope, let next, let used): .above(field(next), all: field(used), in: scope.map(field))
    case .implies(let scope, _, _): .implies(in: scope.map(field))
    }
  }
}
