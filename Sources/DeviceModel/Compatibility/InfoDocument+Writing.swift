internal import MigrationStream

/// Writes information documents in one form: members in the order of the chapter's tables, defaults left out.
///
/// Source: Specs/device-models.md section 8.1.
extension InfoDocument {
  /// Which versions of the "VFIO Migration" proposal a document is of.
  public enum Form: Sendable {
    /// All that section 8.1 has.
    case whole
    /// Parameters alone.
    case thirdVersion
    /// Version strings alone.
    case fourthVersion
  }

  public func json(_ form: Form = .whole) -> JSONValue {
    var object = JSONObject()
    if form == .whole { object.add(text: host, "host") }
    var named = JSONObject()
    for model in models.sorted(by: { ExactName($0.model) < ExactName($1.model) }) {
      named.add(model.model, model.json(form))
    }
    object.add("models", models.isEmpty && !devices.isEmpty ? nil : named.value)
    if form == .whole { object.add(list: devices.map(\.json), "devices") }
    return object.value
  }
}

extension ModelInfo {
  fileprivate func json(_ form: InfoDocument.Form) -> JSONValue {
    var object = JSONObject()
    if form != .fourthVersion, let parameters {
      var named = JSONObject()
      for parameter in parameters { named.add(parameter.name, parameter.json(form)) }
      object.add("params", named.value)
    }
    switch form {
    case .whole:
      object.add("versions", versionNames.map { JSONValue(.array($0.map(\.json))) })
      object.add("stream", stream?.json)
      object.add(text: description, "description")
    case .thirdVersion: break
    case .fourthVersion:
      object.add("versions", JSONValue(.array((versionNames ?? []).map { JSONValue(.string($0.name)) })))
    }
    return object.value
  }
}

extension Parameter {
  /// The third version has no `affects` and no `requires`.
  fileprivate func json(_ form: InfoDocument.Form) -> JSONValue {
    guard form == .thirdVersion else { return json }
    var published = self
    published.affects = .both
    published.requires = []
    return published.json
  }
}

extension VersionName {
  fileprivate var json: JSONValue {
    guard parameters != nil || !description.isEmpty else { return JSONValue(.string(name)) }
    var object = JSONObject()
    object.add("name", name)
    object.add("params", parameters?.json)
    object.add(text: description, "description")
    return object.value
  }
}

extension StreamInfo {
  fileprivate var json: JSONValue {
    var object = JSONObject()
    object.add("version", version)
    object.add("min_version", versionMin == 1 ? nil : versionMin)
    object.add("sections", JSONValue(.array(sections.map(\.json))))
    object.add("subsections", JSONValue(.array(subsections.map(\.json))))
    return object.value
  }
}

extension PieceInfo {
  fileprivate var json: JSONValue {
    var object = JSONObject()
    object.add("name", name)
    object.add("since", since == 1 ? nil : since)
    object.add("mark", mark == .required ? nil : "skippable")
    object.add("enabled_by", enabledBy.json)
    object.add("cardinality", cardinality == .one ? nil : cardinality.rawValue)
    object.add("has_defaults", hasDefaults ? JSONValue(.bool(true)) : nil)
    object.add("version", version == since ? nil : version)
    object.add("min_version", versionMin == since ? nil : versionMin)
    return object.value
  }
}

extension DeviceInfo {
  fileprivate var json: JSONValue {
    var object = JSONObject()
    object.add("path", path)
    object.add(text: model, "model")
    object.add("mark", mark == .required ? nil : "skippable")
    object.add("params", parameters?.json)
    object.add("version_name", versionNames?.first)
    object.add("version", stream?.version)
    object.add("min_version", stream?.versionMin)
    object.add(list: (stream?.sections ?? []).map(\.json), "sections")
    object.add(list: (stream?.subsections ?? []).map(\.json), "subsections")
    return object.value
  }
}

extension AnnouncedPiece {
  fileprivate var json: JSONValue {
    var object = JSONObject()
    object.add("name", name)
    object.add("mark", mark == .required ? nil : "skippable")
    object.add("version", version == 1 ? nil : version)
    object.add("min_version", versionMin == version ? nil : versionMin)
    return object.value
  }
}

extension [ParameterSetting] {
  fileprivate var json: JSONValue {
    var object = JSONObject()
    for setting in self { object.add(setting.name, setting.value.json) }
    return object.value
  }
}
