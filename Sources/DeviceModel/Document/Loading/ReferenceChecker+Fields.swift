import MigrationStream

/// Where a field stands, and what it takes over from the groups around it.
struct FieldContext {
  var scope: FieldScope
  var fieldClass: FieldClass
  /// Whether a group around is compared with the destination's configuration.
  var isVerified: Bool
  /// Whether the layout is one of elements of lists.
  var isElement: Bool
}

extension ReferenceChecker {
  func check(_ fields: [ModelField], _ list: DocumentNode, _ context: FieldContext) throws(DocumentFault) {
    for (number, node) in try list.elements().enumerated() {
      let field = fields[number]
      try checkClass(field, node, context)
      for (name, place) in zip(field.elements, try node["elements"]?.elements() ?? []) {
        guard layouts[ExactName(name)] != nil else {
          throw place.fault("the document has no layout `\(VisibleName(name))`")
        }
      }
      if let path = field.reference { try checkArray(path, try node.required("ref"), context.scope) }
      if let link = field.link { try checkLink(link, node, context) }
      if let path = field.above { _ = try key(path, try node.required("above"), context.scope) }
      guard field.type.type.isGroup else { continue }
      var inner = context
      inner.scope = context.scope.inside(number)
      inner.fieldClass = field.fieldClass ?? context.fieldClass
      inner.isVerified = context.isVerified || field.verify != nil
      try check(field.rules, node["rules"], inner.scope)
      try check(field.fields, try node.required("fields"), inner)
    }
  }

  private func checkClass(_ field: ModelField, _ node: DocumentNode, _ context: FieldContext) throws(DocumentFault) {
    let fieldClass = field.fieldClass ?? context.fieldClass
    if let mode = field.verify {
      let place = try node.required("verify")
      guard fieldClass == .externalConfigured else {
        throw place.fault("a field with `verify` has the class `external-configured`, found `\(fieldClass.rawValue)`")
      }
      guard mode.fits(field) else {
        throw place.fault("`\(mode.rawValue)` does not fit `\(field.type.spelling)`: \(mode.home)")
      }
    }
    let isConfiguration = fieldClass == .externalConfigured
    guard !context.isVerified || isConfiguration else {
      throw (node["class"] ?? node).fault("the field lies in one with `verify`, so its class is `external-configured`")
    }
    guard
      !isConfiguration || context.isVerified || field.verify != nil || field.type.type.isGroup
        || field.type.type == .padding
    else {
      throw (node["class"] ?? node).fault(
        "a field of the class `external-configured` has `verify`, itself or in a group around it")
    }
  }

  private func checkArray(_ path: String, _ place: DocumentNode, _ scope: FieldScope) throws(DocumentFault) {
    guard let found = scope.find(path, through: .structures) else { throw place.leadsNowhere(path) }
    guard found.field.count != .one || found.field.type.type == .list else {
      throw place.fault("`\(VisibleName(path))` is neither an array nor a list")
    }
  }

  private func key(
    _ path: String, _ place: DocumentNode, _ scope: FieldScope
  ) throws(DocumentFault) -> FieldScope.Found {
    guard let found = scope.find(path, through: .elements) else { throw place.leadsNowhere(path) }
    guard found.field.isUnique else { throw place.fault("`\(VisibleName(path))` is no key: it does not say `unique`") }
    return found
  }

  private func checkLink(_ link: FieldLink, _ node: DocumentNode, _ context: FieldContext) throws(DocumentFault) {
    let found = try key(link.key, try node.required("in"), context.scope)
    guard link.isAcyclic else { return }
    let steps = context.scope.elementSteps
    guard found.elementSteps == steps, !steps.isEmpty || context.isElement else {
      throw (node["acyclic"] ?? node).fault(
        "`acyclic` belongs to a field that lies in the same elements as its key `\(VisibleName(link.key))`")
    }
  }

  func check(_ rules: [ModelRule], _ list: DocumentNode?, _ scope: FieldScope) throws(DocumentFault) {
    for (rule, node) in zip(rules, try list?.elements() ?? []) {
      if let when = node["when"] { try check(rule.when, when, scope) }
      try check(rule.then, try node.required("then"), scope)
    }
  }

  func check(_ comparisons: [Comparison], _ list: DocumentNode, _ scope: FieldScope) throws(DocumentFault) {
    for (comparison, node) in zip(comparisons, try list.elements()) {
      let place = try node.required("field")
      guard let found = scope.find(comparison.field, through: .structures) else {
        throw place.leadsNowhere(comparison.field)
      }
      let type = found.field.type
      guard type.type.isInteger || type.type == .bool, type.width <= 8, found.field.count == .one else {
        throw place.fault(
          "`\(VisibleName(comparison.field))` is not compared: expected an integer of up to 64 bits or a bool, of shape one"
        )
      }
      let valueNode = try node.required(comparison.relation.rawValue)
      _ = try valueNode.value(of: type)
      guard comparison.relation == .anyBits || comparison.relation == .noBits else { continue }
      guard !type.type.isSigned, type.type != .bool else {
        throw valueNode.fault(
          "`\(comparison.relation.rawValue)` belongs to fields without sign, found `\(type.spelling)`")
      }
      guard comparison.value != 0 else { throw valueNode.fault("expected one bit or more, found 0") }
    }
  }
}

extension DocumentNode {
  fileprivate func leadsNowhere(_ path: String) -> DocumentFault {
    fault("`\(VisibleName(path))` leads to no field, from the group at hand or from one around it")
  }
}

extension VerifyMode {
  /// Whether a value of the field can be compared so.
  func fits(_ field: ModelField) -> Bool {
    let type = field.type.type
    if self == .equal { return true }
    if case .atMost = field.count { return false }
    return switch self {
    case .equal: true
    case .superset: type == .flags || type == .bitmap || type == .unsigned
    case .atMost: type.isInteger && !type.takesSymbols && field.type.width <= 8
    }
  }

  var home: String {
    switch self {
    case .equal: "it fits every type"
    case .superset: "it belongs to flags, bitmaps and unsigned integers without `max_count`"
    case .atMost: "it belongs to integers of up to 64 bits without `max_count`"
    }
  }
}
