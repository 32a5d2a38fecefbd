/// Changes octets that have no structure, where no fuzzer's own mutator is at hand.
public enum OctetMutation {
  /// One or two small changes: bits, values that are often limits, runs that are doubled, dropped or made equal.
  ///
  /// - Parameter byteCountMax: The result has no more octets.
  public static func mutate(_ octets: inout [UInt8], byteCountMax: Int, chance: inout Chance) {
    for _ in 0...chance.below(2) { change(&octets, byteCountMax, &chance) }
    if octets.count > byteCountMax { octets.removeSubrange(byteCountMax...) }
  }

  /// The beginning of one input and the end of another.
  ///
  /// - Parameter byteCountMax: The result has no more octets.
  public static func joined(_ first: [UInt8], _ second: [UInt8], byteCountMax: Int, chance: inout Chance) -> [UInt8] {
    let head = first.prefix(chance.below(first.count + 1))
    return Array((head + second.suffix(chance.below(second.count + 1))).prefix(byteCountMax))
  }

  private static let values: [UInt8] = [0, 1, 0x10, 0x20, 0x40, 0x7f, 0x80, 0xfe, 0xff]

  private static func change(_ octets: inout [UInt8], _ byteCountMax: Int, _ chance: inout Chance) {
    guard !octets.isEmpty else {
      if byteCountMax > 0 { octets.append(UInt8(truncatingIfNeeded: chance.next())) }
      return
    }
    let place = chance.below(octets.count)
    let count = 1 + chance.below(min(8, octets.count - place))
    switch chance.below(8) {
    case 0, 1: octets[place] ^= UInt8(1 << chance.below(8))
    case 2: octets[place] = values[chance.below(values.count)]
    case 3: octets[place] &+= UInt8(truncatingIfNeeded: chance.below(3)) &- 1
    case 4: for index in place..<(place + count) { octets[index] = UInt8(truncatingIfNeeded: chance.next()) }
    case 5: for index in place..<(place + count) { octets[index] = octets[place] }
    case 6 where octets.count + count <= byteCountMax:
      octets.insert(contentsOf: Array(octets[place..<(place + count)]), at: place)
    case 7 where octets.count > count: octets.removeSubrange(place..<(place + count))
    default: octets[place] = UInt8(truncatingIfNeeded: chance.next())
    }
  }
}
