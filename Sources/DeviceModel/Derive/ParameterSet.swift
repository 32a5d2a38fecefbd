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
  private var positions = NameIndex([])
  /// Whether each of `complete` has its off value.
  private var off: [Bool] = []

  private init() {}

  /// A complete set from what a stream or a device lists.
  public init(listed settings: [ParameterSetting], of model: ModelDocument) throws(ParameterFault) {
    self = try Self.right(Self.judging(settings, of: model.parameters))
  }

  /// All that is wrong with what a stream or a device lists.
  ///
  /// - Returns: The values too, where each parameter has one of its type: a set of the model when there are no faults.
  static func judging(
    _ settings: [ParameterSetting], of parameters: [Parameter]
  ) -> (set: ParameterSet?, faults: [ParameterFault]) {
    judging(settings, of: parameters, mayBeOff: false) { parameters[$0].offValue }
  }

  /// The set of a device that is made without naming a parameter, but for those in `settings`.
  public init(initialOf model: ModelDocument, but settings: [ParameterSetting] = []) throws(ParameterFault) {
    try self.init(initialOf: model.parameters, but: settings)
  }

  init(initialOf parameters: [Parameter], but settings: [ParameterSetting] = []) throws(ParameterFault) {
    self = try Self.right(
      Self.judging(settings, of: parameters, mayBeOff: true) { parameters[$0].initValue })
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
    self = try Self.right(
      Self.judging(settings, of: model.parameters, mayBeOff: true) { named.complete[$0].value })
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
  public func value(of name: String) -> ParameterValue? { positions[name].map { complete[$0].value } }

  /// Whether a term of `enabled_by` holds.
  public func holds(_ term: ParameterTerm) -> Bool {
    guard let position = positions[term.parameter] else { return false }
    guard let values = term.values else { return !off[position] }
    return values.contains { $0.contains(complete[position].value) }
  }

  public func enables(_ terms: [ParameterTerm]) -> Bool { terms.allSatisfy { holds($0) } }
}

// MARK: - Texts

extension ParameterSet {
  /// Settings that texts `NAME=VALUE` spell.
  public static func settings(_ texts: [String], of model: ModelDocument) throws(ParameterFault) -> [ParameterSetting] {
    let positions = NameIndex(model.parameters.map(\.name))
    var settings: [ParameterSetting] = []
    for text in texts {
      guard let sign = text.utf8.firstIndex(of: UInt8(ascii: "=")), sign != text.utf8.startIndex else {
        throw ParameterFault(
          .badSpelling, text, allowed: "NAME=VALUE", message: "\(text) is no parameter; expected NAME=VALUE")
      }
      let name = String(text[..<sign])
      let spelling = String(text[text.utf8.index(after: sign)...])
      guard let position = positions[name] else { throw unknown(name, spelling, model.parameters) }
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
  private static func right(_ judged: (set: ParameterSet?, faults: [ParameterFault])) throws(ParameterFault) -> ParameterSet {
    if let fault = judged.faults.first { throw fault }
    guard let set = judged.set else { preconditionFailure("a list without a fault makes a set") }
    return set
  }

  /// Takes a value for each parameter, and finds all that is wrong with them.
  ///
  /// Rules between parameters are checked whether or not the values are allowed: so allowing more adds no fault.
  ///
  /// - Parameters:
  ///   - mayBeOff: Whether an off value may be among `settings`.
  ///   - absent: The value of a parameter that is not among `settings`, by position.
  private static func judging(
    _ settings: [ParameterSetting], of parameters: [Parameter], mayBeOff: Bool, absent: (Int) -> ParameterValue?
  ) -> (set: ParameterSet?, faults: [ParameterFault]) {
    var faults: [ParameterFault] = []
    let positions = NameIndex(parameters.map(\.name))
    let given = byParameter(settings, parameters, positions, &faults)
    // Nil: of no use.
    var values: [ParameterValue?] = []
    for (position, parameter) in parameters.enumerated() {
      let listed = given[position]
      let value = listed ?? absent(position)
      let fault = Self.fault(value, parameter, mayBeOff: mayBeOff || listed == nil)
      if let fault { faults.append(fault) }
      // The off value is a value too, and so is one that is not allowed.
      let isValue = fault == nil || fault?.reason == .notAllowed || fault?.reason == .offValueListed
      values.append(isValue ? value : nil)
    }
    for (parameter, value) in zip(parameters, values) {
      guard let value else { continue }
      for requirement in parameter.requires where requirement.isTriggered(by: value, of: parameter) {
        guard let position = positions[requirement.parameter], let other = values[position],
          !requirement.allowedValues.contains(where: { $0.contains(other) })
        else { continue }
        faults.append(Self.fault(requirement, other, parameters[position], owner: parameter, at: value))
      }
    }
    guard values.allSatisfy({ $0 != nil }) else { return (nil, faults) }
    var set = ParameterSet()
    set.positions = positions
    for case (let parameter, let value?) in zip(parameters, values) {
      set.complete.append(ParameterSetting(parameter.name, value))
      set.off.append(value == parameter.offValue)
    }
    set.listed = zip(set.complete, set.off).filter { !$0.1 }.map(\.0).sorted { ExactName($0.name) < ExactName($1.name) }
    return (set, faults)
  }

  /// Settings by position of the parameter; each known, and named once.
  private static func byParameter(
    _ settings: [ParameterSetting], _ parameters: [Parameter], _ positions: NameIndex,
    _ faults: inout [ParameterFault]
  ) -> [Int: ParameterValue] {
    var given: [Int: ParameterValue] = [:]
    for setting in settings {
      guard let position = positions[setting.name] else {
        faults.append(unknown(setting.name, setting.value.text, parameters))
        continue
      }
      guard given.updateValue(setting.value, forKey: position) != nil else { continue }
      faults.append(
        ParameterFault(
          .duplicate, setting.name, affects: parameters[position].affects, value: setting.value.text,
          message: "parameter \(setting.name) is given twice"))
    }
    return given
  }

  private static func unknown(_ name: String, _ value: String, _ parameters: [Parameter]) -> ParameterFault {
    let names = parameters.map(\.name).joined(separator: ", ")
    return ParameterFault(
      .unknownParameter, name, value: value, allowed: names,
      message: "the model has no parameter \(name); " + (names.isEmpty ? "it has none" : "expected one of: \(names)"))
  }

  private static func fault(_ value: ParameterValue?, _ parameter: Parameter, mayBeOff: Bool) -> ParameterFault? {
    let allowed = parameter.allowedText
    let fault = { (reason: ParameterFault.Reason, allowed: String, message: String) in
      ParameterFault(
        reason, parameter.name, affects: parameter.affects, value: value?.text ?? "", allowed: allowed,
        message: "parameter \(parameter.name) " + message)
    }
    guard let value else {
      return fault(.notListed, allowed, "is not listed and cannot be turned off; expected one of: \(allowed)")
    }
    guard value.type == parameter.type else {
      return fault(
        .wrongType, parameter.type.rawValue,
        "is of type \(parameter.type.rawValue); found \(value.text) of type \(value.type.rawValue)")
    }
    guard mayBeOff || value != parameter.offValue else {
      return fault(
        .offValueListed, "not listed", "is listed with its off value \(value.text); one that is off is not listed")
    }
    guard ParameterValue(value.text, type: parameter.type) != nil else {
      return fault(.badSpelling, allowed, "has a value that is no text of at most 1024 octets without control characters")
    }
    guard parameter.allows(value) else {
      return fault(.notAllowed, allowed, "may not be \(value.text); expected one of: \(allowed)")
    }
    return nil
  }

  /// - Parameters:
  ///   - other: The value of `parameter`, which the rule of `owner` does not allow while that has `own`.
  private static func fault(
    _ requirement: Parameter.Requirement, _ other: ParameterValue, _ parameter: Parameter, owner: Parameter,
    at own: ParameterValue
  ) -> ParameterFault {
    let allowed = Parameter.text(requirement.allowedValues)
    var fault = ParameterFault(
      .requirement, parameter.name, affects: parameter.affects.union(owner.affects), value: other.text, allowed: allowed,
      message: "with parameter \(owner.name) at \(own.text), \(parameter.name) must be one of: \(allowed); "
        + "found \(other.text)")
    fault.demandedBy = "\(owner.name)=\(own.text)"
    return fault
  }
}

extension Parameter.Requirement {
  fileprivate func isTriggered(by value: ParameterValue, of owner: Parameter) -> Bool {
    values.map { $0.contains { $0.contains(value) } } ?? (value != owner.offValue)
  }
}
