// MARK: - Values

extension SectionDataWriter {
  /// An integer of any kind, a bool, or a PCI address.
  ///
  /// - Throws: `valueTooLarge` when the field is too narrow, `badValue` for a bool above 1, `wrongCall`.
  public mutating func integer<Value: FixedWidthInteger>(_ value: Value) throws(StreamError) {
    let entry = try nextValue()
    guard entry.type.isInteger || entry.type == .bool || entry.type == .pciAddress else { throw misuse }
    let place = frame.block
    let isWritten: Bool =
      switch (Int(entry.width), entry.type.isSigned) {
      case (1, false): set(UInt8(exactly: value))
      case (2, false): set(UInt16(exactly: value))
      case (4, false): set(UInt32(exactly: value))
      case (8, false): set(UInt64(exactly: value))
      case (1, true): set(Int8(exactly: value))
      case (2, true): set(Int16(exactly: value))
      case (4, true): set(Int32(exactly: value))
      case (8, true): set(Int64(exactly: value))
      case (_, false): set(UInt128(exactly: value))
      case (_, true): set(Int128(exactly: value))
      }
    guard isWritten else {
      throw StreamError(.valueTooLarge, .use, at: UInt64(place), expected: UInt64(entry.width))
    }
    guard entry.type != .bool || value <= 1 else {
      throw StreamError(.badValue, .use, at: UInt64(place), expected: 1)
    }
    advance(entry)
  }

  private mutating func set<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value?) -> Bool {
    guard let value else { return false }
    octets.set(value, at: frame.block)
    return true
  }

  /// The bits of a float of 4 or 8 octets.
  public mutating func float(bits: UInt64) throws(StreamError) {
    let entry = try nextValue()
    guard entry.type == .float else { throw misuse }
    let isWritten = entry.width == 4 ? set(UInt32(exactly: bits)) : set(bits)
    guard isWritten else {
      throw StreamError(.valueTooLarge, .use, at: UInt64(frame.block), expected: 4)
    }
    advance(entry)
  }

  /// The octets of any leaf, as many as it is wide; or counted bytes; or the UTF-8 of a string.
  ///
  /// - Throws: `badText`, `badValue` where the octets of a leaf are not legal, `wrongCall` for another number of octets.
  public mutating func bytes(_ value: RawSpan) throws(StreamError) {
    let entry = try nextValue()
    let place = frame.block
    switch entry.type {
    case .countedBytes, .string:
      guard entry.type == .countedBytes || value.isUTF8(controlsAllowed: true) else {
        throw StreamError(.badText, .use, at: UInt64(octets.count))
      }
      octets.set(try count(value.byteCount), at: place)
      try octets.append(value)
      try octets.pad(to: 8)
    default:
      guard entry.type.isLeaf, value.byteCount == Int(entry.width) else { throw misuse }
      try checkLeaves(entry.type, value)
      octets.set(value, at: place)
    }
    advance(entry)
  }

  /// All elements of an array of leaves, one after the other.
  ///
  /// - Throws: as ``bytes(_:)``; `badValue` for more elements than the array may have.
  public mutating func values(_ value: RawSpan) throws(StreamError) {
    let (entry, isOne) = try next()
    let number = value.byteCount / Int(entry.width)
    guard !isOne, entry.type.isLeaf, value.byteCount % Int(entry.width) == 0 else { throw misuse }
    try checkLeaves(entry.type, value)
    if entry.shape == .fixedArray {
      guard number == Int(entry.count) else { throw misuse }
      octets.set(value, at: frame.block)
    } else {
      octets.set(try arrayCount(number, entry), at: frame.block)
      try octets.append(value)
      try octets.pad(to: 8)
    }
    advance(entry)
  }

  private func checkLeaves(_ type: FieldType, _ value: RawSpan) throws(StreamError) {
    guard type == .bool || type == .padding else { return }
    let highest: UInt8 = type == .bool ? 1 : 0
    for index in 0..<value.byteCount where value.octet(at: index) > highest {
      throw StreamError(
        .badValue, .use, at: UInt64(octets.count), expected: UInt64(highest),
        found: UInt64(value.octet(at: index)))
    }
  }

  private func arrayCount(_ number: Int, _ entry: FieldEntry) throws(StreamError) -> UInt32 {
    guard number <= Int(clamping: entry.count) else {
      throw StreamError(
        .badValue, .use, at: UInt64(frame.block), expected: UInt64(entry.count), found: UInt64(number))
    }
    return try count(number)
  }
}

// MARK: - Groups, arrays and lists

extension SectionDataWriter {
  /// Goes into an array or a list of `number` elements; ``end()`` after the last.
  public mutating func beginArray(_ number: Int) throws(StreamError) {
    let (entry, isOne) = try next()
    guard number >= 0, !isOne || entry.type == .list, !isInList else { throw misuse }
    var inner = frame
    inner.elements = number
    inner.head = nil
    if isOne {
      octets.set(try count(number), at: frame.block)
      inner.end = SectionDataWriter.listElements
    } else if entry.shape == .fixedArray {
      guard number == Int(entry.count) else { throw misuse }
      inner.end = SectionDataWriter.arrayElements
    } else {
      octets.set(try arrayCount(number, entry), at: frame.block)
      // No overflow: both factors have 32 bits at most.
      inner.block = try lay(number * Int(entry.width))
      inner.end = SectionDataWriter.arrayElements
    }
    advance(entry)
    try push(inner)
  }

  /// What stands in `end` of a frame of elements.
  private static var arrayElements: Int { 0 }
  private static var listElements: Int { -1 }

  private var isInList: Bool { frame.elements != nil && frame.end == SectionDataWriter.listElements }

  /// Goes into a structure; ``end()`` after its last field.
  public mutating func beginStructure() throws(StreamError) {
    let entry = try nextValue()
    guard entry.type == .structure, !isInList else { throw misuse }
    try pushFields(layouts.layout(frame.layout).subtree(of: frame.number), block: frame.block, entry)
  }

  /// Goes into a union that has the child at that position, which is written next; then ``end()``.
  public mutating func beginUnion(child position: UInt32) throws(StreamError) {
    let entry = try nextValue()
    guard entry.type == .union, !isInList else { throw misuse }
    let layout = layouts.layout(frame.layout)
    guard let child = layout.child(at: position, of: frame.number) else {
      throw StreamError(.badValue, .use, at: UInt64(frame.block), found: UInt64(position))
    }
    octets.set(position, at: frame.block)
    try pushFields(child..<layout.sibling(after: child), block: nil, entry)
  }

  /// Goes into an optional that is present; ``end()`` after its last field.
  public mutating func beginOptional() throws(StreamError) {
    let entry = try nextValue()
    guard entry.type == .optional, !isInList else { throw misuse }
    octets.set(UInt32(1), at: frame.block)
    try pushFields(layouts.layout(frame.layout).subtree(of: frame.number), block: nil, entry)
  }

  /// Leaves an optional out.
  public mutating func absent() throws(StreamError) {
    let entry = try nextValue()
    guard entry.type == .optional, !isInList else { throw misuse }
    advance(entry)
  }

  /// Goes into the next element of a list, which has the fields of `layout`; ``end()`` after the last of them.
  public mutating func beginElement(layout number: UInt32) throws(StreamError) {
    guard isInList, let elements = frame.elements, elements > 0 else { throw misuse }
    guard layouts.contains(number), !layouts.isExternal(number) else {
      throw StreamError(.unknownLayout, .use, at: UInt64(octets.count), found: UInt64(number))
    }
    let depth = try deeper()
    let head = octets.count
    try octets.append(integer: layoutBase &+ number)
    try octets.append(repeating: 0, count: 4)
    let layout = layouts.layout(number)
    let block = try lay(layout.blockByteCount)
    frame.elements = elements - 1
    try push(
      Frame(
        layout: number, number: 0, end: layout.entries.count, elements: nil, block: block, head: head,
        depth: depth))
  }

  /// Goes into fields of the entry at hand: at `block`, or in a part of their own.
  private mutating func pushFields(
    _ fields: Range<Int>, block: Int?, _ entry: FieldEntry
  ) throws(StreamError) {
    let depth = try deeper()
    let layout = layouts.layout(frame.layout)
    let start = if let block { block } else { try lay(layout.blockByteCount(of: fields)) }
    let inner = Frame(
      layout: frame.layout, number: fields.lowerBound, end: fields.upperBound, elements: nil, block: start,
      head: nil, depth: depth)
    advance(entry)
    try push(inner)
  }
}
