internal import MigrationStream

/// Sections, subsections, fields, layouts and regions.
extension ModelLint {
  /// What holds of everything inside a group.
  struct Surroundings {
    /// Path of the group, for externals; empty in layouts of elements.
    var path: String
    /// First definition that has the group.
    var since: UInt32
    /// Whether readers that do not know what is new in it have a way: a parameter, a condition, or a skippable mark.
    var isTied: Bool
    /// Of the group and of what is around it.
    var terms: [ParameterTerm]
    var fieldClass: FieldClass
    /// Fields that comparisons may name.
    var scope: FieldScope
  }

  mutating func checkState() {
    for (section, place) in zip(document.sections, root["sections"].elements) {
      if case .many(let count, _) = section.cardinality { use(count) }
      let isTied = !section.piece.enabledBy.isEmpty || section.piece.mark == .skippable
      checkSince(section.piece.since, isTied: isTied, "The section \(section.piece.name)", at: place)
      checkPiece(
        section.piece, at: place,
        Surroundings(
          path: section.piece.name, since: section.piece.since, isTied: isTied, terms: section.piece.enabledBy,
          fieldClass: section.piece.fieldClass, scope: FieldScope(section.piece.fields, layouts: elementGroups)))
    }
    for (layout, place) in zip(document.layouts, root["layouts"].members) {
      let surroundings = Surroundings(
        path: "", since: 1, isTied: false, terms: [], fieldClass: .guestVisible,
        scope: FieldScope(layout.fields, layouts: elementGroups))
      checkFields(layout.fields, at: place["fields"], surroundings)
      checkRules(layout.rules, at: place["rules"], surroundings.scope)
    }
    for (region, place) in zip(document.regions, root["regions"].elements) {
      checkTerms(region.enabledBy, of: "The region \(region.name)", at: place["enabled_by"])
      use(region.size)
    }
    if let byteString = document.byteString {
      checkTerms(byteString.enabledBy, of: "The byte string", at: root["byte_string"]["enabled_by"])
    }
    for external in document.externals {
      if let parameter = external.parameter { usedParameters.insert(parameter) }
    }
  }

  private mutating func checkPiece(_ piece: StatePiece, at place: DocumentPlace, _ surroundings: Surroundings) {
    checkName(piece.name, at: place["name"])
    checkWords(piece.description, at: place["description"])
    checkTerms(piece.enabledBy, of: piece.name, at: place["enabled_by"])
    if piece.mark == .skippable, Self.isGuestVisible(piece.fields, surroundings.fieldClass) {
      add(.skippableGuestVisible, "\(piece.name) may be dropped and has state that the guest sees.", at: place)
    }
    checkFields(piece.fields, at: place["fields"], surroundings)
    checkRules(piece.rules, at: place["rules"], surroundings.scope)
    for (subsection, inside) in zip(piece.subsections, place["subsections"].elements) {
      checkSubsection(subsection, at: inside, surroundings)
    }
  }

  private mutating func checkSubsection(
    _ subsection: ModelSubsection, at place: DocumentPlace, _ around: Surroundings
  ) {
    let piece = subsection.piece
    let hasCondition = subsection.when != nil || !subsection.condition.isEmpty
    checkWords(subsection.condition, at: place["condition"])
    if subsection.when != nil, subsection.condition.isEmpty {
      add(.conditionWithoutWords, "The subsection \(piece.name) has no condition in words.", at: place)
    }
    let isFree = around.terms.isEmpty && piece.enabledBy.isEmpty && piece.mark == .required
    if subsection.when == nil, !subsection.condition.isEmpty, isFree {
      add(.conditionInWordsOnly, "No machine can check the condition of \(piece.name).", at: place["condition"])
    }
    if let when = subsection.when {
      let scope = subsection.target.flatMap { around.scope.target($0)?.scope } ?? around.scope
      checkComparisons(when, at: place["when"], scope)
    }
    let since = max(piece.since, around.since)
    let isTied = around.isTied || hasCondition || !piece.enabledBy.isEmpty || piece.mark == .skippable
    if since > around.since {
      checkSince(since, isTied: isTied, "The subsection \(piece.name)", at: place)
    }
    checkPiece(
      piece, at: place,
      Surroundings(
        path: piece.name, since: since, isTied: isTied, terms: around.terms + piece.enabledBy,
        fieldClass: piece.fieldClass,
        scope: FieldScope(piece.fields, layouts: elementGroups)))
  }

  private mutating func checkFields(_ fields: [ModelField], at place: DocumentPlace, _ around: Surroundings) {
    for (number, (field, inside)) in zip(fields, place.elements).enumerated() {
      checkField(field, number, at: inside, around)
    }
  }

  private mutating func checkField(_ field: ModelField, _ number: Int, at place: DocumentPlace, _ around: Surroundings) {
    checkTexts(of: field, at: place)
    checkTerms(field.enabledBy, of: "The field \(field.name)", at: place["enabled_by"])
    for (symbol, symbolPlace) in zip(field.symbols, place["symbols"].members) {
      checkTerms(symbol.enabledBy, of: "The symbol \(symbol.name)", at: symbolPlace["enabled_by"])
    }
    checkNumbers(of: field, when: around.terms + field.enabledBy, at: place)
    checkBounds(of: field, at: place)
    var inside = around
    inside.path += around.path.isEmpty ? "" : "/" + field.name
    inside.terms += field.enabledBy
    inside.since = max(field.since ?? 1, around.since)
    inside.fieldClass = field.fieldClass ?? around.fieldClass
    inside.isTied = around.isTied || !field.enabledBy.isEmpty || field.mark == .skippable || field.defaultValue != nil
    if inside.since > around.since, field.type.type != .padding {
      checkSince(inside.since, isTied: inside.isTied, "The field \(field.name)", at: place)
    }
    checkClass(of: field, at: place, inside)
    if field.mark == .skippable, Self.isGuestVisible([field], around.fieldClass) {
      add(.skippableGuestVisible, "The field \(field.name) may be dropped and the guest sees it.", at: place)
    }
    guard !field.fields.isEmpty else { return }
    if field.until == nil, field.fields.contains(where: hasGone), !field.fields.contains(where: isLeft) {
      add(.groupEmpty, "Nothing is left in \(field.name), and readers wait for it.", at: place)
    }
    inside.scope = around.scope.inside(number)
    checkFields(field.fields, at: place["fields"], inside)
    checkRules(field.rules, at: place["rules"], inside.scope)
  }

  /// A field, or something in a group, that is no longer written.
  private func hasGone(_ field: ModelField) -> Bool {
    (field.until ?? .max) < document.version || field.fields.contains(where: hasGone)
  }

  /// A field that is written whatever the parameters are.
  private func isLeft(_ field: ModelField) -> Bool {
    (field.until ?? .max) >= document.version && field.enabledBy.isEmpty
      && (field.fields.isEmpty || field.fields.contains(where: isLeft))
  }

  private mutating func checkSince(_ since: UInt32, isTied: Bool, _ what: String, at place: DocumentPlace) {
    guard since > 1, !isTied else { return }
    add(.untiedState, "\(what) came with definition \(since) and is tied to nothing.", at: place)
  }

  // MARK: Classes

  private mutating func checkClass(of field: ModelField, at place: DocumentPlace, _ inside: Surroundings) {
    guard field.fields.isEmpty, inside.fieldClass == .externalMigrated, !isNamedByExternal(inside.path) else { return }
    add(.externalClass, "No external names the field \(field.name) of class external-migrated.", at: place)
  }

  /// Whether an external names the field, or a group around it.
  private func isNamedByExternal(_ path: String) -> Bool {
    var steps = path.split(separator: "/")
    while !steps.isEmpty {
      if externalFields.contains(steps.joined(separator: "/")) { return true }
      steps.removeLast()
    }
    return false
  }

  /// Whether a leaf among the fields is seen by the guest.
  private static func isGuestVisible(_ fields: [ModelField], _ around: FieldClass) -> Bool {
    fields.contains { field in
      let own = field.fieldClass ?? around
      if field.type.type == .padding { return false }
      return field.fields.isEmpty ? own == .guestVisible : isGuestVisible(field.fields, own)
    }
  }
}
