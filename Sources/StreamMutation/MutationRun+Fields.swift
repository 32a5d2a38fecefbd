import MigrationStream

/// Mutations of single fields, and of two that belong together.
extension MutationRun {
  mutating func changeField(_ mutation: Mutation) -> MutationNote? {
    switch mutation {
    case .version: return changeNumber(.version, wanted: { $0.kind == .version })
    case .flags: return changeNumber(.flags, wanted: { $0.kind == .flags || $0.kind == .mark })
    case .device: return changeDevice()
    case .fixedOctets: return changeNumber(.fixedOctets, wanted: { $0.kind == .fixed })
    default: return changeNumber(mutation, wanted: { $0.kind != .fixed && $0.kind != .digest })
    }
  }

  private mutating func changeNumber(_ mutation: Mutation, wanted: (FieldSpot) -> Bool) -> MutationNote? {
    // Headers and the preamble hold most of the flags, versions and constants.
    let isRare = mutation == .version || mutation == .flags || mutation == .fixedOctets
    for _ in 0..<(isRare ? 4 : 2) {
      guard let (found, record) = pickFields(),
        let field = choose(found.fields, where: { $0.isNumber && wanted($0) })
      else { continue }
      let old = number(field)
      let new =
        switch mutation {
        case .fieldStep, .version: FieldValues.step(old, &chance)
        case .fieldBit, .flags: FieldValues.bit(old, field.width, &chance)
        case .fixedOctets: old ^ (1 << UInt64(chance.below(8 * field.width)))
        default: FieldValues.limit(field, old, &chance)
        }
      return set(new, mutation, field, in: record)
    }
    return nil
  }

  /// The record of one device or owner said to be another's: a number in use, the first that is not, none.
  private mutating func changeDevice() -> MutationNote? {
    guard let index = pick(where: { spot, _ in spot.knownKind != .manifest }) else { return nil }
    let field = FieldSpot(
      position: tree.records[index].start + HeaderPlace.device, width: 4, kind: .index, label: FieldLabel("device"))
    let old = number(field)
    let other = pick().map { UInt64(tree.octets.word32(tree.records[$0].start + HeaderPlace.device)) } ?? 0
    let values = [other, old &+ 1, old &- 1, 0, UInt64(Format.none32), UInt64(chance.below(8))]
    let new = values[chance.below(values.count)] & 0xffff_ffff
    return new == old ? nil : set(new, .device, field, in: index)
  }

  /// One of the fields that are wanted; nil: there is none. Where sections are wanted, mostly one of their data, and
  /// seldom one of the elements of an array of numbers: there are many of them, and they mean the same.
  mutating func choose(_ fields: [FieldSpot], where isWanted: (FieldSpot) -> Bool) -> FieldSpot? {
    let wanted = fields.indices.filter { isWanted(fields[$0]) }
    guard !wanted.isEmpty else { return nil }
    var choice = wanted[chance.below(wanted.count)]
    for _ in 0..<8 where isAboutSections {
      let label = fields[choice].label
      if label.entry != nil ? label.element == nil || chance.isOne(in: 4) : chance.isOne(in: 8) { break }
      choice = wanted[chance.below(wanted.count)]
    }
    return fields[choice]
  }

  /// Two fields made equal, exchanged, both zero, or moved by the same step; or one given the value of another.
  mutating func changeTwoFields(_ mutation: Mutation) -> MutationNote? {
    guard let (found, record) = pickFields() else { return nil }
    let isUsual = { (field: FieldSpot) in field.isNumber && field.kind != .fixed && field.kind != .digest }
    guard let first = choose(found.fields, where: isUsual) else { return nil }
    if mutation == .fieldCopied, chance.isOne(in: 3), let (other, _) = pickFields(),
      let source = choose(other.fields, where: { isUsual($0) && $0.width == first.width })
    {
      // Of another record: what two devices or two sections must agree on, or must not; or where its range ends.
      let isEnd = first.kind == .address && source.kind == .address && chance.isOne(in: 2)
      let length = isEnd ? other.fields.first { $0.position == source.position + source.width && $0.isNumber } : nil
      let new = number(source) &+ (length.map { number($0) } ?? UInt64(chance.below(3)) &- 1)
      return new & FieldValues.mask(first.width) == number(first) ? nil : set(new, mutation, first, in: record)
    }
    // Mostly a neighbour: what belongs together stands together.
    let others = found.fields.filter { isUsual($0) && $0.position != first.position }
    let near = others.filter { abs($0.position - first.position) <= 64 }
    // And mostly one as wide: what names something is as wide as its name.
    let isAsWide = mutation == .fieldsMoved || !chance.isOne(in: 4)
    guard
      let second = choose(chance.isOne(in: 4) ? others : near, where: { !isAsWide || $0.width == first.width })
    else { return nil }
    let (one, other) = (number(first), number(second))
    kept.second = second.position..<(second.position + second.width)
    switch mutation {
    case .fieldsZero:
      guard one | other != 0 else { return nil }
      tree.octets.setNumber(0, at: second.position, width: second.width)
      return set(0, mutation, first, in: record)
    case .fieldsSwapped:
      guard one != other else { return nil }
      tree.octets.setNumber(one, at: second.position, width: second.width)
      return set(other, mutation, first, in: record)
    case .fieldsMoved:
      let values = found.fields.compactMap { isUsual($0) ? number($0) : nil }
      let step = FieldValues.way(of: first, from: one, among: values, &chance)
      guard step & FieldValues.mask(first.width) != 0 else { return nil }
      tree.octets.setNumber(other &+ step, at: second.position, width: second.width)
      return set(one &+ step, mutation, first, in: record)
    default:
      guard one != other & FieldValues.mask(first.width) else { return nil }
      return set(other &+ (mutation == .fieldCopied ? UInt64(chance.below(3)) &- 1 : 0), mutation, first, in: record)
    }
  }

  /// An address and a length whose sum wraps around to a small number: `length = 0 - address + k`.
  mutating func wrapRange() -> MutationNote? {
    guard let (found, record) = pickFields() else { return nil }
    let isNumber = { (field: FieldSpot) in
      field.isNumber && field.width >= 2 && field.kind != .fixed && field.kind != .digest
    }
    guard let start = choose(found.fields, where: { isNumber($0) && $0.mayStartRange }) else {
      return nil
    }
    let isAsWide = { (field: FieldSpot) in field.width == start.width || field.width >= 7 && start.width >= 7 }
    guard
      let length = choose(
        found.fields.filter { abs($0.position - start.position) <= 64 },
        where: { isNumber($0) && isAsWide($0) && $0.position != start.position && $0.kind != .address })
        ?? choose(found.fields, where: { isNumber($0) && isAsWide($0) && $0.position != start.position })
    else { return nil }
    var address = number(start)
    if address < 0x1000 || chance.isOne(in: 3) {
      // An address near the end makes the length small enough for other checks.
      address = FieldValues.mask(start.width) &- UInt64(chance.below(0x1000))
      tree.octets.setNumber(address, at: start.position, width: start.width)
      kept.second = start.position..<(start.position + start.width)
    }
    let more = UInt64(chance.isOne(in: 2) ? chance.below(16) : chance.below(0x1000))
    return set(0 &- address &+ more, .rangeWrap, length, in: record)
  }

  /// Extents whose lengths add up to what the payload has only when the sum forgets its high bits: the last one that has
  /// data grows by a power of two. Its region grows with it where it would end before, mostly.
  mutating func wrapSum() -> MutationNote? {
    guard let index = pick(where: { spot, _ in spot.knownKind == .memory }) else { return nil }
    let body = tree.records[index].body
    let starts = stride(from: body.lowerBound + MemoryHead.byteCount, to: body.upperBound - 15, by: Extent.byteCount)
    guard let start = starts.reversed().first(where: { tree.octets[$0 + 15] == ExtentKind.data.rawValue }) else { return nil }
    let label = FieldLabel("extents.length", (start - body.lowerBound - MemoryHead.byteCount) / Extent.byteCount)
    let length = FieldSpot(position: start + 8, width: 7, kind: .size, label: label)
    let new = number(length) &+ UInt64(1) << [16, 16, 16, 32][chance.below(4)]
    if !chance.isOne(in: 4) { growRegion(Int(tree.octets.word32(body.lowerBound)), to: tree.octets.word64(start) &+ new) }
    // The other extents would make up for it.
    kept.second = body
    return set(new, .sumWrap, length, in: index)
  }

  /// Makes a region of the manifest as large as that, when it is smaller.
  private mutating func growRegion(_ region: Int, to size: UInt64) {
    guard let manifest = tree.records.first(where: { $0.knownKind == .manifest }),
      let field = BodyFields(bodyOf: manifest, in: tree).fields.first(where: {
        $0.label.element == region && $0.label.name.description == "regions.len_region"
      }),
      number(field) < size
    else { return }
    tree.octets.setNumber(size, at: field.position, width: field.width)
  }
}
