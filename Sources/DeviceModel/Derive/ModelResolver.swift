import MigrationStream

/// Finds out what of a definition exists with some parameters, and numbers it.
///
/// Source: Specs/device-models.md section 5.
struct ModelResolver {
  private let document: ModelDocument
  private let parameters: ParameterSet
  let deriver: LayoutDeriver
  /// By layout number.
  private(set) var readerLayouts: [ResolvedLayout] = []
  private(set) var writerLayouts: [ResolvedLayout] = []
  private(set) var sections: [ResolvedSection] = []
  private(set) var subsections: [ResolvedSubsection] = []
  private(set) var regions: [ResolvedRegion] = []
  /// Numbers of the layouts of elements.
  private(set) var elements: [ExactName: Int] = [:]
  private var pieces: [Piece] = []

  /// A section or subsection before versions are known.
  private struct Piece {
    let piece: StatePiece
    let pointer: String
    let source: Source
  }

  private enum Source {
    case section(ModelSection)
    case subsection(ModelSubsection, owner: ResolvedSubsection.Owner, ownerLayout: Int)
  }

  init(_ document: ModelDocument, _ parameters: ParameterSet) throws(DocumentFault) {
    self.document = document
    self.parameters = parameters
    deriver = LayoutDeriver(document: document, parameters: parameters)
    try collect()
    try collectElements()
    try resolvePieces()
    for (position, region) in document.regions.enumerated() where parameters.enables(region.enabledBy) {
      let size = try region.size.value(
        parameters, in: 1...((1 << 56) - 1), "the size of region \(region.name)", "/regions/\(position)/size")
      regions.append(ResolvedRegion(region: region, byteCount: UInt64(size)))
    }
    let limits = StreamLimits()
    try demand(sections.count, atMost: limits.sectionsMax, "sections", "/sections")
    try demand(subsections.count, atMost: limits.subsectionsMax, "subsections", "/sections")
    try demand(regions.count, atMost: limits.regionsMax, "regions", "/regions")
    try demand(parameters.listed.count, atMost: limits.parametersMax, "listed parameters", "/params")
  }

  private func demand(_ count: Int, atMost limit: UInt32, _ what: String, _ pointer: String) throws(DocumentFault) {
    guard count <= Int(limit) else {
      throw DocumentFault(
        "a device of a stream has at most \(limit) \(what); found \(count) with these parameters", pointer: pointer, line: 0)
    }
  }
}

// MARK: - Pieces

extension ModelResolver {
  private mutating func collect() throws(DocumentFault) {
    var count = (sections: 0, subsections: 0)
    for (position, section) in document.sections.enumerated() where parameters.enables(section.piece.enabledBy) {
      let pointer = "/sections/\(position)"
      try add(section.piece, pointer, .section(section))
      let owner = (ResolvedSubsection.Owner.section(count.sections), pieces.count - 1)
      count.sections += 1
      try collect(section.piece.subsections, owner, pointer, depth: 1, &count.subsections)
    }
    guard !pieces.isEmpty else {
      throw DocumentFault("no section is enabled with these parameters; a device needs one", pointer: "/sections", line: 0)
    }
  }

  private mutating func collect(
    _ subsections: [ModelSubsection], _ owner: (ResolvedSubsection.Owner, layout: Int), _ pointer: String, depth: Int,
    _ count: inout Int
  ) throws(DocumentFault) {
    for (position, subsection) in subsections.enumerated() where parameters.enables(subsection.piece.enabledBy) {
      let pointer = "\(pointer)/subsections/\(position)"
      guard depth <= Int(StreamLimits().nestingMax) else {
        throw DocumentFault(
          "subsection \(subsection.piece.name) lies in more than \(StreamLimits().nestingMax) others", pointer: pointer,
          line: 0)
      }
      try add(subsection.piece, pointer, .subsection(subsection, owner: owner.0, ownerLayout: owner.layout))
      let own = (ResolvedSubsection.Owner.subsection(count), pieces.count - 1)
      count += 1
      try collect(subsection.piece.subsections, own, pointer, depth: depth + 1, &count)
    }
  }

  private mutating func add(_ piece: StatePiece, _ pointer: String, _ source: Source) throws(DocumentFault) {
    pieces.append(Piece(piece: piece, pointer: pointer, source: source))
    add(try deriver.layout(of: piece, pointer: pointer))
  }

  private mutating func add(_ layout: ResolvedLayout) {
    readerLayouts.append(layout)
    writerLayouts.append(layout.written(deriver.hasGone))
  }

  private mutating func resolvePieces() throws(DocumentFault) {
    let versions = LayoutVersions(readerLayouts, deriver, elements: elements)
    var positions: [ExactName: Int] = [:]
    for (number, piece) in pieces.enumerated() {
      let version = max(piece.piece.since, versions.version[number])
      let versionMin = max(piece.piece.since, versions.versionMin[number])
      switch piece.source {
      case .section(let section):
        positions[ExactName(piece.piece.name)] = sections.count
        sections.append(
          ResolvedSection(
            section: section, layout: UInt32(number), version: version, versionMin: versionMin,
            maximumCount: try maximumCount(section, piece.pointer), keyEntry: try keyEntry(section, number),
            predecessors: section.after.compactMap { positions[ExactName($0)] }))
      case .subsection(let subsection, let owner, let ownerLayout):
        subsections.append(
          ResolvedSubsection(
            subsection: subsection, layout: UInt32(number), version: version, versionMin: versionMin, owner: owner,
            target: try target(subsection, ownerLayout, piece.pointer), pointer: piece.pointer))
      }
    }
  }

  private func maximumCount(_ section: ModelSection, _ pointer: String) throws(DocumentFault) -> UInt32 {
    guard case .many(let count, _) = section.cardinality else { return 1 }
    return UInt32(
      try count.value(
        parameters, in: 1...Int128(StreamLimits().sectionsMax), "the largest number of \(section.piece.name)",
        pointer + "/max_count"))
  }

  private func keyEntry(_ section: ModelSection, _ number: Int) throws(DocumentFault) -> UInt32? {
    guard case .many(_, let key) = section.cardinality else { return nil }
    let layout = readerLayouts[number]
    guard let entry = layout.entry(named: key, in: nil) else {
      throw DocumentFault(
        "the key \(key) does not exist with these parameters", pointer: layout.pointer + "/key", line: 0)
    }
    return UInt32(entry)
  }

  private func target(
    _ subsection: ModelSubsection, _ owner: Int, _ pointer: String
  ) throws(DocumentFault) -> UInt32? {
    guard let path = subsection.target else { return nil }
    guard let steps = ModelPath(path), let entry = readerLayouts[owner].entry(at: steps, from: nil) else {
      throw DocumentFault(
        "its target \(path) does not exist with these parameters", pointer: pointer + "/target", line: 0)
    }
    return UInt32(entry)
  }
}

// MARK: - Layouts of elements

extension ModelResolver {
  /// Adds the layouts that lists name which exist, in the order of the document.
  private mutating func collectElements() throws(DocumentFault) {
    var positions: [ExactName: Int] = [:]
    for (position, layout) in document.layouts.enumerated() { positions[ExactName(layout.name)] = position }
    var reached: [Int: ResolvedLayout] = [:]
    var open = readerLayouts
    while let layout = open.popLast() {
      for (entry, resolved) in layout.fields.enumerated() {
        for name in resolved.field.elements {
          guard let position = positions[ExactName(name)] else {
            throw DocumentFault("there is no layout \(name)", pointer: layout.pointer(to: entry, "elements"), line: 0)
          }
          guard reached[position] == nil else { continue }
          let next = try deriver.layout(of: document.layouts[position])
          reached[position] = next
          open.append(next)
        }
      }
    }
    for (position, layout) in document.layouts.enumerated() {
      guard let reader = reached[position] else { continue }
      elements[ExactName(layout.name)] = readerLayouts.count
      add(reader)
    }
  }
}
