internal import ForeignStreams

/// Sections and subsections: their names, versions, order and number.
extension QEMUMutator {
  /// Records that begin and end a section at once.
  private var wholeRecords: [QEMURecord] { stream.records.filter { $0.kind == .sectionFull && $0.section != nil } }

  private func pickWhole(_ chance: inout Chance) -> (record: QEMURecord, section: QEMUSection)? {
    let records = wholeRecords
    guard !records.isEmpty else { return nil }
    let record = records[chance.below(records.count)]
    guard let number = record.section else { return nil }
    return (record, stream.sections[number])
  }

  func subsection(_ operation: QEMUOperator, _ chance: inout Chance) -> QEMUMutation? {
    let needsTwo = operation == .subsectionsSwapped
    guard
      let (device, survey) = pickSurvey(
        &chance, { survey in survey.subsections.contains { !needsTwo || $0.next != nil } })
    else { return nil }
    let choices = survey.subsections.filter { !needsTwo || $0.next != nil }
    let chosen = choices[chance.below(choices.count)]
    let start = Int(chosen.subsection.sourceOffset)
    let range = start..<(start + Int(chosen.subsection.sourceLength))
    guard start + 1 < octets.count, let edits = edits(operation, range, chosen, device, &chance) else { return nil }
    return inDevice(operation, device.section, chosen.path, edits)
  }

  /// `05`, name with its length, version, fields.
  private func edits(
    _ operation: QEMUOperator, _ range: Range<Int>, _ chosen: QEMUSurvey.Placed, _ device: QEMUDevice,
    _ chance: inout Chance
  ) -> [OctetEdit]? {
    let nameEnd = range.lowerBound + 2 + Int(octets[range.lowerBound + 1])
    guard nameEnd + 4 <= range.upperBound else { return nil }
    switch operation {
    case .subsectionRenamed:
      let old = octets[nameEnd - 1]
      return [OctetEdit(nameEnd - 1, 1, [old == UInt8(ascii: "z") ? UInt8(ascii: "a") : old &+ 1])]
    case .subsectionDropped:
      // What holds zeros is what a device that is told nothing has.
      guard slice((nameEnd + 4)..<range.upperBound).contains(where: { $0 != 0 }) else { return nil }
      return [OctetEdit(range, [])]
    case .subsectionDoubled: return [OctetEdit(range.upperBound, 0, slice(range))]
    case .subsectionVersion:
      let version = otherVersion(chosen.subsection.version, &chance)
      return [OctetEdit(nameEnd, 4, [UInt8](bigEndian: UInt64(version), width: 4))]
    case .subsectionsSwapped:
      guard let next = chosen.next else { return nil }
      let second = Int(next.sourceOffset)..<Int(next.sourceOffset + next.sourceLength)
      return [OctetEdit(range, slice(second)), OctetEdit(second, slice(range))]
    default:
      // To the end of another device's payload.
      guard let (record, section) = pickWhole(&chance), section.name != device.section.name else { return nil }
      return [OctetEdit(record.payload.upperBound, 0, slice(range)), OctetEdit(range, [])]
    }
  }

  private func otherVersion(_ version: UInt32, _ chance: inout Chance) -> UInt32 {
    let versions = [version &+ 1, version &- 1, 0, 99, .max, 0x8000_0000]
    return versions[chance.below(versions.count)]
  }

  func header(_ operation: QEMUOperator, _ chance: inout Chance) -> QEMUMutation? {
    guard let (record, section) = pickWhole(&chance) else { return nil }
    let name = Int(octets[record.nameOffset])
    switch operation {
    case .sectionVersion:
      let version = [UInt8](bigEndian: UInt64(otherVersion(section.version, &chance)), width: 4)
      return inDevice(operation, section, "version", [OctetEdit(record.versionOffset, 4, version)])
    case .sectionInstance:
      let other = section.instance &+ UInt32(1 + chance.below(3))
      let instance = [UInt8](bigEndian: UInt64(other), width: 4)
      return inDevice(operation, section, "instance", [OctetEdit(record.instanceOffset, 4, instance)])
    case .sectionRenamed:
      let place = record.nameOffset + 1 + chance.below(max(1, name))
      let letter = UInt8(ascii: "a") + UInt8(chance.below(26))
      return inDevice(operation, section, "name", [OctetEdit(place, 1, [letter])])
    case .nameLength:
      let other = chance.isOne(in: 3) ? 0xff : UInt8(truncatingIfNeeded: name + 1 - 2 * chance.below(2))
      return inDevice(operation, section, "name length", [OctetEdit(record.nameOffset, 1, [other])])
    case .recordType:
      let type = [0x02, 0x05, 0x09, 0x7e, 0xff][chance.below(5)] as UInt8
      return inDevice(operation, section, "record type", [OctetEdit(Int(record.offset), 1, [type])])
    default: return footer(record, section, &chance)
    }
  }

  private func footer(
    _ record: QEMURecord, _ section: QEMUSection, _ chance: inout Chance
  ) -> QEMUMutation? {
    guard stream.usesFooters == true else { return nil }
    let start = record.range.upperBound - QEMUFormat.footerOctets
    if chance.isOne(in: 3) { return inDevice(.footer, section, "footer", [OctetEdit(start, QEMUFormat.footerOctets, [])]) }
    if chance.isOne(in: 2) { return inDevice(.footer, section, "footer mark", [OctetEdit(start, 1, [0x7f])]) }
    let id = [UInt8](bigEndian: UInt64(section.id ^ 1 << UInt32(chance.below(32))), width: 4)
    return inDevice(.footer, section, "footer id", [OctetEdit(start + 1, 4, id)])
  }

  func section(_ operation: QEMUOperator, _ chance: inout Chance) -> QEMUMutation? {
    guard let (record, section) = pickWhole(&chance) else { return nil }
    switch operation {
    case .sectionDropped: return inDevice(operation, section, "section", [OctetEdit(record.range, [])])
    case .sectionDoubled:
      return inDevice(operation, section, "section", [OctetEdit(record.range.upperBound, 0, slice(record.range))])
    default:
      guard let (other, _) = pickWhole(&chance), other.offset != record.offset,
        other.isPackaged == record.isPackaged
      else { return nil }
      let edits = [OctetEdit(record.range, slice(other.range)), OctetEdit(other.range, slice(record.range))]
      return inDevice(operation, section, "section", edits)
    }
  }

  /// State of one device under the name of another.
  func payload(_ operation: QEMUOperator, _ chance: inout Chance) -> QEMUMutation? {
    let records = wholeRecords
    guard records.count > 1 else { return nil }
    for _ in 0..<64 {
      let record = records[chance.below(records.count)]
      let other = records[chance.below(records.count)]
      guard let to = record.section, let from = other.section, to != from else { continue }
      let (section, source) = (stream.sections[to], stream.sections[from])
      let isSameType = section.stateName == source.stateName && record.payloadLength == other.payloadLength
      guard isSameType == (operation == .payloadMoved) else { continue }
      let edit = OctetEdit(record.payload, slice(other.payload))
      guard slice(record.payload) != edit.new else { continue }
      return inDevice(operation, section, "state of \(source.name)#\(source.instance)", [edit])
    }
    return nil
  }

  /// Octets that a payload has too many or too few.
  func shift(_ operation: QEMUOperator, _ chance: inout Chance) -> QEMUMutation? {
    guard let (record, section) = pickWhole(&chance), record.payloadLength > 0 else { return nil }
    let offset = record.payload.lowerBound + chance.below(record.payload.count)
    if operation == .octetsInserted {
      let octet = UInt8(truncatingIfNeeded: chance.next())
      let new = [UInt8](repeating: octet, count: 1 + chance.below(8))
      return inDevice(operation, section, "state", [OctetEdit(offset, 0, new)])
    }
    let count = min(1 + chance.below(8), record.payload.upperBound - offset)
    return inDevice(operation, section, "state", [OctetEdit(offset, count, [])])
  }
}
