import MigrationStream

/// What two definitions say differently: sentences for people, and what no load would notice.
///
/// Names pieces that came, went or were renamed, so that what loads do about them is told in one place.
struct DocumentDifferences {
  let old: ModelDocument
  let new: ModelDocument
  let renames: FieldRenames
  var notes = FindingNotes()

  typealias Outcome = ModelFinding.Outcome

  init(_ old: ModelDocument, _ new: ModelDocument, _ renames: FieldRenames) {
    self.old = old
    self.new = new
    self.renames = renames
    document()
    parameters()
    aliases()
    sections()
    layouts()
    memory()
    externals()
  }

  /// Says that a value was changed, if it was.
  mutating func compare<Value: Equatable>(
    _ path: String, _ what: String, _ left: Value, _ right: Value, _ text: (Value) -> String, next: String = ""
  ) {
    guard left != right else { return }
    notes.say(path, "\(what) \(text(left)) became \(text(right))", next: next)
  }

  mutating func describe(_ path: String, _ left: String, _ right: String) {
    guard !left.hasSameOctets(as: right) else { return }
    notes.say(path, "description changed", next: "See that the meaning is the same: nothing else would notice.", isWeak: true)
  }

  mutating func breaks(
    _ path: String, _ direction: LoadDirection, _ effect: ModelFinding.Effect, _ code: StreamError.Code? = nil,
    when condition: String = ""
  ) {
    notes.note(path, direction, Outcome(effect, code, when: condition, weight: .breaks))
  }

  mutating func breaks(
    _ path: String, _ effect: ModelFinding.Effect, _ code: StreamError.Code? = nil, when condition: String = ""
  ) {
    for direction in LoadDirection.allCases { breaks(path, direction, effect, code, when: condition) }
  }
}

// MARK: - The document itself

extension DocumentDifferences {
  private mutating func document() {
    compare("/model", "identifier", old.model, new.model, { $0 }, next: "Publish it as another model, or keep the identifier.")
    compare("/apply", "apply", old.apply, new.apply, { "\($0)" }, next: "Keep it: a stream says it, and readers compare.")
    compare(
      "/clock", "clock", old.clock, new.clock, { "\($0)" }, next: "Keep it; give new instants a clock of their own.")
    // A stream says these, and readers compare them before its parameters.
    if old.model != new.model { breaks("/model", .refused, .wrongModel) }
    if old.apply != new.apply { breaks("/apply", .refused, .wrongModel) }
    if old.clock != new.clock { breaks("/clock", .refused, .wrongModel) }
    describe("/description", old.description, new.description)
    if new.versionMin > old.versionMin {
      notes.say(
        "/min_version", "min_version \(old.versionMin) became \(new.versionMin)",
        next: "Keep it: streams without new pieces have the lowest version.")
      breaks("/min_version", .backward, .refused, .versionTooOld, when: "the stream's version is below \(new.versionMin)")
    } else {
      compare("/min_version", "min_version", old.versionMin, new.versionMin, { "\($0)" })
    }
    history()
  }

  /// Whether the definition that was published is still what the new document says of it.
  private mutating func history() {
    if new.version == old.version {
      guard !old.hasSameState(as: new) else { return }
      notes.say(
        "/version", "two different definitions have number \(old.version)",
        next: "Give the new one the next number, with the way back in its history.")
      return breaks("/version", .backward, .misread)
    }
    guard new.version > old.version else {
      return notes.say("/version", "version \(old.version) became \(new.version): the new one is the older", next: "Swap the two.")
    }
    guard let reached = try? new.definition(old.version) else {
      return notes.say(
        "/history", "there is no way back to definition \(old.version)",
        next: "Add it to the history: tools derive older definitions from it.")
    }
    guard !old.hasSameState(as: reached) else { return }
    let path = "/history".member("\(old.version)")
    notes.say(
      path, "definition \(old.version) as its history derives it is not the one that was published",
      next: "Correct the undo operations from \(new.version) down to \(old.version).")
    breaks(path, .backward, .misread)
  }
}

extension ModelDocument {
  /// The same but for texts for people, aliases of parameter sets, and the history.
  func hasSameState(as other: ModelDocument) -> Bool { stripped == other.stripped }

  private var stripped: ModelDocument {
    var document = self
    document.description = ""
    document.aliases = []
    document.history = []
    document.externals = document.externals.map { external in
      var external = external
      external.description = ""
      return external
    }
    document.parameters = parameters.map { parameter in
      var parameter = parameter
      parameter.description = ""
      return parameter
    }
    document.sections = sections.map { section in
      var section = section
      section.piece = section.piece.stripped
      return section
    }
    document.layouts = layouts.map { layout in
      var layout = layout
      (layout.description, layout.fields) = ("", layout.fields.map(\.stripped))
      layout.rules = layout.rules.map(\.stripped)
      return layout
    }
    document.regions = regions.map { region in
      var region = region
      region.description = ""
      return region
    }
    document.byteString?.description = ""
    return document
  }
}

extension StatePiece {
  fileprivate var stripped: StatePiece {
    var piece = self
    (piece.description, piece.fields) = ("", fields.map(\.stripped))
    piece.rules = rules.map(\.stripped)
    piece.subsections = subsections.map { subsection in
      var subsection = subsection
      (subsection.piece, subsection.condition) = (subsection.piece.stripped, "")
      return subsection
    }
    return piece
  }
}

extension ModelRule {
  var stripped: ModelRule {
    var rule = self
    rule.description = ""
    return rule
  }
}

extension ModelField {
  fileprivate var stripped: ModelField {
    var field = self
    (field.description, field.fields) = ("", fields.map(\.stripped))
    field.rules = rules.map(\.stripped)
    field.symbols = symbols.map(\.stripped)
    return field
  }
}
