/// Values worth trying in a field of some kind.
enum FieldValues {
  private static let general: [UInt64] = [
    0, 1, 2, 3, 7, 8, 0x10, 0x20, 0x40, 0x7f, 0x80, 0xff, 0x100, 0x101, 0x200, 0x400, 0x7fff, 0x8000, 0xffff, 0x1_0000,
    0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff, 0x1_0000_0000, 0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000,
    0xffff_ffff_ffff_fff8, 0xffff_ffff_ffff_fffe, 0xffff_ffff_ffff_ffff,
  ]

  /// The limits of Specs/40-reader-rules.md section 3: where readers stop, and what they forget to compare with them.
  private static let readerLimits = MutationDictionary.limits.map(\.1)

  /// The largest value of a width.
  static func mask(_ width: Int) -> UInt64 { width >= 8 ? .max : 1 << (8 * UInt64(width)) - 1 }

  /// A limit of the field's kind; never the value that is there.
  static func limit(_ field: FieldSpot, _ old: UInt64, _ chance: inout Chance) -> UInt64 {
    let mask = mask(field.width)
    for _ in 0..<4 {
      let value = candidate(field, old, mask, &chance) & mask
      if value != old { return value }
    }
    return old ^ 1
  }

  private static func candidate(_ field: FieldSpot, _ old: UInt64, _ mask: UInt64, _ chance: inout Chance) -> UInt64 {
    // What the surroundings call a limit is where readers check, and where they forget to.
    if let least = field.least, least & mask != 0, chance.isOne(in: 4) {
      let values = [least &- 1, least, least &+ 1, 0]
      return values[chance.below(values.count)]
    }
    if field.limit != 0, field.kind != .flags, !chance.isOne(in: 3) { return nearLimit(field.limit, &chance) }
    switch field.kind {
    case .flags: return bit(old, field.width, &chance)
    case .boolean: return UInt64(chance.below(3))
    case .mark: return UInt64(chance.below(4))
    case .enumeration, .index, .version: return small(old, &chance)
    case .signed:
      let sign = mask ^ (mask >> 1)
      let values = [sign, sign &- 1, mask, 0, 0 &- old, old ^ sign]
      return values[chance.below(values.count)]
    case .float: return float(field.width, &chance)
    case .address: return chance.isOne(in: 3) ? wide(old, mask, &chance) : place(old, &chance)
    case .size, .length, .count:
      if chance.isOne(in: 8) { return readerLimits[chance.below(readerLimits.count)] &+ 8 &* UInt64(chance.below(3)) &- 8 }
      return chance.isOne(in: 3) ? small(old, &chance) : wide(old, mask, &chance)
    default: return wide(old, mask, &chance)
    }
  }

  private static func nearLimit(_ limit: UInt64, _ chance: inout Chance) -> UInt64 {
    switch chance.below(8) {
    case 0: limit
    case 1: limit &- 1
    case 2, 3: limit &+ 1
    case 4: limit &+ UInt64(chance.below(16))
    case 5, 6: UInt64(chance.below(Int(min(limit, 0xffff)) + 1))
    default: limit &* 2
    }
  }

  private static func small(_ old: UInt64, _ chance: inout Chance) -> UInt64 {
    switch chance.below(8) {
    case 0: 0
    case 1: old &+ 1
    case 2: old &- 1
    case 3: .max
    case 4: UInt64(chance.below(256))
    default: UInt64(chance.below(8))
    }
  }

  private static func wide(_ old: UInt64, _ mask: UInt64, _ chance: inout Chance) -> UInt64 {
    switch chance.below(8) {
    case 0: mask
    case 1: mask &- UInt64(chance.below(16))
    case 2: (mask >> 1) &+ UInt64(chance.below(2))
    case 3: 0 &- old
    case 4: old ^ (mask ^ (mask >> 1))
    default: general[chance.below(general.count)]
    }
  }

  /// An address that is aligned, or as well aligned as the old one: near the start, near the end of all addresses, so
  /// that what begins there goes past it, and on either side of powers of two.
  private static func place(_ old: UInt64, _ chance: inout Chance) -> UInt64 {
    let power = UInt64(1) << UInt64(chance.below(33))
    switch chance.below(8) {
    case 0: return 0
    case 1, 2: return 0 &- power
    case 3: return power
    case 4: return old &+ power
    case 5: return old &- power
    case 6: return old | 1 << UInt64(chance.below(5))
    default: return old | 1 << UInt64(32 + chance.below(32))
    }
  }

  /// A step that both of two fields take: small, to a limit of the one, to the value of a field beside it, or around the end
  /// of its width.
  static func way(of field: FieldSpot, from old: UInt64, among values: [UInt64], _ chance: inout Chance) -> UInt64 {
    let near = UInt64(chance.below(5)) &- 2
    switch chance.below(6) {
    case 0: return step(old, &chance) &- old
    case 1: return UInt64(1) << UInt64(chance.below(8 * field.width))
    case 2: return 0 &- old &+ near
    case 3 where field.limit != 0: return field.limit &- old &+ near
    default: return values.isEmpty ? 1 : values[chance.below(values.count)] &- old &+ near
    }
  }

  private static func float(_ width: Int, _ chance: inout Chance) -> UInt64 {
    let values: [Double] = [
      0, -0.0, .infinity, -.infinity, .nan, .signalingNaN, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
    ]
    let value = values[chance.below(values.count)]
    return width == 4 ? UInt64(Float(value).bitPattern) : value.bitPattern
  }

  /// One bit changed; often one above the highest that is set, which nobody may have named.
  static func bit(_ old: UInt64, _ width: Int, _ chance: inout Chance) -> UInt64 {
    let bits = 8 * min(width, 8)
    let top = 64 - old.leadingZeroBitCount
    let bit = chance.isOne(in: 2) ? min(top, bits - 1) : chance.below(bits)
    return old ^ (1 << UInt64(bit))
  }

  /// A small step, mostly by one; or one that leaves the low octets as they are, for those who look at no others.
  static func step(_ old: UInt64, _ chance: inout Chance) -> UInt64 {
    if chance.isOne(in: 6) { return old &+ (1 << [8, 16, 16, 32][chance.below(4)]) }
    let size = chance.isOne(in: 3) ? UInt64(1 + chance.below(16)) : 1
    return chance.isOne(in: 2) ? old &+ size : old &- size
  }
}
