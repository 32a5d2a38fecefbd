/// Fields of a section by name, as a reader's own types.
///
/// Creating one checks the data. Fields are given as they are: what another layout makes of them is for
/// ``LayoutMapping``, whose result a reader asks with its own types. A path is that of `queue[3].size`; each question
/// steps over the fields before the answer.
///
/// Source: Specs/20-layouts.md section 4.
public struct SectionReader: ~Escapable {
  private let walker: SectionWalker
  private let number: UInt32

  /// - Throws: what ``SectionWalker/walk(layout:visitor:)`` throws; `unknownLayout` for an external layout too.
  @_lifetime(copy data, copy layouts)
  public init(
    _ data: RawSpan, at base: UInt64, layout number: UInt32, layouts: LayoutTable, limits: StreamLimits
  ) throws(StreamError) {
    walker = SectionWalker(data, at: base, layouts: layouts, limits: limits)
    self.number = number
    try walker.check(layout: number)
    guard !layouts.isExternal(number) else {
      throw StreamError(.unknownLayout, .section, at: base, found: UInt64(number))
    }
  }

  public var layout: LayoutView {
    @_lifetime(copy self)
    get { walker.layouts.layout(number) }
  }

  /// The block of the top-level fields.
  public var block: RawSpan {
    @_lifetime(copy self)
    get { walker.data.extracting(0..<layout.blockByteCount) }
  }

  public func isSameLayout(as other: LayoutView) -> Bool { layout.isSame(as: other) }

  /// An unsigned integer of that type and of the width of `Value`.
  ///
  /// - Throws: `missingField`, `typeChanged`.
  public func unsigned<Value: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ path: RawSpan, as type: FieldType = .unsigned, _: Value.Type
  ) throws(StreamError) -> Value {
    try integer(path, as: type)
  }

  /// A signed integer of that type and of the width of `Value`.
  ///
  /// - Throws: `missingField`, `typeChanged`.
  public func signed<Value: FixedWidthInteger & SignedInteger & BitwiseCopyable>(
    _ path: RawSpan, as type: FieldType = .signed, _: Value.Type
  ) throws(StreamError) -> Value {
    try integer(path, as: type)
  }

  /// The octets of a leaf of any type that is not an integer, or of counted bytes.
  ///
  /// - Throws: `missingField`, `typeChanged`; `countChanged` when a leaf has not `width` octets.
  @_lifetime(copy self)
  public func bytes(_ path: RawSpan, as type: FieldType, width: Int? = nil) throws(StreamError) -> RawSpan {
    let slot = try leaf(path, as: type)
    if type == .countedBytes || type == .string { return try counted(slot) }
    let octets = octets(of: slot)
    if let width, width != octets.byteCount {
      throw refusal(.countChanged, slot, expected: UInt64(width), found: UInt64(octets.byteCount))
    }
    return octets
  }

  /// The UTF-8 of a string.
  @_lifetime(copy self)
  public func string(_ path: RawSpan) throws(StreamError) -> RawSpan {
    try counted(try leaf(path, as: .string))
  }

  /// The number of elements of an array or list, or of octets of counted bytes or a string.
  public func count(of path: RawSpan) throws(StreamError) -> Int {
    let slot = try locate(path)
    guard let count = walker.count(of: slot) else { throw refusal(.typeChanged, slot) }
    return count
  }

  /// Whether an optional is there.
  public func isPresent(_ path: RawSpan) throws(StreamError) -> Bool {
    let slot = try leaf(path, as: .optional)
    return walker.data.integer(at: slot.cursor.block, as: UInt32.self) == 1
  }

  /// Position of the child that a union has, among its children.
  public func choice(of path: RawSpan) throws(StreamError) -> UInt32 {
    let slot = try leaf(path, as: .union)
    return walker.data.integer(at: slot.cursor.block, as: UInt32.self)
  }
}

// MARK: - Finding

extension SectionReader {
  @_lifetime(copy self)
  private func locate(_ octets: RawSpan) throws(StreamError) -> FieldSlot {
    var path = FieldPath(octets)
    var group = try walker.top(number)
    while true {
      let name = try path.name()
      guard let number = group.scope.layout.child(named: name, in: group.fields) else {
        throw missing(at: group.cursor.block)
      }
      var slot = try walker.slot(number, in: group)
      if slot.entry.shape != .one, let index = try path.element() {
        guard let element = try walker.element(index, of: slot) else { throw missing(slot, index) }
        slot = element
      }
      let isList = slot.entry.type == .list && (slot.isElement || slot.entry.shape == .one)
      if isList, let index = try path.element() {
        guard let element = try walker.listElement(index, of: slot) else { throw missing(slot, index) }
        guard !path.isAtEnd else { throw refusal(.typeChanged, slot) }
        group = element
        continue
      }
      guard try path.element() == nil else { throw refusal(.typeChanged, slot) }
      if path.isAtEnd { return slot }
      group = try inside(slot)
    }
  }

  @_lifetime(copy slot)
  private func inside(_ slot: FieldSlot) throws(StreamError) -> FieldGroup {
    guard slot.isElement || slot.entry.shape == .one, slot.entry.type.isGroup else {
      throw refusal(.typeChanged, slot)
    }
    guard let group = try walker.group(in: slot) else { throw missing(at: slot.cursor.block) }
    return group
  }

  /// A single value of exactly that type.
  @_lifetime(copy self)
  private func leaf(_ path: RawSpan, as type: FieldType) throws(StreamError) -> FieldSlot {
    let slot = try locate(path)
    guard slot.isElement || slot.entry.shape == .one, slot.entry.type == type else {
      throw refusal(
        .typeChanged, slot, expected: UInt64(type.rawValue), found: UInt64(slot.entry.type.rawValue))
    }
    return slot
  }

  @_lifetime(copy self)
  private func octets(of slot: FieldSlot) -> RawSpan {
    walker.data.extracting(slot.cursor.block..<(slot.cursor.block + Int(slot.entry.width)))
  }

  @_lifetime(copy self)
  private func counted(_ slot: FieldSlot) throws(StreamError) -> RawSpan {
    var cursor = slot.cursor
    return walker.data.extracting(
      try walker.countedOctets(slot.number, slot.entry, slot.scope, &cursor))
  }

  private func refusal(
    _ code: StreamError.Code, _ slot: FieldSlot, expected: UInt64 = 0, found: UInt64 = 0
  ) -> StreamError {
    var refusal = walker.refusal(code, at: slot.cursor.block, expected: expected, found: found)
    refusal.stage = .mapping
    return refusal
  }

  private func missing(_ slot: FieldSlot, _ index: Int) -> StreamError {
    missing(at: slot.cursor.block, expected: walker.count(of: slot) ?? 0, found: index)
  }

  private func missing(at position: Int, expected: Int = 0, found: Int = 0) -> StreamError {
    var refusal = walker.refusal(
      .missingField, at: position, expected: UInt64(expected), found: UInt64(found))
    refusal.stage = .mapping
    return refusal
  }
}

// MARK: - Integers

extension SectionReader {
  private func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    _ path: RawSpan, as type: FieldType
  ) throws(StreamError) -> Value {
    let slot = try leaf(path, as: type)
    guard type.isInteger || type == .bool || type == .pciAddress else { throw refusal(.typeChanged, slot) }
    let width = MemoryLayout<Value>.size
    guard Int(slot.entry.width) == width else {
      throw refusal(.typeChanged, slot, expected: UInt64(width), found: UInt64(slot.entry.width))
    }
    return walker.data.integer(at: slot.cursor.block, as: Value.self)
  }
}
