public import ForeignStreams

/// Breaks one thing at a time in a recorded QEMU stream.
///
/// The stream's own description says where each device's fields are. Most mutations leave the framing as a reader of the
/// format expects it, so that a device gets to judge; a share breaks it on purpose (``QEMUOperator/breaksFraming``).
/// The same octets and the same chances give the same mutation everywhere.
public struct QEMUMutator: Sendable {
  let octets: [UInt8]
  let stream: QEMUStream

  /// - Throws: ``ForeignError`` when the octets do not begin like a QEMU stream.
  public init(_ octets: [UInt8], limits: ForeignLimits = ForeignLimits()) throws(ForeignError) {
    self.octets = octets
    stream = try QEMUStream(MemoryOctets(octets), limits: limits)
  }

  /// The stream from its pieces: the same octets.
  public var rejoined: [UInt8] { QEMUPieces(stream, octetCount: octets.count).joined(octets) }

  /// Sections of which the stream's description tells the fields.
  public var describedDeviceCount: Int { stream.sections.count { $0.content == .described } }

  /// The octets with one thing broken, and what.
  public func mutate(_ chance: inout Chance) -> (octets: [UInt8], note: QEMUMutation) {
    for _ in 0..<64 {
      let operation = QEMUOperator.pick(&chance)
      if let result = mutate(operation, &chance) { return result }
    }
    // Any stream can end early.
    return finished(truncation(&chance)) ?? (octets, QEMUMutation(.truncated, path: "nothing", []))
  }

  /// The octets broken in this way; nil when the stream has nothing to break so, or chance found nothing.
  public func mutate(_ operation: QEMUOperator, _ chance: inout Chance) -> (octets: [UInt8], note: QEMUMutation)? {
    switch operation {
    case .fieldLimit, .fieldNeighbour, .fieldRelation, .fieldBit: finished(field(operation, &chance))
    case .countAndTail, .countAlone: finished(count(operation, &chance))
    case .elementsSwapped: finished(elements(&chance))
    case .listElement: finished(listElement(&chance))
    case .subsectionRenamed, .subsectionDropped, .subsectionDoubled, .subsectionsSwapped, .subsectionVersion,
      .subsectionMoved:
      finished(subsection(operation, &chance))
    case .sectionVersion, .sectionInstance, .sectionRenamed, .footer, .recordType, .nameLength:
      finished(header(operation, &chance))
    case .sectionDropped, .sectionDoubled, .sectionsSwapped: finished(section(operation, &chance))
    case .payloadMoved, .payloadMisplaced: finished(payload(operation, &chance))
    case .memoryAddress, .memoryBlock, .memoryOctets, .memoryFlags: finished(memory(operation, &chance))
    case .description: finished(description(&chance))
    case .configuration: finished(configuration(&chance))
    case .truncated: finished(truncation(&chance))
    case .octetsInserted, .octetsRemoved: finished(shift(operation, &chance))
    }
  }

  /// Makes the edits, with the lengths that follow from them put right.
  private func finished(_ mutation: QEMUMutation?) -> (octets: [UInt8], note: QEMUMutation)? {
    guard var mutation, let first = mutation.edits.first, first.offset >= 0, first.oldCount >= 0,
      first.end <= octets.count
    else { return nil }
    mutation.old = Array(octets[first.offset..<first.end].prefix(QEMUMutation.shownMax))
    mutation.edits += packageLengths(mutation.edits)
    guard let result = mutation.edits.applied(to: octets), result != octets else { return nil }
    return (result, mutation)
  }

  /// A package of records says how long it is.
  private func packageLengths(_ edits: [OctetEdit]) -> [OctetEdit] {
    guard edits.contains(where: { $0.growth != 0 }) else { return [] }
    return stream.records.compactMap { record in
      guard record.kind == .command, record.command == QEMUFormat.packagedCommand else { return nil }
      let start = Int(record.payloadOffset)
      let inside = (start + 4)..<record.range.upperBound
      let growth = edits.reduce(0) { $0 + (inside.contains($1.offset) ? $1.growth : 0) }
      guard growth != 0, let old = octets.bigEndian(at: start, width: 4), Int(old) + growth >= 0 else { return nil }
      return OctetEdit(start, 4, [UInt8](bigEndian: UInt64(Int(old) + growth), width: 4))
    }
  }
}

extension QEMUMutator {
  /// The tree of a section with state, each section as likely as another.
  func pickDevice(_ chance: inout Chance) -> QEMUDevice? {
    let numbers = stream.deviceNumbers
    guard !numbers.isEmpty else { return nil }
    return try? stream.device(numbers[chance.below(numbers.count)])
  }

  /// A survey of a device that has what is wanted, among some that chance tries.
  func pickSurvey(
    _ chance: inout Chance, _ isWanted: (QEMUSurvey) -> Bool
  ) -> (device: QEMUDevice, survey: QEMUSurvey)? {
    for _ in 0..<24 {
      guard let device = pickDevice(&chance) else { return nil }
      let survey = QEMUSurvey(device, octets)
      if isWanted(survey) { return (device, survey) }
    }
    return nil
  }

  /// A mutation of something in a device.
  func inDevice(
    _ operation: QEMUOperator, _ section: QEMUSection, _ path: String, _ edits: [OctetEdit]
  ) -> QEMUMutation {
    QEMUMutation(operation, section.name, instance: section.instance, path: path, edits)
  }

  /// The octets there, empty when they are not all there.
  func slice(_ range: Range<Int>) -> [UInt8] {
    range.lowerBound >= 0 && range.upperBound <= octets.count ? Array(octets[range]) : []
  }
}
