import MigrationStream

/// Arrays in the data of sections, whose elements have octets in two places: a block each, and a variable part each.
extension MutationRun {
  /// An element comes twice, is left out, or changes places with the next one; count, lengths and padding are right.
  mutating func changeElements(_ mutation: Mutation) -> MutationNote? {
    guard let index = pick(where: { spot, _ in spot.knownKind == .section }) else { return nil }
    let found = BodyFields(bodyOf: tree.records[index], in: tree)
    guard !found.arrays.isEmpty else { return nil }
    let array = found.arrays[chance.below(found.arrays.count)]
    guard array.elementCount > (mutation == .elementsSwapped ? 1 : 0) else { return nil }
    var order = Array(0..<array.elementCount)
    let element = chance.below(mutation == .elementsSwapped ? order.count - 1 : order.count)
    switch mutation {
    case .elementDropped: order.remove(at: element)
    case .elementDoubled: order.insert(element, at: element)
    default: order.swapAt(element, element + 1)
    }
    let part = octets(of: array, in: order)
    let change = part.count - array.range.count
    guard change <= room else { return nil }
    let old = number(array.count)
    adjust(found, array.scope, by: change)
    let note = set(UInt64(order.count), mutation, array.count, in: index)
    tree.replaceInBody(of: index, array.range, by: part)
    tree.settle()
    guard mutation == .elementsSwapped else { return note }
    var swapped = self.note(mutation, array.count, in: index, old: old, new: old)
    swapped.offset = array.block(element).lowerBound
    swapped.width = 0
    return swapped
  }

  /// The array with its elements in that order: their blocks, padding, their variable parts.
  private func octets(of array: ArraySpot, in order: [Int]) -> [UInt8] {
    var part: [UInt8] = []
    part.reserveCapacity(array.range.count * 2)
    for element in order { part += tree.octets[array.block(element)] }
    part.append(contentsOf: repeatElement(0, count: part.count.padded - part.count))
    for element in order { part += tree.octets[array.variable(element)] }
    return part
  }
}
