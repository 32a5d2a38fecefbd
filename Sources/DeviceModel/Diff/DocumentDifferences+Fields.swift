import MigrationStream

/// Fields of a group on both sides.
extension DocumentDifferences {
  mutating func fields(_ left: [ModelField], _ right: [ModelField], _ path: String) {
    let pairs = NamedPairs(left, right, names: { [$0.name] + $0.aliases }, isAlike: ModelField.areAlike)
    for pair in pairs.pairs {
      switch pair {
      case .same(let left, let right): compare(left, right, path.member("fields", right.name))
      case .renamed(let left, let right):
        let place = path.member("fields", right.name)
        let hasAlias = right.isCalled(left.name)
        notes.say(
          place, "field \(left.name) renamed" + (hasAlias ? "" : ", without alias"),
          next: "Keep the name: aliases help new readers only, and old ones miss the field.")
        notes.rename(path.member("fields", left.name), to: place)
        compare(left, right, place)
      case .removed(let field): removed(field, path.member("fields", field.name))
      case .added(let field): added(field, path.member("fields", field.name))
      }
    }
  }

  private mutating func removed(_ field: ModelField, _ path: String) {
    guard field.type.type != .padding else { return }
    notes.say(
      path, "field removed",
      next: field.mark == .skippable && field.until != nil ? "" : "Keep it; where a new parameter is on it may be gone.")
    notes.take(whole: path)
    if let until = field.until, until < old.version, field.mark == .required, new.versionMin <= until {
      breaks(path, .backward, .refused, .unknownRequired, when: "the stream has a definition up to \(until)")
    }
  }

  private mutating func added(_ field: ModelField, _ path: String) {
    guard field.type.type != .padding else { return }
    let mark = field.mark == .skippable ? "skippable " : ""
    let tie = field.enabledBy.isEmpty ? "" : ", tied to " + field.enabledBy.map(\.parameter).joined(separator: ", ")
    notes.say(path, "new \(mark)field\(tie)", next: advice(field))
    notes.take(whole: path)
  }

  private func advice(_ field: ModelField) -> String {
    if field.mark == .skippable {
      return field.defaultValue == nil ? "Give it a default and a since of \(new.version): old streams do not have it." : ""
    }
    if !field.enabledBy.isEmpty { return "Tie it to a parameter that is new with it: devices with the old one on are out there." }
    let first = "Tie it to a new parameter that is off by default; or put it into a subsection that comes in rare states; "
      + "or mark it skippable if the guest never notices."
    return field.defaultValue == nil || field.since != new.version
      ? first + " For old streams it needs a default, and a since of \(new.version)." : first
  }

  private mutating func compare(_ left: ModelField, _ right: ModelField, _ path: String) {
    describe(path, left.description, right.description)
    let isReused = reuse(left, right, path)
    compareForm(left, right, path)
    compareValues(left, right, path)
    compareSymbols(left, right, path)
    compareVerification(left, right, path)
    compareReferences(left, right, path)
    compareMark(left.mark, right.mark, isReused ? 1 : left.since ?? 1, right.fieldClass ?? .guestVisible, path)
    compareTerms(left.enabledBy, right.enabledBy, path)
    rules(left.rules, right.rules, path, of: (left.fields, right.fields))
    fields(left.fields, right.fields, path)
  }

  /// Lifetimes. Gives whether the name has a new meaning.
  private mutating func reuse(_ left: ModelField, _ right: ModelField, _ path: String) -> Bool {
    compare(path, "since", left.since ?? 1, right.since ?? 1, { "\($0)" })
    if left.until != right.until {
      let text = { (until: UInt32?) in until.map { "\($0)" } ?? "(none)" }
      notes.say(
        path, "until \(text(left.until)) became \(text(right.until))",
        next: "Give the new meaning a new name; a field that is left out breaks readers that need it.")
    }
    if let until = left.until, until < old.version, (right.until ?? .max) > until {
      breaks(path, .backward, .misread, when: "the stream has a definition up to \(until)")
      return true
    }
    if let since = left.since, since > 1, (right.since ?? 1) < since {
      breaks(path, .backward, .refused, .missingField, when: "the stream has a definition before \(since)")
    }
    for alias in left.aliases where !right.isCalled(alias) {
      notes.say(path, "alias \(alias) removed", next: "Keep it: it is the field's name in older streams.")
      breaks(path, .backward, .refused, .missingField, when: "the stream calls it \(alias)")
    }
    return false
  }

  /// Type, shape, unit: what loads see. Here are the words for it.
  private mutating func compareForm(_ left: ModelField, _ right: ModelField, _ path: String) {
    let next = "Make a new field for it, tied to a new parameter, and keep this one as it is."
    compare(path, "type", left.type.spelling, right.type.spelling, { $0 }, next: next)
    compare(path, "count", left.count, right.count, { $0.text }, next: "Let the count follow from a new parameter.")
    compare(path, "unit", left.unit, right.unit, { $0.isEmpty ? "(none)" : $0 }, next: next)
    compare(path, "clock", left.clock, right.clock, { $0.map { "\($0)" } ?? "(the document's)" }, next: next)
    compare(
      path, "range", left.range, right.range, { $0.map { "\($0.lowest.text) to \($0.highest.text)" } ?? "(any)" },
      next: "Keep the range, or let its ends follow from a new parameter.")
    compare(
      path, "alignment", left.alignmentLog2, right.alignmentLog2, { "2^\($0)" }, next: "Keep it: values that were legal are out there.")
    compare(path, "class", left.fieldClass, right.fieldClass, { $0?.rawValue ?? "(that around it)" })
    compare(path, "radix", left.radix, right.radix, { $0 == 0 ? "(by type)" : "\($0)" })
    if left.isSecret != right.isSecret {
      notes.say(
        path, right.isSecret ? "became secret" : "is no longer secret",
        next: right.isSecret ? "" : "See that everybody may read it: tools show it now.")
    }
    if left.elements != right.elements { notes.say(path, "layouts of elements changed") }
  }

  private mutating func compareValues(_ left: ModelField, _ right: ModelField, _ path: String) {
    guard left.defaultValue != right.defaultValue else { return }
    let text = { (value: Int128?) in value.map { "\($0)" } ?? "(none)" }
    notes.say(
      path, "default \(text(left.defaultValue)) became \(text(right.defaultValue))",
      next: "Keep the default: streams without the field mean that value.")
    guard let since = right.since ?? left.since, since > 1, let value = left.defaultValue else { return }
    let condition = "the stream has a definition before \(since)"
    if right.defaultValue == nil {
      breaks(path, .backward, .refused, .missingField, when: condition)
    } else {
      breaks(path, .backward, .misread, when: condition + ": it means \(value)")
    }
  }

  private mutating func compareSymbols(_ left: ModelField, _ right: ModelField, _ path: String) {
    if left.isOpen != right.isOpen {
      notes.say(
        path, right.isOpen ? "values without a symbol became legal" : "values without a symbol became illegal",
        next: "Keep it as it was: one of the sides refuses what the other writes.")
      breaks(path, right.isOpen ? .forward : .backward, .refused, .symbolChanged, when: "the value has no symbol")
    }
    guard left.symbols.map(\.stripped) != right.symbols.map(\.stripped) else {
      if left.symbols != right.symbols { notes.say(path, "description of a symbol changed") }
      return
    }
    let text = { (symbols: [FieldSymbol]) in
      symbols.prefix(16).map { "\($0.name) = \($0.value)" }.joined(separator: ", ") + (symbols.count > 16 ? " ..." : "")
    }
    notes.say(
      path, "symbols (\(text(left.symbols))) became (\(text(right.symbols)))",
      next: "Never give a number another name; tie new symbols to a new parameter (enabled_by).")
  }

  private mutating func compareVerification(_ left: ModelField, _ right: ModelField, _ path: String) {
    guard left.verify != right.verify else { return }
    notes.say(
      path, "verify \(left.verify?.rawValue ?? "(none)") became \(right.verify?.rawValue ?? "(none)")",
      next: "Keep it: verified fields are compared and never written, others the reverse.")
    let condition = "the destination's configuration is another"
    if right.verify == nil {
      breaks(path, .forward, .refused, .verifyMismatch, when: condition)
    } else if left.verify == nil || right.verify == .equal || left.verify != .equal {
      breaks(path, .backward, .refused, .verifyMismatch, when: condition)
    }
  }
}

extension ModelField.Count {
  var text: String {
    switch self {
    case .one: "(one)"
    case .fixed(let number): number.text
    case .atMost(let number): "at most \(number.text)"
    }
  }
}

extension FieldSymbol {
  var stripped: FieldSymbol {
    var symbol = self
    symbol.description = ""
    return symbol
  }
}
