/// Rows R and V, when all of a section has passed.
///
/// Source: Specs/20-layouts.md section 6.
struct RuleReading {
  private let layouts: [ReferenceLayout]
  /// The reader's own values.
  let local: SectionPart?

  /// Expected, found and where.
  private typealias Difference = (at: Int, expected: UInt64, found: UInt64)

  init(_ mapping: ReferenceMapping) {
    layouts = mapping.reader
    local = mapping.local.map { octets in
      var taker = PartTaker(octets, mapping.reader)
      return taker.take(layout: mapping.wanted, at: 0)
    }
  }

  /// - Parameter isVerified: Whether a field around these is marked verify.
  func judge(
    _ values: [MappedValue], _ layout: Int, _ theirs: SectionPart?, isVerified: Bool = false
  ) throws(ReferenceRefusal) {
    for value in values where !value.isLeft && layouts[layout].fields[value.field].type != .padding {
      let field = layouts[layout].fields[value.field]
      let isVerified = isVerified || field.isVerified
      let other = theirs?.values.first { $0.field == value.field }
      func judge(_ different: Difference?) throws(ReferenceRefusal) {
        guard isVerified, local != nil, let different else { return }
        throw ReferenceRefusal(
          .verifyMismatch, at: different.at, expected: different.expected, found: different.found)
      }
      let (count, its) = (value.elements.count, other?.elements.count)
      if field.isCountedArray, its != count { try judge((value.at, UInt64(its ?? 0), UInt64(count))) }
      for (number, element) in value.elements.enumerated() {
        let there = other.flatMap { number < $0.elements.count ? $0.elements[number] : nil }
        try judgeRange(field, element, at: value.places[number])
        try judge(difference(element, there, field, value.places[number]))
        for (place, inner) in inside(element, layout, there).enumerated() {
          try judge(headDifference(element, there, place))
          try self.judge(inner.values, inner.layout, inner.theirs, isVerified: isVerified)
        }
      }
    }
  }

  /// R1.
  private func judgeRange(
    _ field: ReferenceLayout.Field, _ element: MappedElement, at offset: Int
  ) throws(ReferenceRefusal) {
    guard field.type.isInteger, field.width <= 8, case .octets(let octets) = element else { return }
    let value = number(octets, field)
    if field.hasRange {
      let (least, most) = (field.min, field.max)
      let isBelow = field.type.isSigned ? Int64(bitPattern: value) < Int64(bitPattern: least) : value < least
      let isAbove = field.type.isSigned ? Int64(bitPattern: value) > Int64(bitPattern: most) : value > most
      try demand(!isBelow, .valueOutOfRange, at: offset, least, value)
      try demand(!isAbove, .valueOutOfRange, at: offset, most, value)
    }
    let granule = UInt64(1) << field.alignment
    try demand(value % granule == 0, .valueOutOfRange, at: offset, granule, value)
  }

  /// Up to 8 octets, read with the sign of the type.
  private func number(_ octets: [UInt8], _ field: ReferenceLayout.Field) -> UInt64 {
    let value = integer(octets, 0, octets.count)
    guard field.type.isSigned else { return value }
    let spare = UInt64(64 - 8 * octets.count)
    return UInt64(bitPattern: (Int64(bitPattern: value) << spare) >> spare)
  }

  /// What lies in an element, each with what the reader has there.
  private func inside(
    _ element: MappedElement, _ layout: Int, _ theirs: SectionElement?
  ) -> [(values: [MappedValue], layout: Int, theirs: SectionPart?)] {
    switch element {
    case .octets, .absent: return []
    case .group(let values):
      guard case .group(let part)? = theirs else { return [(values, layout, nil)] }
      return [(values, layout, part)]
    case .union(_, let value):
      guard case .union(_, let part)? = theirs else { return [([value], layout, nil)] }
      return [([value], layout, part)]
    case .list(let elements):
      var parts: [SectionPart] = []
      if case .list(let there)? = theirs { parts = there }
      return elements.enumerated().map { number, element in
        // An element of another layout has other places.
        let isSame = number < parts.count && parts[number].layout == element.layout
        return (element.fields, element.layout, isSame ? parts[number] : nil)
      }
    }
  }

  /// Whether an element of a list has another layout than the reader's own.
  private func headDifference(_ element: MappedElement, _ other: SectionElement?, _ place: Int) -> Difference? {
    guard case .list(let elements) = element, case .list(let theirs)? = other, place < theirs.count,
      elements[place].layout != theirs[place].layout
    else { return nil }
    return (elements[place].head, UInt64(theirs[place].layout), UInt64(elements[place].layout))
  }

  /// Whether an element and the reader's own differ, but for what lies in it.
  private func difference(
    _ element: MappedElement, _ other: SectionElement?, _ field: ReferenceLayout.Field, _ at: Int
  ) -> Difference? {
    switch (element, other) {
    case (.octets(let octets), .octets(let their)?):
      if field.type.isCounted {
        if octets.count != their.count { return (at, UInt64(their.count), UInt64(octets.count)) }
        return octets == their ? nil : (at, 0, 0)
      }
      guard octets != their else { return nil }
      let isSmall = octets.count <= 8 && field.shape == 0
      return isSmall ? (at, number(their, field), number(octets, field)) : (at, 0, 0)
    case (.octets(let octets), _):
      if field.type.isCounted { return (at, 0, UInt64(octets.count)) }
      return (at, 0, octets.count > 8 || field.shape != 0 ? 0 : number(octets, field))
    case (.list(let elements), .list(let theirs)?) where elements.count != theirs.count:
      return (at, UInt64(theirs.count), UInt64(elements.count))
    case (.list, .list?): return nil
    case (.list(let elements), _): return (at, 0, UInt64(elements.count))
    case (.union(let child, _), .union(let their, _)?) where child != their:
      return (at, UInt64(their), UInt64(child))
    case (.union(let child, _), nil): return (at, 0, UInt64(child))
    case (.absent, .group?): return (at, 1, 0)
    case (.absent, nil): return (at, 0, 0)
    case (.group, .absent?) where field.type == .optional: return (at, 0, 1)
    case (.group, nil) where field.type == .optional: return (at, 0, 1)
    default: return nil
    }
  }
}
