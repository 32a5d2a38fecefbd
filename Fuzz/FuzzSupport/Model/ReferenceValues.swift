import DeviceModel

/// Names are compared octet for octet.
///
/// Source: Specs/device-models.md section 3.
enum ReferenceNames {
  static func areSame(_ first: String, _ second: String) -> Bool {
    first.utf8.count == second.utf8.count && first.utf8.elementsEqual(second.utf8)
  }
}

/// The value of every parameter of a model.
///
/// Source: Specs/device-models.md section 4.
struct ReferenceValues {
  /// A value is nil where there is none of the parameter's type.
  let values: [(parameter: Parameter, value: ParameterValue?, isListed: Bool)]

  /// A complete set: what is not listed is off.
  init(_ listed: [ParameterSetting], completeWith known: [Parameter]) {
    values = known.map { parameter in
      guard let setting = listed.first(where: { ReferenceNames.areSame($0.name, parameter.name) }) else {
        return (parameter, parameter.offValue, false)
      }
      return (parameter, setting.value.type == parameter.type ? setting.value : nil, true)
    }
  }

  /// Of a device that is made without naming a parameter.
  init(initialOf known: [Parameter]) {
    values = known.map { ($0, $0.initValue, true) }
  }

  /// Whether the set breaks a rule of section 4.
  func breaks(_ rule: Parameter.Requirement, of parameter: Parameter) -> Bool {
    guard let own = value(of: parameter.name), let other = value(of: rule.parameter) else { return false }
    let applies =
      rule.values.map { Self.isAmong($0, own) } ?? (parameter.offValue.map { !Self.areSame($0, own) } ?? true)
    return applies && !Self.isAmong(rule.allowedValues, other)
  }

  /// Section 4.2; where some parameter has no value of its type, what parameters enable is not judged (section 8.3).
  ///
  /// - Returns: nil where it is not judged.
  func enables(_ piece: PieceInfo) -> Bool? {
    if piece.enabledBy.isEmpty { return true }
    guard values.allSatisfy({ $0.value != nil }) else { return nil }
    return piece.enabledBy.allSatisfy { term in
      guard let place = values.first(where: { ReferenceNames.areSame($0.parameter.name, term.parameter) }),
        let value = place.value
      else { return false }
      if let wanted = term.values { return Self.isAmong(wanted, value) }
      return place.parameter.offValue.map { !Self.areSame($0, value) } ?? true
    }
  }

  private func value(of name: String) -> ParameterValue? {
    values.first { ReferenceNames.areSame($0.parameter.name, name) }?.value
  }

  static func isAmong(_ allowed: [AllowedValue], _ value: ParameterValue) -> Bool {
    for element in allowed {
      switch (element, value) {
      case (.value(let single), _): if areSame(single, value) { return true }
      case (.range(let range), .int(let number)): if range.lowerBound <= number && number <= range.upperBound { return true }
      case (.range, _): break
      }
    }
    return false
  }

  static func areSame(_ first: ParameterValue, _ second: ParameterValue) -> Bool {
    switch (first, second) {
    case (.bool(let first), .bool(let second)): first == second
    case (.int(let first), .int(let second)): first == second
    case (.str(let first), .str(let second)): ReferenceNames.areSame(first, second)
    default: false
    }
  }
}
