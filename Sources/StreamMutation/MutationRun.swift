import MigrationStream

/// One mutation of one stream while it is made.
struct MutationRun {
  /// What is done when everything is repaired.
  enum Ending {
    case none
    case cut(at: Int)
    case append([UInt8])
  }

  var tree: RecordTree
  var chance: Chance
  let byteCountMax: Int
  /// Records are picked among sections, where there are any, and their headers stay.
  var isAboutSections = false
  /// What the mutation broke, and the repair leaves broken.
  var kept = KeptOctets()
  var ending = Ending.none

  init(taking octets: inout [UInt8], byteCountMax: Int, chance: Chance) {
    tree = RecordTree(taking: &octets)
    self.chance = chance
    self.byteCountMax = byteCountMax
  }

  var records: [RecordSpot] { tree.records }

  /// Octets that the stream may grow by; padding in front of payloads may take more.
  var room: Int {
    let payloads = tree.records.count { $0.payloadCount > 0 }
    return byteCountMax - tree.octets.count - 64 * payloads
  }

  /// Octets behind the end go, and an end that is missing comes, mostly: another mutation is tried on a good stream.
  mutating func mend() {
    guard tree.hasPreamble else { return }
    if tree.tailStart < tree.octets.count, !chance.isOne(in: 8) { tree.octets.removeSubrange(tree.tailStart...) }
    guard !tree.isFurtherChannel, !tree.records.isEmpty, room >= RecordTree.endCount, chance.isOne(in: 2) else { return }
    let last = tree.records[tree.records.count - 1].knownKind
    if last != .end, last != .abort { tree.appendEnd() }
  }

  /// A record to change; sections and bulk before those on which all others depend.
  mutating func pick() -> Int? {
    guard !tree.records.isEmpty else { return nil }
    if isAboutSections, let section = pick(where: { spot, _ in spot.knownKind == .section }) { return section }
    var index = chance.below(tree.records.count)
    for _ in 0..<2 {
      switch tree.records[index].knownKind {
      case .manifest, .end, .layout: if chance.isOne(in: 4) { return index }
      default: return index
      }
      index = chance.below(tree.records.count)
    }
    return index
  }

  /// One of the records that are wanted, each as likely as the others; nil: there is none.
  mutating func pick(where isWanted: (RecordSpot, RecordTree) -> Bool) -> Int? {
    let wanted = tree.records.indices.filter { isWanted(tree.records[$0], tree) }
    return wanted.isEmpty ? nil : wanted[chance.below(wanted.count)]
  }

  /// The fields of one part of the stream, and its record; nil: of the preamble.
  mutating func pickFields() -> (fields: BodyFields, record: Int?)? {
    guard tree.hasPreamble else { return nil }
    if !isAboutSections, chance.isOne(in: 32) || tree.records.isEmpty { return (BodyFields(preambleOf: tree), nil) }
    guard let index = pick() else { return nil }
    if !isAboutSections, chance.isOne(in: 10) { return (BodyFields(headerAt: tree.records[index].start), index) }
    return (BodyFields(bodyOf: tree.records[index], in: tree), index)
  }

  /// A note about a field whose new value is written already.
  func note(_ mutation: Mutation, _ field: FieldSpot, in record: Int?, old: UInt64, new: UInt64) -> MutationNote {
    var note = MutationNote(mutation, record: record)
    note.field = field.label
    note.offset = field.position
    note.width = field.width
    note.old = old
    note.new = new
    return note
  }

  func number(_ field: FieldSpot) -> UInt64 { tree.octets.number(at: field.position, width: field.width) }

  /// Writes a value, which the repair leaves, and notes it.
  mutating func set(_ value: UInt64, _ mutation: Mutation, _ field: FieldSpot, in record: Int?) -> MutationNote {
    let old = number(field)
    tree.octets.setNumber(value, at: field.position, width: field.width)
    kept.first = field.position..<(field.position + field.width)
    return note(mutation, field, in: record, old: old, new: value & FieldValues.mask(field.width))
  }

  // MARK: End of a run

  /// Mostly all; contents that follow from others stay wrong now and then, and framing too.
  mutating func usualRepair() -> MutationNote.Repair {
    if chance.isOne(in: 40) { return .none }
    return chance.isOne(in: 12) ? .framing : .all
  }

  /// Repairs, and does what comes behind the repair.
  ///
  /// - Parameter extent: How much is repaired.
  mutating func finish(_ note: inout MutationNote, _ extent: MutationNote.Repair) {
    if let record = note.record, record < tree.records.count { note.kind = tree.records[record].kind }
    note.repair = extent
    switch extent {
    case .none: break
    case .framing: tree.repair(.framing, keeping: kept)
    case .all: tree.repair(.bodies, keeping: kept)
    }
    switch ending {
    case .none: break
    case .cut(let place): tree.octets.removeSubrange(place...)
    case .append(let octets): tree.octets.append(contentsOf: octets)
    }
    if tree.octets.count > byteCountMax { tree.octets.removeSubrange(byteCountMax...) }
  }
}

extension RecordTree {
  /// Octets of an END record.
  static let endCount = RecordHeader.byteCount + 416

  /// A whole stream of three records: preamble, MANIFEST of nobody's machine, END. To be repaired.
  static let smallest: [UInt8] = {
    var octets = [UInt8](repeating: 0, count: Preamble.byteCount + RecordHeader.byteCount + 32)
    octets.setNumber(Format.magic, at: 0, width: 8)
    octets.setNumber(UInt64(Format.major), at: 8, width: 2)
    octets.setNumber(UInt64(Profile.stream.rawValue), at: 14, width: 2)
    octets.setNumber(1, at: 26, width: 2)
    octets.setNumber(UInt64(Format.sync), at: 64, width: 4)
    octets.setNumber(UInt64(RecordKind.manifest.rawValue), at: 64 + HeaderPlace.kind, width: 2)
    octets.setNumber(32, at: 64 + HeaderPlace.bodyLength, width: 8)
    octets.setNumber(1, at: 128, width: 2)
    octets[152] = 0x6d
    var tree = RecordTree(octets)
    tree.appendEnd()
    tree.repair()
    return tree.octets
  }()

  /// Puts an END behind the last record; its numbers are left to the repair.
  mutating func appendEnd() {
    let start = tailStart
    var end = [UInt8](repeating: 0, count: Self.endCount)
    end.setNumber(UInt64(Format.sync), at: 0, width: 4)
    end.setNumber(UInt64(RecordKind.end.rawValue), at: HeaderPlace.kind, width: 2)
    end.setNumber(UInt64(RecordFlags.required), at: HeaderPlace.flags, width: 2)
    end.setNumber(UInt64(Format.none32), at: HeaderPlace.device, width: 4)
    end.setNumber(416, at: HeaderPlace.bodyLength, width: 8)
    octets.insert(contentsOf: end, at: start)
    records.append(RecordSpot(start: start, kind: RecordKind.end.rawValue, bodyCount: 416))
  }
}
