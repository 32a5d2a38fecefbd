/// The rules of one entry and its symbols.
///
/// Source: Specs/20-layouts.md section 3.
extension LayoutChecker {
  mutating func checkEntry(_ number: Int, end: Int) throws(StreamError) -> FieldEntry {
    typealias Entry = LayoutOctets.Entry
    let start = LayoutOctets.entryStart(number)
    let kind = try checkKind(number)
    let width = octets.integer(at: start + Entry.width, as: UInt32.self)
    let count = octets.integer(at: start + Entry.count, as: UInt32.self)
    guard kind.type.allowsWidth(width) else {
      throw refusal(.badLayout, at: offset(number, Entry.width), found: UInt64(width))
    }
    guard (count == 0) == (kind.shape == .one) else {
      throw refusal(.badLayout, at: offset(number, Entry.count), found: UInt64(count))
    }
    try checkBlockBytes(number, kind.shape, width, count)
    let numDescendants = octets.integer(at: start + Entry.numDescendants, as: UInt32.self)
    guard kind.type.isGroup == (numDescendants > 0), Int(clamping: numDescendants) < end - number else {
      throw refusal(
        .badLayout, at: offset(number, Entry.numDescendants), expected: UInt64(end - number - 1),
        found: UInt64(numDescendants))
    }
    try checkHints(number, kind.type)
    try checkValues(number, kind, width)
    let lenName = octets.integer(at: start + Entry.lenName, as: UInt16.self)
    let lenUnit = octets.integer(at: start + Entry.lenUnit, as: UInt16.self)
    let textStart = try takeText(UInt64(lenName), least: 1, lengthOffset: offset(number, Entry.lenName))
    _ = try takeText(UInt64(lenUnit), least: 0, lengthOffset: offset(number, Entry.lenUnit))
    let symbolStart = UInt32(symbol)
    try checkSymbols(number, kind.type, width)
    let isFree = kind.type.isLeaf && kind.type != .bool && kind.type != .padding
    return FieldEntry(
      type: kind.type, shape: kind.shape, mark: kind.mark, flags: kind.flags, width: width, count: count,
      numDescendants: numDescendants, reference: octets.integer(at: start + Entry.reference, as: UInt32.self),
      textStart: textStart, symbolStart: symbolStart, nameByteCount: UInt8(lenName),
      unitByteCount: UInt8(lenUnit), isPlain: isFree && kind.shape != .countedArray)
  }

  private struct Kind {
    let type: FieldType
    let shape: FieldShape
    let mark: FieldMark
    let flags: FieldFlags
  }

  private func checkKind(_ number: Int) throws(StreamError) -> Kind {
    typealias Entry = LayoutOctets.Entry
    let start = LayoutOctets.entryStart(number)
    let rawType = octets.octet(at: start + Entry.type)
    guard let type = FieldType(rawValue: rawType) else {
      throw refusal(.badLayout, at: offset(number, Entry.type), found: UInt64(rawType))
    }
    let rawShape = octets.octet(at: start + Entry.shape)
    guard let shape = FieldShape(rawValue: rawShape) else {
      throw refusal(.badLayout, at: offset(number, Entry.shape), found: UInt64(rawShape))
    }
    let rawMark = octets.octet(at: start + Entry.mark)
    guard let mark = FieldMark(rawValue: rawMark) else {
      throw refusal(.badMark, at: offset(number, Entry.mark), found: UInt64(rawMark))
    }
    let flags = FieldFlags(rawValue: octets.octet(at: start + Entry.flags))
    guard FieldFlags.all.contains(flags), octets.octet(at: start + Entry.reserved) == 0 else {
      let field = FieldFlags.all.contains(flags) ? Entry.reserved : Entry.flags
      throw refusal(
        .reservedNotZero, at: offset(number, field), found: UInt64(octets.octet(at: start + field)))
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
  private func checkHints(_ number: Int, _ type: FieldType) throws(StreamError) {
    typealias Entry = LayoutOctets.Entry
    let start = LayoutOctets.entryStart(number)
    let radix = octets.octet(at: start + Entry.radix)
    guard radix == 0 || radix == 2 || radix == 8 || radix == 10 || radix == 16 else {
      throw refusal(.badLayout, at: offset(number, Entry.radix), found: UInt64(radix))
    }
    try checkAtMost(number, Entry.clock, type.takesClock ? 3 : 0)
    try checkAtMost(number, Entry.alignment, type.takesAlignment ? 63 : 0)
    let reference = octets.integer(at: start + Entry.reference, as: UInt32.self)
    guard reference == 0 || type.takesReference else {
      throw refusal(.badLayout, at: offset(number, Entry.reference), found: UInt64(reference))
    }
    let since = octets.integer(at: start + Entry.since, as: UInt32.self)
    let until = octets.integer(at: start + Entry.until, as: UInt32.self)
    guard until == 0 || since <= until else {
      throw refusal(.badLayout, at: offset(number, Entry.until), expected: UInt64(since), found: UInt64(until))
    }
  }

  private func checkAtMost(_ number: Int, _ field: Int, _ highest: UInt8) throws(StreamError) {
    let found = octets.octet(at: LayoutOctets.entryStart(number) + field)
    guard found <= highest else {
      throw refusal(
        .badLayout, at: offset(number, field), expected: UInt64(highest), found: UInt64(found))
    }
  }

  /// Range and default: there only with their flag, within the width, and in order.
  private func checkValues(_ number: Int, _ kind: Kind, _ width: UInt32) throws(StreamError) {
    typealias Entry = LayoutOctets.Entry
    let start = LayoutOctets.entryStart(number)
    let hasRange = kind.flags.contains(.range)
    let hasDefault = kind.flags.contains(.hasDefault)
    let rangeIsLegal = kind.type.takesRange && width <= 8
    let defaultIsLegal = kind.type.takesDefault && width <= 8 && kind.shape != .countedArray
    guard !hasRange || rangeIsLegal, !hasDefault || defaultIsLegal else {
      throw refusal(.badLayout, at: offset(number, Entry.flags), found: UInt64(kind.flags.rawValue))
    }
    try checkFits(number, Entry.minimum, kind.type, hasRange ? width : 0)
    try checkFits(number, Entry.maximum, kind.type, hasRange ? width : 0)
    try checkFits(number, Entry.defaultValue, kind.type, hasDefault ? width : 0)
    let minimum = octets.integer(at: start + Entry.minimum, as: UInt64.self)
    let maximum = octets.integer(at: start + Entry.maximum, as: UInt64.self)
    let isOrdered =
      kind.type.isSigned
      ? Int64(bitPattern: minimum) <= Int64(bitPattern: maximum) : minimum <= maximum
    guard isOrdered else {
      throw refusal(.badLayout, at: offset(number, Entry.maximum), expected: minimum, found: maximum)
    }
    let value = octets.integer(at: start + Entry.defaultValue, as: UInt64.self)
    guard kind.type != .bool || value <= 1 else {
      throw refusal(.badLayout, at: offset(number, Entry.defaultValue), expected: 1, found: value)
    }
  }

  /// Eight octets at `field` that hold a value of `width` octets, extended to 64 bits.
  private func checkFits(_ number: Int, _ field: Int, _ type: FieldType, _ width: UInt32) throws(StreamError) {
    let value = octets.integer(at: LayoutOctets.entryStart(number) + field, as: UInt64.self)
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

  private mutating func checkSymbols(_ number: Int, _ type: FieldType, _ width: UInt32) throws(StreamError) {
    let count = octets.integer(
      at: LayoutOctets.entryStart(number) + LayoutOctets.Entry.numSymbols, as: UInt32.self)
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
      guard fits(value, width: width, signed: false) else {
        throw refusal(.badLayout, at: place, expected: UInt64(width), found: value)
      }
      if let previous, value <= previous {
        throw refusal(.badOrder, at: place, expected: previous, found: value)
      }
      previous = value
      guard octets.extracting((start + LayoutOctets.Symbol.reserved)..<(start + LayoutOctets.symbol)).isZero
      else { throw refusal(.reservedNotZero, at: place &+ UInt64(LayoutOctets.Symbol.reserved)) }
      let lenName = octets.integer(at: start + LayoutOctets.Symbol.lenName, as: UInt16.self)
      _ = try takeText(
        UInt64(lenName), least: 1, lengthOffset: place &+ UInt64(LayoutOctets.Symbol.lenName))
      symbol += 1
    }
  }
}
