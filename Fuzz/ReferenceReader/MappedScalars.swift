extension ReferenceMapping {
  /// Rows W, N and Y of one element.
  func scalar(
    _ field: ReferenceLayout.Field, _ layout: Int, _ octets: [UInt8], _ number: Int, _ theirs: Int, _ at: Int
  ) throws(ReferenceRefusal) -> [UInt8] {
    let other = stream[theirs].fields[number]
    if field.type.hasSymbols {
      let value = integer(octets, 0, octets.count)
      let (ours, its) = (used(field, value), used(other, value))
      let isSame =
        ours.count == its.count
        && zip(ours, its).allSatisfy {
          $0.value == $1.value && areEqual(reader[layout].octets, $0.name, stream[theirs].octets, $1.name)
        }
      try demand(isSame, .symbolChanged, at: at, 0, value)
    }
    if field.width == other.width { return octets }
    if field.type == .float { return widened(octets) }
    guard field.type.isInteger else { return octets }
    let isNegative = field.type.isSigned && octets.last.map { $0 >= 128 } == true
    let filling: UInt8 = isNegative ? 255 : 0
    if field.width > octets.count {
      return octets + [UInt8](repeating: filling, count: field.width - octets.count)
    }
    let kept = Array(octets[..<field.width])
    let fits = octets[field.width...].allSatisfy { $0 == filling }
    let keepsSign = !field.type.isSigned || (kept[kept.count - 1] >= 128) == isNegative
    try demand(fits && keepsSign, .valueTooLarge, at: at, UInt64(field.width), UInt64(other.width))
    return kept
  }

  /// The symbols in use, in order of their values.
  private func used(_ field: ReferenceLayout.Field, _ value: UInt64) -> [ReferenceLayout.Symbol] {
    field.symbols.filter { field.type == .flags ? $0.value & value != 0 : $0.value == value }
  }

  /// W3: a NaN keeps its payload in the high bits.
  private func widened(_ octets: [UInt8]) -> [UInt8] {
    let bits = UInt32(integer(octets, 0, 4))
    let (sign, exponent, fraction) = (UInt64(bits >> 31), bits >> 23 & 0xff, UInt64(bits & 0x7f_ffff))
    var wide = Double(Float(bitPattern: bits)).bitPattern
    if exponent == 0xff, fraction != 0 { wide = sign << 63 | 0x7ff << 52 | fraction << 29 }
    return (0..<8).map { UInt8(truncatingIfNeeded: wide >> (8 * UInt64($0))) }
  }
}

extension FieldKind {
  /// Types that an unsigned of the same width may be instead: row T1.
  var isReferring: Bool { self == .size || self == .count || self == .index || self == .guestAddress }
}

extension ReferenceLayout {
  /// Layouts from their canonical octets.
  static func parse(_ canonical: [[UInt8]]) throws(ReferenceRefusal) -> [ReferenceLayout] {
    var layouts: [ReferenceLayout] = []
    for octets in canonical {
      var parser = LayoutParser(octets, 0..<octets.count, ReferenceLimits())
      try parser.parse()
      layouts.append(parser.layout)
    }
    return layouts
  }
}
