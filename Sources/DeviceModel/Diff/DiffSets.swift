/// Parameter sets that are worth looking at: all off, aliases, initial values, each parameter alone at each value that
/// is named somewhere or ends a range, all on; each with what it requires.
struct DiffSets {
  /// Sets that the writer can have, each once, those that list least first where they are of one kind.
  private(set) var sets: [ParameterSet] = []
  /// Whether there were more than are looked at.
  private(set) var isCut = false

  private let writer: ModelDocument
  private var seen: Set<[ExactName]> = []

  private static var setsMax: Int { 512 }
  private static var valuesMax: Int { 32 }

  init(_ writer: ModelDocument, beside other: ModelDocument) {
    self.writer = writer
    let named = NamedValues(writer).merging(NamedValues(other))
    add([:])
    for alias in writer.aliases + other.aliases {
      add(Dictionary(alias.parameters.map { (ExactName($0.name), $0.value) }, uniquingKeysWith: { first, _ in first }))
    }
    add(Dictionary(writer.parameters.map { (ExactName($0.name), $0.initValue) }, uniquingKeysWith: { first, _ in first }))
    var on: [ExactName: ParameterValue] = [:]
    for parameter in writer.parameters {
      let values = named.values(of: parameter)
      for value in values.prefix(Self.valuesMax) { add([ExactName(parameter.name): value]) }
      isCut = isCut || values.count > Self.valuesMax
      on[ExactName(parameter.name)] = values.last { $0 != parameter.offValue }
    }
    add(on)
  }

  /// Adds the set with these values, everything else off or as it must be.
  private mutating func add(_ pinned: [ExactName: ParameterValue]) {
    guard sets.count < Self.setsMax else {
      isCut = true
      return
    }
    guard let set = completed(pinned) else { return }
    let key = set.listed.flatMap { [ExactName($0.name), ExactName($0.value.text)] }
    if seen.insert(key).inserted { sets.append(set) }
  }

  /// Sets what is required until nothing more is.
  private func completed(_ pinned: [ExactName: ParameterValue]) -> ParameterSet? {
    var values = pinned
    for parameter in writer.parameters where values[ExactName(parameter.name)] == nil {
      values[ExactName(parameter.name)] = parameter.offValue ?? parameter.initValue
    }
    var fixed = Set(pinned.keys)
    for _ in 0...writer.parameters.count {
      guard let wanted = writer.violated(values) else { break }
      let name = ExactName(wanted.requirement.parameter)
      guard let other = writer.parameters.first(where: { $0.name.hasSameOctets(as: wanted.requirement.parameter) }),
        fixed.insert(name).inserted,
        let value = wanted.requirement.allowedValues.lazy.map(\.first).first(where: { other.allows($0) })
      else { return nil }
      values[name] = value
    }
    let listed = writer.parameters.compactMap { parameter -> ParameterSetting? in
      guard let value = values[ExactName(parameter.name)], value != parameter.offValue else { return nil }
      return ParameterSetting(parameter.name, value)
    }
    return try? ParameterSet(listed: listed, of: writer)
  }
}

extension ModelDocument {
  /// The first rule between parameters that values do not obey.
  func violated(
    _ values: [ExactName: ParameterValue]
  ) -> (parameter: Parameter, requirement: Parameter.Requirement)? {
    for parameter in parameters {
      guard let value = values[ExactName(parameter.name)] else { continue }
      for requirement in parameter.requires {
        let holds = requirement.values.map { $0.contains { $0.contains(value) } } ?? (value != parameter.offValue)
        guard holds, let other = values[ExactName(requirement.parameter)] else { continue }
        if !requirement.allowedValues.contains(where: { $0.contains(other) }) { return (parameter, requirement) }
      }
    }
    return nil
  }
}

extension AllowedValue {
  var first: ParameterValue {
    switch self {
    case .value(let value): value
    case .range(let range): .int(range.lowerBound)
    }
  }
}

/// Values of parameters that a document names.
struct NamedValues {
  private var values: [ExactName: [ParameterValue]] = [:]

  init(_ document: ModelDocument) {
    for parameter in document.parameters {
      add(parameter.name, [parameter.initValue] + (parameter.offValue.map { [$0] } ?? []))
      add(parameter.name, parameter.allowedValues ?? Self.samples(parameter.type))
      for requirement in parameter.requires {
        add(parameter.name, requirement.values ?? [])
        add(requirement.parameter, requirement.allowedValues)
      }
    }
    for term in document.terms { add(term.parameter, term.values ?? []) }
  }

  func merging(_ other: NamedValues) -> NamedValues {
    var merged = self
    for (name, values) in other.values { merged.values[name, default: []] += values }
    return merged
  }

  /// Those that a parameter may have, each once, off last of all but the ends of ranges.
  func values(of parameter: Parameter) -> [ParameterValue] {
    var found: [ParameterValue] = []
    for value in values[ExactName(parameter.name)] ?? [] where parameter.allows(value) && !found.contains(value) {
      found.append(value)
      if found.count > 1024 { break }
    }
    return found
  }

  /// Values of a parameter that may have any.
  private static func samples(_ type: ParameterType) -> [AllowedValue] {
    switch type {
    case .bool: [.value(.bool(true)), .value(.bool(false))]
    case .int: [.range(0...1)]
    case .str: [.value(.str("")), .value(.str("a"))]
    }
  }

  private mutating func add(_ name: String, _ more: [ParameterValue]) {
    values[ExactName(name), default: []] += more
  }

  /// Both ends of a range, and what lies next to them.
  private mutating func add(_ name: String, _ allowed: [AllowedValue]) {
    for value in allowed {
      switch value {
      case .value(let value): add(name, [value])
      case .range(let range):
        let ends = [range.lowerBound, range.upperBound]
        let beside = [range.lowerBound.subtractingReportingOverflow(1), range.upperBound.addingReportingOverflow(1)]
        add(name, (ends + beside.filter { !$0.overflow }.map(\.partialValue)).map { .int($0) })
      }
    }
  }
}

extension ModelDocument {
  /// All terms of `enabled_by`.
  var terms: [ParameterTerm] {
    var terms = regions.flatMap(\.enabledBy) + (byteString?.enabledBy ?? [])
    func add(_ fields: [ModelField]) {
      for field in fields {
        terms += field.enabledBy + field.symbols.flatMap(\.enabledBy)
        add(field.fields)
      }
    }
    func add(_ piece: StatePiece) {
      terms += piece.enabledBy
      add(piece.fields)
      for subsection in piece.subsections { add(subsection.piece) }
    }
    for section in sections { add(section.piece) }
    for layout in layouts { add(layout.fields) }
    return terms
  }
}
