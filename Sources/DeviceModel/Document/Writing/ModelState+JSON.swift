import MigrationStream

/// State in canonical form.
///
/// Source: Specs/device-models.md section 5.
extension ModelSection {
  var json: JSONValue {
    var object = JSONObject()
    piece.addHead(to: &object)
    switch cardinality {
    case .one: break
    case .optional: object.add("cardinality", "optional")
    case .many(let count, let key):
      object.add("cardinality", "many")
      object.add("max_count", count.json)
      object.add("key", key)
    }
    object.add(list: after.map { JSONValue(.string($0)) }, "after")
    piece.addBody(to: &object)
    return object.value
  }
}

extension ModelSubsection {
  var json: JSONValue {
    var object = JSONObject()
    piece.addHead(to: &object)
    object.add("target", target)
    object.add(text: condition, "condition")
    object.add("when", when?.json)
    piece.addBody(to: &object)
    return object.value
  }
}

extension StatePiece {
  fileprivate func addHead(to object: inout JSONObject) {
    object.add("name", name)
    object.add(text: description, "description")
    object.add("since", since == 1 ? nil : since)
    object.add("mark", mark, among: DocumentWords.marks, usual: .required)
    object.add("enabled_by", enabledBy.json)
  }

  fileprivate func addBody(to object: inout JSONObject) {
    object.add("class", fieldClass == .guestVisible ? nil : fieldClass.rawValue)
    object.add("layout", layout)
    object.add("fields", JSONValue(.array(fields.map(\.json))))
    object.add(list: rules.map(\.json), "rules")
    object.add(list: subsections.map(\.json), "subsections")
  }
}

extension ElementLayout {
  var json: JSONValue {
    var object = JSONObject()
    object.add(text: description, "description")
    object.add("layout", layout)
    object.add("fields", JSONValue(.array(fields.map(\.json))))
    object.add(list: rules.map(\.json), "rules")
    return object.value
  }
}

extension ModelRule {
  var json: JSONValue {
    var object = JSONObject()
    object.add("name", name)
    object.add("when", when.isEmpty ? nil : when.json)
    object.add("then", then.json)
    object.add(text: description, "description")
    return object.value
  }
}

extension [Comparison] {
  var json: JSONValue {
    JSONValue(
      .array(
        map { comparison in
          var object = JSONObject()
          object.add("field", comparison.field)
          object.add(comparison.relation.rawValue, comparison.value)
          return object.value
        }))
  }
}

extension ModelField {
  var json: JSONValue {
    var object = JSONObject()
    object.add("name", name)
    object.add("type", type.spelling)
    switch count {
    case .one: break
    case .fixed(let number): object.add("count", number.json)
    case .atMost(let number): object.add("max_count", number.json)
    }
    object.add(list: fields.map(\.json), "fields")
    if type.type == .list { object.add("elements", JSONValue(.array(elements.map { JSONValue(.string($0)) }))) }
    object.add("class", fieldClass?.rawValue)
    object.add("verify", verify?.rawValue)
    object.add("mark", mark, among: DocumentWords.marks, usual: .required)
    object.add("since", since)
    object.add("until", until)
    object.add("enabled_by", enabledBy.json)
    addValues(to: &object)
    object.add(list: aliases.map { JSONValue(.string($0)) }, "aliases")
    object.add("ref", reference)
    object.add(flag: isUnique, "unique")
    object.add("in", link?.key)
    object.add("none", link?.none)
    object.add(flag: link?.isAcyclic ?? false, "acyclic")
    object.add("above", above)
    object.add(list: rules.map(\.json), "rules")
    object.add(text: description, "description")
    return object.value
  }

  private func addValues(to object: inout JSONObject) {
    if let defaultValue {
      let content = type.type == .bool ? JSONValue.Content.bool(defaultValue != 0) : .integer(defaultValue)
      object.add("default", JSONValue(content))
    }
    object.add("range", range.map { JSONValue(.array([$0.lowest.json, $0.highest.json])) })
    object.add(text: unit, "unit")
    object.add("radix", radix == 0 ? nil : radix)
    object.add("alignment", alignmentLog2 == 0 ? nil : UInt64(1) << alignmentLog2)
    if let clock { object.add("clock", clock, among: DocumentWords.clocks, usual: nil) }
    object.add(flag: isSecret, "secret")
    var named = JSONObject()
    var keys = UniqueNames()
    for symbol in symbols {
      let key = keys.claim(symbol.name)
      named.add(key, symbol.json(key: key))
    }
    object.add(object: named, "symbols")
    object.add(flag: isOpen, "open")
  }
}

extension FieldSymbol {
  /// Names repeat, keys do not.
  func json(key: String) -> JSONValue {
    let number = JSONValue(.integer(Int128(value)))
    var object = JSONObject()
    object.add("value", number)
    object.add("name", key == name ? nil : name)
    object.add("since", since)
    object.add("enabled_by", enabledBy.json)
    object.add(text: description, "description")
    return object.members.count == 1 ? number : object.value
  }
}
