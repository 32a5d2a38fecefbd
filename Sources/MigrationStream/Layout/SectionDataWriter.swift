/// Writes the data of a section by its layout, in tree order.
///
/// The octets of a block are laid out as zeros when its part begins and overwritten as the values come; variable parts
/// go to the end, where field order and tree order put them. So one buffer is enough. Padding fields are passed over.
///
/// An error leaves the data unfinished for good: begin anew.
///
/// Source: Specs/20-layouts.md section 4.
public struct SectionDataWriter: ~Copyable, ~Escapable {
  /// What the next call is about: a field of a group, or an element of an array or list.
  struct Frame: BitwiseCopyable {
    /// Layout, number of the next field (of the field itself for elements), and end of the fields.
    var layout: UInt32
    var number: Int
    var end: Int
    /// Elements to come; nil for fields.
    var elements: Int?
    /// Position in the data of the next octets of the block.
    var block: Int
    /// Position of the head of the list element that these fields are in.
    var head: Int?
    /// Groups and list elements around these fields.
    var depth: Int
  }

  let layouts: LayoutTable
  /// What the stream adds to the numbers of these layouts; stands in the heads of list elements.
  let layoutBase: UInt32
  var octets: OwnedBytes
  private var frames: OwnedBuffer<Frame>
  /// What the next call is about; gone when all is written.
  var frame: Frame

  /// - Parameter layoutBase: What the stream adds to the numbers of `layouts`.
  /// - Throws: `unknownLayout` when the layout or its fields are not known, `outOfMemory`.
  @_lifetime(copy layouts)
  public init(
    layout number: UInt32, layouts: LayoutTable, layoutBase: UInt32 = 0, allocator: StreamAllocator = .system
  ) throws(StreamError) {
    guard layouts.contains(number), !layouts.isExternal(number) else {
      throw StreamError(.unknownLayout, .use, at: 0, expected: UInt64(layouts.count), found: UInt64(number))
    }
    let layout = layouts.layout(number)
    var octets = OwnedBytes(allocator: allocator)
    try octets.append(repeating: 0, count: layout.blockByteCount)
    try octets.pad(to: 8)
    self.layouts = layouts
    self.layoutBase = layoutBase
    self.octets = octets
    frames = OwnedBuffer(allocator: allocator)
    frame = Frame(
      layout: number, number: 0, end: layout.entries.count, elements: nil, block: 0, head: nil, depth: 0)
    passPadding()
  }

  /// The name of the field that the next call is about, or whose elements; empty behind the last one.
  public var nextName: RawSpan {
    @_lifetime(copy self)
    get {
      guard frame.number < layouts.layout(frame.layout).entries.count else { return RawSpan() }
      return layouts.layout(frame.layout).name(of: frame.number)
    }
  }

  /// Where the octets of the next value go, from the start of the data: those in the block.
  public var blockPosition: Int { frame.block }

  /// Where the octets of the next value go, from the start of the data: those in the variable part.
  public var variablePosition: Int { octets.count }

  /// The complete data; `wrongCall` while values are missing.
  @_lifetime(borrow self)
  public func finish() throws(StreamError) -> RawSpan {
    guard frames.count == 0, isFrameDone else { throw misuse }
    return octets.bytes
  }

  /// Ends a group, a list element, or an array or list that was begun.
  public mutating func end() throws(StreamError) {
    guard frames.count > 0, isFrameDone else { throw misuse }
    if let head = frame.head {
      octets.set(try count(octets.count - head - 8), at: head + 4)
    }
    frame = frames[frames.count - 1]
    frames.truncate(to: frames.count - 1)
  }
}

// MARK: - Position

extension SectionDataWriter {
  var misuse: StreamError { StreamError(.wrongCall, .use, at: UInt64(octets.count)) }

  private var isFrameDone: Bool {
    if let elements = frame.elements { return elements == 0 }
    return frame.number >= frame.end
  }

  /// The entry that the next call is about, and whether as one value: a field of shape one, or an element.
  func next() throws(StreamError) -> (entry: FieldEntry, isOne: Bool) {
    guard !isFrameDone else { throw misuse }
    let entry = layouts.layout(frame.layout).entries[frame.number]
    return (entry, frame.elements != nil || entry.shape == .one)
  }

  /// The entry that the next call is about, one value of it.
  func nextValue() throws(StreamError) -> FieldEntry {
    let next = try next()
    guard next.isOne else { throw misuse }
    return next.entry
  }

  /// Goes past the entry that a call was about.
  mutating func advance(_ entry: FieldEntry) {
    if let elements = frame.elements {
      frame.elements = elements - 1
      frame.block += Int(entry.width)
      return
    }
    frame.block += entry.blockByteCount
    frame.number = layouts.layout(frame.layout).sibling(after: frame.number)
    passPadding()
  }

  mutating func passPadding() {
    let layout = layouts.layout(frame.layout)
    while frame.elements == nil, frame.number < frame.end {
      let entry = layout.entries[frame.number]
      guard entry.type == .padding, entry.shape != .countedArray else { return }
      frame.block += entry.blockByteCount
      frame.number = layout.sibling(after: frame.number)
    }
  }

  /// Goes into a group, array or list; the frame around it is already past it.
  mutating func push(_ inner: Frame) throws(StreamError) {
    try frames.append(frame)
    frame = inner
    passPadding()
  }

  /// Appends `count` zero octets and those up to a multiple of 8, and gives the position of the first.
  mutating func lay(_ count: Int) throws(StreamError) -> Int {
    let start = octets.count
    try octets.append(repeating: 0, count: count)
    try octets.pad(to: 8)
    return start
  }

  func count(_ value: Int) throws(StreamError) -> UInt32 {
    guard let count = UInt32(exactly: value) else {
      throw StreamError(.valueTooLarge, .use, at: UInt64(octets.count), found: UInt64(value))
    }
    return count
  }

  func deeper() throws(StreamError) -> Int {
    guard frame.depth < OpenGroups.levels else {
      throw StreamError(
        .limitExceeded, .use, at: UInt64(octets.count), expected: UInt64(OpenGroups.levels),
        found: UInt64(frame.depth) + 1)
    }
    return frame.depth + 1
  }
}
