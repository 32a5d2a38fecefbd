internal import ForeignStreams

/// Fields of devices, alone and with what they count.
extension QEMUMutator {
  /// Octets that a mutation adds at most.
  private static let growthMax = 65_536

  func field(_ operation: QEMUOperator, _ chance: inout Chance) -> QEMUMutation? {
    for _ in 0..<16 {
      guard let device = pickDevice(&chance) else { return nil }
      guard let site = QEMUSite.pick(in: device, &chance),
        site.offset + site.node.width <= octets.count, !isCount(site, in: device)
      else { continue }
      let kind = QEMUFieldKind(site.node)
      let edit = kind == .octets || site.node.width > 8 ? octet(operation, site, &chance) : number(operation, site, kind, &chance)
      if let edit { return inDevice(operation, device.section, site.path, [edit]) }
    }
    return nil
  }

  private func number(
    _ operation: QEMUOperator, _ site: QEMUSite, _ kind: QEMUFieldKind, _ chance: inout Chance
  ) -> OctetEdit? {
    let width = site.node.width
    guard let stored = octets.bigEndian(at: site.offset, width: width) else { return nil }
    let old = site.node.isLittleEndian ? Self.turned(stored, width) : stored
    let values = QEMUFieldValues(kind: kind, width: width, old: old, bounds: bounds(site))
    guard let value = values.pick(operation, &chance) else { return nil }
    let new = site.node.isLittleEndian ? Self.turned(value, width) : value
    return OctetEdit(site.offset, width, [UInt8](bigEndian: new, width: width))
  }

  private static func turned(_ value: UInt64, _ width: Int) -> UInt64 {
    value.byteSwapped >> UInt64(64 - 8 * width)
  }

  /// One octet of those without structure; relations need numbers.
  private func octet(_ operation: QEMUOperator, _ site: QEMUSite, _ chance: inout Chance) -> OctetEdit? {
    guard operation != .fieldRelation else { return nil }
    let offset = site.offset + chance.below(site.node.width)
    let old = octets[offset]
    let new: UInt8 =
      switch operation {
      case .fieldLimit: old == 0xff ? 0 : 0xff
      case .fieldNeighbour: old &+ 1
      default: old ^ 1 << UInt8(chance.below(8))
      }
    return OctetEdit(offset, 1, [new])
  }

  /// Counts of the arrays beside a field, and values of the numbers beside it.
  private func bounds(_ site: QEMUSite) -> [UInt64] {
    var counts: [UInt64] = []
    var values: [UInt64] = []
    for node in site.siblings where node.sourceOffset != site.node.sourceOffset {
      switch node.shape {
      case .array(let count), .structArray(let count): counts.append(UInt64(count))
      case .list: counts.append(UInt64(node.children.count))
      case .single where node.type == .bytes: counts.append(node.sourceLength)
      case .single:
        guard node.width <= 8, QEMUFieldKind(node) != .octets,
          let value = octets.bigEndian(at: Int(node.sourceOffset) + site.displacement, width: node.width)
        else { continue }
        values.append(node.isLittleEndian ? Self.turned(value, node.width) : value)
      case .structure: continue
      }
    }
    return counts + counts + values
  }

  /// Whether the length of a later field is this one's value: alone, it would move all that follows.
  private func isCount(_ site: QEMUSite, in device: QEMUDevice) -> Bool {
    let kind = QEMUFieldKind(site.node)
    guard kind == .count || kind == .length || kind == .equal, site.displacement == 0 else { return false }
    return QEMUSurvey(device, octets).counted.contains { $0.count.sourceOffset == site.node.sourceOffset }
  }

  /// A count with elements added or taken away, or without.
  func count(_ operation: QEMUOperator, _ chance: inout Chance) -> QEMUMutation? {
    guard let (device, survey) = pickSurvey(&chance, { !$0.counted.isEmpty }) else { return nil }
    let pair = survey.counted[chance.below(survey.counted.count)]
    let most = pair.count.width == 8 ? UInt64.max : (1 << UInt64(8 * pair.count.width)) - 1
    let wanted = [pair.value + 1, pair.value + 1, pair.value - 1, pair.value &* 2, 0, 255, 256, 65_536]
    let value = wanted[chance.below(wanted.count)] & most
    guard value != pair.value else { return nil }
    let field = OctetEdit(
      Int(pair.count.sourceOffset), pair.count.width, [UInt8](bigEndian: value, width: pair.count.width))
    guard operation == .countAndTail else { return inDevice(operation, device.section, pair.countPath, [field]) }
    guard let tail = tail(pair, value) else { return nil }
    return inDevice(operation, device.section, pair.countPath, [field, tail])
  }

  /// The elements as many as `value` says: the last one again, or fewer.
  private func tail(_ pair: QEMUSurvey.Counted, _ value: UInt64) -> OctetEdit? {
    let count = pair.elements.count / pair.width
    if value < pair.value {
      return OctetEdit((pair.elements.lowerBound + Int(value) * pair.width)..<pair.elements.upperBound, [])
    }
    let more = value - UInt64(count)
    guard more <= UInt64(Self.growthMax / pair.width) else { return nil }
    let last = slice((pair.elements.upperBound - pair.width)..<pair.elements.upperBound)
    return OctetEdit(pair.elements.upperBound, 0, (0..<Int(more)).flatMap { _ in last })
  }

  func elements(_ chance: inout Chance) -> QEMUMutation? {
    guard let (device, survey) = pickSurvey(&chance, { !$0.arrays.isEmpty }) else { return nil }
    let array = survey.arrays[chance.below(survey.arrays.count)]
    for _ in 0..<8 {
      let first = array.element(chance.below(array.count))
      let second = array.element(chance.below(array.count))
      guard slice(first) != slice(second) else { continue }
      let edits = [OctetEdit(first, slice(second)), OctetEdit(second, slice(first))]
      return inDevice(.elementsSwapped, device.section, array.path, edits)
    }
    return nil
  }

  /// An element of a list: `01`, then its octets.
  func listElement(_ chance: inout Chance) -> QEMUMutation? {
    guard let (device, survey) = pickSurvey(&chance, { !$0.lists.isEmpty }) else { return nil }
    let list = survey.lists[chance.below(survey.lists.count)]
    let start = Int(list.node.sourceOffset)
    guard !list.node.children.isEmpty else { return nil }
    let number = chance.below(list.node.children.count)
    let element = list.node.children[number]
    let range = (Int(element.sourceOffset) - 1)..<Int(element.sourceOffset + element.sourceLength)
    let isDropped = chance.isOne(in: 2)
    let new = isDropped ? OctetEdit(range, []) : OctetEdit(range.upperBound, 0, slice(range))
    var edits = [new]
    // A tree says in front how many there are.
    if list.node.typeName == "gtree", let count = octets.bigEndian(at: start, width: 4) {
      let value = isDropped ? count &- 1 : count &+ 1
      edits.append(OctetEdit(start, 4, [UInt8](bigEndian: value, width: 4)))
    }
    return inDevice(.listElement, device.section, "\(list.path)[\(number)]", edits)
  }
}
