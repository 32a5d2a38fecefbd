import MigrationStream

/// Counts and lengths, changed together with what they count, or apart from it.
extension MutationRun {
  /// A count and its tail grow or shrink together: framing holds, and the check behind it is asked.
  mutating func resizeTail() -> MutationNote? {
    guard let index = pick() else { return nil }
    let found = BodyFields(bodyOf: tree.records[index], in: tree)
    guard let field = choose(found.fields, where: { $0.tail != nil }), let tail = field.tail else { return nil }
    let old = number(field)
    let new = newCount(field, old)
    let most = max(0, room) / max(field.unit, 1)
    guard new != old, new <= UInt64(clamping: Int(old) + most) else { return nil }
    let count = Int(new) * field.unit
    var part = Array(tree.octets[tail.lowerBound..<min(tail.upperBound, tail.lowerBound + count)])
    fill(&part, to: count, from: tail)
    let end = tail.upperBound.padded
    part.append(contentsOf: repeatElement(0, count: (tail.lowerBound + count).padded - tail.lowerBound - count))
    let change = part.count - (end - tail.lowerBound)
    let note = set(new, .tailResized, field, in: index)
    adjust(found, field.scope, by: change)
    tree.replaceInBody(of: index, tail.lowerBound..<end, by: part)
    tree.settle()
    return note
  }

  /// New items are zero, or like those that are there.
  private mutating func fill(_ part: inout [UInt8], to count: Int, from tail: Range<Int>) {
    guard part.count < count else { return }
    let copies = !tail.isEmpty && chance.isOne(in: 2)
    while part.count < count {
      part.append(copies ? tree.octets[tail.lowerBound + part.count % tail.count] : 0)
    }
  }

  private mutating func newCount(_ field: FieldSpot, _ old: UInt64) -> UInt64 {
    if field.limit != 0, field.limit < 1 << 16, chance.isOne(in: 2) {
      return chance.isOne(in: 2) ? field.limit &+ 1 : field.limit
    }
    switch chance.below(8) {
    case 0: return 0
    case 1: return old &- 1 & 0xffff
    case 2: return old / 2
    case 3: return old * 2
    case 4: return old + UInt64(chance.below(64))
    default: return old + 1
    }
  }

  /// Lengths of what lies around change with what is inside.
  mutating func adjust(_ found: BodyFields, _ scope: Int, by change: Int) {
    var scope = scope
    while scope >= 0 {
      let place = found.scopes[scope]
      let value = tree.octets.number(at: place.position, width: place.width) &+ UInt64(bitPattern: Int64(change))
      tree.octets.setNumber(value, at: place.position, width: place.width)
      scope = place.parent
    }
  }

  /// The tail changes and its count does not, or the reverse.
  mutating func lieAboutTail() -> MutationNote? {
    guard let index = pick() else { return nil }
    let found = BodyFields(bodyOf: tree.records[index], in: tree)
    guard let field = choose(found.fields, where: { $0.tail != nil }), let tail = field.tail else { return nil }
    let old = number(field)
    if chance.isOne(in: 2) { return set(FieldValues.step(old, &chance), .tailLie, field, in: index) }
    let place = tail.lowerBound.padded
    guard place <= tail.upperBound.padded, room >= 8 else { return nil }
    let grows = tail.count < 8 || chance.isOne(in: 2)
    adjust(found, field.scope, by: grows ? 8 : -8)
    kept.first = field.position..<(field.position + field.width)
    tree.replaceInBody(of: index, place..<(grows ? place : place + 8), by: grows ? [UInt8](repeating: 0, count: 8) : [])
    tree.settle()
    return note(.tailLie, field, in: index, old: old, new: old)
  }

  /// A length of a header, or one inside a body, that is not what is there.
  mutating func lieAboutLength() -> MutationNote? {
    guard let index = pick() else { return nil }
    let isHeader = chance.isOne(in: 2)
    let found =
      isHeader
      ? BodyFields(headerAt: tree.records[index].start) : BodyFields(bodyOf: tree.records[index], in: tree)
    guard let field = choose(found.fields, where: { $0.kind == .length && $0.isNumber }) else { return nil }
    let old = number(field)
    // What the preamble promises of records bounds a length too: a promise that is large enough hides no other limit.
    let promise = 32..<40
    if isHeader, chance.isOne(in: 3) {
      tree.octets.setNumber(.max, at: promise.lowerBound, width: promise.count)
      kept.second = promise
    }
    let step = UInt64(1 << chance.below(7))
    // The last one is larger than any that readers take.
    let large = UInt64(1) << UInt64(24 + chance.below(16)) &+ 8
    let values = [old &+ 8, old &- 8, old &+ step, old &- step, 0, FieldValues.limit(field, old, &chance), large]
    let new = values[chance.below(values.count)] & FieldValues.mask(field.width)
    return new == old ? nil : set(new, .lengthLie, field, in: index)
  }

  // MARK: Items of lists

  mutating func changeItems(_ mutation: Mutation) -> MutationNote? {
    guard let index = pick() else { return nil }
    let found = BodyFields(bodyOf: tree.records[index], in: tree)
    guard !found.items.isEmpty else { return nil }
    let item = found.items[chance.below(found.items.count)]
    switch mutation {
    case .itemDoubled:
      guard room >= item.range.count else { return nil }
      return insert(Array(tree.octets[item.range]), at: item.range.upperBound, item, found, mutation, index)
    case .itemDropped: return drop(item, found, mutation, index)
    case .itemsSwapped: return swapItems(item, found, index)
    case .itemMoved: return move(item, found, index)
    case .itemLie:
      return set(FieldValues.step(number(item.count), &chance), mutation, item.count, in: index)
    default: return nest(item, found, index)
    }
  }

  private func itemNote(_ mutation: Mutation, _ item: ItemSpot, _ index: Int, old: UInt64, new: UInt64) -> MutationNote {
    var note = MutationNote(mutation, record: index)
    note.field = item.label
    note.offset = item.range.lowerBound
    note.old = old
    note.new = new
    return note
  }

  /// Puts octets of an item into the list of `item`, and counts it.
  private mutating func insert(
    _ octets: [UInt8], at place: Int, _ item: ItemSpot, _ found: BodyFields, _ mutation: Mutation, _ index: Int
  ) -> MutationNote {
    let old = number(item.count)
    tree.octets.setNumber(old &+ 1, at: item.count.position, width: item.count.width)
    adjust(found, item.scope, by: octets.count)
    kept.first = item.count.position..<(item.count.position + item.count.width)
    tree.replaceInBody(of: index, place..<place, by: octets)
    tree.settle()
    var note = itemNote(mutation, item, index, old: old, new: old &+ 1)
    note.offset = place
    return note
  }

  private mutating func drop(
    _ item: ItemSpot, _ found: BodyFields, _ mutation: Mutation, _ index: Int
  ) -> MutationNote {
    let old = number(item.count)
    tree.octets.setNumber(old &- 1, at: item.count.position, width: item.count.width)
    adjust(found, item.scope, by: -item.range.count)
    kept.first = item.count.position..<(item.count.position + item.count.width)
    tree.replaceInBody(of: index, item.range, by: [])
    tree.settle()
    return itemNote(mutation, item, index, old: old, new: old &- 1)
  }

  private mutating func swapItems(_ item: ItemSpot, _ found: BodyFields, _ index: Int) -> MutationNote? {
    guard
      let next = found.items.first(where: {
        $0.range.lowerBound == item.range.upperBound && $0.count.position == item.count.position
      })
    else { return nil }
    let both = Array(tree.octets[next.range] + tree.octets[item.range])
    tree.octets.replaceSubrange(item.range.lowerBound..<next.range.upperBound, with: both)
    return itemNote(.itemsSwapped, item, index, old: 0, new: 0)
  }

  /// An item goes to another place of its list, or to a list of the same kind under another parent.
  private mutating func move(_ item: ItemSpot, _ found: BodyFields, _ index: Int) -> MutationNote? {
    let octets = Array(tree.octets[item.range])
    if item.list == .subsections, chance.isOne(in: 2) { return moveAway(item, found, index) }
    guard found.items.count > 1 else { return nil }
    _ = drop(item, found, .itemMoved, index)
    let rest = BodyFields(bodyOf: tree.records[index], in: tree)
    let sameKind = rest.items.filter {
      $0.list == item.list && (item.list != .others || $0.count.position == item.count.position)
    }
    guard !sameKind.isEmpty else { return itemNote(.itemDropped, item, index, old: 1, new: 0) }
    let target = sameKind[chance.below(sameKind.count)]
    var note = insert(octets, at: target.range.lowerBound, target, rest, .itemMoved, index)
    (note.old, note.new) = (UInt64(item.range.lowerBound), UInt64(target.range.lowerBound))
    return note
  }

  /// A subsection goes from its section to another one, behind those that are there; or a copy of it does.
  private mutating func moveAway(_ item: ItemSpot, _ found: BodyFields, _ index: Int) -> MutationNote? {
    let octets = Array(tree.octets[item.range])
    let target = pick(where: { spot, tree in
      spot.knownKind == .section && spot.start != tree.records[index].start && spot.bodyCount >= SectionHead.byteCount
    })
    guard let target, room >= octets.count else { return nil }
    if !chance.isOne(in: 4) { _ = drop(item, found, .itemMoved, index) }
    let spot = tree.records[target]
    let place = spot.body.lowerBound + 2
    let old = tree.octets.number(at: place, width: 2)
    tree.octets.setNumber(old &+ 1, at: place, width: 2)
    kept.first = place..<(place + 2)
    tree.replaceInBody(of: target, spot.body.upperBound..<spot.body.upperBound, by: octets)
    tree.settle()
    var note = itemNote(.itemMoved, item, target, old: old, new: old &+ 1)
    note.offset = spot.body.upperBound
    return note
  }

  /// A subsection in a copy of itself, and that in another: as deep as readers allow, and one deeper.
  private mutating func nest(_ item: ItemSpot, _ found: BodyFields, _ index: Int) -> MutationNote? {
    guard tree.records[index].knownKind == .section, item.count.width == 2, item.range.count >= 24 else { return nil }
    let outer = Array(tree.octets[item.range])
    let depth = min(chance.isOne(in: 2) ? 1 + chance.below(3) : 8 + chance.below(2), room / outer.count)
    guard depth > 0, outer.count * (depth + 1) < 1 << 20 else { return nil }
    var nested = outer
    for _ in 0..<depth {
      var level = outer
      level.setNumber(level.number(at: 6, width: 2) &+ 1, at: 6, width: 2)
      level.setNumber(UInt64(outer.count + nested.count), at: 0, width: 4)
      nested = level + nested
    }
    adjust(found, item.scope, by: nested.count - outer.count)
    tree.replaceInBody(of: index, item.range, by: nested)
    tree.settle()
    return itemNote(.itemNested, item, index, old: 0, new: UInt64(depth))
  }
}
