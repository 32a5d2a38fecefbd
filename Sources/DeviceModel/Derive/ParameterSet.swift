public import MigrationStream

/// The values of all parameters of a device.
///
/// Source: Specs/device-models.md section 4.1.
public struct ParameterSet: Equatable, Sendable {
  /// In the order of the document.
  public private(set) var complete: [ParameterSetting] = []
  /// What a stream or a device lists: values that are not off, in octet order of names.
  public private(set) var listed: [ParameterSetting] = []
  /// Positions in `complete`.
  private var positions: [ExactName: Int] = [:]
  /// Whether each of `complete` has its off value.
  private var off: [Bool] = []

  /// A complete set from what a stream or a device lists.
  public init(listed settings: [ParameterSetting], of model: ModelDocument) throws(ParameterFault) {
    let given = try Self.byParameter(settings, of: model)
    try self.init(model) { (parameter, position) throws(ParameterFault) in
      guard let value = given[position] else {
        if let off = parameter.offValue { return off }
        throw ParameterFault(
          .notListed, parameter.name, allowed: parameter.allowedText,
          message: "parameter \(parameter.name) is not listed and cannot be turned off; "
            + "expected one of: \(parameter.allowedText)")
      }
      guard value != parameter.offValue else {
        throw ParameterFault(
          .offValueListed, parameter.name, value: value.text, allowed: "not listed",
          message: "parameter \(parameter.name) is listed with its off value \(value.text); "
            + "one that is off is not listed")
      }
      return value
    }
  }

  /// The set of a device that is made without naming a parameter, but for those in `settings`.
  public init(initialOf model: ModelDocument, but settings: [ParameterSetting] = []) throws(ParameterFault) {
    let given = try Self.byParameter(settings, of: model)
    try self.init(model) { (parameter, position) throws(ParameterFault) in given[position] ?? parameter.initValue }
  }

  /// The set that an alias names, but for the parameters in `settings`.
  public init(
    alias: String, of model: ModelDocument, but settings: [ParameterSetting] = []
  ) throws(ParameterFault) {
    guard let found = model.aliases.first(where: { $0.name.hasSameOctets(as: alias) }) else {
      let names = model.aliases.map(\.name).joined(separator: ", ")
      throw ParameterFault(
        .unknownAlias, alias, allowed: names,
        message: "\(model.model) has no version called \(alias); "
          + (names.isEmpty ? "it names none" : "expected one of: \(names)"))
    }
    let named = try ParameterSet(listed: found.parameters, of: model)
    let given = try Self.byParameter(settings, of: model)
    try self.init(model) { (_, position) throws(ParameterFault) in given[position] ?? named.complete[position].value }
  }

  /// The set of a device of a stream.
  public init(
    _ device: DeviceEntry, in manifest: borrowing Manifest, of model: ModelDocument
  ) throws(ParameterFault) {
    var settings: [ParameterSetting] = []
    for number in 0..<device.parameterCount {
      let entry = manifest.parameter(number, of: device)
      let name = try Self.text(manifest.name(of: entry), of: "a name")
      switch entry.kind {
      case .bool: settings.append(ParameterSetting(name, .bool(entry.value != 0)))
      case .int: settings.append(ParameterSetting(name, .int(Int64(bitPattern: entry.value))))
      case .str: settings.append(ParameterSetting(name, .str(try Self.text(manifest.text(of: entry), of: name))))
      }
    }
    try self.init(listed: settings, of: model)
  }

  /// The value of a parameter; nil when the model has none of that name.
  public func value(of name: String) -> ParameterValue? { positions[ExactName(name)].map { complete[$0].value } }

  /// Whether a term of `enabled_by` holds.
  public func holds(_ term: ParameterTerm) -> Bool {
    guard let position = positions[ExactName(term.parameter)] else { return false }
    guard let values = term.values else { return !off[position] }
    return values.contains { $0.contains(complete[position].value) }
  }

  public func enables(_ terms: [ParameterTerm]) -> Bool { terms.allSatisfy { holds($0) } }
}

// MARK: - Texts

extension ParameterSet {
  /// Settings that texts `NAME=VALUE` spell.
  public static func settings(_ texts: [String], of model: ModelDocument) throws(ParameterFault) -> [ParameterSetting] {
    let positions = positions(model)
    var settings: [ParameterSetting] = []
    for text in texts {
      guard let sign = text.utf8.firstIndex(of: UInt8(ascii: "=")), sign != text.utf8.startIndex else {
        throw ParameterFault(
          .badSpelling, text, allowed: "NAME=VALUE", message: "\(text) is no parameter; expected NAME=VALUE")
      }
      let name = String(text[..<sign])
      let spelling = String(text[text.utf8.index(after: sign)...])
      guard let position = positions[ExactName(name)] else { throw unknown(name, spelling, model) }
      let parameter = model.parameters[position]
      guard let value = ParameterValue(spelling, type: parameter.type) else {
        let expected =
          switch parameter.type {
          case .bool: "on or off"
          case .int: "decimal digits of a 64-bit integer, without leading zeros or +"
          case .str: "at most 1024 octets without control characters"
          }
        throw ParameterFault(
          .badSpelling, name, value: spelling, allowed: parameter.allowedText,
          message: "\(spelling) spells no value of parameter \(name); expected \(expected)")
      }
      settings.append(ParameterSetting(name, value))
    }
    return settings
  }

  private static func text(_ octets: RawSpan, of name: String) throws(ParameterFault) -> String {
    var copy: [UInt8] = []
    copy.reserveCapacity(octets.byteCount)
    for index in 0..<octets.byteCount { copy.append(octets.octet(at: index)) }
    guard let text = String(validating: copy, as: UTF8.self) else {
      throw ParameterFault(.badSpelling, name, message: "the text of \(name) is not UTF-8")
    }
    return text
  }
}

// MARK: - Rules

extension ParameterSet {
  /// Takes a value for each parameter and checks them.
  private init(
    _ model: ModelDocument, _ value: (Parameter, Int) throws(ParameterFault) -> ParameterValue
  ) throws(ParameterFault) {
    positions = Self.positions(model)
    for (position, parameter) in model.parameters.enumerated() {
      let value = try value(parameter, position)
      try Self.check(value, parameter)
      complete.append(ParameterSetting(parameter.name, value))
      off.append(value == parameter.offValue)
    }
    listed = zip(complete, off).filter { !$0.1 }.map(\.0).sorted { ExactName($0.name) < ExactName($1.name) }
    for parameter in model.parameters {
      for requirement in parameter.requires { try check(requirement, parameter) }
    }
  }

  private static func positions(_ model: ModelDocument) -> [ExactName: Int] {
    Dictionary(
      model.parameters.enumerated().map { (ExactName($0.element.name), $0.offset) }, uniquingKeysWith: { first, _ in first })
  }

  /// Settings by position of the parameter; each known, and named once.
  private static func byParameter(
    _ settings: [ParameterSetting], of model: ModelDocument
  ) throws(ParameterFault) -> [Int: ParameterValue] {
    let positions = positions(model)
    var given: [Int: ParameterValue] = [:]
    for setting in settings {
      guard let position = positions[ExactName(setting.name)] else {
        throw unknown(setting.name, setting.value.text, model)
      }
      guard given.updateValue(setting.value, forKey: position) == nil else {
        throw ParameterFault(
          .duplicate, setting.name, value: setting.value.text, message: "parameter \(setting.name) is given twice")
      }
    }
    return given
  }

  private static func unknown(_ name: String, _ value: String, _ model: ModelDocument) -> ParameterFault {
    let names = model.parameters.map(\.name).joined(separator: ", ")
    return ParameterFault(
      .unknownParameter, name, value: value, allowed: names,
      message: "\(model.model) has no parameter \(name); " + (names.isEmpty ? "it has none" : "expected one of: \(names)"))
  }

  private static func check(_ value: ParameterValue, _ parameter: Parameter) throws(ParameterFault) {
    let allowed = parameter.allowedText
    guard value.type == parameter.type else {
      throw ParameterFault(
        .wrongType, parameter.name, value: value.text, allowed: allowed,
        message: "parameter \(parameter.name) is of type \(parameter.type.rawValue); "
          + "found \(value.text) of type \(value.type.rawValue)")
    }
    guard ParameterValue(value.text, type: parameter.type) != nil else {
      throw ParameterFault(
        .badSpelling, parameter.name, value: value.text, allowed: allowed,
        message: "the value of parameter \(parameter.name) is no text of at most 1024 octets without control characters")
    }
    guard parameter.allows(value) else {
      throw ParameterFault(
        .notAllowed, parameter.name, value: value.text, allowed: allowed,
        message: "parameter \(parameter.name) may not be \(value.text); expected one of: \(allowed)")
    }
  }

  private func check(_ requirement: Parameter.Requirement, _ parameter: Parameter) throws(ParameterFault) {
    let trigger = ParameterTerm(parameter.name, values: requirement.values)
    guard holds(trigger), let value = value(of: requirement.parameter),
      !requirement.allowedValues.contains(where: { $0.contains(value) }),
      let own = self.value(of: parameter.name)
    else { return }
    let allowed = Parameter.text(requirement.allowedValues)
    throw ParameterFault(
      .requirement, requirement.parameter, value: value.text, allowed: allowed,
      message: "with parameter \(parameter.name) at \(own.text), \(requirement.parameter) must be one of: \(allowed); "
        + "found \(value.text)")
  }
}
