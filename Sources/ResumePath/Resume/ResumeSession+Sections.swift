internal import MigrationStream

/// A section or subsection that came.
private struct ArrivedPiece: ~Escapable {
  var piece: RulePiece
  /// Number of its layout in the stream, and its version there.
  var layout: UInt32
  var version: UInt32
  var data: RawSpan
  /// Octets from the start of the stream to the data.
  var offset: UInt64
  /// What it lies in: position in the section, -1 for the section itself; and the path there.
  var owner = -1
  var target: RawSpan

  @_lifetime(copy target, copy data)
  init(
    _ piece: RulePiece, layout: UInt32, version: UInt32, target: RawSpan = RawSpan(), data: RawSpan, at offset: UInt64
  ) {
    self.piece = piece
    self.target = target
    self.layout = layout
    self.version = version
    self.data = data
    self.offset = offset
  }
}

/// The section at hand.
private struct SectionPlace: BitwiseCopyable {
  /// Position in ``ResumeSession/taken``, and its numbers there.
  var device: Int
  var own: Int
  var entry: DeviceEntry
  /// Position among the device's announced sections.
  var section: Int
  /// Sequence number of its record.
  var record: UInt64
}

extension ResumeSession {
  /// Judges a section and all subsections in it, and stages them.
  ///
  /// - Throws: what Specs/20-layouts.md section 6 and Specs/60-section-rules.md refuse, at their octets; `limitExceeded`;
  ///   `outOfMemory`.
  mutating func take<Devices: MigratingDevices & ~Copyable>(
    section record: borrowing Record, _ state: borrowing StreamState, of devices: borrowing Devices,
    _ options: ResumeOptions
  ) throws(StreamError) {
    guard let position = position(of: record.header.device) else { return }
    let head = SectionHead(record.body)
    let entry = state.manifest.devices[Int(record.header.device)]
    let place = SectionPlace(
      device: position, own: taken[position].own, entry: entry, section: Int(head.section),
      record: record.header.sequence)
    let offset = record.bodyOffset &+ UInt64(SectionHead.byteCount)
    let announcement = state.manifest.section(place.section, of: entry)
    guard let piece = announced[position].section(place.section) else {
      return devices.skipped(
        SkippedPiece(.section, UInt32(place.section), of: UInt32(place.own), record: place.record, at: offset),
        state.manifest.name(of: announcement))
    }
    let arrived = ArrivedPiece(
      piece, layout: head.layout, version: announcement.version,
      data: head.data(in: record.body), at: offset)
    let subsections = SubsectionReader(
      head.subsections(in: record.body), at: offset &+ head.dataByteCount,
      leading: SectionHead.byteCount + Int(head.dataByteCount), count: head.subsectionCount,
      numAnnounced: UInt16(truncatingIfNeeded: entry.subsectionCount), limits: state.limits)
    try staging.beginRun(device: position, section: place.section)
    var target = OwnedBytes(allocator: allocator)
    swap(&target, &scratch)
    do throws(StreamError) {
      try devices.withReader(of: place.own) { (rules, layouts, aliases) throws(StreamError) in
        let tables = MappingLayouts(stream: state.layouts.table, reader: layouts, aliases: aliases)
        try self.stage(arrived, subsections, place, state, rules, tables, devices, options, by: &target)
      }
    } catch {
      target.scrub()
      throw error
    }
    swap(&target, &scratch)
    try staging.endRun(announced: entry.firstSection + place.section)
  }

  /// Pieces nest 8 deep at most: the reader of subsections counts.
  private mutating func stage<Devices: MigratingDevices & ~Copyable>(
    _ arrived: borrowing ArrivedPiece, _ subsections: SubsectionReader, _ place: SectionPlace,
    _ state: borrowing StreamState, _ rules: borrowing SectionRules, _ tables: MappingLayouts,
    _ devices: borrowing Devices, _ options: ResumeOptions, by target: inout OwnedBytes
  ) throws(StreamError) {
    guard rules.contains(arrived.piece) else { throw StreamError(.wrongCall, .resume, at: arrived.offset) }
    let key = MappingCache.Key(
      stream: arrived.layout, device: UInt32(place.own), reader: rules.layout(of: arrived.piece),
      version: arrived.version)
    let mapping = try mappings.position(of: key, tables, limits: state.limits)
    let own: Int
    do {
      var nobody = NoMappingHandler()
      let mapped = try mappings.mappings[mapping].apply(
        arrived.data, at: arrived.offset, of: tables, judgedBy: rules, as: arrived.piece,
        local: devices.localValues(place.own, arrived.piece), in: &target, report: &nobody)
      try admit(UInt64(arrived.target.byteCount + mapped.byteCount), at: arrived.offset, options)
      own = try staging.append(
        arrived.piece, owner: arrived.owner, target: arrived.target, at: arrived.offset, mapped)
      if !arrived.piece.isSubsection {
        try announced[place.device].keep(
          place.section, mapped, madeBy: mappings.mappings[mapping], at: arrived.offset, rules: rules,
          layouts: tables.reader)
      }
      try rules.check(
        subsections, in: arrived.piece, mapped, at: arrived.offset, from: arrived.layout, of: tables,
        announced[place.device], limits: state.limits)
    }
    var rest = subsections
    while let subsection = try rest.next() {
      let number = Int(subsection.number)
      let announcement = state.manifest.subsection(number, of: place.entry)
      guard let piece = announced[place.device].subsection(number) else {
        devices.skipped(
          SkippedPiece(
            .subsection, UInt32(number), of: UInt32(place.own), record: place.record, at: subsection.dataOffset),
          state.manifest.name(of: announcement))
        continue
      }
      var inner = ArrivedPiece(
        piece, layout: subsection.layout, version: announcement.version,
        target: subsection.target, data: subsection.data, at: subsection.dataOffset)
      inner.owner = own
      try stage(inner, rest.inside(subsection), place, state, rules, tables, devices, options, by: &target)
    }
  }

  /// Judges what can be said when all sections came, and stages those that are made of defaults.
  ///
  /// - Parameter base: Octets from the start of the stream to the body of MANIFEST.
  mutating func settle<Devices: MigratingDevices & ~Copyable>(
    _ state: borrowing StreamState, of devices: borrowing Devices, manifestAt base: UInt64, _ options: ResumeOptions
  ) throws(StreamError) {
    for position in 0..<taken.count {
      try announced[position].finish()
      let device = taken[position]
      let entry = state.manifest.devices[device.stream]
      try devices.withReader(of: device.own) { (rules, layouts, _) throws(StreamError) in
        for number in 0..<rules.sections.count {
          let piece = RulePiece.section(number)
          guard self.announced[position].isMadeOfDefaults(piece, rules: rules) else { continue }
          try self.stageDefaults(
            piece, layouts.layout(rules.layout(of: piece)), position, entry.sectionCount + number, at: base &+ entry.start,
            options)
        }
      }
    }
    try staging.settle()
  }

  private mutating func stageDefaults(
    _ piece: RulePiece, _ layout: LayoutView, _ device: Int, _ section: Int, at offset: UInt64, _ options: ResumeOptions
  ) throws(StreamError) {
    var target = OwnedBytes(allocator: allocator)
    swap(&target, &scratch)
    try layout.defaults(in: &target)
    try admit(UInt64(target.count), at: offset, options)
    try staging.beginRun(device: device, section: section)
    _ = try staging.append(piece, owner: -1, at: offset, target.bytes)
    try staging.endRun(announced: nil)
    swap(&target, &scratch)
  }
}
