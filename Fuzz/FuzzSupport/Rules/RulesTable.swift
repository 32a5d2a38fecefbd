import ReferenceReader
import StreamTestKit

/// A table of rules about some layouts, mostly a right one.
struct RulesTable {
  typealias Field = ReferenceRuleTable.Field
  typealias FieldRule = ReferenceRuleTable.FieldRule

  private(set) var table = ReferenceRuleTable()
  private let check: ReferenceRuleCheck
  /// All entries of all layouts.
  private var fields: [Field] = []

  init(_ program: RulesProgram, _ layouts: [[UInt8]], entryCounts: [Int]) throws(ReferenceRefusal) {
    check = try ReferenceRuleCheck(layouts: layouts)
    for (layout, count) in entryCounts.enumerated() { fields += (0..<count).map { Field(layout, $0) } }
    var random = program.choices(.table, 0)
    table.version = UInt64(random.pick(1...4))
    table.oldest = UInt64(random.pick(0...3))
    let counts = ([2, 3, 1][random.pick(0...2)], [1, 2, 3, 0][random.pick(0...3)])
    for number in 0..<counts.0 {
      var random = program.choices(.table, 1 + number)
      addSection(&random)
    }
    for number in 0..<counts.1 {
      var random = program.choices(.table, 4 + number)
      addSubsection(&random)
    }
    for number in 0..<6 {
      var random = program.choices(.rules, number)
      addRule(&random)
    }
  }

  /// One of the fields that are right; sometimes any that there may be, or not.
  private func pick(_ random: inout SeededGenerator, _ isRight: (Field) -> Bool) -> Field? {
    let choice = random.pick(0...255)
    if choice == 255 { return Field(random.pick(0...3), random.pick(0...24)) }
    let right = fields.filter(isRight)
    return right.isEmpty ? nil : right[choice % right.count]
  }

  // MARK: Pieces

  private func piece(_ random: inout SeededGenerator, _ name: String) -> ReferenceRuleTable.Piece {
    let (layout, bits) = (random.pick(0...31), random.pick(0...255))
    var piece = ReferenceRuleTable.Piece(name: Array(name.utf8), layout: layout == 31 ? 3 : layout % 3)
    piece.version = UInt64(1 + bits & 3)
    piece.minimum = UInt64(bits >> 2 & 3)
    if bits >> 4 != 14 { piece.minimum = min(piece.minimum, piece.version) }
    piece.since = UInt64(random.pick(0...4))
    piece.isEnabled = bits >> 4 != 15
    return piece
  }

  private mutating func addSection(_ random: inout SeededGenerator) {
    let number = table.sections.count
    var section = ReferenceRuleTable.Section(piece(&random, "section \(number)"))
    let kind = random.pick(0...63)
    if kind == 63 { section.piece.name = table.sections.first?.piece.name ?? section.piece.name }
    switch kind % 5 {
    case 0, 1: section.cardinality = .one
    case 2: section.cardinality = .optional
    default:
      let own = section.piece.layout
      let key = pick(&random) { $0.layout == own && isTheNumber($0, nil, own) }
      section.cardinality = .many(maximum: kind == 8 ? 0 : UInt64(1 + kind % 3), key: key?.entry)
    }
    let before = random.pick(0...15)
    section.predecessors = (0...number).filter { before >> $0 & 1 == 1 && ($0 < number || before == 15) }
    table.sections.append(section)
  }

  private mutating func addSubsection(_ random: inout SeededGenerator) {
    let number = table.subsections.count
    let piece = piece(&random, random.pick(0...63) == 63 ? "subsection 0" : "subsection \(number)")
    let sections = table.sections.count
    let owner = random.pick(0...31) % (sections + number + (number == 2 ? 1 : 0))
    var made = ReferenceRuleTable.Subsection(
      piece, in: owner < sections ? .section(owner) : .subsection(owner - sections))
    let isKnown = owner < sections + number
    let own = !isKnown ? 0 : owner < sections ? table.sections[owner].piece.layout : table.subsections[owner - sections].piece.layout
    if random.pick(0...1) == 1 { made.target = pick(&random) { $0.layout == own && check.isScope($0) }?.entry }
    let target = made.target.map { Field(own, $0) }
    for _ in 0..<(random.pick(0...7) % 3) { if let term = term(&random, target, own) { made.condition.append(term) } }
    table.subsections.append(made)
  }

  // MARK: Rules

  private func isTheNumber(_ field: Field, _ scope: Field?, _ own: Int) -> Bool {
    check.isNumber(field) && !check.isArray(field) && check.isOne(field, scope, own)
  }

  private func term(_ random: inout SeededGenerator, _ scope: Field?, _ own: Int) -> ReferenceRuleTable.Term? {
    let field = pick(&random) { isTheNumber($0, scope, own) || isTheNumber($0, nil, own) }
    let choice = random.pick(0...255)
    let relation = ReferenceRuleTable.Relation.allCases[choice % 6]
    let number: UInt64 = choice < 210 ? UInt64(choice / 6 % 5) : choice < 230 ? .max : choice < 240 ? 255 : 128
    return field.map { ReferenceRuleTable.Term($0, relation, number) }
  }

  private func none(_ random: inout SeededGenerator) -> UInt64? { [nil, 0, .max, 255, 1, nil][random.pick(0...5)] }

  private mutating func addRule(_ random: inout SeededGenerator) {
    let kind = random.pick(0...31)
    guard kind > 0, kind <= 30 else { return }
    let sections = table.sections.count
    let owner = random.pick(0...31) % (sections + table.subsections.count)
    let own = owner < sections ? table.sections[owner].piece.layout : table.subsections[owner - sections].piece.layout
    let hasScope = kind % 10 == 7 || random.pick(0...1) == 1
    let scope = hasScope ? pick(&random) { check.isScope($0) && check.isInside($0, nil, own) } : nil
    guard let rule = rule(kind % 10, scope, own, &random) else { return }
    if owner < sections { table.sections[owner].piece.rules.append(rule) } else {
      table.subsections[owner - sections].piece.rules.append(rule)
    }
  }

  private func rule(_ kind: Int, _ scope: Field?, _ own: Int, _ random: inout SeededGenerator) -> FieldRule? {
    func any(_ isRight: (Field) -> Bool) -> Field? { pick(&random, isRight) }
    func the() -> Field? { any { isTheNumber($0, scope, own) } }
    func values() -> Field? { any { check.isNumber($0) && check.isInside($0, scope, own) } }
    func isRight(_ field: Field, _ rule: (Field) -> FieldRule) -> Bool { check.faults(rule(field), own: own).isEmpty }
    switch kind {
    case 0:
      guard let field = any({ check.isUnsigned($0) && check.isInside($0, scope, own) }),
        let array = any({ check.isArray($0) && check.isOne($0, scope, own) })
      else { return nil }
      return .index(scope: scope, field: field, array: array, none: none(&random))
    case 1:
      guard let field = any({ check.isUnsigned($0) && isTheNumber($0, scope, own) }),
        let array = any({ check.isArray($0) && check.isOne($0, scope, own) })
      else { return nil }
      return .count(scope: scope, field: field, array: array)
    case 2: return any { isRight($0, FieldRule.closed) }.map(FieldRule.closed)
    case 3: return any { isRight($0, FieldRule.subset) }.map(FieldRule.subset)
    case 4:
      // Signs rather.
      let signed = any { isRight($0, FieldRule.atMost) && !check.isUnsigned($0) }
      return (signed ?? any { isRight($0, FieldRule.atMost) }).map(FieldRule.atMost)
    case 5: return any { isRight($0, FieldRule.unique) }.map(FieldRule.unique)
    case 6:
      guard let field = any({ isRight($0, FieldRule.unique) }), let key = any({ isRight($0, FieldRule.unique) })
      else { return nil }
      return .reference(field: field, key: key, none: none(&random))
    case 7:
      guard let scope, let key = the(),
        let parent = any({ isTheNumber($0, scope, own) && $0.layout == key.layout && $0 != key || $0 == key })
      else { return nil }
      return .acyclic(scope: scope, key: key, parent: parent, none: none(&random))
    case 8:
      guard let next = the(), let used = values() else { return nil }
      return .above(scope: scope, next: next, used: used)
    default:
      let counts = (random.pick(0...2), random.pick(0...7))
      let when = (0..<counts.0).compactMap { _ in term(&random, scope, own) }
      let then = (0..<(counts.1 == 7 ? 0 : 1 + counts.1 % 2)).compactMap { _ in term(&random, scope, own) }
      return .implies(scope: scope, when: when, then: then)
    }
  }
}
