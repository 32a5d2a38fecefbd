import MigrationStream

extension ModelDocument {
  /// The document that `json` holds.
  ///
  /// Throws at the first value that breaks a rule of the chapter which concerns one document: shape, names, values, and
  /// that what is named exists and is of the right kind. Operations of `history` are looked at one by one, not applied.
  /// Time is linear in the size of `json`.
  ///
  /// Source: Specs/device-models.md sections 2 to 7.
  public init(json: JSONValue) throws(DocumentFault) {
    let root = DocumentNode(root: json)
    try root.checkKeys(DocumentKeys.document)
    let format = try root.required("format_version")
    let formatVersion = try format.integer()
    guard formatVersion == 1 else { throw format.fault("expected documents of format 1, found \(formatVersion)") }
    self.init(
      model: try root.required("model").modelIdentifier(),
      version: try root.required("version").version(atMost: .max, "the number of a definition"))
    _ = try root["$schema"]?.string()
    if let number = root["min_version"] { versionMin = try number.version(atMost: version, "a version") }
    if let text = root["description"] { description = try text.prose() }
    if let word = root["apply"] { apply = try word.word(among: DocumentWords.applyKinds) }
    if let word = root["clock"] { clock = try word.word(among: DocumentWords.clocks) }
    let index = try readParameters(root)
    try readState(root, DocumentLoader(fields: FieldReader(version: version, parameters: index)))
    externals = try DocumentNode.externals(root["externals"])
    history = try DocumentNode.history(root["history"], of: version)
    try ReferenceChecker(self, root, index).check()
  }

  private mutating func readParameters(_ root: DocumentNode) throws(DocumentFault) -> ParameterIndex {
    let index = try ParameterIndex(parameters: root["params"])
    parameters = index.parameters
    for (name, node) in try root["versions"]?.members() ?? [] {
      try node.checkName(name, "an alias")
      try node.checkKeys(DocumentKeys.alias)
      var alias = VersionAlias(name: name, parameters: try index.settings(try node.required("params")))
      if let text = node["description"] { alias.description = try text.prose() }
      aliases.append(alias)
    }
    return index
  }

  private mutating func readState(_ root: DocumentNode, _ loader: DocumentLoader) throws(DocumentFault) {
    var loader = loader
    for node in try root.required("sections").elements(least: 1) { sections.append(try loader.section(node)) }
    for (name, node) in try root["layouts"]?.members() ?? [] { layouts.append(try loader.layout(node, named: name)) }
    var names = NameRegister()
    for node in try root["regions"]?.elements() ?? [] {
      let region = try loader.region(node)
      try names.add(region.name, "the region", at: try node.required("name"))
      regions.append(region)
    }
    if let node = root["byte_string"] {
      try node.checkKeys(DocumentKeys.byteString)
      var octets = ModelByteString()
      if let text = node["description"] { octets.description = try text.prose() }
      octets.enabledBy = try loader.fields.parameters.terms(node["enabled_by"])
      byteString = octets
    }
  }
}

/// Reads sections, subsections, layouts and regions.
///
/// Source: Specs/device-models.md section 5.
struct DocumentLoader {
  static let subsectionLevelsMax = 8

  let fields: FieldReader
  /// Of sections, subsections and layouts.
  private var names = NameRegister()

  init(fields: FieldReader) { self.fields = fields }

  mutating func section(_ node: DocumentNode) throws(DocumentFault) -> ModelSection {
    try node.checkKeys(DocumentKeys.section)
    var section = ModelSection(try piece(node, "section", depth: 0))
    section.cardinality = try cardinality(node)
    for name in try node["after"]?.elements() ?? [] { section.after.append(try name.string()) }
    return section
  }

  private func cardinality(_ node: DocumentNode) throws(DocumentFault) -> ModelSection.Cardinality {
    let word = try node["cardinality"].map { word throws(DocumentFault) in
      try word.word(among: [("one", "one"), ("optional", "optional"), ("many", "many")])
    }
    guard word == "many" else {
      if let stray = node["max_count"] ?? node["key"] {
        throw stray.fault("the key belongs to sections of cardinality `many`")
      }
      return word == "optional" ? .optional : .one
    }
    let range: ClosedRange<Int128> = 1...Int128(UInt32.max)
    let count = try fields.parameters.number(try node.required("max_count"), in: range, "a number of sections")
    return .many(count: count, key: try node.required("key").string())
  }

  private mutating func piece(
    _ node: DocumentNode, _ what: String, depth: Int
  ) throws(DocumentFault) -> StatePiece {
    let nameNode = try node.required("name")
    let name = try nameNode.name("a \(what)")
    try names.add(name, "the name (of a section, subsection or layout)", at: nameNode)
    var count = 0
    var piece = StatePiece(name: name, fields: try fields.fields(try node.required("fields"), depth: 0, count: &count))
    if let text = node["description"] { piece.description = try text.prose() }
    if let number = node["since"] { piece.since = try number.version(atMost: fields.version, "a definition") }
    if let word = node["mark"] { piece.mark = try word.word(among: DocumentWords.marks) }
    piece.enabledBy = try fields.parameters.terms(node["enabled_by"])
    if let word = node["class"] { piece.fieldClass = try word.word() }
    piece.layout = try node["layout"]?.name("a layout")
    if let rules = node["rules"] { piece.rules = try rules.rules() }
    for child in try node["subsections"]?.elements() ?? [] {
      guard depth < Self.subsectionLevelsMax else {
        throw child.fault("subsections nest more than \(Self.subsectionLevelsMax) levels deep")
      }
      piece.subsections.append(try subsection(child, depth: depth + 1))
    }
    return piece
  }

  private mutating func subsection(_ node: DocumentNode, depth: Int) throws(DocumentFault) -> ModelSubsection {
    try node.checkKeys(DocumentKeys.subsection)
    var subsection = ModelSubsection(try piece(node, "subsection", depth: depth))
    if let path = node["target"] { subsection.target = try path.string() }
    if let text = node["condition"] { subsection.condition = try text.prose() }
    subsection.when = try node["when"]?.comparisons()
    return subsection
  }

  mutating func layout(_ node: DocumentNode, named name: String) throws(DocumentFault) -> ElementLayout {
    try node.checkName(name, "a layout")
    try names.add(name, "the name (of a section, subsection or layout)", at: node)
    try node.checkKeys(DocumentKeys.layout)
    var count = 0
    var layout = ElementLayout(
      name: name, fields: try fields.fields(try node.required("fields"), depth: 0, count: &count))
    if let text = node["description"] { layout.description = try text.prose() }
    layout.layout = try node["layout"]?.name("a layout")
    if let rules = node["rules"] { layout.rules = try rules.rules() }
    return layout
  }

  func region(_ node: DocumentNode) throws(DocumentFault) -> ModelRegion {
    try node.checkKeys(DocumentKeys.region)
    let pageNode = try node.required("page_size")
    let pageSize = try pageNode.integer(in: 1...(1 << 63), "a power of two")
    guard pageSize & (pageSize - 1) == 0 else { throw pageNode.fault("expected a power of two, found \(pageSize)") }
    var region = ModelRegion(
      name: try node.required("name").name("a region"),
      size: try fields.parameters.number(try node.required("size"), in: 1...(1 << 56) - 1, "a number of octets"),
      pageSize: UInt64(pageSize))
    if let text = node["description"] { region.description = try text.prose() }
    if let flag = node["shared"] { region.isShared = try flag.bool() }
    if let flag = node["read_only"] { region.isReadOnly = try flag.bool() }
    if let flag = node["opaque"] { region.isOpaque = try flag.bool() }
    region.enabledBy = try fields.parameters.terms(node["enabled_by"])
    return region
  }
}
