/// Writes a layout in canonical form.
///
/// Fields come in preorder; a group is begun, filled and ended. Symbols follow their field. What comes out of
/// ``finish(limits:)`` was checked like a layout from a stream.
///
/// Source: Specs/20-layouts.md section 3.
public struct LayoutBuilder: ~Copyable {
  private let addressOnly = AddressOnly()
  private enum State: UInt8 { case empty, building, finished }

  private struct Group: BitwiseCopyable {
    var number: Int
    var bytes: UInt64
  }

  private var octets: OwnedBytes
  private var symbols: OwnedBytes
  private var text: OwnedBytes
  private var groups: OwnedBuffer<Group>
  private var state = State.empty
  /// Entries so far, symbols so far, and octets of the top-level entries.
  private var numFields = 0
  private var numSymbols = 0
  private var topBytes: UInt64 = 0

  public init(allocator: StreamAllocator = .system) {
    octets = OwnedBytes(allocator: allocator)
    symbols = OwnedBytes(allocator: allocator)
    text = OwnedBytes(allocator: allocator)
    groups = OwnedBuffer(allocator: allocator)
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  /// Starts a layout; one that was built before is gone.
  public mutating func begin(name: RawSpan) throws(StreamError) {
    octets.removeAll()
    symbols.removeAll()
    text.removeAll()
    groups.removeAll()
    (numFields, numSymbols, topBytes) = (0, 0, 0)
    state = .building
    try octets.append(repeating: 0, count: LayoutOctets.header)
    octets.set(try length(of: name), at: LayoutOctets.Header.lenName)
    try text.append(name)
  }

  /// Adds a field that has no fields of its own.
  public mutating func field(
    _ attributes: FieldAttributes, name: RawSpan, unit: RawSpan = StaticString("").octets
  ) throws(StreamError) {
    guard state == .building, !attributes.type.isGroup else { throw misuse }
    try append(attributes, name: name, unit: unit)
    count(attributes)
  }

  /// Adds a structure, union or optional; the fields up to ``endGroup()`` are its children.
  public mutating func beginGroup(
    _ attributes: FieldAttributes, name: RawSpan, unit: RawSpan = StaticString("").octets
  ) throws(StreamError) {
    guard state == .building, attributes.type.isGroup else { throw misuse }
    try append(attributes, name: name, unit: unit)
    try groups.append(Group(number: numFields - 1, bytes: 0))
  }

  /// Ends the innermost group, and gives a structure the width of its children.
  public mutating func endGroup() throws(StreamError) {
    guard state == .building, groups.count > 0 else { throw misuse }
    let group = groups[groups.count - 1]
    groups.truncate(to: groups.count - 1)
    let start = LayoutOctets.entryStart(group.number)
    octets.set(UInt32(numFields - 1 - group.number), at: start + LayoutOctets.Entry.numDescendants)
    var attributes = attributes(of: group.number)
    if attributes.type == .structure {
      guard let width = UInt32(exactly: group.bytes) else {
        throw StreamError(.limitExceeded, .use, at: UInt64(start), found: group.bytes)
      }
      octets.set(width, at: start + LayoutOctets.Entry.width)
      attributes.width = width
    }
    count(attributes)
  }

  /// Adds a symbol to the field that was added last; values ascend.
  public mutating func symbol(_ value: UInt64, name: RawSpan) throws(StreamError) {
    guard state == .building, numFields > 0 else { throw misuse }
    let place = LayoutOctets.entryStart(numFields - 1) + LayoutOctets.Entry.numSymbols
    let lenName = try length(of: name)
    try symbols.reserve(LayoutOctets.symbol)
    try text.append(name)
    try symbols.append(integer: value)
    try symbols.append(integer: lenName)
    try symbols.append(repeating: 0, count: LayoutOctets.symbol - LayoutOctets.Symbol.reserved)
    octets.set(octets.bytes.integer(at: place, as: UInt32.self) + 1, at: place)
    numSymbols += 1
  }

  /// The number of the entry that was added last, for references.
  public var lastField: UInt32 { UInt32(truncatingIfNeeded: numFields - 1) }

  /// Completes the canonical octets and checks them.
  ///
  /// - Throws: what ``LayoutStore/add(canonical:at:limits:)`` would refuse, at the offset in the canonical octets;
  ///   `wrongCall` when a group is open.
  public mutating func finish(limits: StreamLimits = StreamLimits()) throws(StreamError) {
    guard state == .building, groups.count == 0 else { throw misuse }
    state = .empty
    guard let lenBlock = UInt32(exactly: topBytes) else {
      throw StreamError(.limitExceeded, .layout, at: UInt64(LayoutOctets.Header.lenBlock), found: topBytes)
    }
    octets.set(UInt32(numFields), at: LayoutOctets.Header.numFields)
    octets.set(UInt32(numSymbols), at: LayoutOctets.Header.numSymbols)
    octets.set(UInt32(text.count), at: LayoutOctets.Header.lenText)
    octets.set(lenBlock, at: LayoutOctets.Header.lenBlock)
    try LayoutBuilder.append(symbols, to: &octets)
    try LayoutBuilder.append(text, to: &octets)
    try octets.pad(to: 8)
    var entries = OwnedBuffer<FieldEntry>(allocator: octets.allocator)
    var checker = LayoutChecker(octets.bytes, at: 0, limits: limits)
    try checker.check(appendingTo: &entries)
    state = .finished
  }

  /// The canonical octets; none before ``finish(limits:)`` succeeded.
  public var canonical: RawSpan {
    @_lifetime(borrow self)
    get { state == .finished ? octets.bytes : octets.bytes.extracting(0..<0) }
  }
}

extension LayoutBuilder {
  private var misuse: StreamError { StreamError(.wrongCall, .use, at: UInt64(octets.count)) }

  private func length(of text: RawSpan) throws(StreamError) -> UInt16 {
    guard let length = UInt16(exactly: text.byteCount) else {
      throw StreamError(
        .limitExceeded, .use, at: UInt64(octets.count), expected: UInt64(UInt16.max),
        found: UInt64(text.byteCount))
    }
    return length
  }

  private static func append(
    _ part: borrowing OwnedBytes, to octets: inout OwnedBytes
  ) throws(StreamError) {
    try octets.append(part.bytes)
  }

  private mutating func append(
    _ attributes: FieldAttributes, name: RawSpan, unit: RawSpan
  ) throws(StreamError) {
    typealias Entry = LayoutOctets.Entry
    let (lenName, lenUnit) = (try length(of: name), try length(of: unit))
    let start = octets.count
    try octets.append(repeating: 0, count: LayoutOctets.entry)
    octets[start + Entry.type] = attributes.type.rawValue
    octets[start + Entry.shape] = attributes.shape.rawValue
    octets[start + Entry.mark] = attributes.mark.rawValue
    octets[start + Entry.flags] = attributes.flags.rawValue
    octets.set(attributes.width, at: start + Entry.width)
    octets.set(attributes.count, at: start + Entry.count)
    octets.set(lenName, at: start + Entry.lenName)
    octets.set(lenUnit, at: start + Entry.lenUnit)
    octets[start + Entry.radix] = attributes.radix
    octets[start + Entry.clock] = attributes.clock
    octets[start + Entry.alignment] = attributes.alignmentLog2
    octets.set(attributes.reference, at: start + Entry.reference)
    octets.set(attributes.minimum, at: start + Entry.minimum)
    octets.set(attributes.maximum, at: start + Entry.maximum)
    octets.set(attributes.defaultValue, at: start + Entry.defaultValue)
    octets.set(attributes.since, at: start + Entry.since)
    octets.set(attributes.until, at: start + Entry.until)
    try text.append(name)
    try text.append(unit)
    numFields += 1
  }

  /// What the attributes of an entry say about its place in the block.
  private func attributes(of number: Int) -> FieldAttributes {
    typealias Entry = LayoutOctets.Entry
    let start = LayoutOctets.entryStart(number)
    let bytes = octets.bytes
    // Both raw values were written from the enumerations.
    return FieldAttributes(
      FieldType(rawValue: bytes.octet(at: start + Entry.type)) ?? .structure,
      width: bytes.integer(at: start + Entry.width, as: UInt32.self),
      shape: FieldShape(rawValue: bytes.octet(at: start + Entry.shape)) ?? .one,
      count: bytes.integer(at: start + Entry.count, as: UInt32.self))
  }

  /// Adds the block octets of a complete entry to its parent, short of overflow: too many stay too many.
  private mutating func count(_ attributes: FieldAttributes) {
    let bytes: UInt64 =
      switch attributes.shape {
      case .one: UInt64(attributes.width)
      case .fixedArray: UInt64(attributes.width) * UInt64(attributes.count)
      case .countedArray: 4
      }
    if groups.count == 0 {
      topBytes = sum(topBytes, bytes)
    } else {
      groups[groups.count - 1].bytes = sum(groups[groups.count - 1].bytes, bytes)
    }
  }

  private func sum(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? UInt64.max : sum
  }
}
