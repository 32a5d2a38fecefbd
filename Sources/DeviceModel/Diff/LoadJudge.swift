import MigrationStream

/// What one definition does with what another wrote, both with the same parameters listed.
///
/// In the order of a load: manifest, data by the mapping, subsections. What is refused first does not hide the rest.
///
/// Source: Specs/device-models.md section 11, Specs/60-section-rules.md sections 3 and 4.
struct LoadJudge {
  let direction: LoadDirection
  /// What the stream lists.
  let listed: [ParameterSetting]
  /// The comparison of documents has told what belongs to which place.
  var notes: FindingNotes
  private let names: LoadNames
  private let renames: FieldRenames

  typealias Outcome = ModelFinding.Outcome

  static func judge(
    writer: borrowing ResolvedModel, reader: borrowing ResolvedModel, _ direction: LoadDirection,
    _ renames: FieldRenames, _ notes: inout FindingNotes
  ) {
    var judge = LoadJudge(
      direction: direction, listed: writer.parameters.listed, notes: notes, names: LoadNames(writer, reader),
      renames: renames)
    judge.device(writer, reader)
    judge.sections(writer, reader)
    judge.missingSections(writer, reader)
    judge.memory(writer, reader)
    judge.subsections(writer, reader)
    judge.conditions(writer, reader)
    notes = judge.notes
  }

  mutating func note(_ path: String, _ outcome: Outcome) {
    var outcome = outcome
    outcome.parameters = listed
    notes.note(path, direction, outcome)
  }

  mutating func refuse(_ path: String, _ code: StreamError.Code, when condition: String = "") {
    note(path, Outcome(.refused, code, when: condition, weight: .breaks))
  }
}

// MARK: - The device and its versions

extension LoadJudge {
  private mutating func device(_ writer: borrowing ResolvedModel, _ reader: borrowing ResolvedModel) {
    if writer.versionMin > reader.document.version {
      for section in writer.sections where section.mark == .required {
        refuseNewer(than: reader.document.version, section.section.piece, section.layout, pathOf(section), writer)
      }
    }
    if writer.version < reader.document.versionMin { refuse("/min_version", .versionTooOld) }
  }

  func pathOf(_ section: ResolvedSection) -> String { "/sections".member(section.name) }

  /// Versions of an announced piece that the reader has.
  private mutating func versions(
    _ writer: borrowing ResolvedModel, _ piece: StatePiece, _ layout: UInt32, _ path: String,
    minimum: UInt32, reader version: UInt32, when condition: String
  ) {
    guard minimum > version else { return }
    refuseNewer(than: version, piece, layout, path, writer, when: condition)
  }

  /// What makes the least version of a piece higher than a reader's: the piece itself, or required fields in it.
  private mutating func refuseNewer(
    than version: UInt32, _ piece: StatePiece, _ layout: UInt32, _ path: String, _ writer: borrowing ResolvedModel,
    when condition: String = ""
  ) {
    guard piece.since <= version else { return refuse(path, .versionTooNew, when: condition) }
    for (layout, path) in layouts(from: layout, path, of: writer) {
      let fields = writer.writerFields[layout].fields
      // Whether an entry, or a group around it, is skippable or was told of.
      var isSettled: [Bool] = []
      for (entry, field) in fields.enumerated() {
        let isAround = field.parent.map { isSettled[$0] } ?? false
        let isNewer = (field.field.since ?? 1) > version
        isSettled.append(isAround || isNewer || field.field.mark == .skippable)
        if !isAround, isNewer, field.field.mark == .required {
          refuse(path + writer.writerFields[layout].names(of: entry), .versionTooNew, when: condition)
        }
      }
    }
  }

  /// A piece's written layout, and those of elements that it may have.
  func layouts(from layout: UInt32, _ path: String, of model: borrowing ResolvedModel) -> [(Int, String)] {
    var found = [(Int(layout), path)]
    var position = 0
    while position < found.count {
      for field in model.writerFields[found[position].0].fields {
        for name in field.field.elements {
          guard let number = model.element(name, isWritten: true), !found.contains(where: { $0.0 == number }) else { continue }
          found.append((number, "/layouts".member(name)))
        }
      }
      position += 1
    }
    return found
  }
}

// MARK: - Sections

extension LoadJudge {
  private mutating func sections(_ writer: borrowing ResolvedModel, _ reader: borrowing ResolvedModel) {
    for (position, section) in writer.sections.enumerated() {
      let path = pathOf(section)
      let condition = section.section.cardinality == .one ? "" : "one comes"
      guard names.known.contains(ExactName(section.name)) else {
        unknown(path, section.mark, when: condition)
        continue
      }
      guard let number = names.readerSections[ExactName(section.name)] else {
        refuse(path, .notEnabled, when: condition)
        continue
      }
      let own = reader.sections[number]
      versions(
        writer, section.section.piece, section.layout, path, minimum: section.versionMin,
        reader: reader.document.version, when: condition)
      count(section, own, path)
      order(writer, position, own, own.predecessors.map { reader.sections[$0].name }, path)
      data(
        writer, section.layout, reader, own.layout, version: section.version, path, readerPath: path, when: condition)
    }
  }

  mutating func unknown(_ path: String, _ mark: Mark, when condition: String) {
    if mark == .skippable {
      note(path, Outcome(.skipped, when: condition, weight: .safe))
    } else {
      refuse(path, .unknownRequired, when: condition)
    }
  }

  private mutating func count(_ section: ResolvedSection, _ own: ResolvedSection, _ path: String) {
    switch (section.section.cardinality, own.section.cardinality) {
    case (.many, .many) where section.maximumCount > own.maximumCount:
      refuse(path, .countAboveMaximum, when: "there are more than \(own.maximumCount)")
    case (.many, .one), (.many, .optional):
      if section.maximumCount > 1 { refuse(path, .duplicateSection, when: "there is more than one") }
    default: break
    }
    if section.section.cardinality != .one, own.section.isDemanded {
      refuse(path, .missingSection, when: "none comes")
    }
  }

  /// Sections that come later although the reader wants them earlier.
  private mutating func order(
    _ writer: borrowing ResolvedModel, _ position: Int, _ own: ResolvedSection, _ predecessors: [String], _ path: String
  ) {
    for name in predecessors {
      guard let number = names.writerSections[ExactName(name)], number > position else { continue }
      let later = writer.sections[number]
      let areSure = later.section.cardinality == .one && own.section.cardinality == .one
      refuse(path, .sectionOutOfOrder, when: areSure ? "" : "both come")
    }
  }

  private mutating func missingSections(_ writer: borrowing ResolvedModel, _ reader: borrowing ResolvedModel) {
    for own in reader.sections where own.section.isDemanded {
      guard names.writerSections[ExactName(own.name)] == nil else { continue }
      let isMade = own.section.piece.since > writer.version && reader.layouts.table.layout(own.layout).hasDefaults
      let path = pathOf(own)
      if isMade { note(path, Outcome(.defaulted, weight: .safe)) } else { refuse(path, .missingSection) }
    }
  }
}

// MARK: - Memory and the byte string

extension LoadJudge {
  private mutating func memory(_ writer: borrowing ResolvedModel, _ reader: borrowing ResolvedModel) {
    for region in writer.regions {
      let path = "/regions".member(region.name)
      guard let own = reader.regions.first(where: { $0.name.hasSameOctets(as: region.name) }) else {
        refuse(path, .unknownRegion)
        continue
      }
      let isSame = own.byteCount == region.byteCount && own.flags == region.flags
        && own.region.pageSize == region.region.pageSize
      if !isSame { refuse(path, .wrongModel) }
    }
    for own in reader.regions where !writer.regions.contains(where: { $0.name.hasSameOctets(as: own.name) }) {
      refuse("/regions".member(own.name), .unknownRegion)
    }
    if writer.hasByteString, !reader.hasByteString { refuse("/byte_string", .notEnabled) }
    if reader.hasByteString, !writer.hasByteString { refuse("/byte_string", .incompleteBytes) }
  }
}

// MARK: - Subsections

extension LoadJudge {
  private mutating func subsections(_ writer: borrowing ResolvedModel, _ reader: borrowing ResolvedModel) {
    for subsection in writer.subsections {
      let path = writer.path(of: subsection)
      let comes = subsection.subsection.isAlwaysSent ? "" : "it comes"
      guard names.knownSubsections.contains(ExactName(subsection.name)) else {
        unknown(subsection, path, when: comes)
        continue
      }
      guard let number = names.readerSubsections[ExactName(subsection.name)] else {
        refuse(path, .notEnabled, when: comes)
        continue
      }
      let own = reader.subsections[number]
      versions(
        writer, subsection.subsection.piece, subsection.layout, path, minimum: subsection.versionMin,
        reader: reader.document.version, when: comes)
      if !isSameTarget(subsection, writer, own, reader) { refuse(path, .badTarget, when: comes) }
      data(
        writer, subsection.layout, reader, own.layout, version: subsection.version, path,
        readerPath: reader.path(of: own), when: comes)
    }
  }

  /// A state that only new devices have may be refused by old ones: that is what subsections are for.
  private mutating func unknown(_ subsection: ResolvedSubsection, _ path: String, when comes: String) {
    let isRare = subsection.subsection.isConditional
    guard direction == .forward, isRare, subsection.mark == .required else {
      return unknown(path, subsection.mark, when: comes)
    }
    note(path, Outcome(.refused, .unknownRequired, when: comes, weight: .unless))
  }

  private func isSameTarget(
    _ subsection: ResolvedSubsection, _ writer: borrowing ResolvedModel, _ own: ResolvedSubsection,
    _ reader: borrowing ResolvedModel
  ) -> Bool {
    guard writer.ownerName(of: subsection).hasSameOctets(as: reader.ownerName(of: own)) else { return false }
    switch (subsection.target, own.target) {
    case (nil, nil): return true
    case (let target?, let ownTarget?):
      let theirs = writer.readerFields[writer.ownerLayout(of: subsection)].chain(of: Int(target))
      let ours = reader.readerFields[reader.ownerLayout(of: own)].chain(of: Int(ownTarget))
      return theirs.count == ours.count && zip(theirs, ours).allSatisfy { $1.isCalled($0.name) }
    default: return false
    }
  }

  /// Subsections that the reader expects in some states.
  private mutating func conditions(_ writer: borrowing ResolvedModel, _ reader: borrowing ResolvedModel) {
    for own in reader.subsections {
      guard let terms = own.subsection.when else { continue }
      let path = reader.path(of: own)
      let theirs = names.writerSubsections[ExactName(own.name)].map { writer.subsections[$0] }
      if let theirs {
        if let others = theirs.subsection.when, areSame(terms, others) { continue }
        let condition = theirs.subsection.when == nil ? "it comes in another state, or does not come in this one"
          : "only one of the two conditions holds"
        refuse(path, .conditionMismatch, when: condition)
      } else if own.subsection.piece.since <= writer.version {
        refuse(path, .conditionMismatch, when: terms.isEmpty ? "" : terms.map(\.text).joined(separator: " and "))
      }
    }
  }

  /// Whether the conditions of a reader and of a writer are the same.
  private func areSame(_ own: [Comparison], _ theirs: [Comparison]) -> Bool {
    direction == .forward ? renames.areSame(own, theirs) : renames.areSame(theirs, own)
  }
}

/// Positions of pieces by name, on both sides.
struct LoadNames {
  var writerSections: [ExactName: Int] = [:]
  var readerSections: [ExactName: Int] = [:]
  var writerSubsections: [ExactName: Int] = [:]
  var readerSubsections: [ExactName: Int] = [:]
  /// All that the reader's definition has, with whatever parameters.
  var known: Set<ExactName> = []
  var knownSubsections: Set<ExactName> = []

  init(_ writer: borrowing ResolvedModel, _ reader: borrowing ResolvedModel) {
    for (number, section) in writer.sections.enumerated() { writerSections[ExactName(section.name)] = number }
    for (number, section) in reader.sections.enumerated() { readerSections[ExactName(section.name)] = number }
    for (number, piece) in writer.subsections.enumerated() { writerSubsections[ExactName(piece.name)] = number }
    for (number, piece) in reader.subsections.enumerated() { readerSubsections[ExactName(piece.name)] = number }
    for section in reader.document.sections {
      known.insert(ExactName(section.piece.name))
      add(section.piece.subsections)
    }
  }

  private mutating func add(_ subsections: [ModelSubsection]) {
    for subsection in subsections {
      knownSubsections.insert(ExactName(subsection.piece.name))
      add(subsection.piece.subsections)
    }
  }
}
