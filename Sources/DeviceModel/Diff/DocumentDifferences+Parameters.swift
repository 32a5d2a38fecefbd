import MigrationStream

/// Parameters and aliases. What a reader says to a parameter set is found by asking it (``ModelDiff``); here stands what
/// it would not notice.
extension DocumentDifferences {
  mutating func parameters() {
    for pair in NamedPairs(old.parameters, new.parameters, names: { [$0.name] }).pairs {
      switch pair {
      case .same(let left, let right), .renamed(let left, let right): compare(left, right)
      case .removed(let parameter):
        notes.say(
          "/params".member(parameter.name), "parameter removed",
          next: "Keep it: streams that list it are out there. A device may refuse to be made with it.")
      case .added(let parameter): added(parameter)
      }
    }
  }

  private mutating func added(_ parameter: Parameter) {
    let path = "/params".member(parameter.name)
    guard let off = parameter.offValue else {
      notes.say(
        path, "new parameter without off value", next: "Give it an off value, with which the device is as it was before.")
      return
    }
    guard parameter.initValue != off else { return notes.say(path, "new parameter, off by default") }
    notes.say(
      path, "new parameter that is \(parameter.initValue.text) by default, off is \(off.text)",
      next: "Make its init_value the off value, and turn it on where all hosts know it.")
    breaks(path, .forward, .refused, .parameterRefused, when: "the device was made without naming it")
  }

  private mutating func compare(_ left: Parameter, _ right: Parameter) {
    let path = "/params".member(left.name)
    describe(path, left.description, right.description)
    guard left.type == right.type else {
      notes.say(
        path, "type \(left.type.rawValue) became \(right.type.rawValue)", next: "Make a new parameter of the new type.")
      return breaks(path, .refused, .parameterRefused, when: "it is listed")
    }
    let off = { (value: ParameterValue?) in value.map { "off_value \($0.text)" } ?? "no off_value" }
    if left.offValue != right.offValue {
      notes.say(
        path, "\(off(left.offValue)) became \(off(right.offValue))",
        next: "Keep the off value: what is not listed has it, in every stream that is out there.")
      if left.offValue != nil, right.offValue != nil { breaks(path, .misread) }
    }
    if left.initValue != right.initValue {
      notes.say(
        path, "init_value \(left.initValue.text) became \(right.initValue.text)",
        next: "See that all hosts know the value before devices have it without being asked.")
      if !left.allows(right.initValue) {
        breaks(path, .forward, .refused, .parameterRefused, when: "the device was made without naming it")
      }
    }
    compare(
      path, "allowed values", left.allowedValues, right.allowedValues, { $0.map(Parameter.text) ?? "(any)" },
      next: "Keep the values that were allowed; new ones may come beside them.")
    if left.requires != right.requires {
      notes.say(path, "what it requires changed", next: "Require no more than before: sets that were legal are out there.")
    }
    compare(path, "affects", left.affects, right.affects) { effects in
      let names = [(Parameter.Effects.interface, "interface"), (.stream, "stream")]
      return names.filter { effects.contains($0.0) }.map(\.1).joined(separator: " and ")
    }
  }

  mutating func aliases() {
    for pair in NamedPairs(old.aliases, new.aliases, names: { [$0.name] }).pairs {
      switch pair {
      case .removed(let alias):
        let path = "/versions".member(alias.name)
        notes.say(path, "alias removed", next: "Keep it: tools make devices by this name.")
        breaks(path, .backward, .refused, when: "a device is made by this name")
      case .added(let alias): notes.say("/versions".member(alias.name), "new alias")
      case .same(let left, let right), .renamed(let left, let right):
        let path = "/versions".member(left.name)
        describe(path, left.description, right.description)
        guard !Self.isSame(left, old, right, new) else { continue }
        notes.say(
          path, "the alias names another parameter set",
          next: "Give it back its values, and the new set another name.")
        breaks(path, .misread)
      }
    }
  }

  /// Whether both give the same values, where a parameter that one side does not know is off.
  private static func isSame(
    _ left: VersionAlias, _ old: ModelDocument, _ right: VersionAlias, _ new: ModelDocument
  ) -> Bool {
    func values(_ alias: VersionAlias, _ model: ModelDocument) -> [ExactName: ParameterValue] {
      var values: [ExactName: ParameterValue] = [:]
      for setting in alias.parameters { values[ExactName(setting.name)] = setting.value }
      for parameter in model.parameters where values[ExactName(parameter.name)] == parameter.offValue {
        values[ExactName(parameter.name)] = nil
      }
      return values
    }
    return values(left, old) == values(right, new)
  }
}
