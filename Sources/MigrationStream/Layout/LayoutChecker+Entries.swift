/// The rules of one entry and its symbols.
///
/// Source: Specs/20-layouts.md section 3.
extension LayoutChecker {
  /// What the tree asks of an entry, its place there, then everything else: the order of chapter 40 section 5.
  ///
  /// - Parameter first: Position in `entries` of the layout's first.
  mutating func checkEntry(
    _ number: Int, end: Int, appendingTo entries: inout OwnedBuffer<FieldEntry>, first: Int
  ) throws(StreamError) {
    let octets = EntryOctets(octets, number)
    var field = try checkHead(number, octets, end: end)
    try takePlace(number, field, entries: &entries, first: first)
    try checkHints(number, octets, field.type)
    try checkValues(number, octets, field)
    try takeNames(number, octets, &field)
    try entries.append(field)
  }

  /// Type to number of descendants; the texts are not known yet.
  private func checkHead(_ number: Int, _ entry: EntryOctets, end: Int) throws(StreamError) -> FieldEntry {
    typealias Entry = LayoutOctets.Entry
    let kind = try checkKind(number, entry)
    let width = entry.u32(Entry.width)
    let count = entry.u32(Entry.count)
    guard kind.type.allowsWidth(width) else {
      throw refusal(.badLayout, at: offset(number, Entry.width), found: UInt64(width))
    }
    guard (count == 0) == (kind.shape == .one) else {
      throw refusal(.badLayout, at: offset(number, Entry.count), found: UInt64(count))
    }
    try checkBlockBytes(number, kind.shape, width, count)
    let numDescendants = entry.u32(Entry.numDescendants)
    guard kind.type.isGroup == (numDescendants > 0), Int(clamping: numDescendants) < end - number else {
      throw refusal(
        .badLayout, at: offset(number, Entry.numDescendants), expected: UInt64(end - number - 1),
        found: UInt64(numDescendants))
    }
    let isFree = kind.type.isLeaf && kind.type != .bool && kind.type != .padding
    return FieldEntry(
      type: kind.type, shape: kind.shape, mark: kind.mark, flags: kind.flags, width: width, count: count,
      numDescendants: numDescendants, reference: entry.u32(Entry.reference),
      isPlain: isFree && kind.shape != .countedArray)
  }

  /// Name, unit and symbols.
  private mutating func takeNames(
    _ number: Int, _ entry: EntryOctets, _ field: inout FieldEntry
  ) throws(StreamError) {
    typealias Entry = LayoutOctets.Entry
    let lenName = entry.u16(Entry.lenName)
    let lenUnit = entry.u16(Entry.lenUnit)
    field.textStart = try takeText(UInt64(lenName), least: 1, lengthOffset: offset(number, Entry.lenName))
    _ = try takeText(UInt64(lenUnit), least: 0, lengthOffset: offset(number, Entry.lenUnit))
    field.nameByteCount = UInt8(lenName)
    field.unitByteCount = UInt8(lenUnit)
    field.symbolStart = UInt32(symbol)
    try checkSymbols(number, entry.u32(Entry.numSymbols), field.type, field.width)
  }

  private struct Kind {
    let type: FieldType
    let shape: FieldShape
    let mark: FieldMark
    let flags: FieldFlags
  }

  private func checkKind(_ number: Int, _ entry: EntryOctets) throws(StreamError) -> Kind {
    typealias Entry = LayoutOctets.Entry
    let rawType = entry.octet(Entry.type)
    guard let type = FieldType(rawValue: rawType) else {
      throw refusal(.badLayout, at: offset(number, Entry.type), found: UInt64(rawType))
    }
    let rawShape = entry.octet(Entry.shape)
    guard let shape = FieldShape(rawValue: rawShape) else {
      throw refusal(.badLayout, at: offset(number, Entry.shape), found: UInt64(rawShape))
    }
    let rawMark = entry.octet(Entry.mark)
    guard let mark = FieldMark(rawValue: rawMark) else {
      throw refusal(.badMark, at: offset(number, Entry.mark), found: UInt64(rawMark))
    }
    let flags = FieldFlags(rawValue: entry.octet(Entry.flags))
    guard FieldFlags.all.contains(flags), entry.octet(Entry.reserved) == 0 else {
      let field = FieldFlags.all.contains(flags) ? Entry.reserved : Entry.flags
      throw refusal(.reservedNotZero, at: offset(number, field), found: UInt64(entry.octet(field)))
    }
    return Kind(type: type, shape: shape, mark: mark, flags: flags)
  }

  /// No overflow: both factors have 32 bits.
  private func checkBlockBytes(
    _ number: Int, _ shape: FieldShape, _ width: UInt32, _ count: UInt32
  ) throws(StreamError) {
    guard UInt64(width) <= blockBytesMax else {
      throw refusal(
        .limitExceeded, at: offset(number, LayoutOctets.Entry.width), expected: blockBytesMax,
        found: UInt64(width))
    }
    let bytes = UInt64(width) * UInt64(count)
    guard shape != .fixedArray || bytes <= blockBytesMax else {
      throw refusal(
        .limitExceeded, at: offset(number, LayoutOctets.Entry.count), expected: blockBytesMax, found: bytes)
    }
  }

  /// Radix, clock, alignment, reference, and the versions that have the field.
  private func checkHints(_ number: Int, _ entry: EntryOctets, _ type: FieldType) throws(StreamError) {
    typealias Entry = LayoutOctets.Entry
    let radix = entry.octet(Entry.radix)
    guard radix == 0 || radix == 2 || radix == 8 || radix == 10 || radix == 16 else {
      throw refusal(.badLayout, at: offset(number, Entry.radix), found: UInt64(radix))
    }
    try checkAtMost(number, entry, Entry.clock, type.takesClock ? 3 : 0)
    try checkAtMost(number, entry, Entry.alignment, type.takesAlignment ? 63 : 0)
    let reference = entry.u32(Entry.reference)
    guard reference == 0 || type.takesReference else {
      throw refusal(.badLayout, at: offset(number, Entry.reference), found: UInt64(reference))
    }
    let since = entry.u32(Entry.since)
    let until = entry.u32(Entry.until)
    guard until == 0 || since <= until else {
      throw refusal(.badLayout, at: offset(number, Entry.until), expected: UInt64(since), found: UInt64(until))
    }
  }

  private func checkAtMost(
    _ number: Int, _ entry: EntryOctets, _ field: Int, _ highest: UInt8
  ) throws(StreamError) {
    let found = entry.octet(field)
    guard found <= highest else {
      throw refusal(
        .badLayout, at: offset(number, field), expected: UInt64(highest), found: UInt64(found))
    }
  }

  /// Range and default: there only with their flag, within the width, and in order.
  private func checkValues(
    _ number: Int, _ entry: EntryOctets, _ field: FieldEntry
  ) throws(StreamError) {
    typealias Entry = LayoutOctets.Entry
    let hasRange = field.flags.contains(.range)
    let hasDefault = field.flags.contains(.hasDefault)
    let rangeIsLegal = field.type.takesRange && field.width <= 8
    let defaultIsLegal = field.type.takesDefault && field.width <= 8 && field.shape != .countedArray
    guard !hasRange || rangeIsLegal, !hasDefault || defaultIsLegal else {
      throw refusal(.badLayout, at: offset(number, Entry.flags), found: UInt64(field.flags.rawValue))
    }
    try checkFits(number, entry, Entry.minimum, field.type, hasRange ? field.width : 0)
    try checkFits(number, entry, Entry.maximum, field.type, hasRange ? field.width : 0)
    try checkFits(number, entry, Entry.defaultValue, field.type, hasDefault ? field.width : 0)
    let minimum = entry.u64(Entry.minimum)
    let maximum = entry.u64(Entry.maximum)
    let isOrdered =
      field.type.isSigned
      ? Int64(bitPattern: minimum) <= Int64(bitPattern: maximum) : minimum <= maximum
    guard isOrdered else {
      throw refusal(.badLayout, at: offset(number, Entry.maximum), expected: minimum, found: maximum)
    }
    let value = entry.u64(Entry.defaultValue)
    guard field.type != .bool || value <= 1 else {
      throw refusal(.badLayout, at: offset(number, Entry.defaultValue), expected: 1, found: value)
    }
  }

  /// Eight octets at `field` that hold a value of `width` octets, extended to 64 bits.
  private func checkFits(
    _ number: Int, _ entry: EntryOctets, _ field: Int, _ type: FieldType, _ width: UInt32
  ) throws(StreamError) {
    let value = entry.u64(field)
    guard fits(value, width: width, signed: type.isSigned) else {
      throw refusal(.badLayout, at: offset(number, field), expected: UInt64(width), found: value)
    }
  }

  private func fits(_ value: UInt64, width: UInt32, signed: Bool) -> Bool {
    if width == 0 { return value == 0 }
    if width >= 8 { return true }
    let unused = UInt64(64 - 8 * width)
    let extended =
      signed
      ? UInt64(bitPattern: Int64(bitPattern: value << unused) >> unused) : (value << unused) >> unused
    return extended == value
  }

  private mutating func checkSymbols(
    _ number: Int, _ count: UInt32, _ type: FieldType, _ width: UInt32
  ) throws(StreamError) {
    guard count == 0 || type.takesSymbols, Int(clamping: count) <= numSymbols - symbol else {
      throw refusal(
        .badLayout, at: offset(number, LayoutOctets.Entry.numSymbols),
        expected: type.takesSymbols ? UInt64(numSymbols - symbol) : 0, found: UInt64(count))
    }
    var previous: UInt64?
    for _ in 0..<count {
      let start = LayoutOctets.entryStart(numFields) + symbol * LayoutOctets.symbol
      let place = base &+ UInt64(start)
      let value = octets.integer(at: start + LayoutOctets.Symbol.value, as: UInt64.self)
      // The length, and above it what is reserved.
      let rest = octets.integer(at: start + LayoutOctets.Symbol.lenName, as: UInt64.self)
      guard fits(value, width: width, signed: false) else {
        throw refusal(.badLayout, at: place, expected: UInt64(width), found: value)
      }
      if let previous, value <= previous {
        throw refusal(.badOrder, at: place, expected: previous, found: value)
      }
      previous = value
      guard rest >> 16 == 0 else {
        throw refusal(.reservedNotZero, at: place &+ UInt64(LayoutOctets.Symbol.reserved))
      }
      _ = try takeText(
        rest, least: 1, lengthOffset: place &+ UInt64(LayoutOctets.Symbol.lenName))
      symbol += 1
    }
  }
}

/// The octets of one entry, read with one check of the bounds.
private struct EntryOctets {
  private let words: InlineArray<8, UInt64>

  init(_ octets: RawSpan, _ number: Int) { words = octets.words(at: LayoutOctets.entryStart(number)) }

  /// At a multiple of 8.
  @inline(__always)
  func u64(_ field: Int) -> UInt64 { words[field >> 3] }

  /// At a multiple of 4, and 2.
  @inline(__always)
  func u32(_ field: Int) -> UInt32 { UInt32(truncatingIfNeeded: words[field >> 3] >> UInt64(8 * (field & 7))) }
  @inline(__always)
  func u16(_ field: Int) -> UInt16 { UInt16(truncatingIfNeeded: words[field >> 3] >> UInt64(8 * (field & 7))) }

  @inline(__always)
  func octet(_ field: Int) -> UInt8 { UInt8(truncatingIfNeeded: words[field >> 3] >> UInt64(8 * (field & 7))) }
}
