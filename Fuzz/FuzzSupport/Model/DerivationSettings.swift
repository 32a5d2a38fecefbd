import DeviceModel

extension JSONValue {
  /// The elements of an array member; none where it is absent.
  func array(_ key: String) -> [JSONValue] {
    if case .array(let elements)? = self[key]?.content { elements } else { [] }
  }

  /// The members of an object member; none where it is absent.
  func members(_ key: String) -> [JSONMember] {
    if case .object(let members)? = self[key]?.content { members } else { [] }
  }

  func text(_ key: String) -> String? { self[key]?.ownText }

  func whole(_ key: String) -> Int128? { self[key]?.ownWhole }

  func isTrue(_ key: String) -> Bool { self[key]?.content == .bool(true) }

  var ownText: String? { if case .string(let text) = content { text } else { nil } }

  var ownWhole: Int128? { if case .integer(let number) = content { number } else { nil } }
}

/// What parameters lead to that no stream can have.
struct DerivationRefusal: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}

/// The value of every parameter of a document, for a second deriver: what they enable, and numbers from them.
///
/// Source: Specs/device-models.md sections 4.1, 4.2 and 4.4.
struct DerivationSettings {
  /// In the order of the document.
  let all: [(name: String, value: ParameterValue, off: ParameterValue?)]

  /// Of a device that is made without naming a parameter but those in `chosen`.
  init(_ document: JSONValue, but chosen: [ParameterSetting] = []) {
    all = document.members("params").map { member in
      let type = member.value.text("type") ?? ""
      let initial = member.value["init_value"].flatMap { Self.value($0, type) } ?? .bool(false)
      let setting = chosen.last { ReferenceNames.areSame($0.name, member.key) }
      return (member.key, setting?.value ?? initial, member.value["off_value"].flatMap { Self.value($0, type) })
    }
  }

  private static func value(_ json: JSONValue, _ type: String) -> ParameterValue? {
    switch (json.content, type) {
    case (.bool(let truth), "bool"): .bool(truth)
    case (.integer(let number), "int"): Int64(exactly: number).map { .int($0) }
    case (.string(let text), "str"): .str(text)
    default: nil
    }
  }

  /// What a stream lists: what is not off, in octet order of names.
  var listed: [(name: String, value: ParameterValue)] {
    all.filter { setting in setting.off.map { !ReferenceValues.areSame($0, setting.value) } ?? true }
      .map { ($0.name, $0.value) }.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  /// Whether what has these members exists, as far as its own `enabled_by` says.
  func enables(_ piece: JSONValue) -> Bool {
    guard let terms = piece["enabled_by"] else { return true }
    if case .array(let all) = terms.content { return all.allSatisfy { holds($0) } }
    return holds(terms)
  }

  private func holds(_ term: JSONValue) -> Bool {
    guard let name = term.text("param"), let own = all.first(where: { ReferenceNames.areSame($0.name, name) }) else {
      return false
    }
    if let value = term["value"] { return Self.isValue(own.value, value) }
    if term["values"] != nil { return term.array("values").contains { Self.isAmong(own.value, $0) } }
    return own.off.map { !ReferenceValues.areSame($0, own.value) } ?? true
  }

  private static func isValue(_ value: ParameterValue, _ json: JSONValue) -> Bool {
    switch value {
    case .bool(let truth): json.content == .bool(truth)
    case .int(let number): json.ownWhole == Int128(number)
    case .str(let text): json.ownText.map { ReferenceNames.areSame($0, text) } ?? false
    }
  }

  /// Whether it is an element of allowed values, or lies in one that is a range `"MIN-MAX"`.
  private static func isAmong(_ value: ParameterValue, _ element: JSONValue) -> Bool {
    guard case .int(let number) = value, let text = element.ownText else { return isValue(value, element) }
    // The first character may be the sign of the least value.
    guard let dash = text.dropFirst().firstIndex(of: "-"), let least = Int64(text[..<dash]),
      let most = Int64(text[text.index(after: dash)...])
    else { return false }
    return least <= number && number <= most
  }

  /// A number of section 4.4.
  func number(_ json: JSONValue) throws(DerivationRefusal) -> Int128 {
    if let constant = json.ownWhole { return constant }
    let name = json.text("param") ?? ""
    let value: Int128
    switch all.first(where: { ReferenceNames.areSame($0.name, name) })?.value {
    case .bool(let truth)?: value = truth ? 1 : 0
    case .int(let number)?: value = Int128(number)
    case .str?, nil: throw DerivationRefusal("\(name) is no number")
    }
    return value * (json.whole("times") ?? 1) + (json.whole("plus") ?? 0)
  }

  func number(_ json: JSONValue, in legal: ClosedRange<Int128>, _ what: String) throws(DerivationRefusal) -> Int128 {
    let value = try number(json)
    guard legal.contains(value) else { throw DerivationRefusal("\(what) is \(value)") }
    return value
  }
}

extension DerivationSettings {
  /// What devices of a definition are made with besides initial values: nothing, all that can be off, all that is not
  /// initial.
  static func choices(of definition: ModelDocument) -> [[ParameterSetting]] {
    let parameters = definition.parameters
    if parameters.isEmpty { return [[]] }
    let off = parameters.compactMap { parameter in parameter.offValue.map { ParameterSetting(parameter.name, $0) } }
    return [[], off, parameters.compactMap { parameter in other(parameter).map { ParameterSetting(parameter.name, $0) } }]
  }

  /// The last allowed value that is not the initial one.
  private static func other(_ parameter: Parameter) -> ParameterValue? {
    let allowed = parameter.allowedValues?.map { element in
      switch element {
      case .value(let value): value
      case .range(let range): ParameterValue.int(range.upperBound)
      }
    }
    return (allowed ?? [.bool(true), .bool(false), .int(1), .int(3), .str("a")])
      .last { $0.type == parameter.type && !ReferenceValues.areSame($0, parameter.initValue) }
  }
}
