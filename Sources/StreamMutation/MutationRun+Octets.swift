import MigrationStream

/// Mutations of octets without structure, of digests, and of zstd frames.
extension MutationRun {
  mutating func changeOctets(_ leaf: (inout [UInt8], Int) -> Void) -> MutationNote? {
    if tree.octets.count > byteCountMax { tree.octets.removeSubrange(byteCountMax...) }
    leaf(&tree.octets, byteCountMax)
    tree = RecordTree(taking: &tree.octets)
    return MutationNote(.octets)
  }

  private func octetsNote(_ mutation: Mutation, _ index: Int, _ name: StaticString, at offset: Int) -> MutationNote {
    var note = MutationNote(mutation, record: index)
    note.field = FieldLabel(name)
    note.offset = offset
    return note
  }

  /// Octets of a body, which grows or shrinks with its length.
  mutating func changeBody(_ leaf: (inout [UInt8], Int) -> Void) -> MutationNote? {
    guard let index = pick(), tree.records[index].bodyCount > 0 else { return nil }
    let body = tree.records[index].body
    var part = Array(tree.octets[body])
    leaf(&part, max(part.count, min(part.count + 64, part.count + room)))
    part.append(contentsOf: repeatElement(0, count: -part.count & 7))
    guard part.count - body.count <= max(room, 0) else { return nil }
    let place = firstDifference(part, body)
    tree.replaceInBody(of: index, body, by: part)
    tree.settle()
    return octetsNote(.bodyOctets, index, "body", at: body.lowerBound + place)
  }

  private func firstDifference(_ part: [UInt8], _ range: Range<Int>) -> Int {
    var place = 0
    while place < part.count, place < range.count, part[place] == tree.octets[range.lowerBound + place] { place += 1 }
    return place
  }

  /// Octets of one field, which keeps its size.
  mutating func changeFieldOctets(_ leaf: (inout [UInt8], Int) -> Void) -> MutationNote? {
    guard let (found, record) = pickFields(),
      let field = choose(found.fields, where: { $0.width > 0 && $0.kind != .digest && $0.kind != .fixed })
    else { return nil }
    var part = Array(tree.octets[field.position..<(field.position + field.width)])
    let old = field.isNumber ? number(field) : 0
    leaf(&part, field.width)
    for (place, octet) in part.prefix(field.width).enumerated() { tree.octets[field.position + place] = octet }
    kept.first = field.position..<(field.position + field.width)
    return note(.fieldOctets, field, in: record, old: old, new: field.isNumber ? number(field) : 0)
  }

  /// Octets of a payload, which grows or shrinks with its length.
  mutating func changePayload(_ leaf: (inout [UInt8], Int) -> Void) -> MutationNote? {
    guard let index = pick(where: { spot, _ in spot.payloadCount > 0 }) else { return nil }
    let payload = tree.records[index].payload
    var part = Array(tree.octets[payload])
    let most = chance.isOne(in: 4) ? max(part.count, min(part.count + 64, part.count + room)) : part.count
    leaf(&part, most)
    if most == payload.count { part.append(contentsOf: repeatElement(0, count: payload.count - part.count)) }
    let place = firstDifference(part, payload)
    tree.replacePayload(of: index, by: part)
    return octetsNote(.payloadOctets, index, "payload", at: tree.records[index].payload.lowerBound + place)
  }

  /// An octet in front of a payload, or behind it, that is to be 0.
  mutating func dirtyPadding() -> MutationNote? {
    guard let index = pick(where: { spot, _ in spot.frontCount + spot.backCount > 0 }) else { return nil }
    let spot = tree.records[index]
    let (front, back) = (spot.body.upperBound..<spot.payload.lowerBound, spot.payload.upperBound..<spot.end)
    let range = front.isEmpty || !back.isEmpty && chance.isOne(in: 2) ? back : front
    let place = range.lowerBound + chance.below(range.count)
    tree.octets[place] ^= 1 << UInt8(chance.below(8))
    kept.first = place..<(place + 1)
    return octetsNote(.paddingOctets, index, "padding", at: place)
  }

  // MARK: Digests

  mutating func breakDigest() -> MutationNote? {
    guard let (found, record) = pickFields(),
      let field = choose(found.fields, where: { $0.kind == .digest })
        ?? record.flatMap({ choose(BodyFields(headerAt: tree.records[$0].start).fields, where: { $0.kind == .digest }) })
    else { return nil }
    return set(FieldValues.limit(field, number(field), &chance), .digestWrong, field, in: record)
  }

  /// A digest that is right for other octets: those before a change, fewer of them, another seed.
  mutating func leaveDigestStale() -> MutationNote? {
    guard let index = pick() else { return nil }
    let spot = tree.records[index]
    let isPayload = !spot.payload.isEmpty && chance.isOne(in: 2)
    let range = isPayload ? spot.payload : spot.body
    guard !range.isEmpty else { return nil }
    let name: StaticString = isPayload ? "digest_payload" : "digest_body"
    let place = spot.start + (isPayload ? HeaderPlace.payloadDigest : HeaderPlace.bodyDigest)
    let field = FieldSpot(position: place, width: 8, kind: .digest, label: FieldLabel(name))
    switch chance.below(4) {
    case 0:
      let fewer = range.dropLast(min(8, range.count))
      return set(tree.octets.digest(fewer), .digestStale, field, in: index)
    case 1:
      let header = FieldSpot(
        position: spot.start + HeaderPlace.headerDigest, width: 8, kind: .digest, label: FieldLabel("digest_header"))
      let digest = Digest.xxh3(header: tree.octets.span.octets.words(at: spot.start), seed: 0)
      return set(digest, .digestStale, header, in: index)
    default:
      let digest = tree.octets.digest(range)
      tree.octets[range.lowerBound + chance.below(range.count)] ^= UInt8(1 << chance.below(8))
      return set(digest, .digestStale, field, in: index)
    }
  }

  // MARK: Frames

  /// Where a record's frame lies, and the length that says what it holds.
  private func frame(_ spot: RecordSpot) -> (range: Range<Int>, plain: FieldSpot) {
    let body = spot.body.lowerBound
    if spot.knownKind == .layout {
      let count = tree.octets.clamped(body + 24, spot.bodyCount - 32)
      let plain = FieldSpot(position: body + 8, width: 8, kind: .length, label: FieldLabel("len_canonical"))
      return ((body + 32)..<(body + 32 + count), plain)
    }
    return (spot.payload, FieldSpot(position: body + 16, width: 8, kind: .length, label: FieldLabel("len_plain")))
  }

  /// The octets that a frame holds, changed and compressed again.
  mutating func changePlain(_ leaf: (inout [UInt8], Int) -> Void) -> MutationNote? {
    guard let index = pick(where: { $1.isFramed($0) }) else { return nil }
    let (range, length) = frame(tree.records[index])
    guard var plain = Frames.plain(tree.octets, range, number(length)) else { return nil }
    let count = plain.count
    leaf(&plain, count + (chance.isOne(in: 4) ? 64 : 0))
    if chance.isOne(in: 2) {
      plain = Array(plain.prefix(count)) + [UInt8](repeating: 0, count: max(0, count - plain.count))
    }
    guard let frame = Frames.frame(plain), frame.count - range.count <= room else { return nil }
    let old = number(length)
    tree.octets.setNumber(UInt64(plain.count), at: length.position, width: 8)
    replaceFrame(of: index, range, by: frame)
    return note(.framePlain, length, in: index, old: old, new: UInt64(plain.count))
  }

  private mutating func replaceFrame(of index: Int, _ range: Range<Int>, by frame: [UInt8]) {
    guard tree.records[index].knownKind == .layout else { return tree.replacePayload(of: index, by: frame) }
    let body = tree.records[index].body
    tree.octets.setNumber(UInt64(frame.count), at: body.lowerBound + 24, width: 8)
    let padding = [UInt8](repeating: 0, count: -frame.count & 7)
    tree.replaceInBody(of: index, range.lowerBound..<body.upperBound, by: frame + padding)
    tree.settle()
  }

  /// Octets of the frame itself.
  mutating func changeStored(_ leaf: (inout [UInt8], Int) -> Void) -> MutationNote? {
    guard let index = pick(where: { $1.isFramed($0) }) else { return nil }
    let (range, _) = frame(tree.records[index])
    guard !range.isEmpty else { return nil }
    var stored = Array(tree.octets[range])
    leaf(&stored, stored.count)
    for (place, octet) in stored.prefix(range.count).enumerated() { tree.octets[range.lowerBound + place] = octet }
    return octetsNote(.frameStored, index, "frame", at: range.lowerBound)
  }

  /// A frame whose header claims another size than its blocks have: in the octets that it has for it, or in 8, which hold
  /// any claim; and the length beside it says the same, or not.
  mutating func forgeFrameSize() -> MutationNote? {
    guard let index = pick(where: { $1.isFramed($0) }) else { return nil }
    let (range, length) = frame(tree.records[index])
    guard range.count >= 14, tree.octets.word32(range.lowerBound) == 0xfd2f_b528, room >= 8 else { return nil }
    // RFC 8878 section 3.1.1.1: descriptor, window unless single segment, dictionary id, content size.
    let descriptor = tree.octets[range.lowerBound + 4]
    let isSingle = descriptor & 0x20 != 0
    let place = 5 + (isSingle ? 0 : 1) + [0, 1, 2, 4][Int(descriptor & 3)]
    var width = [isSingle ? 1 : 0, 2, 4, 8][Int(descriptor >> 6)]
    if chance.isOne(in: 2), width < 8 {
      var frame = Array(tree.octets[range])
      frame[4] = descriptor | 0xc0
      frame.replaceSubrange(place..<(place + width), with: [UInt8](repeating: 0, count: 8))
      width = 8
      replaceFrame(of: index, range, by: frame)
    }
    guard width > 0 else { return nil }
    // The frame may lie elsewhere now.
    let start = frame(tree.records[index]).range.lowerBound
    let field = FieldSpot(position: start + place, width: width, kind: .size, label: FieldLabel("frame.content_size"))
    let old = number(length)
    let values = [old &+ 1, old &- 1, 1 << 22, 1 << 22 + 1, 1 << 30, UInt64(UInt32.max), .max]
    let claim = values[chance.below(values.count)]
    // A size of two octets counts from 256 on.
    let stored = (width == 2 ? claim &- 256 : claim) & FieldValues.mask(width)
    if chance.isOne(in: 2) {
      tree.octets.setNumber(width == 2 ? stored &+ 256 : stored, at: length.position, width: 8)
      kept.second = length.position..<(length.position + 8)
    }
    return set(stored, .frameSizeForged, field, in: index)
  }

  /// A plain payload put into a frame.
  mutating func compressPayload() -> MutationNote? {
    guard let index = pick(where: { $0.payloadCount > 0 && $0.bodyCount >= 32 && !$1.isFramed($0) }) else { return nil }
    let spot = tree.records[index]
    guard spot.knownKind == .memory || spot.knownKind == .bytes, spot.payloadCount <= Int(Frames.plainMax) else { return nil }
    var plain = Array(tree.octets[spot.payload])
    // Few payloads of some octets get shorter; those of one value do.
    if chance.isOne(in: 2) { plain = [UInt8](repeating: plain[0], count: plain.count) }
    guard let frame = Frames.frame(plain), frame.count < plain.count else { return nil }
    tree.octets.setNumber(UInt64(spot.payloadCount), at: spot.body.lowerBound + 16, width: 8)
    tree.octets[spot.body.lowerBound + 12] = 1
    tree.replacePayload(of: index, by: frame)
    let field = FieldSpot(position: spot.body.lowerBound + 12, width: 1, kind: .enumeration, label: FieldLabel("encoding"))
    return note(.framed, field, in: index, old: 0, new: 1)
  }

  /// What a frame holds, as a plain payload: it may be cut anywhere.
  mutating func unpackPayload() -> MutationNote? {
    guard let index = pick(where: { $0.knownKind != .layout && $1.isFramed($0) }) else { return nil }
    let (range, length) = frame(tree.records[index])
    guard let plain = Frames.plain(tree.octets, range, number(length)), plain.count - range.count <= room else { return nil }
    let field = FieldSpot(
      position: tree.records[index].body.lowerBound + 12, width: 1, kind: .enumeration, label: FieldLabel("encoding"))
    tree.octets[field.position] = 0
    tree.replacePayload(of: index, by: plain)
    return note(.unframed, field, in: index, old: 1, new: 0)
  }
}

extension RecordTree {
  /// Whether a record holds a zstd frame.
  func isFramed(_ spot: RecordSpot) -> Bool {
    switch spot.knownKind {
    case .memory, .bytes: spot.bodyCount >= 32 && octets[spot.body.lowerBound + 12] == 1 && spot.payloadCount > 0
    case .layout: spot.bodyCount > 32 && octets[spot.body.lowerBound + 4] == 1
    default: false
    }
  }
}
