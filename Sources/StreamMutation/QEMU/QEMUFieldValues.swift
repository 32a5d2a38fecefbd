/// Values that a field of a kind should not survive, or should carry into the device.
struct QEMUFieldValues {
  let kind: QEMUFieldKind
  /// Octets of the field, 1 to 8.
  let width: Int
  let old: UInt64
  /// Counts of arrays and values of fields in the same struct.
  let bounds: [UInt64]

  private var ones: UInt64 { width == 8 ? .max : (1 << UInt64(8 * width)) - 1 }
  private var signedLeast: UInt64 { 1 << UInt64(8 * width - 1) }

  /// A value other than the old one; nil when the kind knows none this way.
  func pick(_ way: QEMUOperator, _ chance: inout Chance) -> UInt64? {
    for _ in 0..<8 {
      let value: UInt64?
      switch way {
      case .fieldLimit: value = limit(&chance)
      case .fieldNeighbour: value = neighbour(&chance)
      case .fieldRelation: value = relation(&chance)
      default: value = old ^ 1 << UInt64(chance.below(8 * width))
      }
      guard let value else { return nil }
      if value & ones != old { return value & ones }
    }
    return nil
  }

  private func limit(_ chance: inout Chance) -> UInt64 {
    if kind == .truth { return old == 0 ? 1 : 0 }
    let common = [ones, signedLeast, signedLeast - 1, 0, ones - 1]
    let special: [UInt64]
    switch kind {
    case .timer: special = [0, 1, ones, signedLeast - 1, signedLeast, 1_000_000_000]
    case .address: special = [0, 1, ones, ones & ~0xfff, signedLeast, 0xffff_ffff & ones, 0xfffff000 & ones]
    case .enumeration: special = [0xff & ones, 0x7f, 16, 8, 255, ones]
    case .index: special = [ones, signedLeast, 16, 32, 64, 255, 256, 4_096, 0x10000]
    case .count, .length: special = [ones, signedLeast, signedLeast - 1, 0x8100_0000, 0x4000_0001, 65_535, 257, 0]
    case .number, .flags, .truth, .equal, .octets: special = common
    }
    let all = chance.isOne(in: 3) ? common : special
    return all[chance.below(all.count)]
  }

  private func neighbour(_ chance: inout Chance) -> UInt64 {
    if kind == .truth { return old == 0 ? 1 : 0 }
    switch chance.below(kind == .address ? 8 : 5) {
    case 0, 1: return old &+ 1
    case 2: return old &- 1
    case 3: return old &* 2
    case 4: return old &+ UInt64(1 + chance.below(16))
    case 5: return old ^ 1
    case 6: return old &+ 0x1000
    default: return old &- 0x1000
    }
  }

  /// One more than there are, as many as there are, beyond another field, or so much that a sum with it wraps.
  private func relation(_ chance: inout Chance) -> UInt64? {
    guard !bounds.isEmpty, kind != .truth else { return nil }
    let bound = bounds[chance.below(bounds.count)]
    switch chance.below(6) {
    case 0, 1: return bound
    case 2, 3: return bound &+ 1
    case 4: return bound &+ UInt64(chance.below(256))
    default: return 0 &- bound &+ UInt64(chance.below(3))
    }
  }
}
