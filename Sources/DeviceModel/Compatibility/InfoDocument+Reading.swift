internal import MigrationStream

/// Reads information documents as strictly as models.
///
/// Source: Specs/device-models.md section 8.1.
extension InfoDocument {
  public init(json: JSONValue) throws(DocumentFault) {
    let root = DocumentNode(root: json)
    try root.checkKeys(["host", "models", "devices"])
    guard root["models"] != nil || root["devices"] != nil else {
      throw root.fault("the document has neither `models` nor `devices`; expected one of them")
    }
    if let node = root["host"] { host = try node.name("the host") }
    for (identifier, node) in try root["models"]?.members() ?? [] {
      models.append(try ModelInfo(identifier, node))
    }
    var paths = NameRegister()
    for node in try root["devices"]?.elements() ?? [] {
      let device = try DeviceInfo(node)
      try paths.add(device.path, "the path", at: node)
      devices.append(device)
    }
  }
}

extension ModelInfo {
  static let parametersMax = 1024

  fileprivate init(_ identifier: String, _ node: DocumentNode) throws(DocumentFault) {
    if let why = ModelIdentifier.fault(of: identifier) {
      throw node.fault("`\(VisibleName(identifier))` is no model identifier: \(why)")
    }
    self.init(model: identifier)
    try node.checkKeys(["params", "versions", "stream", "description"])
    description = try node["description"]?.prose() ?? ""
    let names = node["versions"]
    let given = node["params"]
    let index = try ParameterIndex(parameters: given)
    if given != nil || names == nil { parameters = index.parameters }
    if index.parameters.count > Self.parametersMax {
      throw (given ?? node).fault("a model has at most \(Self.parametersMax) parameters")
    }
    versionNames = try names?.versionNames(given == nil ? nil : index)
    stream = try node["stream"].map { (node) throws(DocumentFault) in try StreamInfo(node, index) }
  }
}

extension DocumentNode {
  /// - Parameter index: The parameters that aliases are sets of; nil where none are stated.
  fileprivate func versionNames(_ index: ParameterIndex?) throws(DocumentFault) -> [VersionName] {
    var names: [VersionName] = []
    var seen = NameRegister()
    for element in try elements(least: 1) {
      var name: VersionName
      if case .object = element.value.content {
        try element.checkKeys(["name", "params", "description"])
        name = VersionName(try element.required("name").name("a version"))
        name.description = try element["description"]?.prose() ?? ""
        if let params = element["params"] {
          name.parameters = if let index { try index.settings(params) } else { try params.settings() }
        }
      } else {
        name = VersionName(try element.name("a version"))
      }
      try seen.add(name.name, "the version", at: element)
      names.append(name)
    }
    return names
  }

  /// Names and values without the parameters that they are of.
  fileprivate func settings() throws(DocumentFault) -> [ParameterSetting] {
    var settings: [ParameterSetting] = []
    for (name, node) in try members() {
      try node.checkParameterName(name)
      let type: ParameterType =
        switch node.value.content {
        case .bool: .bool
        case .integer: .int
        case .string: .str
        default: throw node.expected("the value of a parameter: `true`, `false`, an integer or a string")
        }
      settings.append(ParameterSetting(name, try node.parameterValue(type)))
    }
    return settings
  }
}

extension StreamInfo {
  fileprivate init(_ node: DocumentNode, _ index: ParameterIndex) throws(DocumentFault) {
    try node.checkKeys(["version", "min_version", "sections", "subsections"])
    self.init(version: try node.required("version").version())
    versionMin = try node["min_version"]?.version(atMost: version) ?? 1
    sections = try Self.pieces(try node.required("sections"), areSections: true, version, index)
    subsections = try Self.pieces(try node.required("subsections"), areSections: false, version, index)
  }

  private static func pieces(
    _ node: DocumentNode, areSections: Bool, _ version: UInt32, _ index: ParameterIndex
  ) throws(DocumentFault) -> [PieceInfo] {
    var pieces: [PieceInfo] = []
    var names = NameRegister()
    let keys = areSections ? InfoKeys.section : InfoKeys.piece
    for element in try node.elements() {
      try element.checkKeys(keys)
      let what = areSections ? "a section" : "a subsection"
      var piece = PieceInfo(
        try element.required("name").name(what), since: try element["since"]?.version(atMost: version) ?? 1)
      try names.add(piece.name, what, at: element)
      piece.mark = try element["mark"]?.recordMark() ?? .required
      piece.enabledBy = try index.terms(element["enabled_by"])
      piece.cardinality = try element["cardinality"]?.word() ?? .one
      piece.hasDefaults = try element["has_defaults"]?.bool() ?? false
      piece.version = try element["version"]?.version(atMost: version) ?? piece.since
      piece.versionMin = try element["min_version"]?.version(atMost: piece.version) ?? piece.since
      pieces.append(piece)
    }
    return pieces
  }
}

extension DeviceInfo {
  fileprivate init(_ node: DocumentNode) throws(DocumentFault) {
    try node.checkKeys([
      "path", "model", "mark", "params", "version_name", "version", "min_version", "sections", "subsections",
    ])
    self.init(
      path: try node.required("path").path(), model: try node["model"]?.modelIdentifier() ?? "")
    mark = try node["mark"]?.recordMark() ?? .required
    if let name = node["version_name"] {
      versionNames = [try name.name("a version")]
    } else {
      parameters = []
    }
    if let given = node["params"] { parameters = try given.settings() }
    guard let number = node["version"] else {
      for key in ["min_version", "sections", "subsections"] {
        if let other = node[key] { throw other.fault("the key `\(key)` stands without `version`") }
      }
      return
    }
    let version = try number.version()
    var announced = DeviceStream(
      version: version, versionMin: try node["min_version"]?.version(atMost: version) ?? version)
    announced.sections = try node["sections"]?.announcements("a section") ?? []
    announced.subsections = try node["subsections"]?.announcements("a subsection") ?? []
    stream = announced
  }
}

extension DocumentNode {
  fileprivate func path() throws(DocumentFault) -> String {
    let text = try string()
    guard text.utf8.count <= 1024, !text.unicodeScalars.contains(where: \.isControl) else {
      throw fault("a path has at most 1024 octets and no control characters")
    }
    return text
  }

  fileprivate func recordMark() throws(DocumentFault) -> Mark {
    try word(among: [("required", .required), ("skippable", .skippable)])
  }

  fileprivate func announcements(_ what: String) throws(DocumentFault) -> [AnnouncedPiece] {
    var pieces: [AnnouncedPiece] = []
    for element in try elements() {
      try element.checkKeys(["name", "mark", "version", "min_version"])
      var piece = AnnouncedPiece(try element.required("name").name(what))
      piece.mark = try element["mark"]?.recordMark() ?? .required
      piece.version = try element["version"]?.version() ?? 1
      piece.versionMin = try element["min_version"]?.version(atMost: piece.version) ?? piece.version
      pieces.append(piece)
    }
    return pieces
  }
}

private enum InfoKeys {
  static let piece = ["name", "since", "mark", "enabled_by", "version", "min_version"]
  static let section = piece + ["cardinality", "has_defaults"]
}
