/// Turns section data of a stream's layout into section data of the reader's own.
///
/// Made once for a pair of layouts and a section version, then applied to any number of sections:
///
/// ```swift
/// let layouts = MappingLayouts(stream: state.layouts, reader: own.table, aliases: aliases.table)
/// var mapping = try LayoutMapping(from: section.layout, to: 0, of: layouts, version: announced.version)
/// var place = OwnedBytes()
/// var report = NoMappingHandler()
/// let data = try mapping.apply(
///   section.data, at: offset, of: layouts, local: configuration, in: &place, report: &report)
/// ```
///
/// What comes back has the reader's layout: fields lie where the reader knows them, or ``SectionReader`` finds them.
/// With equal layouts it is the section's own data, and nothing was copied. Local values are section data in the
/// reader's layout; fields marked ``FieldFlags/verify`` must equal them and are not to be written to the device.
///
/// A subsection's data is mapped in the same way, with the version of its own announcement. A reader that has the
/// octets of an external layout hands over a table of the stream's layouts where they stand at that layout's number.
///
/// Source: Specs/20-layouts.md sections 5 and 6; memory: Specs/40-reader-rules.md section 3.
public struct LayoutMapping: ~Copyable {
  private let addressOnly = AddressOnly()
  let streamNumber: UInt32
  let readerNumber: UInt32
  let version: UInt32
  let limits: StreamLimits
  /// Octets and entries of the two layouts, to know them again; 0 of an external one.
  private let shape: InlineArray<4, Int>
  /// Whether data of the stream's layout is used where it lies.
  public let isInPlace: Bool
  private let hasRules: Bool

  var plan: MappingPlan
  /// Steps and conflicts of the section's own layouts; those of list elements follow.
  let rootSteps: Int
  private let rootConflicts: Int
  private let rootSlots: UInt32
  var elements: ElementLayouts

  // Of the run at hand: positions in variable parts, whether there are local values, a position in the result whose
  // origin is wanted, and that origin.
  var slots: OwnedBuffer<Int>
  var ruleMemory: RuleMemory
  var hasLocal = false
  var wanted = -1
  var origin = 0

  /// - Parameters:
  ///   - number: Number of the section's layout among those of the stream.
  ///   - own: Number of the reader's layout.
  ///   - version: Version of the section, from its announcement.
  /// - Throws: `unknownLayout` for a layout that does not exist, and for an external one of the reader; `outOfMemory`.
  ///   What the table refuses, and an external layout of the stream, is said by
  ///   ``apply(_:at:of:local:in:report:)``, which knows where.
  public init(
    from number: UInt32, to own: UInt32, of layouts: MappingLayouts, version: UInt32,
    limits: StreamLimits = StreamLimits(), allocator: StreamAllocator = .system
  ) throws(StreamError) {
    try LayoutMapping.demand(number, own, of: layouts)
    let ours = layouts.reader.layout(own)
    var plan = MappingPlan(allocator: allocator)
    var (isInPlace, slotCount) = (false, UInt32(0))
    if !layouts.stream.isExternal(number) {
      let theirs = layouts.stream.layout(number)
      isInPlace = theirs.isSame(as: ours) && !theirs.hasList
      slotCount = theirs.slots(of: theirs.subtree(of: nil))
      if !isInPlace {
        var compiler = try MappingCompiler(
          layouts, from: number, to: own, version: version, allocator: allocator)
        try compiler.compile(into: &plan)
        try plan.keepLeft()
      }
    }
    (streamNumber, readerNumber, self.version, self.limits) = (number, own, version, limits)
    shape = LayoutMapping.shape(number, own, of: layouts)
    self.isInPlace = isInPlace
    hasRules = ours.hasRules || (ours.hasList && layouts.reader.hasRules)
    rootSteps = plan.steps.count
    rootConflicts = plan.conflicts.count
    rootSlots = slotCount
    self.plan = plan
    elements = ElementLayouts(allocator: allocator)
    slots = OwnedBuffer(allocator: allocator)
    ruleMemory = RuleMemory(allocator: allocator)
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  /// Octets of memory that the steps of the section's own layouts take.
  public var byteCount: Int {
    plan.steps.count * MemoryLayout<MappingStep>.stride + plan.conflicts.count * 8 + plan.left.count
  }

  /// Judges the data of a section, and gives it in the reader's layout.
  ///
  /// - Parameters:
  ///   - base: Octets from the start of the stream to `data`.
  ///   - layouts: Those that the mapping was made of; the stream's may have become more.
  ///   - local: The reader's local values, section data in its layout; empty when it has none.
  ///   - place: Where the result goes when it is not `data` itself. After an error nothing in it means anything.
  /// - Throws: what ``SectionWalker/check(layout:)`` throws for `data`; in stage `.mapping` what the table refuses, at
  ///   the field, and `unknownLayout` for an external layout, at the data; `wrongCall` for other layouts and for local
  ///   values that are not right; `outOfMemory`; what `report` throws.
  @_lifetime(copy data, &place)
  public mutating func apply<Report: MappingHandler & ~Copyable & ~Escapable>(
    _ data: RawSpan, at base: UInt64, of layouts: MappingLayouts, local: RawSpan = RawSpan(),
    in place: inout OwnedBytes, report: inout Report
  ) throws(StreamError) -> RawSpan {
    try demandSame(layouts)
    let source = MappingSource(data, at: base, layouts, limits)
    guard !layouts.stream.isExternal(streamNumber) else {
      throw source.refusal(.unknownLayout, at: 0, found: UInt64(streamNumber))
    }
    try source.walker.check(layout: streamNumber)
    hasLocal = local.byteCount > 0
    if hasLocal { try checkLocal(local, layouts) }
    wanted = -1
    if isInPlace {
      try judgeRules(data, local, layouts, inPlaceAt: base, &report)
      return data
    }
    try map(source, into: &place, &report)
    do throws(StreamError) {
      var nobody = NoMappingHandler()
      try judgeRules(place.bytes, local, layouts, inPlaceAt: nil, &nobody)
    } catch {
      throw try traced(error, source, &place)
    }
    return place.bytes
  }
}

// MARK: - Parts of a run

extension LayoutMapping {
  private mutating func map<Report: MappingHandler & ~Copyable & ~Escapable>(
    _ source: MappingSource, into place: inout OwnedBytes, _ report: inout Report
  ) throws(StreamError) {
    elements.begin(&plan, rootSteps: rootSteps, rootConflicts: rootConflicts)
    slots.removeAll()
    place.removeAll()
    var frame = MappingFrame(stream: streamNumber, reader: readerNumber, end: source.walker.data.byteCount)
    let (theirs, ours) = (source.layouts.stream.layout(streamNumber), source.layouts.reader.layout(readerNumber))
    try lay(ours.blockByteCount, for: 0, source, &place)
    frame.variable = LayoutOctets.padded(theirs.blockByteCount)
    if rootSlots > 0 { _ = try index(theirs.subtree(of: nil), &frame, source) }
    try run(0..<rootSteps, frame, source, &place, &report)
  }

  /// The refusal of ``SectionRules`` for what the last ``apply(_:at:of:local:in:report:)`` gave of the same data, at the
  /// octets of the stream.
  public mutating func traced(
    _ refusal: StreamError, _ data: RawSpan, at base: UInt64, of layouts: MappingLayouts, in place: inout OwnedBytes
  ) throws(StreamError) -> StreamError {
    guard refusal.stage == .rules, isInPlace else {
      return try traced(refusal, MappingSource(data, at: base, layouts, limits), &place)
    }
    var traced = refusal
    traced.offset = base &+ refusal.offset
    return traced
  }

  /// The refusal of a value of the result, at the octets of the stream that it came from.
  ///
  /// Found by mapping once more and looking out for the place: what is refused is not worth memory beforehand.
  private mutating func traced(
    _ refusal: StreamError, _ source: MappingSource, _ place: inout OwnedBytes
  ) throws(StreamError) -> StreamError {
    guard refusal.stage == .mapping || refusal.stage == .rules else { return refusal }
    (wanted, origin) = (Int(truncatingIfNeeded: refusal.offset), 0)
    defer { wanted = -1 }
    var nobody = NoMappingHandler()
    try map(source, into: &place, &nobody)
    var traced = refusal
    traced.offset = source.walker.base &+ UInt64(origin)
    return traced
  }

  private func judgeRules<Report: MappingHandler & ~Copyable & ~Escapable>(
    _ data: RawSpan, _ local: RawSpan, _ layouts: MappingLayouts, inPlaceAt base: UInt64?,
    _ report: inout Report
  ) throws(StreamError) {
    guard hasRules else { return }
    let judge = RuleJudge(
      data, at: base ?? 0, local: local, layouts.reader, left: plan.left.span, reports: base != nil && !hasLocal,
      limits)
    try judge.judge(layout: readerNumber, &report)
  }

  private func checkLocal(_ local: RawSpan, _ layouts: MappingLayouts) throws(StreamError) {
    do throws(StreamError) {
      try SectionWalker(local, at: 0, layouts: layouts.reader, limits: limits).check(layout: readerNumber)
    } catch {
      throw StreamError(.wrongCall, .use, at: error.offset)
    }
  }

  /// A number that the stream itself says was looked up before: what is wrong here is the call.
  static func demand(
    _ number: UInt32, _ own: UInt32, of layouts: MappingLayouts
  ) throws(StreamError) {
    guard layouts.reader.contains(own), !layouts.reader.isExternal(own) else {
      throw StreamError(
        .unknownLayout, .use, at: 0, expected: UInt64(layouts.reader.count), found: UInt64(own))
    }
    guard layouts.stream.contains(number) else {
      throw StreamError(
        .unknownLayout, .use, at: 0, expected: UInt64(layouts.stream.count), found: UInt64(number))
    }
  }

  private func demandSame(_ layouts: MappingLayouts) throws(StreamError) {
    try LayoutMapping.demand(streamNumber, readerNumber, of: layouts)
    let other = LayoutMapping.shape(streamNumber, readerNumber, of: layouts)
    for index in 0..<4 where other[index] != shape[index] { throw StreamError(.wrongCall, .use, at: 0) }
  }

  private static func shape(_ number: UInt32, _ own: UInt32, of layouts: MappingLayouts) -> InlineArray<4, Int> {
    let ours = layouts.reader.layout(own)
    guard !layouts.stream.isExternal(number) else { return [0, 0, ours.octets.byteCount, ours.entries.count] }
    let theirs = layouts.stream.layout(number)
    return [theirs.octets.byteCount, theirs.entries.count, ours.octets.byteCount, ours.entries.count]
  }
}

/// The data that is mapped, with what is needed to walk it.
struct MappingSource: ~Escapable {
  let walker: SectionWalker
  let layouts: MappingLayouts
  /// Octets that the result may have.
  let limit: UInt64

  @_lifetime(copy data, copy layouts)
  init(_ data: RawSpan, at base: UInt64, _ layouts: MappingLayouts, _ limits: StreamLimits) {
    walker = SectionWalker(data, at: base, layouts: layouts.stream, limits: limits)
    self.layouts = layouts
    limit = limits.recordBodyBytesMax
  }

  func refusal(
    _ code: StreamError.Code, at position: Int, expected: UInt64 = 0, found: UInt64 = 0
  ) -> StreamError {
    var refusal = walker.refusal(code, at: position, expected: expected, found: found)
    refusal.stage = .mapping
    return refusal
  }
}

extension LayoutView {
  /// Whether elements of other layouts may lie in data of this one.
  var hasList: Bool {
    for number in 0..<entries.count where entries[number].type == .list { return true }
    return false
  }

  /// Whether a value may be refused that every other rule allows: rows R and V.
  var hasRules: Bool {
    for number in 0..<entries.count {
      let entry = entries[number]
      if entry.flags.contains(.verify) || hasRange(number) || alignment(of: number) != 0 { return true }
    }
    return false
  }

  /// Whether `min` and `max` hold for the values themselves.
  func hasRange(_ number: Int) -> Bool {
    entries[number].flags.contains(.range) && entries[number].type.isInteger
  }

  func alignment(of number: Int) -> UInt8 {
    octets.octet(at: LayoutOctets.entryStart(number) + LayoutOctets.Entry.alignment)
  }

  /// Fields of `range` that have a position of their own in the variable part, of those in one block.
  func slots(of range: Range<Int>) -> UInt32 {
    var slots: UInt32 = 0
    var number = range.lowerBound
    while number < range.upperBound {
      let entry = entries[number]
      if entry.takesSlot { slots += 1 }
      number = entry.isFlat ? number + 1 : sibling(after: number)
    }
    return slots
  }
}

extension LayoutTable {
  /// Whether any layout has rules of its own.
  var hasRules: Bool {
    for number in 0..<count where !isExternal(UInt32(number)) && layout(UInt32(number)).hasRules { return true }
    return false
  }
}
