import MigrationStream

extension StreamMutator {
  /// A stream with records of both: one or some of the second put into the first, the head of the first with the end of
  /// the second, or the contents of one record taken over by another of its kind.
  public static func crossOver(
    _ first: [UInt8], _ second: [UInt8], byteCountMax: Int, chance: inout Chance, repairs: Bool
  ) -> [UInt8] {
    var splice = Splice(first: RecordTree(first), second: RecordTree(second), room: byteCountMax - first.count)
    switch chance.below(4) {
    case 0: splice.joinEnds(&chance)
    case 1: splice.takeContents(&chance)
    default: splice.takeRecords(&chance)
    }
    if repairs, !chance.isOne(in: 40) { splice.first.repair() }
    if splice.first.octets.count > byteCountMax { splice.first.octets.removeSubrange(byteCountMax...) }
    return splice.first.octets
  }
}

/// Parts of one stream put into another.
private struct Splice {
  var first: RecordTree
  let second: RecordTree
  /// Octets that the first may grow by.
  var room: Int

  /// Records of the first up to some place, then those of the second from some place on.
  mutating func joinEnds(_ chance: inout Chance) {
    guard first.hasPreamble, !first.records.isEmpty, !second.records.isEmpty else { return }
    let end = chance.below(first.records.count + 1)
    let start = chance.below(second.records.count)
    first.arrange(Array(0..<end))
    first.octets.removeSubrange(first.tailStart...)
    for spot in second.records[start...] { first.insert(spot, of: second, at: first.records.count) }
  }

  /// Some records of the second behind one of the first; sections with their layouts.
  mutating func takeRecords(_ chance: inout Chance) {
    guard first.records.count > 1, !second.records.isEmpty else { return }
    let start = chance.below(second.records.count)
    let count = 1 + chance.below(min(3, second.records.count - start))
    var place = 1 + chance.below(first.records.count - 1)
    for index in start..<(start + count) {
      let spot = second.records[index]
      guard spot.end - spot.start + 64 <= room else { return }
      room -= spot.end - spot.start + 64
      let layout = spot.knownKind == .section && spot.bodyCount >= 24 ? adoptedLayout(of: spot, &place) : nil
      first.insert(spot, of: second, at: place)
      if let layout { first.octets.setNumber(layout, at: first.records[place].body.lowerBound + 4, width: 4) }
      place += 1
    }
  }

  /// The number that a section's layout has in the first, which gets it behind its own when it has it not.
  private mutating func adoptedLayout(of spot: RecordSpot, _ place: inout Int) -> UInt64? {
    guard let source = second.layout(second.octets.word32(spot.body.lowerBound + 4)) else { return nil }
    let wanted = second.records[source.record]
    let octets = second.octets[(wanted.body.lowerBound + 8)..<wanted.body.upperBound]
    var number: UInt64 = 0
    var behind = 1
    for (index, other) in first.records.enumerated() where other.knownKind == .layout && other.bodyCount >= 32 {
      if first.octets[(other.body.lowerBound + 8)..<other.body.upperBound] == octets {
        place = max(place, index + 1)
        return number
      }
      number += 1
      behind = index + 1
    }
    guard wanted.end - wanted.start <= room else { return nil }
    room -= wanted.end - wanted.start
    first.insert(wanted, of: second, at: behind)
    place = max(place, behind) + 1
    return number
  }

  /// A body or a payload of the second in a record of the first of the same kind; of sections, the data and what follows.
  mutating func takeContents(_ chance: inout Chance) {
    guard !first.records.isEmpty, !second.records.isEmpty else { return }
    let target = chance.below(first.records.count)
    let start = chance.below(second.records.count)
    for step in 0..<second.records.count {
      let spot = second.records[(start + step) % second.records.count]
      let old = first.records[target]
      guard spot.kind == old.kind, spot.end - spot.start - (old.end - old.start) + 64 <= room else { continue }
      if spot.payloadCount > 0, chance.isOne(in: 2) {
        first.replacePayload(of: target, by: Array(second.octets[spot.payload]))
      } else {
        let keeps = spot.knownKind == .section ? min(SectionHead.byteCount, old.bodyCount, spot.bodyCount) & ~15 : 0
        first.replaceInBody(
          of: target, (old.body.lowerBound + keeps)..<old.body.upperBound,
          by: Array(second.octets[(spot.body.lowerBound + keeps)..<spot.body.upperBound]))
        first.settle()
      }
      return
    }
  }
}
