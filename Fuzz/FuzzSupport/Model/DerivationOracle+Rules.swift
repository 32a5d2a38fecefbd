import DeviceModel
import MigrationStream

/// The table of section rules.
///
/// Source: Specs/device-models.md section 5.7.
extension DerivationOracle {
  func rules(_ model: borrowing ResolvedModel) throws(DerivationRefusal) -> FuzzViolation? {
    let document = Int(model.document.version)
    if let violation = compare("the version of the table", Int(model.rules.version), document)
      ?? compare("the oldest of the table", Int128(model.rules.versionMin), reference.json.whole("min_version") ?? 1)
      ?? sections(model.rules) ?? subsections(model.rules)
    {
      return violation
    }
    return try fieldRules(model.rules)
  }

  private func name(_ piece: RulePiece, _ table: borrowing SectionRules) -> String {
    let octets = table.name(of: piece)
    return String(decoding: (0..<octets.byteCount).map { octets.octet(at: $0) }, as: UTF8.self)
  }

  private func sections(_ table: borrowing SectionRules) -> FuzzViolation? {
    let disabled = reference.json.array("sections").filter { !reference.settings.enables($0) }
    let names = reference.sections.map { reference.pieces[$0].name } + disabled.map { $0.text("name") ?? "" }
    let count = table.sections.count
    if let violation = compare("sections of the table", (0..<count).map { name(.section($0), table) }, names) {
      return violation
    }
    var orders: [[Int]] = []
    for number in 0..<count {
      let found = table.sections[number]
      let what = "the table's section \(names[number]): "
      if let violation = compare(what + "version", found.version, reference.version)
        ?? compare(what + "oldest version", found.versionMin, 1)
        ?? compare(what + "whether it is enabled", found.isEnabled, number < reference.sections.count)
      {
        return violation
      }
      guard found.isEnabled else { continue }
      let wanted = reference.pieces[reference.sections[number]]
      // New readers do without what is skippable.
      let cardinality: SectionCardinality =
        wanted.cardinality == "many" ? .many : wanted.cardinality == "one" && wanted.isRequired ? .one : .optional
      if let violation = compare(what + "since", found.since, wanted.since)
        ?? compare(what + "layout", Int(found.layout), wanted.layout)
        ?? compare(what + "cardinality", found.cardinality, cardinality)
        ?? compare(what + "largest number", Int128(found.maximumCount), wanted.maximumCount)
        ?? compare(what + "key", found.keyEntry.map { Int($0) }, wanted.entry)
      {
        return violation
      }
      orders += wanted.predecessors.map { [$0, number] }
    }
    let found = (0..<table.orderCount).map { [table.order($0).predecessor, table.order($0).section] }
    return compare("orders of sections", found, orders)
  }

  /// Subsections that do not exist, in the order of the table's sections.
  private var disabledSubsections: [String] {
    let all = reference.json.array("sections")
    let sections = all.filter { reference.settings.enables($0) } + all.filter { !reference.settings.enables($0) }
    return sections.flatMap { disabled(in: $0, exists: reference.settings.enables($0)) }
  }

  private func disabled(in piece: JSONValue, exists: Bool) -> [String] {
    piece.array("subsections").flatMap { subsection in
      let isEnabled = exists && reference.settings.enables(subsection)
      return (isEnabled ? [] : [subsection.text("name") ?? ""]) + disabled(in: subsection, exists: isEnabled)
    }
  }

  private func subsections(_ table: borrowing SectionRules) -> FuzzViolation? {
    let names = reference.subsections.map { reference.pieces[$0].name } + disabledSubsections
    let count = table.subsections.count
    if let violation = compare("subsections of the table", (0..<count).map { name(.subsection($0), table) }, names) {
      return violation
    }
    for number in 0..<count {
      let found = table.subsections[number]
      let what = "the table's subsection \(names[number]): "
      if let violation = compare(what + "version", found.version, reference.version)
        ?? compare(what + "oldest version", found.versionMin, 1)
        ?? compare(what + "whether it is enabled", found.isEnabled, number < reference.subsections.count)
      {
        return violation
      }
      guard found.isEnabled else { continue }
      let wanted = reference.pieces[reference.subsections[number]]
      let owner = wanted.owner.map { piece($0) }
      if let violation = compare(what + "since", found.since, wanted.since)
        ?? compare(what + "layout", Int(found.layout), wanted.layout)
        ?? compare(what + "owner", found.owner, owner)
        ?? compare(what + "target", found.target.map { Int($0) }, wanted.entry)
      {
        return violation
      }
    }
    return nil
  }

  /// A piece of the derivation, as the table numbers it.
  private func piece(_ number: Int) -> RulePiece {
    reference.sections.firstIndex(of: number).map { .section($0) }
      ?? .subsection(reference.subsections.firstIndex(of: number) ?? -1)
  }

  private func fieldRules(_ table: borrowing SectionRules) throws(DerivationRefusal) -> FuzzViolation? {
    let pieces = try DerivedRules(reference).checked()
    var position = 0
    for number in reference.sections + reference.subsections {
      let name = reference.pieces[number].name
      for wanted in pieces[number].rules {
        guard position < table.fieldRuleCount else { return differs("rules of \(name)", "fewer", "\(wanted)") }
        let (own, rule) = table.fieldRule(position)
        let (when, then) = table.terms(ofRule: position)
        let found = DerivedRule(rule: rule, when: when.map { table.term($0) }, then: then.map { table.term($0) })
        if let violation = compare("rule \(position)", found, wanted)
          ?? compare("the piece of rule \(position)", own, piece(number))
        {
          return violation
        }
        position += 1
      }
    }
    if position < table.fieldRuleCount {
      return differs("rule \(position)", "\(table.fieldRule(position).rule)", "none")
    }
    for (place, number) in reference.subsections.enumerated() {
      let found = table.terms(ofSubsection: place).map { table.term($0) }
      let name = reference.pieces[number].name
      if let violation = compare("the condition of \(name)", found, pieces[number].condition) { return violation }
    }
    return nil
  }
}
