/// Walks the records of a stream from its header to its end and fills a ``QEMUStream``.
struct QEMUStreamWalker {
  var stream: QEMUStream
  var reader: StreamReader
  var memory: MemorySection
  var described: DescribedWalk?
  /// Struct numbers of the described devices by name and instance, those still to come last to first. QEMU does send
  /// two sections of one name and instance (slirp); its description has them in the same order.
  private var devices: [DeviceKey: [Int32]] = [:]
  /// The newest section of each id.
  private var bindings: [UInt32: Int] = [:]
  var knownIDs: Set<UInt32> = []
  /// Where the description's record is.
  let descriptionOffset: Int?

  /// Takes the pages of guest memory, when the walk is for them.
  var pageSink: ((MemorySection.Page) throws(ForeignError) -> Void)?

  struct DeviceKey: Hashable {
    var name: [UInt8]
    var instance: UInt32
  }

  /// Page sizes to try where nothing in the stream tells, most likely first.
  private static let pageSizeGuesses = [4_096, 1_024, 8_192, 16_384, 65_536, 2_048, 256]

  /// Walks with the description if there is a good one, else without.
  static func open(
    _ source: any RandomAccessOctets, reader: StreamReader, limits: ForeignLimits
  ) throws(ForeignError) -> QEMUStream {
    var search = DescriptionSearch(limits: limits)
    let found = try search.find(in: reader)
    var stream = QEMUStream(unwalked: source, limits: limits)
    if let refusal = search.refusal, found == nil {
      stream.note(
        .descriptionUnusable, at: Int(refusal.offset), expected: refusal.expected,
        found: refusal.found)
    }
    guard let found else { return try guessPageSize(stream, reader) }
    var described = stream
    described.descriptionText =
      UInt64(found.offset + 5)..<UInt64(found.offset + 5 + found.description.octetCount)
    if found.claimedLength != found.description.octetCount {
      described.note(
        .descriptionUnusable, at: found.offset + 1, expected: UInt64(found.description.octetCount),
        found: UInt64(found.claimedLength))
    }
    described.description = found.description
    var walker = QEMUStreamWalker(
      described, reader, pageSize: found.description.pageSize ?? 4_096,
      descriptionOffset: found.offset)
    try walker.walk()
    if walker.stream.damage != nil || walker.reader.position != found.offset {
      // Guest memory can hold anything, a description too: only the one behind the end of the stream counts.
      let end = walker.stream.damage == nil ? walker.reader.position : nil
      stream.note(
        .descriptionMisplaced, at: found.offset, expected: UInt64(end ?? 0),
        found: UInt64(found.offset))
      let plain = try guessPageSize(stream, reader)
      if end != nil || plain.damage == nil && plain.endOffset != UInt64(found.offset) {
        return plain
      }
    }
    walker.finish()
    return walker.stream
  }

  /// Walks without a description, with each page size until one fits, else with the one that came furthest.
  private static func guessPageSize(
    _ stream: QEMUStream, _ reader: StreamReader
  ) throws(ForeignError) -> QEMUStream {
    var best: QEMUStream?
    for size in pageSizeGuesses {
      var walker = QEMUStreamWalker(stream, reader, pageSize: size, descriptionOffset: nil)
      try walker.walk()
      let isTold = walker.stream.configurationParts.contains { $0.name == Self.pageBitsPart }
      guard let damage = walker.stream.damage else {
        if !isTold, size != 4_096 {
          walker.stream.note(.guessedPageSize, at: 0, found: UInt64(size))
        }
        walker.finish()
        return walker.stream
      }
      if best?.damage.map({ $0.offset < damage.offset }) ?? true {
        walker.finish()
        best = walker.stream
      }
      if isTold || !walker.memory.hasBegun { break }
    }
    return best ?? stream
  }

  /// Walks a stream again that was walked before, for its pages.
  static func rewalk(
    _ stream: QEMUStream, pages: @escaping (MemorySection.Page) throws(ForeignError) -> Void
  ) throws(ForeignError) {
    var fresh = QEMUStream(unwalked: stream.source, limits: stream.limits)
    fresh.limits.listedRecords = 0
    fresh.description = stream.description
    var reader = try StreamReader(stream.source)
    reader.position = 8
    let descriptionOffset = stream.descriptionText.map { Int($0.lowerBound) - 5 }
    var walker = QEMUStreamWalker(
      fresh, reader, pageSize: stream.pageSize, descriptionOffset: descriptionOffset)
    walker.pageSink = pages
    try walker.walk()
    if let damage = walker.stream.damage, damage != stream.damage { throw damage }
  }

  private init(
    _ stream: QEMUStream, _ reader: StreamReader, pageSize: Int, descriptionOffset: Int?
  ) {
    self.stream = stream
    self.reader = reader
    self.descriptionOffset = descriptionOffset
    memory = MemorySection(pageSize: pageSize, limits: stream.limits)
    self.stream.pageSize = pageSize
    if let description = stream.description {
      described = DescribedWalk(description, octetCount: reader.octetCount)
      for number in description.devices.reversed() {
        let device = description.structs[Int(number)]
        let key = DeviceKey(
          name: Array(description.names[device.deviceName.range]), instance: device.instance)
        devices[key, default: []].append(number)
      }
    }
  }

  /// Walks to the end of the stream, or to the damage.
  private mutating func walk() throws(ForeignError) {
    do throws(ForeignError) {
      try readConfiguration()
      while try readRecord(isPackaged: false) {}
    } catch {
      guard error.code != .sourceUnreadable else { throw error }
      stream.damage = error
    }
    stream.memoryBlocks = memory.blocks
  }

  /// Notes what lies behind the end, and what the description promised and the stream lacks.
  private mutating func finish() {
    var end = reader.position
    if stream.damage == nil, let text = stream.descriptionText {
      let start = end
      end = Int(text.upperBound)
      list(
        QEMURecord(
          kind: .description, offset: UInt64(start), length: UInt64(end - start),
          payloadOffset: text.lowerBound,
          payloadLength: UInt64(text.count)))
    }
    if stream.damage == nil, stream.descriptionText == nil { stream.damage = brokenDescription(at: end) }
    stream.endOffset = UInt64(end)
    guard stream.damage == nil else { return }
    if end < reader.octetCount {
      stream.note(.trailingOctets, at: end, found: UInt64(reader.octetCount - end))
    }
    guard let description = stream.description else { return }
    let present = Set(stream.sections.compactMap(\.described))
    for number in description.devices where !present.contains(number) {
      stream.note(
        .missingSection, at: end,
        path: description.text(description.structs[Int(number)].deviceName))
    }
  }

  /// A description that began behind the end of the records and broke off: the file was cut short.
  private func brokenDescription(at end: Int) -> ForeignError? {
    var probe = reader
    probe.position = end
    let there = reader.octetCount - end
    do throws(ForeignError) {
      guard there > 0, try probe.u8() == QEMUFormat.Record.description else { return nil }
      let needed = there < 5 ? 5 : 5 + Int(try probe.u32())
      guard needed > there else { return nil }
      return ForeignError(
        .truncated, .record, at: UInt64(reader.octetCount), expected: UInt64(needed), found: UInt64(there),
        path: "description")
    } catch {
      return error
    }
  }

  mutating func list(_ record: QEMURecord) {
    if stream.records.count < stream.limits.listedRecords {
      stream.records.append(record)
    } else {
      stream.unlistedRecordCount += 1
    }
  }

  /// The described struct of the next section of this name and instance; the last one serves for all that follow.
  mutating func device(named name: [UInt8], instance: UInt32) -> Int32? {
    let key = DeviceKey(name: name, instance: instance)
    guard let candidates = devices[key], let number = candidates.last else { return nil }
    if candidates.count > 1 { devices[key]?.removeLast() }
    return number
  }

  func binding(of id: UInt32) -> Int? { bindings[id] }

  /// Takes in a section and returns its number.
  mutating func bind(_ section: QEMUSection) throws(ForeignError) -> Int {
    guard stream.sections.count < stream.limits.sections else {
      throw reader.failure(
        .limitExceeded, at: Int(section.offset), expected: UInt64(stream.limits.sections),
        found: UInt64(stream.sections.count + 1))
    }
    let number = stream.sections.count
    stream.sections.append(section)
    bindings[section.id] = number
    knownIDs.insert(section.id)
    return number
  }
}
