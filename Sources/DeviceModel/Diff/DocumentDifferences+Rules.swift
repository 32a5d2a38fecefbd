import MigrationStream

/// What fields owe one another: references, keys, rules.
extension DocumentDifferences {
  mutating func compareReferences(_ left: ModelField, _ right: ModelField, _ path: String) {
    demand(
      path, "ref", left.reference, right.reference,
      left.type.type == .count ? .ruleViolated : .valueOutOfRange, isMeaning: left.type.type != .count)
    demand(path, "unique", left.isUnique ? "unique" : nil, right.isUnique ? "unique" : nil, .duplicateKey)
    demand(path, "in", left.link?.key, right.link?.key, .danglingReference, isMeaning: true)
    demand(path, "above", left.above, right.above, .ruleViolated)
    guard let link = left.link, let other = right.link else { return }
    demand(
      path, "acyclic", link.isAcyclic ? "acyclic" : nil, other.isAcyclic ? "acyclic" : nil, .cyclicReference)
    if link.none != other.none {
      let text = { (value: Int128?) in value.map { "\($0)" } ?? "(none)" }
      notes.say(
        path, "none \(text(link.none)) became \(text(other.none))", next: "Keep the value that points to nothing.")
      if link.none != nil { breaks(path, .backward, .refused, .danglingReference, when: "it points to nothing") }
      if other.none != nil { breaks(path, .forward, .refused, .danglingReference, when: "it points to nothing") }
    }
  }

  /// A rule that only the new side has refuses old streams, one that only the old side has new ones.
  ///
  /// - Parameter isMeaning: Whether it says what the value means, too.
  private mutating func demand(
    _ path: String, _ what: String, _ left: String?, _ right: String?, _ code: StreamError.Code, isMeaning: Bool = false
  ) {
    if left == right { return }
    if let left, let right, renames.areSame(left, right) { return }
    notes.say(
      path, "\(what) \(left ?? "(none)") became \(right ?? "(none)")",
      next: "Keep it; make a new field, tied to a new parameter, for another meaning.")
    let condition = "the state does not obey it"
    switch (left, right) {
    case (nil, _): breaks(path, .backward, .refused, code, when: condition)
    case (_, nil): breaks(path, .forward, .refused, code, when: condition)
    default: if isMeaning { breaks(path, .misread) } else { breaks(path, .refused, code, when: condition) }
    }
  }

  /// - Parameter fields: Those that the rules of the two sides stand beside.
  mutating func rules(
    _ left: [ModelRule], _ right: [ModelRule], _ path: String, of fields: (old: [ModelField], new: [ModelField])
  ) {
    for pair in NamedPairs(left, right, names: { [$0.name] }).pairs {
      switch pair {
      case .same(let left, let right), .renamed(let left, let right):
        let path = path.member("rules", right.name)
        describe(path, left.description, right.description)
        let (isNoTighter, isNoLooser) = (renames.implies(old: left, new: right), renames.implies(new: right, old: left))
        guard !isNoTighter || !isNoLooser else { continue }
        notes.say(path, "rule changed", next: "Keep the rule: one of the sides refuses states that the other has.")
        if !isNoTighter { broken(path, .backward) }
        if !isNoLooser { broken(path, .forward) }
      case .removed(let rule):
        let path = path.member("rules", rule.name)
        notes.say(path, "rule removed", next: "Keep it, or let states that break it need a new parameter.")
        guard !Self.isGated(rule, fields.old, unknownTo: new) else { continue }
        if !right.contains(where: { renames.implies(new: $0, old: rule) }) { broken(path, .forward) }
      case .added(let rule):
        let path = path.member("rules", rule.name)
        notes.say(path, "new rule", next: "Let it hold only where a new parameter is on.")
        guard !Self.isGated(rule, fields.new, unknownTo: old) else { continue }
        if !left.contains(where: { renames.implies(old: $0, new: rule) }) { broken(path, .backward) }
      }
    }
  }

  /// Whether a rule meets no stream of the other side: it names a field that only a parameter brings which that side does
  /// not have, and is left out where the field is not enabled.
  private static func isGated(_ rule: ModelRule, _ fields: [ModelField], unknownTo other: ModelDocument) -> Bool {
    (rule.when + rule.then).contains { comparison in
      var group = fields
      for name in ModelPath(comparison.field)?.names ?? [] {
        guard let field = group.first(where: { $0.name.hasSameOctets(as: name) }) else { return false }
        let isGated = field.enabledBy.contains { term in
          !other.parameters.contains { $0.name.hasSameOctets(as: term.parameter) }
        }
        if isGated { return true }
        group = field.fields
      }
      return false
    }
  }

  private mutating func broken(_ path: String, _ direction: LoadDirection) {
    breaks(path, direction, .refused, .ruleViolated, when: "the state does not obey it")
  }
}
