internal import ForeignStreams

/// What belongs to no section: the configuration, the description, the end.
extension QEMUMutator {
  /// The stream breaks off.
  func truncation(_ chance: inout Chance) -> QEMUMutation? {
    guard !octets.isEmpty else { return nil }
    // Behind the end record nothing that is needed follows.
    let end = stream.records.last { $0.kind == .endOfStream && !$0.isPackaged }.map { Int($0.offset) } ?? octets.count
    let cut = chance.below(max(1, end))
    return QEMUMutation(.truncated, path: "end", [OctetEdit(cut..<octets.count, [])])
  }

  /// The machine's name, its length, or a part behind it.
  func configuration(_ chance: inout Chance) -> QEMUMutation? {
    guard let record = stream.records.first(where: { $0.kind == .configuration }) else { return nil }
    let start = Int(record.payloadOffset)
    guard let length = octets.bigEndian(at: start, width: 4), record.payload.count > 4 else { return nil }
    if let part = stream.configurationParts.first, part.payloadLength > 0, chance.isOne(in: 3) {
      let place = Int(part.payloadOffset) + chance.below(Int(part.payloadLength))
      return QEMUMutation(.configuration, path: part.name, [OctetEdit(place, 1, [octets[place] ^ 1])])
    }
    if chance.isOne(in: 2) {
      let place = start + 4 + chance.below(max(1, Int(length)))
      guard place < octets.count else { return nil }
      return QEMUMutation(.configuration, path: "machine", [OctetEdit(place, 1, [octets[place] ^ 1])])
    }
    // A shorter name of which the longer one's start is right.
    guard length > 1 else { return nil }
    let count = 1 + chance.below(Int(length) - 1)
    let edits = [
      OctetEdit(start, 4, [UInt8](bigEndian: UInt64(count), width: 4)),
      OctetEdit((start + 4 + count)..<(start + 4 + Int(length)), []),
    ]
    return QEMUMutation(.configuration, path: "machine", edits)
  }

  /// A number or a letter of the description, or its length.
  func description(_ chance: inout Chance) -> QEMUMutation? {
    guard let text = stream.descriptionText, !text.isEmpty else { return nil }
    let range = Int(text.lowerBound)..<Int(text.upperBound)
    if chance.isOne(in: 4), range.lowerBound >= 4 {
      let lengths = [UInt64(text.count) + 1, UInt64(text.count) - 1, 0, 0x7fff_ffff, 0xffff_ffff]
      let length = [UInt8](bigEndian: lengths[chance.below(lengths.count)], width: 4)
      return QEMUMutation(.description, path: "length", [OctetEdit(range.lowerBound - 4, 4, length)])
    }
    // The first digit behind a place that chance chose; most digits are sizes, versions and counts.
    let from = range.lowerBound + chance.below(range.count)
    guard let place = (from..<range.upperBound).first(where: { Self.isDigit(octets[$0]) }) else { return nil }
    let digit = UInt8(ascii: "0") + (octets[place] - UInt8(ascii: "0") + UInt8(1 + chance.below(9))) % 10
    return QEMUMutation(.description, path: "text", [OctetEdit(place, 1, [digit])])
  }

  private static func isDigit(_ octet: UInt8) -> Bool { octet >= UInt8(ascii: "0") && octet <= UInt8(ascii: "9") }
}
