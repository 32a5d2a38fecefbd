import DeviceModel
import MigrationStream
import ResumePath

/// Everything of a device that travels, and how it lies in the sections of its model.
protocol DeviceState: Equatable, Sendable {
  /// The pieces, by name: `section`, or `section/subsection`.
  associatedtype Piece: RawRepresentable<String> & CaseIterable & Sendable

  /// How many instances of a section there are, or whether a subsection is there.
  func count(of piece: Piece, instance: Int) -> Int

  /// Goes over a piece. A reader calls it for the instances of a section in their order.
  mutating func describe<Archive: StateArchive & ~Copyable & ~Escapable>(
    _ piece: Piece, instance: Int, _ archive: inout Archive
  ) throws(StreamError)
}

/// Writes and reads the state of one kind of device; every name is looked up once, when it is made.
struct StateCodec<State: DeviceState> {
  private struct Section {
    let piece: State.Piece
    let name: String
    let layout: UInt32
    var subsections: [Subsection]
  }

  private struct Subsection {
    let piece: State.Piece
    let number: UInt16
    let layout: UInt32
  }

  let model: ReferenceModel
  private let sections: [Section]
  /// By number of the table; nil for pieces that a device has not with its parameters.
  private let sectionPieces: [State.Piece?]
  private let subsectionPieces: [State.Piece?]

  init(_ model: ReferenceModel) {
    self.model = model
    let pieces = Dictionary(uniqueKeysWithValues: State.Piece.allCases.map { ($0.rawValue, $0) })
    let resolved = model.resolved.sections
    var sections = resolved.map { section -> Section in
      guard let piece = pieces[section.name] else { preconditionFailure("no description of \(section.name)") }
      return Section(piece: piece, name: section.name, layout: section.layout, subsections: [])
    }
    var subsectionPieces: [State.Piece?] = []
    for (number, subsection) in model.resolved.subsections.enumerated() {
      guard case .section(let owner) = subsection.owner else { preconditionFailure("a subsection in a subsection") }
      guard let piece = pieces["\(resolved[owner].name)/\(subsection.name)"] else {
        preconditionFailure("no description of \(subsection.name)")
      }
      sections[owner].subsections.append(
        Subsection(piece: piece, number: UInt16(number), layout: subsection.layout))
      subsectionPieces.append(piece)
    }
    self.sections = sections
    sectionPieces = sections.map(\.piece)
    self.subsectionPieces = subsectionPieces
  }

  /// Instances of each section, as a manifest announces them.
  func counts(_ state: State) -> [String: Int] {
    Dictionary(uniqueKeysWithValues: sections.map { ($0.name, state.count(of: $0.piece, instance: 0)) })
  }

  func write<Sink: OctetSink & ~Copyable>(
    _ state: State, layouts: LayoutTable, into emitter: inout SaveEmitter<Sink>
  ) throws(StreamError) {
    var state = state
    var position: UInt16 = 0
    for section in sections {
      for instance in 0..<state.count(of: section.piece, instance: 0) {
        var subsections = OwnedBytes()
        var subsectionCount: UInt16 = 0
        for subsection in section.subsections where state.count(of: subsection.piece, instance: instance) > 0 {
          try append(subsection, of: &state, instance, layouts, base: emitter.layoutBase, to: &subsections)
          subsectionCount += 1
        }
        var writer = try StateWriter(layout: section.layout, layouts: layouts, layoutBase: emitter.layoutBase)
        try state.describe(section.piece, instance: instance, &writer)
        try emitter.section(
          position, layout: section.layout, data: writer.finish(), subsections: subsections.bytes,
          subsectionCount: subsectionCount)
        position += 1
      }
    }
  }

  /// Specs/10-stream-format.md section 6.1; without target.
  private func append(
    _ subsection: Subsection, of state: inout State, _ instance: Int, _ layouts: LayoutTable, base: UInt32,
    to target: inout OwnedBytes
  ) throws(StreamError) {
    var writer = try StateWriter(layout: subsection.layout, layouts: layouts, layoutBase: base)
    try state.describe(subsection.piece, instance: instance, &writer)
    let data = try writer.finish()
    try target.append(integer: UInt32(24 + data.byteCount))
    try target.append(integer: subsection.number)
    try target.append(integer: UInt16(0))
    try target.append(integer: base &+ subsection.layout)
    try target.append(integer: UInt32(0))
    try target.append(integer: UInt64(data.byteCount))
    try target.append(data)
  }

  /// Puts what came for a device into `state`, which is that of a device that was just reset.
  func read(_ staged: StagedState, into state: inout State) throws(DeviceFailure) {
    var instances = [Int](repeating: 0, count: sections.count)
    var instance = 0
    for index in staged.pieces.indices {
      let piece = staged.pieces[index]
      let number = piece.piece.number
      let known = piece.piece.isSubsection ? subsectionPieces : sectionPieces
      guard number < known.count, let name = known[number] else { continue }
      if !piece.piece.isSubsection {
        instance = instances[number]
        instances[number] += 1
      }
      do throws(StreamError) {
        try Self.read(staged.data(of: piece), piece.piece, name, instance, into: &state, model.resolved)
      } catch { throw DeviceReason.unreadable.failure }
    }
  }

  private static func read(
    _ data: RawSpan, _ number: RulePiece, _ piece: State.Piece, _ instance: Int, into state: inout State,
    _ model: borrowing ResolvedModel
  ) throws(StreamError) {
    var reader = StateReader(data, layout: model.rules.layout(of: number), layouts: model.layouts.table)
    try state.describe(piece, instance: instance, &reader)
  }

  func digest(_ state: State) -> UInt64 {
    var state = state
    var archive = DigestArchive()
    for section in sections {
      for instance in 0..<state.count(of: section.piece, instance: 0) {
        // Nothing that a digest is asked for is refused.
        try? state.describe(section.piece, instance: instance, &archive)
        for subsection in section.subsections where state.count(of: subsection.piece, instance: instance) > 0 {
          try? state.describe(subsection.piece, instance: instance, &archive)
        }
      }
    }
    return archive.digest.value
  }

  /// The configuration that fields marked verify are compared with, by section; empty where there is none.
  func localValues(_ state: State) -> [[UInt8]] {
    sections.map { section in
      let isVerified = model.resolved.readerFields[Int(section.layout)].fields.contains { $0.field.verify != nil }
      // Nothing that a device has at power-on is refused.
      return isVerified ? (try? Self.octets(of: section, state, model.resolved.layouts)) ?? [] : []
    }
  }

  private static func octets(
    of section: Section, _ state: State, _ layouts: borrowing LayoutStore
  ) throws(StreamError) -> [UInt8] {
    var state = state
    var writer = try StateWriter(layout: section.layout, layouts: layouts.table, layoutBase: 0)
    try state.describe(section.piece, instance: 0, &writer)
    return [UInt8](try writer.finish())
  }
}
