import MigrationStream

/// Reads fields: everything about them but what their paths name, which ``ReferenceChecker`` looks at.
///
/// Source: Specs/device-models.md section 5.4.
struct FieldReader {
  static let groupsMax = 8
  static let entriesMax = 65_536
  static let unionChildrenMax = 256
  static let elementLayoutsMax = 256

  let version: UInt32
  let parameters: ParameterIndex

  /// The fields of a layout or of a group. `depth` groups lie around them; `count` counts the entries of the layout.
  func fields(_ node: DocumentNode, depth: Int, count: inout Int) throws(DocumentFault) -> [ModelField] {
    var names = NameRegister()
    var fields: [ModelField] = []
    for element in try node.elements(least: 1) {
      count += 1
      guard count <= Self.entriesMax else {
        throw element.fault("the layout has more than \(Self.entriesMax) fields")
      }
      let field = try field(element, depth: depth, count: &count)
      try names.add(field.name, "the field", at: try element.required("name"))
      fields.append(field)
    }
    for (number, element) in try node.elements().enumerated() {
      guard let aliases = element["aliases"] else { continue }
      for (alias, node) in zip(fields[number].aliases, try aliases.elements()) {
        try names.add(alias, "the name (of a field, or its alias)", at: node)
      }
    }
    return fields
  }

  private func field(_ node: DocumentNode, depth: Int, count: inout Int) throws(DocumentFault) -> ModelField {
    try node.checkKeys(DocumentKeys.field)
    let name = try node.required("name").name("a field")
    let typeNode = try node.required("type")
    let spelling = try typeNode.string()
    guard let type = ModelFieldType(spelling) else {
      let hint = Spelling.nearest(to: spelling, among: Self.spellings).map { "; did you mean `\($0)`?" }
      throw typeNode.fault("`\(VisibleName(spelling))` is no type\(hint ?? "")")
    }
    var field = ModelField(name: name, type: type)
    try checkKeys(of: node, fit: field)
    field.count = try elementCount(node)
    if type.type.isGroup {
      guard depth < Self.groupsMax else {
        throw node.fault("groups nest more than \(Self.groupsMax) levels deep")
      }
      let children = try node.required("fields")
      field.fields = try fields(children, depth: depth + 1, count: &count)
      guard type.type != .union || field.fields.count <= Self.unionChildrenMax else {
        throw children.fault("a union has at most \(Self.unionChildrenMax) children, found \(field.fields.count)")
      }
    }
    if type.type == .list { field.elements = try elementLayouts(try node.required("elements")) }
    try readMeaning(node, into: &field)
    try readValues(node, into: &field)
    try readRelations(node, into: &field)
    return field
  }

  private static let spellings = [
    "u8", "u16", "u32", "u64", "u128", "i8", "i16", "i32", "i64", "i128", "f32", "f64", "bool", "enum8", "enum16",
    "enum32", "enum64", "flags8", "flags16", "flags32", "flags64", "bitmap64", "vector128", "vector256", "vector512",
    "bytes16", "uuid", "mac", "pciAddress", "guestAddress32", "guestAddress64", "size8", "size16", "size32", "size64",
    "count8", "count16", "count32", "count64", "index8", "index16", "index32", "index64", "duration", "instant",
    "padding4", "countedBytes", "string", "structure", "list", "union", "optional",
  ]

  private func elementCount(_ node: DocumentNode) throws(DocumentFault) -> ModelField.Count {
    let range: ClosedRange<Int128> = 1...Int128(UInt32.max)
    guard let most = node["max_count"] else {
      guard let count = node["count"] else { return .one }
      return .fixed(try parameters.number(count, in: range, "a number of elements"))
    }
    guard node["count"] == nil else { throw most.fault("a field has `count` or `max_count`, not both") }
    return .atMost(try parameters.number(most, in: range, "a number of elements"))
  }

  private func elementLayouts(_ node: DocumentNode) throws(DocumentFault) -> [String] {
    let nodes = try node.elements()
    guard nodes.count <= Self.elementLayoutsMax else {
      throw node.fault("a list has at most \(Self.elementLayoutsMax) layouts, found \(nodes.count)")
    }
    var names = NameRegister()
    var elements: [String] = []
    for element in nodes {
      elements.append(try element.string())
      try names.add(elements[elements.count - 1], "the layout", at: element)
    }
    return elements
  }
}

// MARK: - What a field means, and since when

extension FieldReader {
  private func readMeaning(_ node: DocumentNode, into field: inout ModelField) throws(DocumentFault) {
    if let text = node["description"] { field.description = try text.prose() }
    if let word = node["class"] { field.fieldClass = try word.word() }
    if let word = node["verify"] { field.verify = try word.word() }
    if let word = node["mark"] { field.mark = try word.word(among: DocumentWords.marks) }
    if let number = node["since"] { field.since = try number.version(atMost: version, "a definition") }
    if let number = node["until"] {
      let until = try number.version(atMost: version, "a definition")
      guard until >= field.since ?? 1 else {
        throw number.fault("`until` \(until) is below `since` \(field.since ?? 1)")
      }
      field.until = until
    }
    field.enabledBy = try parameters.terms(node["enabled_by"])
    if let text = node["unit"] {
      field.unit = try text.string()
      try text.checkName(field.unit, "a unit")
    }
    if let number = node["radix"] {
      let radix = try number.integer("2, 8, 10 or 16")
      guard [2, 8, 10, 16].contains(radix) else { throw number.fault("expected 2, 8, 10 or 16, found \(radix)") }
      field.radix = UInt8(radix)
    }
    if let word = node["clock"] { field.clock = try word.word(among: DocumentWords.clocks) }
    if let flag = node["secret"] { field.isSecret = try flag.bool() }
    for alias in try node["aliases"]?.elements() ?? [] { field.aliases.append(try alias.name("a field")) }
  }
}

// MARK: - Relations to other fields

extension FieldReader {
  private func readRelations(_ node: DocumentNode, into field: inout ModelField) throws(DocumentFault) {
    if let path = node["ref"] { field.reference = try path.string() }
    if let flag = node["unique"] { field.isUnique = try flag.bool() }
    if let path = node["above"] { field.above = try path.string() }
    if let path = node["in"] {
      var link = FieldLink(key: try path.string())
      if let none = node["none"] { link.none = try none.value(of: field.type) }
      if let flag = node["acyclic"] { link.isAcyclic = try flag.bool() }
      field.link = link
    } else if let stray = node["none"] ?? node["acyclic"] {
      throw stray.fault("the key has no meaning without `in`")
    }
    if let rules = node["rules"] { field.rules = try rules.rules() }
  }
}

extension DocumentNode {
  func rules() throws(DocumentFault) -> [ModelRule] {
    var names = NameRegister()
    var rules: [ModelRule] = []
    for node in try elements() {
      try node.checkKeys(DocumentKeys.rule)
      let nameNode = try node.required("name")
      let when = try node["when"]?.comparisons() ?? []
      var rule = ModelRule(name: try nameNode.name("a rule"), when: when, then: try node.required("then").comparisons())
      if let text = node["description"] { rule.description = try text.prose() }
      try names.add(rule.name, "the rule", at: nameNode)
      rules.append(rule)
    }
    return rules
  }

  /// One or more; what their fields are, ``ReferenceChecker`` looks at.
  func comparisons() throws(DocumentFault) -> [Comparison] {
    var comparisons: [Comparison] = []
    let relations = Comparison.Relation.allCases
    for node in try elements(least: 1) {
      try node.checkKeys(["field"] + relations.map(\.rawValue))
      let field = try node.required("field").string()
      let given = relations.filter { node[$0.rawValue] != nil }
      guard let relation = given.first, given.count == 1 else {
        let all = relations.map { "`\($0.rawValue)`" }.joined(separator: ", ")
        throw node.fault("a comparison has exactly one of \(all); found \(given.count)")
      }
      comparisons.append(Comparison(field, relation, try node.required(relation.rawValue).integer()))
    }
    return comparisons
  }
}
