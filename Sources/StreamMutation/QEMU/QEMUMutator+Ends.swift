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

  /// The machine's name, or a part behind it.
  func configuration(_ chance: inout Chance) -> QEMUMutation? {
    guard let record = stream.records.first(where: { $0.kind == .configuration }) else { return nil }
    let start = Int(record.payloadOffset)
    guard let length = octets.bigEndian(at: start, width: 4), record.payload.count > 4 else { return nil }
    if let part = stream.configurationParts.first, part.payloadLength > 0, chance.isOne(in: 3) {
      let place = Int(part.payloadOffset) + chance.below(Int(part.payloadLength))
      return QEMUMutation(.configuration, path: part.name, [OctetEdit(place, 1, [octets[place] ^ 1])])
    }
    let place = start + 4 + chance.below(max(1, Int(length)))
    guard place < record.range.upperBound else { return nil }
    return QEMUMutation(.configuration, path: "machine", [OctetEdit(place, 1, [octets[place] ^ 1])])
  }

  /// A number of the description, one of its objects, or its length.
  func description(_ chance: inout Chance) -> QEMUMutation? {
    guard let text = stream.descriptionText, !text.isEmpty, text.lowerBound >= 4 else { return nil }
    let range = Int(text.lowerBound)..<Int(text.upperBound)
    let from = range.lowerBound + chance.below(range.count)
    switch chance.below(4) {
    case 0:
      let lengths = [UInt64(range.count) + 1, UInt64(range.count) - 1, 0, 0x7fff_ffff, 0xffff_ffff]
      let edit = descriptionLength(range, lengths[chance.below(lengths.count)])
      return QEMUMutation(.description, path: "length", [edit])
    case 1:
      guard let object = object(behind: from, in: range) else { return nil }
      let isDropped = chance.isOne(in: 2)
      let copy = [UInt8(ascii: ","), UInt8(ascii: " ")] + slice(object)
      let edit = isDropped ? OctetEdit(object, Array("{}".utf8)) : OctetEdit(object.upperBound, 0, copy)
      let length = descriptionLength(range, UInt64(range.count + edit.growth))
      return QEMUMutation(.description, path: "object", [edit, length])
    default:
      // The first digit behind a place that chance chose; most digits are sizes, versions and counts.
      guard let place = (from..<range.upperBound).first(where: { Self.isDigit(octets[$0]) }) else { return nil }
      let digit = UInt8(ascii: "0") + (octets[place] - UInt8(ascii: "0") + UInt8(1 + chance.below(9))) % 10
      return QEMUMutation(.description, path: "number", [OctetEdit(place, 1, [digit])])
    }
  }

  /// What the record in front of the description says of its length.
  func descriptionLength(_ text: Range<Int>, _ length: UInt64) -> OctetEdit {
    OctetEdit(text.lowerBound - 4, 4, [UInt8](bigEndian: length, width: 4))
  }

  /// The first object of a JSON text that begins there or behind, to its closing brace.
  private func object(behind start: Int, in text: Range<Int>) -> Range<Int>? {
    guard let first = (start..<text.upperBound).first(where: { octets[$0] == UInt8(ascii: "{") }) else { return nil }
    var depth = 0
    var isQuoted = false
    for place in first..<text.upperBound {
      switch octets[place] {
      case UInt8(ascii: "\""): isQuoted.toggle()
      case UInt8(ascii: "{") where !isQuoted: depth += 1
      case UInt8(ascii: "}") where !isQuoted:
        depth -= 1
        if depth == 0 { return first..<(place + 1) }
      default: break
      }
    }
    return nil
  }

  private static func isDigit(_ octet: UInt8) -> Bool { octet >= UInt8(ascii: "0") && octet <= UInt8(ascii: "9") }
}
