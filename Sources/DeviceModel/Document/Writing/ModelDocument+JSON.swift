import MigrationStream

extension ModelDocument {
  /// The document in canonical form: keys in the order of the chapter's tables, defaults left out.
  ///
  /// Its ``JSONValue/text`` is that of a published document. Loading it gives an equal document.
  ///
  /// Source: Specs/device-models.md section 2.
  public var json: JSONValue {
    var object = JSONObject()
    object.add("format_version", 1)
    object.add("model", model)
    object.add(text: description, "description")
    object.add("version", version)
    object.add("min_version", versionMin == 1 ? nil : versionMin)
    object.add("apply", apply, among: DocumentWords.applyKinds, usual: .staged)
    object.add("clock", clock, among: DocumentWords.clocks, usual: ClockDomain.none)
    object.add(object: parametersJSON, "params")
    object.add(object: aliasesJSON, "versions")
    object.add("sections", JSONValue(.array(sections.map(\.json))))
    var named = JSONObject()
    for layout in layouts { named.add(layout.name, layout.json) }
    object.add(object: named, "layouts")
    object.add(list: regions.map(\.json), "regions")
    object.add("byte_string", byteString?.json)
    object.add(list: externals.map(\.json), "externals")
    object.add(list: history.map(\.json), "history")
    return object.value
  }

  private var parametersJSON: JSONObject {
    var object = JSONObject()
    for parameter in parameters { object.add(parameter.name, parameter.json) }
    return object
  }

  private var aliasesJSON: JSONObject {
    var object = JSONObject()
    for alias in aliases {
      var settings = JSONObject()
      for setting in alias.parameters { settings.add(setting.name, setting.value.json) }
      var own = JSONObject()
      own.add("params", settings.value)
      own.add(text: alias.description, "description")
      object.add(alias.name, own.value)
    }
    return object
  }
}

// MARK: - Parameters

extension Parameter {
  var json: JSONValue {
    var object = JSONObject()
    object.add("type", type.rawValue)
    object.add("init_value", initValue.json)
    object.add("off_value", offValue?.json)
    object.add("allowed_values", allowedValues?.json)
    let names = [(Effects.interface, "interface"), (.stream, "stream")]
    let isBoth = affects == [.interface, .stream]
    object.add(list: isBoth ? [] : names.filter { affects.contains($0.0) }.map { JSONValue(.string($0.1)) }, "affects")
    object.add(list: requires.map(\.json), "requires")
    object.add(text: description, "description")
    return object.value
  }
}

extension Parameter.Requirement {
  fileprivate var json: JSONValue {
    var object = JSONObject()
    object.add("values", values?.json)
    object.add("param", parameter)
    object.add("allowed_values", allowedValues.json)
    return object.value
  }
}

extension ParameterValue {
  var json: JSONValue {
    switch self {
    case .bool(let value): JSONValue(.bool(value))
    case .int(let value): JSONValue(.integer(Int128(value)))
    case .str(let value): JSONValue(.string(value))
    }
  }
}

extension [AllowedValue] {
  var json: JSONValue {
    JSONValue(
      .array(
        map { value in
          switch value {
          case .value(let value): value.json
          case .range(let range): JSONValue(.string("\(range.lowerBound)-\(range.upperBound)"))
          }
        }))
  }
}

extension [ParameterTerm] {
  /// nil for none, which is always.
  var json: JSONValue? {
    guard let first else { return nil }
    return count == 1 ? first.json : JSONValue(.array(map(\.json)))
  }
}

extension ParameterTerm {
  fileprivate var json: JSONValue {
    var object = JSONObject()
    object.add("param", parameter)
    if let values, values.count == 1, case .value(let value) = values[0] {
      object.add("value", value.json)
    } else {
      object.add("values", values?.json)
    }
    return object.value
  }
}

extension ModelNumber {
  var json: JSONValue {
    switch self {
    case .constant(let value): return JSONValue(.integer(value))
    case .parameter(let name, let times, let plus):
      var object = JSONObject()
      object.add("param", name)
      object.add("times", times == 1 ? nil : times)
      object.add("plus", plus == 0 ? nil : plus)
      return object.value
    }
  }
}

// MARK: - Memory, what is outside, history

extension ModelRegion {
  fileprivate var json: JSONValue {
    var object = JSONObject()
    object.add("name", name)
    object.add("size", size.json)
    object.add("page_size", pageSize)
    object.add(flag: isShared, "shared")
    object.add(flag: isReadOnly, "read_only")
    object.add(flag: isOpaque, "opaque")
    object.add("enabled_by", enabledBy.json)
    object.add(text: description, "description")
    return object.value
  }
}

extension ModelByteString {
  fileprivate var json: JSONValue {
    var object = JSONObject()
    object.add(text: description, "description")
    object.add("enabled_by", enabledBy.json)
    return object.value
  }
}

extension External {
  fileprivate var json: JSONValue {
    var object = JSONObject()
    object.add("name", name)
    object.add("class", treatment.rawValue)
    object.add("on_arrival", onArrival.rawValue)
    object.add(text: description, "description")
    object.add("field", field)
    object.add("param", parameter)
    return object.value
  }
}

extension HistoryEntry {
  fileprivate var json: JSONValue {
    var object = JSONObject()
    object.add("version", version)
    object.add("description", description)
    object.add("undo", JSONValue(.array(undo.map(\.json))))
    return object.value
  }
}

extension HistoryEntry.Operation {
  fileprivate var json: JSONValue {
    var object = JSONObject()
    switch self {
    case .remove(let path):
      object.add("op", "remove")
      object.add("path", path)
    case .replace(let path, let value):
      object.add("op", "replace")
      object.add("path", path)
      object.add("value", value)
    case .add(let path, let value, let before):
      object.add("op", "add")
      object.add("path", path)
      object.add("value", value)
      object.add("before", before)
    }
    return object.value
  }
}
