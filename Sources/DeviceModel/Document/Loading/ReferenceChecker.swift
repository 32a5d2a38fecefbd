import MigrationStream

/// Whether all that the state of a document names is there and of the right kind.
///
/// It walks the document that was loaded and the values it was loaded from together, so that a fault has its place.
///
/// Source: Specs/device-models.md sections 5 and 6.
struct ReferenceChecker {
  private let document: ModelDocument
  private let root: DocumentNode
  private let parameters: ParameterIndex
  let layouts: [ExactName: GroupIndex]

  init(_ document: ModelDocument, _ root: DocumentNode, _ parameters: ParameterIndex) {
    self.document = document
    self.root = root
    self.parameters = parameters
    layouts = Dictionary(
      document.layouts.map { (ExactName($0.name), GroupIndex($0.fields)) }, uniquingKeysWith: { first, _ in first })
  }

  func check() throws(DocumentFault) {
    var earlier: Set<ExactName> = []
    let all = Set(document.sections.map { ExactName($0.piece.name) })
    for (section, node) in zip(document.sections, try root.required("sections").elements()) {
      try checkOrder(section, node, earlier: earlier, all: all)
      try checkKey(section, node)
      try check(section.piece, node)
      earlier.insert(ExactName(section.piece.name))
    }
    for (layout, member) in zip(document.layouts, try root["layouts"]?.members() ?? []) {
      let scope = FieldScope(layouts[ExactName(layout.name)] ?? GroupIndex(layout.fields), layouts: layouts)
      let context = FieldContext(scope: scope, fieldClass: .guestVisible, isVerified: false, isElement: true)
      try check(layout.fields, try member.node.required("fields"), context)
      try check(layout.rules, member.node["rules"], scope)
    }
    try checkExternals()
  }

  private func checkOrder(
    _ section: ModelSection, _ node: DocumentNode, earlier: Set<ExactName>, all: Set<ExactName>
  ) throws(DocumentFault) {
    var names = NameRegister()
    for (name, place) in zip(section.after, try node["after"]?.elements() ?? []) {
      guard all.contains(ExactName(name)) else {
        throw place.fault("the document has no section `\(VisibleName(name))`")
      }
      guard earlier.contains(ExactName(name)) else {
        throw place.fault(
          "the section `\(VisibleName(name))` does not come earlier in the document, which is the order of writing")
      }
      try names.add(name, "the section", at: place)
    }
  }

  private func checkKey(_ section: ModelSection, _ node: DocumentNode) throws(DocumentFault) {
    guard case .many(_, let key) = section.cardinality else { return }
    let place = try node.required("key")
    guard let field = section.piece.fields.first(where: { $0.name.hasSameOctets(as: key) }) else {
      throw place.fault("the section has no field `\(VisibleName(key))` at the top of its layout")
    }
    guard field.type.type.isInteger, field.type.width <= 8, field.count == .one, field.until == nil else {
      throw place.fault(
        "the field `\(VisibleName(key))` is no key: expected an integer of up to 64 bits, of shape one, without `until`"
      )
    }
  }

  private func check(_ piece: StatePiece, _ node: DocumentNode) throws(DocumentFault) {
    let scope = FieldScope(piece.fields, layouts: layouts)
    let context = FieldContext(scope: scope, fieldClass: piece.fieldClass, isVerified: false, isElement: false)
    try check(piece.fields, try node.required("fields"), context)
    try check(piece.rules, node["rules"], scope)
    for (subsection, child) in zip(piece.subsections, try node["subsections"]?.elements() ?? []) {
      try check(subsection, child, in: scope)
    }
  }

  private func check(
    _ subsection: ModelSubsection, _ node: DocumentNode, in scope: FieldScope
  ) throws(DocumentFault) {
    var conditionScope = scope
    if let path = subsection.target {
      let place = try node.required("target")
      guard let target = scope.target(path) else {
        throw place.fault("`\(VisibleName(path))` leads to no field of the parent's layout")
      }
      guard target.field.type.type.isGroup || target.field.type.type == .list else {
        throw place.fault(
          "`\(VisibleName(path))` is a `\(target.field.type.spelling)`; expected a structure, list, union or optional")
      }
      conditionScope = target.scope
    }
    if let when = subsection.when { try check(when, try node.required("when"), conditionScope) }
    try check(subsection.piece, node)
  }

  private func checkExternals() throws(DocumentFault) {
    guard !document.externals.isEmpty else { return }
    var pieces: [ExactName: (piece: StatePiece, fields: GroupIndex)] = [:]
    for section in document.sections { Self.collect(section.piece, into: &pieces) }
    for (external, node) in zip(document.externals, try root["externals"]?.elements() ?? []) {
      if let name = external.parameter { _ = try parameters.parameter(name, at: try node.required("param")) }
      guard let path = external.field else { continue }
      let place = try node.required("field")
      let steps = ModelPath(path)?.names ?? []
      guard steps.count > 1, let piece = pieces[ExactName(steps[0])] else {
        throw place.fault(
          "expected `SECTION/FIELD` with a section or subsection of the document, found `\(VisibleName(path))`")
      }
      guard let fieldClass = Self.fieldClass(of: steps.dropFirst(), in: piece.fields, else: piece.piece.fieldClass)
      else {
        throw place.fault("`\(VisibleName(path))` leads to no field of `\(VisibleName(piece.piece.name))`")
      }
      guard fieldClass == .externalMigrated else {
        throw place.fault("the field has the class `\(fieldClass.rawValue)`; expected `external-migrated`")
      }
    }
  }

  private static func collect(
    _ piece: StatePiece, into pieces: inout [ExactName: (piece: StatePiece, fields: GroupIndex)]
  ) {
    pieces[ExactName(piece.name)] = (piece, GroupIndex(piece.fields))
    for subsection in piece.subsections { collect(subsection.piece, into: &pieces) }
  }

  /// Of the field that `path` leads to, its own or that of the nearest group around it that says one.
  private static func fieldClass(
    of steps: ArraySlice<String>, in top: GroupIndex, else pieceClass: FieldClass
  ) -> FieldClass? {
    var group = top
    var fieldClass = pieceClass
    for step in steps {
      guard let number = group.number(of: step) else { return nil }
      fieldClass = group.fields[number].fieldClass ?? fieldClass
      group = group.group(number)
    }
    return fieldClass
  }
}
