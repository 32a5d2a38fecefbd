internal import MigrationStream

extension JudgedDevice {
  /// Judges a section and what is in it.
  ///
  /// - Parameters:
  ///   - stream: The layouts of the stream, with the octets of external ones as far as they are known.
  /// - Throws: Specs/device-models.md section 11, step 9.
  func judge(
    _ record: borrowing Record, _ state: borrowing StreamState, _ stream: LayoutTable,
    _ configuration: JudgedConfiguration, _ notes: inout JudgeNotes
  ) throws(StreamError) {
    let head = SectionHead(record.body)
    let entry = state.manifest.devices[Int(number)]
    let announced = state.manifest.section(Int(head.section), of: entry)
    let step = JudgeNotes.Step(name: String(state.manifest.name(of: announced)), isSubsection: false)
    guard let piece = sections.section(Int(head.section)) else {
      notes.skipped(JudgeNotes.Place(device: number, steps: [step]))
      return
    }
    let dataOffset = record.bodyOffset &+ UInt64(SectionHead.byteCount)
    let subsections = SubsectionReader(
      head.subsections(in: record.body), at: dataOffset &+ head.dataByteCount,
      leading: SectionHead.byteCount + Int(head.dataByteCount), count: head.subsectionCount,
      numAnnounced: UInt16(truncatingIfNeeded: entry.subsectionCount), limits: state.limits)
    var judge = PieceJudge(
      self, configuration, entry, announced: Int(head.section), limits: state.limits)
    defer { notes.add(judge.report) }
    try judge.judge(
      Piece(number: piece, layout: head.layout, version: announced.version, steps: [step]),
      head.data(in: record.body), at: dataOffset, subsections, state.manifest, stream, configuration.model)
  }
}

/// A section or subsection that came.
private struct Piece {
  var number: RulePiece
  /// Among those of the stream.
  var layout: UInt32
  var version: UInt32
  var steps: [JudgeNotes.Step]
}

/// Judges one section of a device, its subsections, and those inside of them.
private struct PieceJudge {
  private let device: JudgedDevice
  private let configuration: JudgedConfiguration
  private let entry: DeviceEntry
  /// Position of the section among those of the device.
  private let announced: Int
  private let limits: StreamLimits
  private(set) var report: JudgeReport

  init(
    _ device: JudgedDevice, _ configuration: JudgedConfiguration, _ entry: DeviceEntry, announced: Int,
    limits: StreamLimits
  ) {
    self.device = device
    self.configuration = configuration
    self.entry = entry
    self.announced = announced
    self.limits = limits
    report = JudgeReport(device: device.number)
  }

  /// Pieces nest 8 deep at most: the reader of subsections counts.
  mutating func judge(
    _ piece: Piece, _ data: RawSpan, at offset: UInt64, _ subsections: SubsectionReader,
    _ manifest: borrowing Manifest, _ stream: LayoutTable, _ model: borrowing ResolvedModel
  ) throws(StreamError) {
    let layouts = MappingLayouts(stream: stream, reader: model.layouts.table, aliases: model.aliases.table)
    let own = model.rules.layout(of: piece.number)
    let key = JudgedConfiguration.MappingKey(stream: piece.layout, reader: own, version: piece.version)
    let ready = try configuration.mapping(key) { () throws(StreamError) in
      try LayoutMapping(from: piece.layout, to: own, of: layouts, version: piece.version, limits: limits)
    }
    var place = OwnedBytes()
    report.piece.steps = piece.steps
    let mapped = try ready.mapping.apply(
      data, at: offset, of: layouts, judgedBy: model.rules, as: piece.number, in: &place, report: &report)
    if model.rules.comparesLocal(piece.number) { report.comparesRules() }
    if !piece.number.isSubsection {
      try device.sections.keep(
        announced, mapped, madeBy: ready.mapping, at: offset, rules: model.rules, layouts: layouts.reader)
    }
    try model.rules.check(
      subsections, in: piece.number, mapped, at: offset, from: piece.layout, of: layouts, device.sections,
      limits: limits)
    var rest = subsections
    while let subsection = try rest.next() {
      let announcement = manifest.subsection(Int(subsection.number), of: entry)
      let step = JudgeNotes.Step(name: String(manifest.name(of: announcement)), isSubsection: true)
      guard let number = device.sections.subsection(Int(subsection.number)) else {
        report.skipped(JudgeNotes.Place(device: device.number, steps: piece.steps + [step]))
        continue
      }
      let inner = Piece(
        number: number, layout: subsection.layout, version: announcement.version, steps: piece.steps + [step])
      try judge(
        inner, subsection.data, at: subsection.dataOffset, rest.inside(subsection), manifest, stream, model)
    }
  }
}

/// Counts what mappings of a section do not take over.
struct JudgeReport: MappingHandler {
  /// The piece that is judged.
  var piece: JudgeNotes.Place
  private(set) var skipped = JudgeNotes.Tally()
  private(set) var leftAlone = JudgeNotes.Tally()
  private(set) var notCompared = JudgeNotes.Tally()

  init(device: UInt32) { piece = JudgeNotes.Place(device: device, steps: []) }

  mutating func skipped(_ place: FieldPlace, of stream: LayoutView) {
    let piece = piece
    skipped.add(piece.inside(place.number, of: stream))
  }

  mutating func leftAlone(_ place: FieldPlace, of reader: LayoutView) {
    let piece = piece
    leftAlone.add(piece.inside(place.number, of: reader))
  }

  mutating func unverified(_ place: FieldPlace, of reader: LayoutView) {
    let piece = piece
    notCompared.add(piece.inside(place.number, of: reader))
  }

  /// A subsection that is not known.
  mutating func skipped(_ place: JudgeNotes.Place) { skipped.add(place) }

  /// Rules of the piece compare it with what only a destination has.
  mutating func comparesRules() {
    let piece = piece
    notCompared.add(piece)
  }
}

extension JudgeNotes.Place {
  /// A field of this piece, by its entry in the piece's layout.
  fileprivate func inside(_ number: Int, of layout: LayoutView) -> JudgeNotes.Place {
    var place = self
    var range = layout.subtree(of: nil)
    while let entry = Self.entry(around: number, in: range, of: layout) {
      place.steps.append(JudgeNotes.Step(name: String(layout.name(of: entry)), isSubsection: false))
      range = layout.subtree(of: entry)
    }
    return place
  }

  /// The entry of a group that is `number` or around it.
  private static func entry(around number: Int, in range: Range<Int>, of layout: LayoutView) -> Int? {
    var entry = range.lowerBound
    while entry < range.upperBound {
      let next = layout.sibling(after: entry)
      if number < next { return number >= entry ? entry : nil }
      entry = next
    }
    return nil
  }
}
