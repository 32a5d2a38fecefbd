extension QEMUStreamWalker {
  /// A section's header, its first payload and its footer.
  mutating func readSection(_ kind: QEMURecord.Kind, at start: Int, _ isPackaged: Bool)
    throws(ForeignError)
  {
    let id = try reader.u32()
    let nameOffset = reader.position
    let name = try reader.string8()
    guard !name.isEmpty else {
      throw reader.failure(.badName, at: nameOffset, expected: 1, found: 0)
    }
    if let place = name.firstIndex(where: { $0 < 0x20 || $0 == 0x7f }) {
      throw reader.failure(
        .badName, at: nameOffset + 1 + place, expected: 0x20, found: UInt64(name[place]))
    }
    let instance = try reader.u32()
    let version = try reader.u32()
    var section = QEMUSection(
      id: id, name: String(decoding: name, as: UTF8.self), instance: instance, version: version,
      content: .opaque, offset: UInt64(start), payloadOffset: UInt64(reader.position))
    reader.stage = .section
    if section.name == QEMUFormat.memorySection, instance == 0 {
      section.content = .memory
      guard version == QEMUFormat.Memory.version else {
        throw reader.failure(
          .unsupportedVersion, at: reader.position - 4, expected: UInt64(QEMUFormat.Memory.version),
          found: UInt64(version))
      }
    } else if let number = device(named: name, instance: instance),
      let description = stream.description
    {
      section.content = .described
      section.described = number
      let device = description.structs[Int(number)]
      section.stateName = description.text(device.name)
      // Old-style devices have no state type, and their description has no version.
      if device.name.count > 0, device.version != version {
        stream.note(
          .versionMismatch, at: reader.position - 4, expected: UInt64(device.version),
          found: UInt64(version),
          path: section.name)
      }
    } else {
      section.content = try IterativeSections.content(of: section.name, in: &reader)
      if section.content == .opaque { stream.note(.opaqueSection, at: start, path: section.name) }
    }
    if binding(of: id) != nil {
      stream.note(.duplicateSection, at: start, found: UInt64(id), path: section.name)
    }
    let number = try bind(section)
    try readPayload(kind, of: number, at: start, isPackaged)
  }

  /// Another payload of a section that was started before.
  mutating func readPart(_ kind: QEMURecord.Kind, at start: Int, _ isPackaged: Bool)
    throws(ForeignError)
  {
    let id = try reader.u32()
    guard let number = binding(of: id) else {
      throw reader.failure(.unknownSection, at: start + 1, found: UInt64(id))
    }
    stream.sections[number].recordCount += 1
    try readPayload(kind, of: number, at: start, isPackaged)
  }

  private mutating func readPayload(
    _ kind: QEMURecord.Kind, of number: Int, at start: Int, _ isPackaged: Bool
  ) throws(ForeignError) {
    let payload = reader.position
    do throws(ForeignError) {
      try skipPayload(of: number, isFirst: kind == .sectionStart || kind == .sectionFull)
      let end = reader.position
      if stream.sections[number].recordCount == 1 {
        stream.sections[number].payloadLength = UInt64(end - payload)
      }
      try readFooter(id: stream.sections[number].id)
      list(
        QEMURecord(
          kind: kind, isPackaged: isPackaged, offset: UInt64(start),
          length: UInt64(reader.position - start),
          payloadOffset: UInt64(payload), payloadLength: UInt64(end - payload), section: number))
    } catch {
      var error = error
      let name = stream.sections[number].name
      error.path = error.path.isEmpty ? name : name + "/" + error.path
      // What was announced and did not come whole is not a section to show.
      if stream.sections[number].recordCount == 1, stream.sections[number].content != .memory {
        stream.sections.removeLast()
      }
      throw error
    }
  }

  private mutating func skipPayload(of number: Int, isFirst: Bool) throws(ForeignError) {
    let content = stream.sections[number].content
    switch content {
    case .memory:
      reader.stage = .memory
      while true {
        let event = try memory.next(in: &reader)
        if case .end = event { break }
        if case .page(let page) = event { try pageSink?(page) }
      }
    case .described where isFirst: try skipDescribed(number)
    case .described, .opaque: try search(for: number, insteadOf: nil)
    case .hashTable, .storageAttributes, .dirtyBitmap, .block, .vfio:
      let payload = reader.position
      if try !IterativeSections.skip(content, in: &reader) {
        reader.position = payload
        try search(for: number, insteadOf: nil)
      }
    }
    reader.stage = .section
  }

  /// Walks by the description; where that does not end at a footer, looks for the footer.
  private mutating func skipDescribed(_ number: Int) throws(ForeignError) {
    guard var walk = described, let structure = stream.sections[number].described else { return }
    let payload = reader.position
    var misfit: ForeignError?
    do throws(ForeignError) {
      try walk.skip(structure: structure, in: &reader)
    } catch {
      guard error.code != .sourceUnreadable, error.code != .limitExceeded else { throw error }
      misfit = error
    }
    described = walk
    let id = stream.sections[number].id
    if misfit == nil {
      if try isEnd(of: id) { return }
      let found = UInt64(try reader.octet(ahead: 0) ?? 0)
      let code: ForeignError.Code = reader.remaining == 0 ? .truncated : .badFooter
      reader.stage = .footer
      misfit = reader.failure(code, expected: UInt64(QEMUFormat.Record.footer), found: found)
    }
    guard let misfit else { return }
    reader.position = payload
    try search(for: number, insteadOf: misfit)
    let explained = misfit.offset >= UInt64(payload) ? misfit.offset - UInt64(payload) : 0
    stream.sections[number].explainedLength = min(explained, UInt64(reader.position - payload))
    stream.note(
      .descriptionMismatch, at: Int(misfit.offset), expected: misfit.expected, found: misfit.found,
      path: misfit.path.isEmpty
        ? stream.sections[number].name : stream.sections[number].name + "/" + misfit.path)
  }

  /// Whether a section can end at the cursor.
  private mutating func isEnd(of id: UInt32) throws(ForeignError) -> Bool {
    if stream.usesFooters != false, try isFooter(id) { return true }
    guard stream.usesFooters != true else { return false }
    switch try reader.octet(ahead: 0) {
    case nil, QEMUFormat.Record.endOfStream, QEMUFormat.Record.sectionStart,
      QEMUFormat.Record.sectionPart,
      QEMUFormat.Record.sectionEnd, QEMUFormat.Record.sectionFull, QEMUFormat.Record.command:
      return true
    default: return false
    }
  }

  private mutating func isFooter(_ id: UInt32) throws(ForeignError) -> Bool {
    guard reader.remaining >= QEMUFormat.footerOctets,
      try reader.octet(ahead: 0) == QEMUFormat.Record.footer
    else { return false }
    var probe = reader
    try probe.skip(1)
    return try probe.u32() == id
  }

  /// Moves to the payload's end, found by what follows it.
  ///
  /// Before the first footer was seen, a configuration record promises footers: QEMU switched both on in one release.
  private mutating func search(for number: Int, insteadOf misfit: ForeignError?)
    throws(ForeignError)
  {
    let undecided = stream.machine == nil ? [true, false] : [true]
    for usesFooters in stream.usesFooters.map({ [$0] }) ?? undecided {
      let search = SectionSearch(
        sectionID: stream.sections[number].id, usesFooters: usesFooters, knownIDs: knownIDs,
        descriptionOffset: descriptionOffset)
      if let end = try search.payloadEnd(in: reader) {
        reader.position = end
        return
      }
    }
    if let misfit { throw misfit }
    reader.stage = .search
    throw reader.failure(
      .badFooter, expected: UInt64(QEMUFormat.Record.footer),
      found: UInt64(try reader.octet(ahead: 0) ?? 0))
  }

  /// The footer, where the stream has them; the first section decides.
  private mutating func readFooter(id: UInt32) throws(ForeignError) {
    reader.stage = .footer
    guard let usesFooters = stream.usesFooters else {
      let hasFooter = try isFooter(id)
      stream.usesFooters = hasFooter
      if hasFooter { try reader.skip(QEMUFormat.footerOctets) }
      return
    }
    guard usesFooters else { return }
    let start = reader.position
    let mark = try reader.u8()
    guard mark == QEMUFormat.Record.footer else {
      throw reader.failure(
        .badFooter, at: start, expected: UInt64(QEMUFormat.Record.footer), found: UInt64(mark))
    }
    let found = try reader.u32()
    guard found == id else {
      throw reader.failure(.badFooter, at: start + 1, expected: UInt64(id), found: UInt64(found))
    }
  }
}
