import MigrationStream

/// Reads a piece of state from section data in the reader's layout, which a session has judged.
///
/// ```
///  | block of the top fields | pad | variable parts, in the order of the fields ... |
///    frame.block ─►                  cursor ─►
/// ```
struct StateReader: StateArchive, ~Copyable, ~Escapable {
  /// What the next call is about: a field of a group, or an element of an array.
  private struct Frame {
    var layout: UInt32
    var field: Int
    var block: Int
    var isElements = false
  }

  private let data: RawSpan
  private let layouts: LayoutTable
  private var frame: Frame
  private var frames: [Frame] = []
  /// Next octet of the variable parts.
  private var cursor: Int

  @_lifetime(copy data, copy layouts)
  init(_ data: RawSpan, layout: UInt32, layouts: LayoutTable) {
    self.data = data
    self.layouts = layouts
    frame = Frame(layout: layout, field: 0, block: 0)
    cursor = Self.padded(layouts.layout(layout).blockByteCount)
  }

  // MARK: Values

  mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    _ name: StaticString, _ value: inout Value
  ) throws(StreamError) {
    let entry = try next(name)
    guard Int(entry.width) == MemoryLayout<Value>.size else { throw misuse }
    value = data.integer(at: frame.block, as: Value.self)
    advance(entry)
  }

  mutating func flag(_ name: StaticString, _ value: inout Bool) throws(StreamError) {
    let entry = try next(name)
    value = data.octet(at: frame.block) != 0
    advance(entry)
  }

  mutating func octets(_ name: StaticString, _ value: inout [UInt8]) throws(StreamError) {
    let entry = try next(name)
    if entry.type == .countedBytes || entry.type == .string {
      let count = Int(data.integer(at: frame.block, as: UInt32.self))
      value = [UInt8](data.extracting(cursor..<(cursor + count)))
      cursor += Self.padded(count)
    } else {
      value = [UInt8](data.extracting(frame.block..<(frame.block + Int(entry.width))))
    }
    advance(entry)
  }

  mutating func element(_ value: inout [UInt8]) throws(StreamError) {
    guard frame.isElements else { throw misuse }
    let width = Int(layouts.layout(frame.layout).entries[frame.field].width)
    value = [UInt8](data.extracting(frame.block..<(frame.block + width)))
    frame.block += width
  }

  mutating func integers<Value: FixedWidthInteger & BitwiseCopyable>(
    _ name: StaticString, _ values: inout [Value]
  ) throws(StreamError) {
    let entry = try next(name)
    guard Int(entry.width) == MemoryLayout<Value>.size else { throw misuse }
    let (count, start) = elements(entry)
    values = (0..<count).map { data.integer(at: start + $0 * MemoryLayout<Value>.size, as: Value.self) }
    advance(entry)
  }

  mutating func outdated<Value: FixedWidthInteger & BitwiseCopyable>(
    _ name: StaticString, _ value: inout Value
  ) throws(StreamError) {
    try integer(name, &value)
  }

  // MARK: Groups

  mutating func beginArray<Element>(
    _ name: StaticString, _ values: inout [Element], of blank: @autoclosure () -> Element
  ) throws(StreamError) -> Int {
    let entry = try next(name)
    let isList = entry.type == .list && entry.shape == .one
    let (count, start) = isList ? (Int(data.integer(at: frame.block, as: UInt32.self)), 0) : elements(entry)
    values = (0..<count).map { _ in blank() }
    let inner = Frame(layout: frame.layout, field: frame.field, block: start, isElements: true)
    advance(entry)
    push(inner)
    return count
  }

  mutating func beginStructure(_ name: StaticString) throws(StreamError) {
    let entry = try next(name)
    let inner = Frame(layout: frame.layout, field: frame.field + 1, block: frame.block)
    advance(entry)
    push(inner)
  }

  mutating func beginStructure() throws(StreamError) {
    guard frame.isElements else { throw misuse }
    let inner = Frame(layout: frame.layout, field: frame.field + 1, block: frame.block)
    frame.block += Int(layouts.layout(frame.layout).entries[frame.field].width)
    push(inner)
  }

  mutating func beginOptional(_ name: StaticString, isPresent: inout Bool) throws(StreamError) {
    let entry = try next(name)
    isPresent = data.integer(at: frame.block, as: UInt32.self) == 1
    let (layout, field) = (frame.layout, frame.field)
    advance(entry)
    guard isPresent else { return }
    push(Frame(layout: layout, field: field + 1, block: cursor))
    cursor += Self.padded(blockByteCount(ofGroup: field, layout))
  }

  mutating func beginElement(layout: inout UInt32) throws(StreamError) {
    layout = data.integer(at: cursor, as: UInt32.self)
    guard layouts.contains(layout) else { throw misuse }
    push(Frame(layout: layout, field: 0, block: cursor + 8))
    cursor += 8 + Self.padded(layouts.layout(layout).blockByteCount)
  }

  mutating func end() throws(StreamError) {
    guard let outer = frames.popLast() else { throw misuse }
    frame = outer
  }

  // MARK: Position

  private var misuse: StreamError { StreamError(.wrongCall, .use, at: UInt64(frame.block)) }

  private static func padded(_ count: Int) -> Int { (count + 7) & ~7 }

  private func next(_ name: StaticString) throws(StreamError) -> FieldEntry {
    let layout = layouts.layout(frame.layout)
    guard !frame.isElements, frame.field < layout.entries.count else { throw misuse }
    assert(
      layout.name(of: frame.field).hasSameOctets(as: name.octets),
      "the description of the state differs from its model at \(name)")
    return layout.entries[frame.field]
  }

  private mutating func advance(_ entry: FieldEntry) {
    frame.block += entry.blockByteCount
    frame.field = layouts.layout(frame.layout).sibling(after: frame.field)
  }

  private mutating func push(_ inner: Frame) {
    frames.append(frame)
    frame = inner
  }

  /// How many elements the array at hand has, and where the first one's octets lie.
  private mutating func elements(_ entry: FieldEntry) -> (count: Int, start: Int) {
    guard entry.shape == .countedArray else { return (Int(entry.count), frame.block) }
    let count = Int(data.integer(at: frame.block, as: UInt32.self))
    let start = cursor
    cursor += Self.padded(count * Int(entry.width))
    return (count, start)
  }

  private func blockByteCount(ofGroup group: Int, _ number: UInt32) -> Int {
    let layout = layouts.layout(number)
    var field = group + 1
    var sum = 0
    while field <= group + Int(layout.entries[group].numDescendants) {
      sum += layout.entries[field].blockByteCount
      field = layout.sibling(after: field)
    }
    return sum
  }
}

extension RawSpan {
  func hasSameOctets(as other: RawSpan) -> Bool { compare(to: other) == 0 && byteCount == other.byteCount }
}
