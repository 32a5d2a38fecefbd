/// Parameters and what is said about them.
///
/// Source: Specs/device-models.md section 4.
extension DocumentNode {
  static let allowedValuesMax = 1024

  func parameter(named name: String) throws(DocumentFault) -> Parameter {
    try checkParameterName(name)
    try checkKeys(DocumentKeys.parameter)
    let type: ParameterType = try required("type").word()
    let initNode = try required("init_value")
    let off = try self["off_value"].map { node throws(DocumentFault) in try node.parameterValue(type) }
    var parameter = Parameter(name: name, initValue: try initNode.parameterValue(type), offValue: off)
    if let allowed = self["allowed_values"] { parameter.allowedValues = try allowed.allowedValues(type) }
    if let affects = self["affects"] { parameter.affects = try affects.effects() }
    if let description = self["description"] { parameter.description = try description.prose() }
    try initNode.checkAllowed(parameter.initValue, by: parameter)
    if let off { try required("off_value").checkAllowed(off, by: parameter) }
    return parameter
  }

  fileprivate func checkAllowed(_ value: ParameterValue, by parameter: Parameter) throws(DocumentFault) {
    guard parameter.allows(value) else {
      throw fault("\(VisibleName(value.text)) is not among the allowed values of `\(VisibleName(parameter.name))`")
    }
  }

  func parameterValue(_ type: ParameterType) throws(DocumentFault) -> ParameterValue {
    switch type {
    case .bool: return .bool(try bool())
    case .int: return .int(Int64(try integer(in: Int128(Int64.min)...Int128(Int64.max), "an integer")))
    case .str:
      let text = try string()
      guard text.utf8.count <= 1024 else {
        throw fault("the value of a parameter has \(text.utf8.count) octets; at most 1024 are allowed")
      }
      guard !text.unicodeScalars.contains(where: \.isControl) else {
        throw fault("the value of a parameter has a control character")
      }
      return .str(text)
    }
  }

  func allowedValues(_ type: ParameterType) throws(DocumentFault) -> [AllowedValue] {
    let nodes = try elements(least: 1)
    guard nodes.count <= Self.allowedValuesMax else {
      throw fault("expected at most \(Self.allowedValuesMax) values and ranges, found \(nodes.count)")
    }
    var values: [AllowedValue] = []
    for node in nodes {
      if type == .int, case .string(let text) = node.value.content {
        values.append(.range(try node.range(text)))
      } else {
        values.append(.value(try node.parameterValue(type)))
      }
    }
    return values
  }

  /// `MIN-MAX`; MAX begins after the first `-` that is no sign.
  private func range(_ text: String) throws(DocumentFault) -> ClosedRange<Int64> {
    let spelling = "expected a range `MIN-MAX` of two decimal numbers of 64 bits with sign"
    let octets = Array(text.utf8)
    guard let border = octets.dropFirst().firstIndex(of: 0x2d),
      case .int(let lowest)? = ParameterValue(String(decoding: octets[..<border], as: UTF8.self), type: .int),
      case .int(let highest)? = ParameterValue(String(decoding: octets[(border + 1)...], as: UTF8.self), type: .int)
    else { throw fault("\(spelling), found `\(VisibleName(text))`") }
    guard lowest <= highest else { throw fault("the range `\(text)` begins above its end") }
    return lowest...highest
  }

  private func effects() throws(DocumentFault) -> Parameter.Effects {
    var effects: Parameter.Effects = []
    for node in try elements(least: 1) {
      let effect = try node.word(among: [("interface", Parameter.Effects.interface), ("stream", .stream)])
      guard !effects.contains(effect) else { throw node.fault("the word comes a second time") }
      effects.insert(effect)
    }
    return effects
  }
}

/// The parameters of a document, for what refers to them.
struct ParameterIndex {
  let parameters: [Parameter]
  private let numbers: [ExactName: Int]
  private let alwaysListedCount: Int

  /// Reads an object of parameters by name; nil: there are none.
  init(parameters node: DocumentNode?) throws(DocumentFault) {
    let members = try node?.members() ?? []
    var parameters: [Parameter] = []
    for (name, node) in members { parameters.append(try node.parameter(named: name)) }
    let index = ParameterIndex(parameters)
    for (number, member) in members.enumerated() {
      guard let node = member.node["requires"] else { continue }
      parameters[number].requires = try index.requirements(node, of: parameters[number])
    }
    self.init(parameters)
  }

  init(_ parameters: [Parameter]) {
    self.parameters = parameters
    numbers = Dictionary(
      parameters.indices.map { (ExactName(parameters[$0].name), $0) }, uniquingKeysWith: { first, _ in first })
    alwaysListedCount = parameters.count { $0.offValue == nil }
  }

  /// The parameter that is called `name`, which stands at `node`.
  func parameter(_ name: String, at node: DocumentNode) throws(DocumentFault) -> Parameter {
    if let number = numbers[ExactName(name)] { return parameters[number] }
    let hint = Spelling.nearest(to: name, among: parameters.lazy.map(\.name)).map {
      "; did you mean `\(VisibleName($0))`?"
    }
    throw node.fault("the document has no parameter `\(VisibleName(name))`\(hint ?? "")")
  }

  func requirements(_ node: DocumentNode, of owner: Parameter) throws(DocumentFault) -> [Parameter.Requirement] {
    var requirements: [Parameter.Requirement] = []
    for element in try node.elements() {
      try element.checkKeys(DocumentKeys.requirement)
      let nameNode = try element.required("param")
      let name = try nameNode.string()
      let other = try parameter(name, at: nameNode)
      guard !name.hasSameOctets(as: owner.name) else {
        throw nameNode.fault("a parameter cannot require something of itself")
      }
      let values = try element["values"].map { node throws(DocumentFault) in try node.allowedValues(owner.type) }
      let allowed = try element.required("allowed_values").allowedValues(other.type)
      requirements.append(Parameter.Requirement(values: values, parameter: name, allowedValues: allowed))
    }
    return requirements
  }

  /// One term, or an array of them.
  func terms(_ node: DocumentNode?) throws(DocumentFault) -> [ParameterTerm] {
    guard let node else { return [] }
    guard case .array = node.value.content else { return [try term(node)] }
    var terms: [ParameterTerm] = []
    for element in try node.elements(least: 1) { terms.append(try term(element)) }
    return terms
  }

  private func term(_ node: DocumentNode) throws(DocumentFault) -> ParameterTerm {
    try node.checkKeys(DocumentKeys.term)
    let nameNode = try node.required("param")
    let parameter = try parameter(try nameNode.string(), at: nameNode)
    guard let value = node["value"] else {
      let values = try node["values"].map { node throws(DocumentFault) in try node.allowedValues(parameter.type) }
      return ParameterTerm(parameter.name, values: values)
    }
    guard node["values"] == nil else { throw value.fault("a term has `value` or `values`, not both") }
    return ParameterTerm(parameter.name, values: [.value(try value.parameterValue(parameter.type))])
  }

  /// An integer of `range`, or one that follows from a parameter.
  func number(_ node: DocumentNode, in range: ClosedRange<Int128>, _ what: String) throws(DocumentFault) -> ModelNumber
  {
    if case .integer = node.value.content { return .constant(try node.integer(in: range, what)) }
    guard case .object = node.value.content else { throw node.expected("\(what): an integer, or `{ \"param\": ... }`") }
    try node.checkKeys(DocumentKeys.number)
    let nameNode = try node.required("param")
    let parameter = try parameter(try nameNode.string(), at: nameNode)
    guard parameter.type != .str else {
      throw nameNode.fault("the parameter `\(VisibleName(parameter.name))` is a `str`; expected a `bool` or an `int`")
    }
    let factors = Int128(Int64.min)...Int128(Int64.max)
    let times = try node["times"]?.integer(in: factors, "a factor") ?? 1
    let plus = try node["plus"]?.integer(in: factors, "a term") ?? 0
    return .parameter(parameter.name, times: Int64(times), plus: Int64(plus))
  }

  /// The parameter set of an alias: what a device lists, no more and no less.
  func settings(_ node: DocumentNode) throws(DocumentFault) -> [ParameterSetting] {
    var settings: [ParameterSetting] = []
    var alwaysListed = 0
    for (name, valueNode) in try node.members() {
      let parameter = try parameter(name, at: valueNode)
      let value = try valueNode.parameterValue(parameter.type)
      try valueNode.checkAllowed(value, by: parameter)
      guard parameter.offValue != value else {
        throw valueNode.fault("`\(VisibleName(name))` has its off value, which is not listed")
      }
      if parameter.offValue == nil { alwaysListed += 1 }
      settings.append(ParameterSetting(name, value))
    }
    guard alwaysListed == alwaysListedCount else {
      let names = Set(settings.map(\.name))
      let missing = parameters.first { $0.offValue == nil && !names.contains($0.name) }?.name ?? ""
      throw node.fault("the parameter `\(VisibleName(missing))` has no off value and is not listed")
    }
    return settings
  }
}
