internal import MigrationStream

extension ModelInfo {
  /// What a side that has a definition says of it.
  ///
  /// - Throws: ``DocumentFault`` where no device can be made with the initial values.
  public init(_ document: ModelDocument) throws(DocumentFault) {
    self.init(model: document.model)
    parameters = document.parameters
    if !document.aliases.isEmpty {
      versionNames = document.aliases.map { alias in
        var name = VersionName(alias.name)
        name.description = alias.description
        name.parameters = alias.parameters
        return name
      }
    }
    let set: ParameterSet
    do throws(ParameterFault) { set = try ParameterSet(initialOf: document) } catch {
      throw DocumentFault("no device can be made with the initial values: \(error.message)", pointer: "/params", line: 0)
    }
    stream = StreamInfo(document, asMade: try ResolvedModel(document, set))
  }
}

extension StreamInfo {
  /// - Parameter made: A device with the initial values.
  fileprivate init(_ document: ModelDocument, asMade made: borrowing ResolvedModel) {
    self.init(version: document.version)
    versionMin = document.versionMin
    for section in document.sections {
      var info = PieceInfo(section.piece, enabledBy: section.piece.enabledBy)
      switch section.cardinality {
      case .one: info.cardinality = .one
      case .optional: info.cardinality = .optional
      case .many: info.cardinality = .many
      }
      sections.append(info)
      addSubsections(section.piece.subsections, within: section.piece.enabledBy)
    }
    let places = NameIndex(sections.map(\.name))
    for section in made.sections {
      guard let place = places[section.name] else { continue }
      (sections[place].version, sections[place].versionMin) = (section.version, section.versionMin)
      sections[place].hasDefaults =
        section.section.piece.since > 1 && made.layouts.table.layout(section.layout).hasDefaults
    }
    let subsectionPlaces = NameIndex(subsections.map(\.name))
    for subsection in made.subsections {
      guard let place = subsectionPlaces[subsection.name] else { continue }
      (subsections[place].version, subsections[place].versionMin) = (subsection.version, subsection.versionMin)
    }
  }

  /// Subsections exist only where what is around them does.
  private mutating func addSubsections(_ nested: [ModelSubsection], within terms: [ParameterTerm]) {
    for subsection in nested {
      let all = terms + subsection.piece.enabledBy.filter { !terms.contains($0) }
      subsections.append(PieceInfo(subsection.piece, enabledBy: all))
      addSubsections(subsection.piece.subsections, within: all)
    }
  }
}

extension PieceInfo {
  fileprivate init(_ piece: StatePiece, enabledBy terms: [ParameterTerm]) {
    self.init(piece.name, since: piece.since)
    mark = Mark(piece.mark)
    enabledBy = terms
  }
}

extension DeviceInfo {
  /// What a device says of itself.
  public init(_ resolved: borrowing ResolvedModel, path: String) {
    self.init(path: path, model: resolved.document.model)
    parameters = resolved.parameters.listed
    var announced = DeviceStream(version: resolved.version, versionMin: resolved.versionMin)
    announced.sections = resolved.sections.map { AnnouncedPiece($0.name, $0.mark, $0.version, $0.versionMin) }
    announced.subsections = resolved.subsections.map { AnnouncedPiece($0.name, $0.mark, $0.version, $0.versionMin) }
    stream = announced
  }
}

extension AnnouncedPiece {
  fileprivate init(_ name: String, _ mark: Mark, _ version: UInt32, _ versionMin: UInt32) {
    self.init(name)
    self.mark = mark
    self.version = version
    self.versionMin = versionMin
  }
}
