internal import MigrationStream

/// Parameters, their requirements, aliases, and what is tied to them.
extension ModelLint {
  mutating func checkParameters() {
    for (parameter, place) in zip(document.parameters, root["params"].members) {
      if parameter.affects.contains(.stream), !usedParameters.contains(parameter.name) {
        add(.unusedParameter, "No state and no number depends on \(parameter.name).", at: place)
      }
      checkRequirements(of: parameter, at: place["requires"])
    }
    let initialValues = document.parameters.map(\.initValue)
    checkTogether("initial", initialValues)
    let offValues = document.parameters.compactMap(\.offValue)
    if offValues.count == initialValues.count, offValues != initialValues { checkTogether("off", offValues) }
    for (alias, place) in zip(document.aliases, root["versions"].members) {
      checkWords(alias.description, at: place["description"])
    }
  }

  // MARK: Requirements

  private mutating func checkRequirements(of parameter: Parameter, at place: DocumentPlace) {
    let own = ValueSet(allowedBy: parameter)
    var earlier: [String: [(when: ValueSet, allowed: ValueSet)]] = [:]
    for (requirement, inside) in zip(parameter.requires, place.elements) {
      guard let other = parameters[requirement.parameter] else { continue }
      let when = requirement.values.map { own.intersection(ValueSet($0, of: parameter.type)) } ?? own.without(parameter.offValue)
      if when.isEmpty {
        add(.requiresImpossible, "\(parameter.name) never has a value for which this is required.", at: inside)
      }
      let allowed = ValueSet(requirement.allowedValues, of: other.type).intersection(ValueSet(allowedBy: other))
      let rivals = earlier[other.name] ?? []
      if allowed.isEmpty {
        add(.requiresImpossible, "\(other.name) never has a value that is required here.", at: inside)
      } else if rivals.contains(where: {
        !$0.when.intersection(when).isEmpty && $0.allowed.intersection(allowed).isEmpty
      }) {
        add(.requiresImpossible, "Another requirement of \(parameter.name) wants other values of \(other.name).", at: inside)
      }
      // Each is compared with a few: documents may have a hundred thousand of them.
      if rivals.count < 16 { earlier[other.name, default: []].append((when, allowed)) }
    }
  }

  /// Whether values of all parameters obey all requirements.
  private mutating func checkTogether(_ what: String, _ values: [ParameterValue]) {
    let byName = Dictionary(zip(document.parameters.map(\.name), values)) { first, _ in first }
    for (parameter, place) in zip(document.parameters, root["params"].members) {
      guard let value = byName[parameter.name] else { continue }
      for (requirement, inside) in zip(parameter.requires, place["requires"].elements) {
        let applies = requirement.values?.contains { $0.contains(value) } ?? (value != parameter.offValue)
        guard applies, let other = byName[requirement.parameter] else { continue }
        if requirement.allowedValues.contains(where: { $0.contains(other) }) { continue }
        add(
          .valuesContradict,
          "The \(what) values break this: \(parameter.name) is \(value.text) and \(requirement.parameter) \(other.text).",
          at: inside)
      }
    }
  }

  // MARK: What is tied to them

  /// Looks at the `enabled_by` of one piece.
  mutating func checkTerms(_ terms: [ParameterTerm], of what: String, at place: DocumentPlace) {
    guard !terms.isEmpty else { return }
    var isOnWhileOff = true
    for term in terms {
      usedParameters.insert(term.parameter)
      guard let parameter = parameters[term.parameter] else { return }
      let values = term.values.map { ValueSet($0, of: parameter.type) }
      if let values, values.intersection(ValueSet(allowedBy: parameter)).isEmpty {
        add(.neverEnabled, "\(parameter.name) never has a value that enables \(what).", at: place)
      }
      if let off = parameter.offValue {
        isOnWhileOff = isOnWhileOff && (term.values?.contains { $0.contains(off) } ?? false)
      } else {
        isOnWhileOff = false
      }
    }
    if isOnWhileOff { add(.enabledWhileOff, "\(what) is there while all its parameters are off.", at: place) }
  }

  mutating func use(_ number: ModelNumber) {
    if case .parameter(let name, _, _) = number { usedParameters.insert(name) }
  }

  // MARK: Numbers

  /// - Parameter terms: Those of the field and of what is around it.
  mutating func checkNumbers(of field: ModelField, when terms: [ParameterTerm], at place: DocumentPlace) {
    switch field.count {
    case .one: break
    case .fixed(let count), .atMost(let count): use(count)
    }
    guard let range = field.range else { return }
    use(range.lowest)
    use(range.highest)
    guard ends(of: range, terms).contains(where: { $0.lowest > $0.highest }) else { return }
    add(.rangeEmpty, "The range of \(field.name) has no value for some values of its parameters.", at: place["range"])
  }

  /// The range for the extreme values of its parameters, between which it changes evenly.
  private func ends(of range: FieldRange, _ terms: [ParameterTerm]) -> [(lowest: Int128, highest: Int128)] {
    if case .parameter(let low, let lowTimes, let lowPlus) = range.lowest,
      case .parameter(let high, let highTimes, let highPlus) = range.highest, low == high
    {
      return extremes(low, terms).map { value in
        (value * Int128(lowTimes) + Int128(lowPlus), value * Int128(highTimes) + Int128(highPlus))
      }
    }
    let highs = values(of: range.highest, terms)
    return values(of: range.lowest, terms).flatMap { low in highs.map { (low, $0) } }
  }

  private func values(of number: ModelNumber, _ terms: [ParameterTerm]) -> [Int128] {
    switch number {
    case .constant(let value): [value]
    case .parameter(let name, let times, let plus): extremes(name, terms).map { $0 * Int128(times) + Int128(plus) }
    }
  }

  /// The lowest and highest value that a parameter has where the terms hold; none when any integer is allowed.
  private func extremes(_ name: String, _ terms: [ParameterTerm]) -> [Int128] {
    guard let parameter = parameters[name] else { return [] }
    if parameter.type == .bool { return [0, 1] }
    var set = ValueSet(allowedBy: parameter)
    for term in terms where term.parameter == name {
      set =
        term.values.map { set.intersection(ValueSet($0, of: parameter.type)) } ?? set.without(parameter.offValue)
    }
    guard let (lowest, highest) = set.ends else { return [] }
    return lowest == .min && highest == .max ? [] : [Int128(lowest), Int128(highest)]
  }
}
