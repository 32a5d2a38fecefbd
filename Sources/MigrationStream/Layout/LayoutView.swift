/// A checked layout, borrowed from the ``LayoutStore`` that holds it.
///
/// Fields are numbered as in the field table. The tree is walked by number: the children of a group start after it, and
/// each is followed by its own descendants.
///
/// Source: Specs/20-layouts.md section 3.
@frozen
public struct LayoutView: ~Escapable {
  /// The canonical octets; two layouts are equal when these are.
  public let octets: RawSpan
  public let entries: Span<FieldEntry>

  @_lifetime(copy octets, copy entries)
  init(octets: RawSpan, entries: Span<FieldEntry>) {
    self.octets = octets
    self.entries = entries
  }

  /// Octets of the block.
  public var blockByteCount: Int {
    Int(octets.integer(at: LayoutOctets.Header.lenBlock, as: UInt32.self))
  }

  /// The name of the layout.
  public var name: RawSpan {
    @_lifetime(copy self)
    get {
      let count = Int(octets.integer(at: LayoutOctets.Header.lenName, as: UInt16.self))
      return text(at: textStart, count)
    }
  }

  @_lifetime(copy self)
  public func name(of number: Int) -> RawSpan {
    let entry = entries[number]
    return text(at: Int(entry.textStart), Int(entry.nameByteCount))
  }

  /// The unit of a field; empty when it has none.
  @_lifetime(copy self)
  public func unit(of number: Int) -> RawSpan {
    let entry = entries[number]
    return text(at: Int(entry.textStart) + Int(entry.nameByteCount), Int(entry.unitByteCount))
  }

  public func attributes(of number: Int) -> FieldAttributes {
    let entry = entries[number]
    let start = LayoutOctets.entryStart(number)
    var attributes = FieldAttributes(
      entry.type, width: entry.width, shape: entry.shape, count: entry.count)
    attributes.mark = entry.mark
    attributes.flags = entry.flags
    attributes.radix = octets.octet(at: start + LayoutOctets.Entry.radix)
    attributes.clock = octets.octet(at: start + LayoutOctets.Entry.clock)
    attributes.alignmentLog2 = octets.octet(at: start + LayoutOctets.Entry.alignment)
    attributes.reference = entry.reference
    attributes.minimum = octets.integer(at: start + LayoutOctets.Entry.minimum, as: UInt64.self)
    attributes.maximum = octets.integer(at: start + LayoutOctets.Entry.maximum, as: UInt64.self)
    attributes.defaultValue = octets.integer(
      at: start + LayoutOctets.Entry.defaultValue, as: UInt64.self)
    attributes.since = octets.integer(at: start + LayoutOctets.Entry.since, as: UInt32.self)
    attributes.until = octets.integer(at: start + LayoutOctets.Entry.until, as: UInt32.self)
    return attributes
  }

  /// The clock domain of a duration or instant.
  func clock(of number: Int) -> UInt8 {
    octets.octet(at: LayoutOctets.entryStart(number) + LayoutOctets.Entry.clock)
  }

  /// Whether both have the same canonical octets.
  public func isSame(as other: borrowing LayoutView) -> Bool {
    octets.byteCount == other.octets.byteCount && octets.compare(to: other.octets) == 0
  }
}

// MARK: - Tree

extension LayoutView {
  /// The numbers of all entries below `parent`, or of all there are.
  @inlinable
  public func subtree(of parent: Int?) -> Range<Int> {
    guard let parent else { return 0..<entries.count }
    return (parent &+ 1)..<(parent &+ 1 &+ Int(entries[parent].numDescendants))
  }

  /// The number of the sibling after `number`, or the end of its parent's subtree.
  @inlinable
  public func sibling(after number: Int) -> Int { number &+ 1 &+ Int(entries[number].numDescendants) }

  /// The field of that name directly below `parent`, or at the top.
  public func child(named name: RawSpan, of parent: Int?) -> Int? {
    child(named: name, in: subtree(of: parent))
  }

  func child(named name: RawSpan, in range: Range<Int>) -> Int? {
    var number = range.lowerBound
    while number < range.upperBound {
      if self.name(of: number).compare(to: name) == 0 { return number }
      number = sibling(after: number)
    }
    return nil
  }

  /// The child of `parent` at position `position` among its siblings.
  ///
  /// Takes as many steps as `position`; unions, the only caller with positions from the wire, have at most 256 children.
  @inlinable
  public func child(at position: UInt32, of parent: Int) -> Int? {
    let range = subtree(of: parent)
    var number = range.lowerBound
    var left = position
    while number < range.upperBound {
      if left == 0 { return number }
      left &-= 1
      number = sibling(after: number)
    }
    return nil
  }

  /// Octets of the block of the siblings that `range` begins with.
  @inlinable
  func blockByteCount(of range: Range<Int>) -> Int {
    var sum = 0
    var number = range.lowerBound
    while number < range.upperBound {
      sum &+= entries[number].blockByteCount
      number = sibling(after: number)
    }
    return sum
  }
}

// MARK: - Symbols

extension LayoutView {
  /// The number of symbols of a field.
  public func symbolCount(of number: Int) -> Int {
    Int(
      octets.integer(
        at: LayoutOctets.entryStart(number) + LayoutOctets.Entry.numSymbols, as: UInt32.self))
  }

  /// Calls `body` with each symbol of a field in ascending order of value until it returns false.
  public func forEachSymbol(of number: Int, _ body: (_ value: UInt64, _ name: RawSpan) -> Bool) {
    var symbol = firstSymbol(of: number)
    while !symbol.isAtEnd {
      guard body(symbol.value, symbol.name) else { return }
      symbol.advance()
    }
  }

  /// The symbols of a field, one after the other in ascending order of value.
  @_lifetime(copy self)
  func firstSymbol(of number: Int) -> SymbolCursor {
    let entry = entries[number]
    return SymbolCursor(
      octets, entry: symbolStart(Int(entry.symbolStart)),
      text: Int(entry.textStart) + Int(entry.nameByteCount) + Int(entry.unitByteCount),
      count: symbolCount(of: number))
  }

  private func symbolStart(_ number: Int) -> Int {
    LayoutOctets.entryStart(entries.count) + number * LayoutOctets.symbol
  }

  private var textStart: Int {
    symbolStart(Int(octets.integer(at: LayoutOctets.Header.numSymbols, as: UInt32.self)))
  }

  @_lifetime(copy self)
  private func text(at start: Int, _ count: Int) -> RawSpan { octets.extracting(start..<(start + count)) }
}

/// A symbol of a field, and those after it.
struct SymbolCursor: ~Escapable {
  private let octets: RawSpan
  private var entry: Int
  private var text: Int
  private var left: Int

  @_lifetime(copy octets)
  init(_ octets: RawSpan, entry: Int, text: Int, count: Int) {
    self.octets = octets
    self.entry = entry
    self.text = text
    left = count
  }

  var isAtEnd: Bool { left == 0 }

  /// Traps at the end.
  var value: UInt64 { octets.integer(at: entry + LayoutOctets.Symbol.value, as: UInt64.self) }

  var name: RawSpan {
    @_lifetime(copy self)
    get { octets.extracting(text..<(text + nameByteCount)) }
  }

  @_lifetime(self: copy self)
  mutating func advance() {
    text += nameByteCount
    entry += LayoutOctets.symbol
    left -= 1
  }

  private var nameByteCount: Int {
    Int(octets.integer(at: entry + LayoutOctets.Symbol.lenName, as: UInt16.self))
  }
}

// MARK: - Places in the canonical octets

extension LayoutView {
  /// Octets of a field entry.
  public static var entryByteCount: Int { LayoutOctets.entry }

  /// Octets from the start of the canonical layout to a field entry.
  public static func entryOffset(_ number: Int) -> UInt64 { UInt64(LayoutOctets.entryStart(number)) }
}
