/// What is outside the device.
///
/// Source: Specs/device-models.md section 6.
extension DocumentNode {
  static func externals(_ list: DocumentNode?) throws(DocumentFault) -> [External] {
    var names = NameRegister()
    var externals: [External] = []
    for node in try list?.elements() ?? [] {
      let external = try node.external()
      try names.add(external.name, "the external", at: try node.required("name"))
      externals.append(external)
    }
    return externals
  }

  private func external() throws(DocumentFault) -> External {
    try checkKeys(DocumentKeys.external)
    let treatment: External.Treatment = try required("class").word()
    let arrivals: [External.Arrival] =
      switch treatment {
      case .hidden: [.hide]
      case .migrated: [.hide, .refuse, .notify]
      case .reread: [.notify, .hide, .refuse]
      case .configured: [.refuse]
      }
    let arrival = try required("on_arrival").word(among: arrivals.map { ($0.rawValue, $0) })
    var external = External(name: try required("name").name("an external"), treatment: treatment, onArrival: arrival)
    if let text = self["description"] { external.description = try text.prose() }
    if treatment == .migrated {
      external.field = try required("field").string()
    } else if let stray = self["field"] {
      throw stray.fault("`field` belongs to the class `external-migrated`, found `\(treatment.rawValue)`")
    }
    if treatment == .configured {
      external.parameter = try required("param").string()
    } else if let stray = self["param"] {
      throw stray.fault("`param` belongs to the class `external-configured`, found `\(treatment.rawValue)`")
    }
    return external
  }
}

/// The way back, operation by operation.
///
/// Source: Specs/device-models.md section 7.
extension DocumentNode {
  static func history(_ list: DocumentNode?, of version: UInt32) throws(DocumentFault) -> [HistoryEntry] {
    var history: [HistoryEntry] = []
    for node in try list?.elements() ?? [] {
      try node.checkKeys(DocumentKeys.historyEntry)
      let number = try node.required("version")
      let found = try number.version()
      let expected = Int(version) - 1 - history.count
      guard found == expected else {
        throw number.fault(
          expected > 0
            ? "expected the definition \(expected), found \(found): newest first, each one less than the one before"
            : "the document holds the definition \(version); there is no older one to lead to")
      }
      var entry = HistoryEntry(version: found, undo: [])
      entry.description = try node.required("description").prose()
      for operation in try node.required("undo").elements() { entry.undo.append(try operation.operation()) }
      history.append(entry)
    }
    return history
  }

  private func operation() throws(DocumentFault) -> HistoryEntry.Operation {
    try checkKeys(DocumentKeys.operation)
    let word = try required("op").word(among: [("remove", "remove"), ("replace", "replace"), ("add", "add")])
    let path = try required("path").operationPath()
    if word != "add", let stray = self["before"] { throw stray.fault("`before` belongs to `add`, found `\(word)`") }
    guard word != "remove" else {
      if let stray = self["value"] { throw stray.fault("`remove` takes no value") }
      return .remove(path: path)
    }
    let value = try required("value").value
    let before = try self["before"]?.string()
    return word == "add" ? .add(path: path, value: value, before: before) : .replace(path: path, value: value)
  }

  private func operationPath() throws(DocumentFault) -> String {
    let path = try string()
    guard let steps = JSONPointer.steps(of: path), let first = steps.first else {
      throw fault("expected a JSON pointer to a part of the document, found `\(VisibleName(path))`")
    }
    guard !["model", "format_version", "version", "history", "$schema"].contains(first) else {
      throw fault("`/\(first)` is not changed by operations")
    }
    return path
  }
}
