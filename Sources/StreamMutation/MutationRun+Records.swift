import MigrationStream

/// Mutations of whole records, of their order, and of where the stream ends.
extension MutationRun {
  private func recordNote(_ mutation: Mutation, _ index: Int, old: UInt64 = 0, new: UInt64 = 0) -> MutationNote {
    var note = MutationNote(mutation, record: index)
    note.offset = index < tree.records.count ? tree.records[index].start : tree.tailStart
    note.old = old
    note.new = new
    return note
  }

  mutating func zeroBody() -> MutationNote? {
    guard let index = pick() else { return nil }
    let spot = tree.records[index]
    let isPayload = !spot.payload.isEmpty && chance.isOne(in: 2)
    let whole = isPayload ? spot.payload : spot.body
    guard !tree.octets.isZero(whole) else { return nil }
    // Of a section the data alone: its head says whose it is.
    let head = !isPayload && spot.knownKind == .section ? min(SectionHead.byteCount, whole.count) : 0
    tree.octets.clear((whole.lowerBound + head)..<whole.upperBound)
    var note = recordNote(.bodyZeroed, index)
    note.offset = whole.lowerBound + head
    note.field = FieldLabel(isPayload ? "payload" : "body")
    return note
  }

  /// Doubled in another place, dropped, exchanged with a neighbour, a run of them rotated, or one moved.
  mutating func changeOrder(_ mutation: Mutation) -> MutationNote? {
    guard let index = pick(), tree.records.count > 2 else { return nil }
    var order = Array(tree.records.indices)
    let place = chance.isOne(in: 2) ? index + 1 : 1 + chance.below(order.count - 1)
    switch mutation {
    case .recordDoubled:
      guard tree.records[index].end - tree.records[index].start <= room - 64 else { return nil }
      order.insert(index, at: min(place, order.count))
    case .recordDropped: order.remove(at: index)
    case .recordsSwapped:
      guard index + 1 < order.count else { return nil }
      order.swapAt(index, index + 1)
    case .recordsRotated:
      let count = 3 + chance.below(4)
      guard index + count <= order.count else { return nil }
      order.insert(order.remove(at: index), at: index + count - 1)
    default:
      let target = chance.below(order.count)
      guard target != index else { return nil }
      order.insert(order.remove(at: index), at: target)
    }
    let kind = tree.records[index].kind
    tree.arrange(order)
    var note = recordNote(mutation, mutation == .recordDoubled ? min(place, order.count - 1) : index)
    note.kind = kind
    return note
  }

  /// Values that no reader of minor 0 knows, of each range that the format names.
  private mutating func unknownKind() -> UInt64 {
    let kinds: [UInt64] = [0, 0x0e, 0x0f, 0x40, 0x4f, 0x60, 0x6f, 0x7fff, 0x8000, 0xffff]
    return kinds[chance.below(kinds.count)]
  }

  private mutating func setMark(_ index: Int) {
    let mark = chance.isOne(in: 8) ? UInt64(chance.below(4)) : UInt64(1 + chance.below(2))
    let place = tree.records[index].start + HeaderPlace.flags
    tree.octets.setNumber(mark, at: place, width: 2)
    kept.second = place..<(place + 2)
  }

  mutating func makeUnknown() -> MutationNote? {
    guard let index = pick() else { return nil }
    let field = FieldSpot(
      position: tree.records[index].start + HeaderPlace.kind, width: 2, kind: .enumeration, label: FieldLabel("kind"))
    // Sometimes another kind that is known.
    let new = chance.isOne(in: 4) ? UInt64(1 + chance.below(13)) : unknownKind()
    if UInt64(tree.records[index].kind) == new { return nil }
    setMark(index)
    let note = set(new, .recordUnknown, field, in: index)
    tree.records[index].kind = UInt16(truncatingIfNeeded: new)
    return note
  }

  mutating func insertUnknown() -> MutationNote? {
    guard let index = pick(), index > 0, room >= 128 else { return nil }
    let kind = unknownKind()
    insert(UInt16(truncatingIfNeeded: kind), (0..<chance.below(4)).map { _ in chance.next() }, at: index)
    setMark(index)
    return recordNote(.unknownInserted, index, new: kind)
  }

  /// Puts a record whose body is `words` in front of the one at `index`.
  private mutating func insert(_ kind: UInt16, _ words: [UInt64], at index: Int) {
    var octets = [UInt8](repeating: 0, count: RecordHeader.byteCount + 8 * words.count)
    octets.setNumber(UInt64(Format.sync), at: 0, width: 4)
    octets.setNumber(UInt64(kind), at: HeaderPlace.kind, width: 2)
    octets.setNumber(UInt64(RecordFlags.required), at: HeaderPlace.flags, width: 2)
    octets.setNumber(UInt64(Format.none32), at: HeaderPlace.device, width: 4)
    octets.setNumber(UInt64(8 * words.count), at: HeaderPlace.bodyLength, width: 8)
    for (number, word) in words.enumerated() { octets.setNumber(word, at: RecordHeader.byteCount + 8 * number, width: 8) }
    var other = RecordTree([])
    other.octets = octets
    tree.insert(RecordSpot(start: 0, kind: kind, bodyCount: 8 * words.count), of: other, at: index)
  }

  /// A section that comes once more, in a pass of its own behind all others: the numbers of passes become right with the
  /// rest.
  mutating func replaceSection() -> MutationNote? {
    guard let end = pick(where: { spot, _ in spot.knownKind == .end }),
      let section = pick(where: { spot, _ in spot.knownKind == .section }), section < end,
      tree.records[section].end - tree.records[section].start <= room - 128
    else { return nil }
    var order = Array(tree.records.indices)
    order.insert(section, at: end)
    tree.arrange(order)
    let place = tree.records[end].start + HeaderPlace.flags
    tree.octets.setNumber(UInt64(tree.octets.word16(place) | RecordFlags.replaces), at: place, width: 2)
    insert(RecordKind.barrier.rawValue, [0, 0], at: end)
    return recordNote(.sectionReplaced, end + 1)
  }

  mutating func leaveSequenceGap() -> MutationNote? {
    guard let index = pick() else { return nil }
    let field = FieldSpot(
      position: tree.records[index].start + HeaderPlace.sequence, width: 8, kind: .sequence, label: FieldLabel("sequence"))
    let values = [UInt64(index) &+ 1, UInt64(index) &- 1, UInt64(index) ^ 1 << 32, 0, .max]
    let new = values[chance.below(values.count)]
    return new == number(field) ? nil : set(new, .sequenceGap, field, in: index)
  }

  mutating func changeEnd(_ mutation: Mutation) -> MutationNote? {
    guard let index = pick(where: { spot, _ in spot.knownKind == .end || spot.knownKind == .channelEnd }) else { return nil }
    var order = Array(tree.records.indices)
    switch mutation {
    case .endEarly:
      guard index > 0 else { return nil }
      order.insert(order.remove(at: index), at: chance.below(index))
    case .endDoubled:
      guard room >= RecordTree.endCount else { return nil }
      order.insert(index, at: chance.isOne(in: 2) ? order.count : chance.below(order.count))
    case .endMissing: order.remove(at: index)
    default:
      let spot = tree.records[index]
      tree.octets.setNumber(UInt64(RecordKind.abort.rawValue), at: spot.start + HeaderPlace.kind, width: 2)
      tree.records[index].kind = RecordKind.abort.rawValue
      var body = [UInt8](repeating: 0, count: 8)
      body[0] = UInt8(chance.below(9))
      tree.replaceInBody(of: index, spot.body, by: body)
      return recordNote(mutation, index, new: UInt64(body[0]))
    }
    tree.arrange(order)
    return recordNote(mutation, order.firstIndex(of: index) ?? index)
  }

  mutating func appendOctets() -> MutationNote? {
    guard tree.hasPreamble, room > 0 else { return nil }
    let count = min(room, 1 + chance.below(16))
    ending = .append((0..<count).map { _ in UInt8(truncatingIfNeeded: chance.next()) })
    var note = MutationNote(.trailingOctets)
    note.offset = tree.octets.count
    note.new = UInt64(count)
    return note
  }

  /// The stream ends between two records, or inside of one.
  mutating func cut() -> MutationNote? {
    guard tree.octets.count > 1 else { return nil }
    var place = chance.below(tree.octets.count)
    if !chance.isOne(in: 3), let index = pick() {
      let spot = tree.records[index]
      let places = [spot.start, spot.body.lowerBound, spot.body.upperBound, spot.payload.lowerBound, spot.payload.upperBound]
      place = min(places[chance.below(places.count)], tree.octets.count - 1)
      if chance.isOne(in: 4) { place = max(0, place - 1) }
    }
    ending = .cut(at: place)
    var note = MutationNote(.truncated)
    note.offset = place
    note.old = UInt64(tree.octets.count)
    note.new = UInt64(place)
    return note
  }
}
