/// Judges the octets of a canonical layout, in the order of chapter 40 section 5.
///
/// Source: Specs/20-layouts.md section 3.
struct LayoutParser {
  var layout = ReferenceLayout()
  private let octets: [UInt8]
  private let range: Range<Int>
  private let limits: ReferenceLimits
  private var cursor: Cursor
  private var text: Cursor
  /// The symbol entries that no field has taken.
  private var symbols = 0..<0
  private var groups: [Group] = []
  private var topByteCount: UInt64 = 0

  /// A group that the entry may be in: its number, its last descendant, what its children take so far.
  private struct Group {
    var number: Int
    var last: Int
    var byteCount: UInt64 = 0
    var children = 0
  }

  init(_ octets: [UInt8], _ range: Range<Int>, _ limits: ReferenceLimits) {
    self.octets = octets
    self.range = range
    self.limits = limits
    cursor = Cursor(octets, range.lowerBound, range.upperBound)
    text = cursor
    layout.octets = octets
    layout.canonical = range
  }

  mutating func parse() throws(ReferenceRefusal) {
    let start = range.lowerBound
    let fields = try cursor.number(4)
    try demand(fields >= 1, .badLayout, at: start, 1, fields)
    try demand(fields <= limits.fieldsMax, .limitExceeded, at: start, limits.fieldsMax, fields)
    let count = try cursor.number(4)
    let length = try cursor.number(4)
    let block = try cursor.number(4)
    let name = try cursor.number(2)
    try cursor.reserved(6)
    let entries = 24 + 64 * fields + 16 * count
    let claimed = entries + length + UInt64(padding(Int(length), 8))
    try demand(claimed <= UInt64(range.count), .truncatedData, at: range.upperBound, claimed, UInt64(range.count))
    try demand(
      claimed == UInt64(range.count), .unexpectedData, at: start + Int(clamping: claimed), UInt64(range.count), claimed)
    symbols = (start + 24 + 64 * Int(fields))..<(start + Int(entries))
    text = Cursor(octets, start + Int(entries), start + Int(entries + length))
    layout.name = try takeName(name, at: start + 16)
    layout.fields.reserveCapacity(Int(fields))
    for number in 0..<Int(fields) { try readField(number, of: Int(fields)) }
    try demand(symbols.isEmpty, .badLayout, at: start + 4)
    try demand(text.left == 0, .badLayout, at: start + 8)
    try demand(block == topByteCount, .badLayout, at: start + 12, topByteCount, block)
    var rest = Cursor(octets, text.end, range.upperBound)
    try rest.zeros(rest.left)
    try judgeReferences()
    try judgeNames(0..<layout.fields.count)
    layout.blockByteCount = Int(block)
  }

  private mutating func takeName(_ length: UInt64, at offset: Int) throws(ReferenceRefusal) -> Range<Int> {
    try demand(
      length >= 1 && length <= UInt64(min(255, text.left)), .badLayout, at: offset, UInt64(min(255, text.left)), length)
    return try text.text(Int(length), limit: .max)
  }

  private mutating func readField(_ number: Int, of count: Int) throws(ReferenceRefusal) {
    let start = range.lowerBound + 24 + 64 * number
    func value(_ at: Int, _ size: Int) -> UInt64 { integer(octets, start + at, size) }
    func must(
      _ isRight: Bool, _ at: Int, _ code: ReferenceCode = .badLayout, _ expected: UInt64 = 0, _ found: UInt64 = 0
    ) throws(ReferenceRefusal) { try demand(isRight, code, at: start + at, expected, found) }
    var field = ReferenceLayout.Field()
    guard let type = FieldKind(rawValue: octets[start]) else { throw ReferenceRefusal(.badLayout, at: start) }
    field.type = type
    field.shape = Int(value(1, 1))
    (field.mark, field.flags) = (value(2, 1), value(3, 1))
    let (width, elements) = (value(4, 4), value(8, 4))
    try must(field.shape <= 2, 1)
    try must(field.mark == 1 || field.mark == 2, 2, .badMark)
    try must(field.flags < 16, 3, .reservedNotZero)
    try must(octets[start + 23] == 0, 23, .reservedNotZero)
    try must(type.allows(width: width), 4)
    try must((elements == 0) == (field.shape == 0), 8)
    let most = limits.blockBytesMax
    try must(width <= most, 4, .limitExceeded, most, width)
    let block = field.shape == 2 ? 4 : width * max(1, elements)
    try must(block <= most, 8, .limitExceeded, most, block)
    (field.width, field.count, field.byteCount) = (Int(width), Int(elements), Int(block))
    let descendants = value(12, 4)
    try must((descendants >= 1) == type.isGroup, 12)
    try join(number, start, type, descendants, count, block)
    field.descendants = Int(descendants)
    try readAttributes(&field, start)
    field.name = try takeName(value(16, 2), at: start + 16)
    try must(value(18, 2) <= UInt64(min(255, text.left)), 18)
    field.unit = try text.text(Int(value(18, 2)), limit: .max)
    let symbols = value(24, 4)
    try must(symbols <= (type.hasSymbols ? UInt64(self.symbols.count / 16) : 0), 24)
    for _ in 0..<symbols { try readSymbol(&field) }
    layout.fields.append(field)
  }

  /// The entry takes its place in the tree; a structure of which it is the last is as wide as its children.
  private mutating func join(
    _ number: Int, _ start: Int, _ type: FieldKind, _ descendants: UInt64, _ count: Int, _ block: UInt64
  ) throws(ReferenceRefusal) {
    while let group = groups.last, group.last < number { groups.removeLast() }
    let last = UInt64(number) + descendants
    try demand(last <= UInt64(groups.last?.last ?? count - 1), .badLayout, at: start + 12)
    if type.isGroup {
      try demand(
        UInt64(groups.count) < limits.nestingMax, .limitExceeded, at: start, limits.nestingMax, UInt64(groups.count + 1))
    }
    var sum = topByteCount + block
    if let parent = groups.last {
      let isUnion = layout.fields[parent.number].type == .union
      try demand(!isUnion || parent.children < 256, .badLayout, at: start)
      groups[groups.count - 1].children += 1
      sum = isUnion ? block : parent.byteCount + block
      groups[groups.count - 1].byteCount = sum
    } else {
      topByteCount = sum
    }
    try demand(sum <= limits.blockBytesMax, .limitExceeded, at: start + 4, limits.blockBytesMax, sum)
    if type.isGroup { groups.append(Group(number: number, last: Int(last))) }
    for group in groups.reversed() where group.last == number && group.number != number {
      let field = layout.fields[group.number]
      guard field.type == .structure else { continue }
      try demand(
        UInt64(field.width) == group.byteCount, .badLayout, at: range.lowerBound + 24 + 64 * group.number + 4)
    }
  }

  /// What an entry claims besides; min, max and default fit the width and the sign of the type.
  private func readAttributes(_ field: inout ReferenceLayout.Field, _ start: Int) throws(ReferenceRefusal) {
    func value(_ at: Int, _ size: Int) -> UInt64 { integer(octets, start + at, size) }
    func must(_ isRight: Bool, _ at: Int) throws(ReferenceRefusal) { try demand(isRight, .badLayout, at: start + at) }
    let type = field.type
    let isInteger = type.isInteger && field.width <= 8
    let radix = value(20, 1)
    try must(radix == 0 || radix == 2 || radix == 8 || radix == 10 || radix == 16, 20)
    field.clock = value(21, 1)
    try must(field.clock <= (type == .instant || type == .duration ? 3 : 0), 21)
    field.alignment = value(22, 1)
    try must(field.alignment <= (type == .guestAddress || type == .size ? 63 : 0), 22)
    field.reference = value(28, 4)
    try must(field.reference == 0 || type == .count || type == .index, 28)
    (field.since, field.until) = (value(56, 4), value(60, 4))
    try must(field.until == 0 || field.until >= field.since, 60)
    try must(!field.hasRange || isInteger || type.isCounted, 3)
    let mayPreset = isInteger || type == .float || type == .bool || type == .mac || type == .pciAddress
    try must(!field.hasDefault || mayPreset && field.shape != 2, 3)
    (field.min, field.max, field.preset) = (value(32, 8), value(40, 8), value(48, 8))
    for (at, bits, isThere) in [
      (32, field.min, field.hasRange), (40, field.max, field.hasRange), (48, field.preset, field.hasDefault),
    ] {
      try must(isThere ? fits(bits, type, field.width) : bits == 0, at)
    }
    let isBelow =
      type.isSigned ? Int64(bitPattern: field.max) < Int64(bitPattern: field.min) : field.max < field.min
    try must(!isBelow, 40)
    try must(type != .bool || field.preset <= 1, 48)
  }

  private func fits(_ value: UInt64, _ type: FieldKind, _ width: Int) -> Bool {
    guard width < 8 else { return true }
    let spare = UInt64(64 - 8 * width)
    if type.isSigned { return (Int64(bitPattern: value) << spare) >> spare == Int64(bitPattern: value) }
    return (value << spare) >> spare == value
  }

  private mutating func readSymbol(_ field: inout ReferenceLayout.Field) throws(ReferenceRefusal) {
    let start = symbols.lowerBound
    symbols = (start + 16)..<symbols.upperBound
    let value = integer(octets, start, 8)
    try demand(fits(value, .unsigned, field.width), .badLayout, at: start)
    try demand(field.symbols.last.map { $0.value < value } ?? true, .badOrder, at: start)
    let reserved = integer(octets, start + 10, 6)
    try demand(reserved == 0, .reservedNotZero, at: start + 10, 0, reserved)
    field.symbols.append(
      ReferenceLayout.Symbol(value: value, name: try takeName(integer(octets, start + 8, 2), at: start + 8)))
  }

  private func judgeReferences() throws(ReferenceRefusal) {
    for (number, field) in layout.fields.enumerated() where field.reference != 0 {
      let isRight = field.reference <= UInt64(layout.fields.count) && layout.fields[Int(field.reference) - 1].shape != 0
      try demand(isRight, .badLayout, at: range.lowerBound + 24 + 64 * number + 28)
    }
  }

  /// Names of siblings differ, at the later entry.
  ///
  /// One field after the other, and what is inside it before the next; so of several pairs the one counts whose later
  /// entry comes first in this order.
  private func judgeNames(_ siblings: Range<Int>) throws(ReferenceRefusal) {
    var numbers: [Int] = []
    var next = siblings.lowerBound
    while next < siblings.upperBound {
      numbers.append(next)
      next += 1 + layout.fields[next].descendants
    }
    let twin = numbers.count > 1 ? firstTwin(numbers) : Int.max
    for number in numbers {
      try demand(number != twin, .duplicateName, at: range.lowerBound + 24 + 64 * number)
      let inside = (number + 1)..<(number + 1 + layout.fields[number].descendants)
      if !inside.isEmpty { try judgeNames(inside) }
    }
  }

  /// The first of some entries that has the name of one before it.
  private func firstTwin(_ numbers: [Int]) -> Int {
    func name(_ number: Int) -> Range<Int> { layout.fields[number].name }
    if numbers.count <= 16 {
      for place in 1..<numbers.count {
        for before in 0..<place
        where areEqual(octets, name(numbers[place]), octets, name(numbers[before])) { return numbers[place] }
      }
      return .max
    }
    let order = numbers.sorted {
      isBelow(octets, name($0), name($1)) || areEqual(octets, name($0), octets, name($1)) && $0 < $1
    }
    var first = Int.max
    for place in 1..<order.count where areEqual(octets, name(order[place]), octets, name(order[place - 1])) {
      first = min(first, order[place])
    }
    return first
  }
}
