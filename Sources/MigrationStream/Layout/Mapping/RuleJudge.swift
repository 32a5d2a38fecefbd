/// The reader's own rules for data in its layout: its ranges, and the configuration that must be equal.
///
/// Walks the data and the local values side by side, as far as they have the same elements. Both were checked.
///
/// Source: Specs/20-layouts.md section 6, rows R1 and V1 to V3.
struct RuleJudge: ~Escapable {
  private let data: SectionWalker
  private let local: SectionWalker
  private let hasLocal: Bool
  private let left: Span<Bool>
  private let reports: Bool

  /// Where the walk is: fields of the data, and those at the same place of the local values, if they have it.
  private struct Position: BitwiseCopyable {
    var data: WalkCursor
    var local: WalkCursor?
    /// Whether a group around the fields is marked verify.
    var isVerified: Bool
    var element: Int?
  }

  /// - Parameters:
  ///   - left: For each entry of all layouts, whether it is left alone; empty when none is.
  ///   - reports: Whether fields marked verify are told to the report.
  @_lifetime(copy data, copy local, copy layouts, copy left)
  init(
    _ data: RawSpan, at base: UInt64, local: RawSpan, _ layouts: LayoutTable, left: Span<Bool>, reports: Bool,
    _ limits: StreamLimits
  ) {
    self.data = SectionWalker(data, at: base, layouts: layouts, limits: limits)
    self.local = SectionWalker(local, at: base, layouts: layouts, limits: limits)
    hasLocal = local.byteCount > 0
    self.left = left
    self.reports = reports
  }

  /// - Throws: `valueOutOfRange`, `verifyMismatch`, with the offset of the value in the data.
  func judge<Report: MappingHandler & ~Copyable & ~Escapable>(
    layout number: UInt32, _ report: inout Report
  ) throws(StreamError) {
    let layout = data.layouts.layout(number)
    let scope = WalkScope(layout, number: number, end: data.data.byteCount, depth: 0)
    let start = WalkCursor(block: 0, variable: LayoutOctets.padded(layout.blockByteCount))
    var position = Position(data: start, local: hasLocal ? start : nil, isVerified: false, element: nil)
    try fields(layout.subtree(of: nil), scope, &position, &report)
  }

  private func fields<Report: MappingHandler & ~Copyable & ~Escapable>(
    _ range: Range<Int>, _ scope: WalkScope, _ position: inout Position, _ report: inout Report
  ) throws(StreamError) {
    let first = data.layouts.firstEntry(of: scope.number)
    var number = range.lowerBound
    while number < range.upperBound {
      let isJudged = (left.count == 0 || !left[first + number]) && scope.layout.entries[number].type != .padding
      if isJudged { try field(number, scope, position, &report) }
      position = try after(number, scope, position)
      number = scope.layout.sibling(after: number)
    }
  }

  /// Positions after a field, on both sides.
  private func after(
    _ number: Int, _ scope: WalkScope, _ position: Position
  ) throws(StreamError) -> Position {
    var after = position
    var nobody = NoVisitor()
    try data.field(number, scope, &after.data, &nobody)
    if var cursor = position.local {
      try local.field(number, theirs(scope), &cursor, &nobody)
      after.local = cursor
    }
    return after
  }

  /// The same fields in the local values, which were checked as a whole.
  @_lifetime(copy scope)
  private func theirs(_ scope: WalkScope) -> WalkScope {
    WalkScope(scope.layout, number: scope.number, end: local.data.byteCount, depth: scope.depth)
  }

  private func field<Report: MappingHandler & ~Copyable & ~Escapable>(
    _ number: Int, _ scope: WalkScope, _ start: Position, _ report: inout Report
  ) throws(StreamError) {
    let entry = scope.layout.entries[number]
    var position = start
    if entry.flags.contains(.verify) {
      position.isVerified = true
      let place = data.place(number, position.element, scope, at: position.data.block)
      if reports { try report.unverified(place, of: scope.layout) }
    }
    var (count, shared) = (entry.shape == .one ? 1 : Int(entry.count), Int.max)
    if entry.shape == .countedArray {
      shared = try sharedNumber(position)
      let elements = try data.openElements(entry, scope, position.data)
      (count, position.data) = elements
      if let cursor = position.local {
        position.local = try local.openElements(entry, theirs(scope), cursor).cursor
      }
    }
    if entry.type.isLeaf {
      return try leaves(number, entry, count, shared: shared, scope, position)
    }
    for index in 0..<count {
      if index >= shared { position.local = nil }
      if entry.shape != .one { position.element = index }
      try element(number, entry, scope, position, &report)
      position = try after(element: number, entry, scope, position)
    }
  }

  /// Positions after one element, on both sides.
  private func after(
    element number: Int, _ entry: FieldEntry, _ scope: WalkScope, _ position: Position
  ) throws(StreamError) -> Position {
    var after = position
    var nobody = NoVisitor()
    try data.element(number, entry, nil, scope, &after.data, &nobody)
    if var cursor = position.local {
      try local.element(number, entry, nil, theirs(scope), &cursor, &nobody)
      after.local = cursor
    }
    return after
  }
}

// MARK: - Leaves

extension RuleJudge {
  private func leaves(
    _ number: Int, _ entry: FieldEntry, _ count: Int, shared: Int, _ scope: WalkScope, _ position: Position
  ) throws(StreamError) {
    let isRanged = scope.layout.hasRange(number) || scope.layout.alignment(of: number) != 0
    let isCompared = hasLocal && position.isVerified
    guard isRanged || isCompared else { return }
    let width = Int(entry.width)
    let attributes = scope.layout.attributes(of: number)
    for index in 0..<count {
      let at = position.data.block + index * width
      if isRanged { try judgeRange(entry, attributes, at) }
      guard isCompared else { continue }
      let theirs = index < shared ? position.local.map { $0.block + index * width } : nil
      try compare(entry, at, theirs, isOne: entry.shape == .one)
    }
  }

  /// Row R1.
  private func judgeRange(_ entry: FieldEntry, _ attributes: FieldAttributes, _ at: Int) throws(StreamError) {
    let value = entry.number(in: data.data, at: at)
    // With the sign bit turned over, signed numbers have the order of unsigned ones.
    let turned: UInt64 = entry.type.isSigned ? 1 << 63 : 0
    if entry.flags.contains(.range) {
      guard value ^ turned >= attributes.minimum ^ turned else {
        throw refusal(.valueOutOfRange, at, expected: attributes.minimum, found: value)
      }
      guard value ^ turned <= attributes.maximum ^ turned else {
        throw refusal(.valueOutOfRange, at, expected: attributes.maximum, found: value)
      }
    }
    let alignment = UInt64(1) << UInt64(attributes.alignmentLog2)
    guard value & (alignment - 1) == 0 else {
      throw refusal(.valueOutOfRange, at, expected: alignment, found: value)
    }
  }

  /// Rows V1 and V2 for a leaf, or octets that stand like one.
  private func compare(_ entry: FieldEntry, _ at: Int, _ theirs: Int?, isOne: Bool) throws(StreamError) {
    let width = Int(entry.width)
    if let theirs {
      let octets = data.data.extracting(at..<(at + width))
      if octets.compare(to: local.data.extracting(theirs..<(theirs + width))) == 0 { return }
    }
    guard isOne, width <= 8 else { throw refusal(.verifyMismatch, at) }
    throw refusal(
      .verifyMismatch, at, expected: theirs.map { entry.number(in: local.data, at: $0) } ?? 0,
      found: entry.number(in: data.data, at: at))
  }

  private func refusal(
    _ code: StreamError.Code, _ at: Int, expected: UInt64 = 0, found: UInt64 = 0
  ) -> StreamError {
    var refusal = data.refusal(code, at: at, expected: expected, found: found)
    refusal.stage = .mapping
    return refusal
  }
}

// MARK: - Groups, counted octets and lists

extension RuleJudge {
  /// Compares the numbers that stand at both places, and gives the smaller: the elements that both have.
  private func sharedNumber(_ position: Position) throws(StreamError) -> Int {
    let number = number(position.data, data)
    let theirs = position.local.map { self.number($0, local) }
    if hasLocal, position.isVerified, theirs != number {
      throw refusal(
        .verifyMismatch, position.data.block, expected: UInt64(theirs ?? 0), found: UInt64(number))
    }
    return Int(min(number, theirs ?? 0))
  }

  private func number(_ cursor: WalkCursor, _ walker: SectionWalker) -> UInt32 {
    walker.data.integer(at: cursor.block, as: UInt32.self)
  }

  private func element<Report: MappingHandler & ~Copyable & ~Escapable>(
    _ number: Int, _ entry: FieldEntry, _ scope: WalkScope, _ position: Position, _ report: inout Report
  ) throws(StreamError) {
    if entry.type == .structure {
      var inner = position
      let scope = try data.deeper(scope, at: position.data.block)
      return try fields(scope.layout.subtree(of: number), scope, &inner, &report)
    }
    let shared = try sharedNumber(position)
    switch entry.type {
    case .countedBytes, .string: try compareOctets(position)
    case .list: try list(shared, scope, position, &report)
    default: try part(number, entry, scope, position, &report)
    }
  }

  /// Counted octets whose numbers are equal.
  private func compareOctets(_ position: Position) throws(StreamError) {
    guard hasLocal, position.isVerified, let theirs = position.local else { return }
    let count = Int(number(position.data, data))
    let octets = data.data.extracting(position.data.variable..<(position.data.variable + count))
    let other = local.data.extracting(theirs.variable..<(theirs.variable + count))
    guard octets.compare(to: other) == 0 else { throw refusal(.verifyMismatch, position.data.block) }
  }

  /// What a union or an optional has.
  private func part<Report: MappingHandler & ~Copyable & ~Escapable>(
    _ number: Int, _ entry: FieldEntry, _ scope: WalkScope, _ position: Position, _ report: inout Report
  ) throws(StreamError) {
    guard let children = try data.present(number, entry, scope, at: position.data.block) else { return }
    let inner = try data.deeper(scope, at: position.data.block)
    let count = LayoutOctets.padded(scope.layout.blockByteCount(of: children))
    var inside = position
    inside.data = WalkCursor(block: position.data.variable, variable: position.data.variable + count)
    inside.local = nil
    if let theirs = position.local, self.number(theirs, local) == self.number(position.data, data) {
      inside.local = WalkCursor(block: theirs.variable, variable: theirs.variable + count)
    }
    try fields(children, inner, &inside, &report)
  }

  private func list<Report: MappingHandler & ~Copyable & ~Escapable>(
    _ shared: Int, _ scope: WalkScope, _ position: Position, _ report: inout Report
  ) throws(StreamError) {
    var (head, theirHead) = (position.data.variable, position.local?.variable ?? 0)
    for index in 0..<Int(number(position.data, data)) {
      let own = try data.openListElement(scope, at: head)
      var inside = position
      inside.element = index
      inside.local = nil
      let start = data.layouts.layout(own.number)
      let count = LayoutOctets.padded(start.blockByteCount)
      if index < shared {
        let other = try local.openListElement(theirs(scope), at: theirHead)
        if other.number == own.number {
          inside.local = WalkCursor(block: theirHead + 8, variable: theirHead + 8 + count)
        } else if position.isVerified {
          throw refusal(.verifyMismatch, head, expected: UInt64(other.number), found: UInt64(own.number))
        }
        theirHead = other.end
      }
      inside.data = WalkCursor(block: head + 8, variable: head + 8 + count)
      let inner = WalkScope(start, number: own.number, end: own.end, depth: scope.depth + 1)
      try fields(start.subtree(of: nil), inner, &inside, &report)
      head = own.end
    }
  }
}
