/// Checks canonical octets against every rule of the layout chapter and makes the entries of them.
///
/// Time is that of sorting the names of siblings; memory is 4 octets a field, given back at the end.
///
/// Source: Specs/20-layouts.md section 3.
struct LayoutChecker: ~Copyable, ~Escapable {
  private let addressOnly = AddressOnly()
  let octets: RawSpan
  let base: UInt64
  let limits: StreamLimits
  var numFields = 0
  var numSymbols = 0
  private var textEnd = 0
  /// Position of the next text, and number of the next symbol.
  private var text = 0
  var symbol = 0
  private var groups = OpenGroups()

  @_lifetime(copy octets)
  init(_ octets: RawSpan, at base: UInt64, limits: StreamLimits) {
    self.octets = octets
    self.base = base
    self.limits = limits
  }

  mutating func check(appendingTo entries: inout OwnedBuffer<FieldEntry>) throws(StreamError) {
    try checkHeader()
    let first = entries.count
    try entries.reserve(numFields)
    for number in 0..<numFields {
      try checkEntry(number, end: groups.end ?? numFields, appendingTo: &entries, first: first)
    }
    try checkTotals()
    let added = entries.span.extracting(first..<(first + numFields))
    try checkReferences(added)
    try SiblingNames(octets: octets, base: base).check(added, allocator: entries.allocator)
  }

  var blockBytesMax: UInt64 { min(limits.blockBytesMax, 16 << 20) }

  func offset(_ number: Int, _ field: Int) -> UInt64 {
    base &+ UInt64(LayoutOctets.entryStart(number) + field)
  }

  func refusal(
    _ code: StreamError.Code, at offset: UInt64, expected: UInt64 = 0, found: UInt64 = 0
  ) -> StreamError {
    StreamError(code, .layout, at: offset, expected: expected, found: found)
  }
}

// MARK: - Header and totals

extension LayoutChecker {
  private mutating func checkHeader() throws(StreamError) {
    var reader = ByteReader(octets, at: base, stage: .layout)
    let numFields = try reader.u32()
    guard numFields > 0 else { throw reader.refusal(.badLayout, back: 4, expected: 1) }
    guard numFields <= limits.fieldsMax else {
      throw reader.refusal(
        .limitExceeded, back: 4, expected: UInt64(limits.fieldsMax), found: UInt64(numFields))
    }
    let numSymbols = try reader.u32()
    let lenText = try reader.u32()
    _ = try reader.u32()
    let lenName = try reader.u16()
    try reader.reserved(6)
    // No overflow: three numbers of 32 bits, times 64 at most.
    let textStart =
      UInt64(LayoutOctets.header) + UInt64(numFields) * UInt64(LayoutOctets.entry)
      + UInt64(numSymbols) * UInt64(LayoutOctets.symbol)
    let needed = (textStart + UInt64(lenText) + 7) & ~7
    let held = UInt64(octets.byteCount)
    guard needed <= held else {
      throw refusal(.truncatedData, at: base &+ held, expected: needed, found: held)
    }
    guard needed == held else {
      throw refusal(.unexpectedData, at: base &+ needed, expected: held, found: needed)
    }
    self.numFields = Int(numFields)
    self.numSymbols = Int(numSymbols)
    text = Int(textStart)
    textEnd = text + Int(lenText)
    _ = try takeText(UInt64(lenName), least: 1, lengthOffset: base &+ UInt64(LayoutOctets.Header.lenName))
  }

  private func checkTotals() throws(StreamError) {
    let header = LayoutOctets.Header.self
    guard symbol == numSymbols else {
      throw refusal(
        .badLayout, at: base &+ UInt64(header.numSymbols), expected: UInt64(symbol), found: UInt64(numSymbols))
    }
    guard text == textEnd else {
      let lenText = UInt64(octets.integer(at: header.lenText, as: UInt32.self))
      throw refusal(
        .badLayout, at: base &+ UInt64(header.lenText), expected: lenText - UInt64(textEnd - text), found: lenText)
    }
    let lenBlock = UInt64(octets.integer(at: header.lenBlock, as: UInt32.self))
    guard lenBlock == groups.topSum else {
      throw refusal(
        .badLayout, at: base &+ UInt64(header.lenBlock), expected: groups.topSum, found: lenBlock)
    }
    for position in textEnd..<octets.byteCount where octets.octet(at: position) != 0 {
      throw refusal(
        .badPadding, at: base &+ UInt64(position), found: UInt64(octets.octet(at: position)))
    }
  }

  /// Steps over one text of `least` to 255 octets and gives its position.
  mutating func takeText(
    _ count: UInt64, least: UInt64, lengthOffset: UInt64
  ) throws(StreamError) -> UInt32 {
    guard count >= least else { throw refusal(.badLayout, at: lengthOffset, expected: least, found: count) }
    guard count <= 255 else { throw refusal(.badLayout, at: lengthOffset, expected: 255, found: count) }
    let left = textEnd - text
    guard Int(count) <= left else {
      throw refusal(.badLayout, at: lengthOffset, expected: UInt64(left), found: count)
    }
    let start = text
    guard octets.extracting(start..<(start + Int(count))).isText else {
      throw refusal(.badText, at: base &+ UInt64(start))
    }
    text += Int(count)
    return UInt32(start)
  }
}

// MARK: - Tree

extension LayoutChecker {
  /// Counts an entry in its parent, opens the group it is, or closes the groups that end with it.
  mutating func takePlace(
    _ number: Int, _ field: FieldEntry, entries: inout OwnedBuffer<FieldEntry>, first: Int
  ) throws(StreamError) {
    if field.type.isGroup { try checkNesting(number) }
    try groups.add(field, limit: blockBytesMax, sumOffset: offset(number, LayoutOctets.Entry.width))
    if field.type.isGroup {
      groups.open(field, number: number)
    } else {
      try closeGroups(endingAt: number + 1, entries: &entries, first: first)
    }
  }

  private func checkNesting(_ number: Int) throws(StreamError) {
    let deepest = min(Int(clamping: limits.nestingMax), OpenGroups.levels)
    guard groups.depth < deepest else {
      throw refusal(
        .limitExceeded, at: offset(number, LayoutOctets.Entry.type), expected: UInt64(deepest),
        found: UInt64(groups.depth + 1))
    }
  }

  private mutating func closeGroups(
    endingAt number: Int, entries: inout OwnedBuffer<FieldEntry>, first: Int
  ) throws(StreamError) {
    while groups.end == number {
      let group = groups.close()
      guard entries[first + group.number].type == .structure else { continue }
      let width = UInt64(entries[first + group.number].width)
      guard width == group.sum else {
        throw refusal(
          .badLayout, at: offset(group.number, LayoutOctets.Entry.width), expected: group.sum, found: width)
      }
      guard group.isPlain, entries[first + group.number].shape != .countedArray else { continue }
      entries[first + group.number].isPlain = true
      entries[first + group.number].plainLevels = group.plainLevels + 1
      groups.notePlain(levels: group.plainLevels + 1)
    }
  }

  private func checkReferences(_ entries: Span<FieldEntry>) throws(StreamError) {
    for number in 0..<entries.count where entries[number].reference != 0 {
      let target = Int(clamping: entries[number].reference) - 1
      guard target < entries.count, entries[target].shape != .one else {
        throw refusal(
          .badLayout, at: offset(number, LayoutOctets.Entry.reference), expected: UInt64(entries.count),
          found: UInt64(target) + 1)
      }
    }
  }
}
