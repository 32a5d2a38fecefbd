/// Walks the data of a section by its layout, checks every octet, and shows a visitor what is there, in tree order.
///
/// A part is a block and then the variable parts of its fields in order, so a walk in field order needs two positions:
/// one in the block and one running through the variable parts. Recursion is as deep as the nesting, at most 8 levels
/// and the fields inside; no memory is taken; nothing has a width of 0, so every step is paid for with octets.
///
/// Source: Specs/20-layouts.md section 4.
@frozen
public struct SectionWalker: ~Escapable {
  @usableFromInline let data: RawSpan
  @usableFromInline let base: UInt64
  @usableFromInline let layouts: LayoutTable
  @usableFromInline let nestingMax: Int

  /// - Parameters:
  ///   - data: The data of one section or subsection.
  ///   - base: Octets from the start of the stream to `data`.
  @_lifetime(copy data, copy layouts)
  public init(_ data: RawSpan, at base: UInt64, layouts: LayoutTable, limits: StreamLimits) {
    self.data = data
    self.base = base
    self.layouts = layouts
    nestingMax = min(Int(clamping: limits.nestingMax), OpenGroups.levels)
  }

  /// Checks the data and shows it to `visitor`. Data of an external layout is not looked at.
  ///
  /// - Throws: ``StreamError`` of stage `.section` at the octets at fault: `unknownLayout`, `truncatedData`,
  ///   `unexpectedData`, `badValue`, `badPadding`, `badText`, `limitExceeded`; and what the visitor throws.
  @inlinable
  public func walk<Visitor: FieldVisitor & ~Copyable & ~Escapable>(
    layout number: UInt32, visitor: inout Visitor
  ) throws(StreamError) {
    guard layouts.contains(number) else {
      throw refusal(.unknownLayout, at: 0, expected: UInt64(layouts.count), found: UInt64(number))
    }
    guard !layouts.isExternal(number) else { return }
    let scope = WalkScope(layouts.layout(number), number: number, end: data.byteCount, depth: 0)
    let end = try part(scope.layout.subtree(of: nil), scope, from: 0, &visitor)
    try consumed(end, of: 0..<data.byteCount)
  }

  /// Checks the data; a walk only where a look at the block does not settle it.
  public func check(layout number: UInt32) throws(StreamError) {
    // Steps count no levels, and need not: no layout has more than the format allows.
    if nestingMax == OpenGroups.levels, layouts.contains(number), layouts.approves(data, layout: number) { return }
    var nobody = NoVisitor()
    try walk(layout: number, visitor: &nobody)
  }

  @usableFromInline
  func refusal(
    _ code: StreamError.Code, at position: Int, expected: UInt64 = 0, found: UInt64 = 0
  ) -> StreamError {
    StreamError(
      code, .section, at: base &+ UInt64(truncatingIfNeeded: position), expected: expected, found: found)
  }
}

/// The layout in force, where its data ends, and how deep it lies.
@frozen
@usableFromInline
struct WalkScope: ~Escapable {
  @usableFromInline let layout: LayoutView
  @usableFromInline let number: UInt32
  @usableFromInline let end: Int
  @usableFromInline var depth: Int

  @inlinable
  @_lifetime(copy layout)
  init(_ layout: LayoutView, number: UInt32, end: Int, depth: Int) {
    self.layout = layout
    self.number = number
    self.end = end
    self.depth = depth
  }
}

/// Positions in the data of the next field's octets in the block, and of the next variable part.
@frozen
@usableFromInline
struct WalkCursor: BitwiseCopyable {
  @usableFromInline var block: Int
  @usableFromInline var variable: Int

  @inlinable
  init(block: Int, variable: Int) {
    self.block = block
    self.variable = variable
  }
}

// MARK: - Parts and fields

// Called instead of inlined in each other: a quarter of the code, for each visitor.
extension SectionWalker {
  /// Walks a part from `start` and gives the position after it.
  @inlinable
  @inline(never)
  func part<Visitor: FieldVisitor & ~Copyable & ~Escapable>(
    _ fields: Range<Int>, _ scope: WalkScope, from start: Int, _ visitor: inout Visitor
  ) throws(StreamError) -> Int {
    let variable = try region(start, UInt64(scope.layout.blockByteCount(of: fields)), scope)
    var cursor = WalkCursor(block: start, variable: variable)
    try walk(fields, scope, &cursor, &visitor)
    return cursor.variable
  }

  @inlinable
  func walk<Visitor: FieldVisitor & ~Copyable & ~Escapable>(
    _ fields: Range<Int>, _ scope: WalkScope, _ cursor: inout WalkCursor, _ visitor: inout Visitor
  ) throws(StreamError) {
    var number = fields.lowerBound
    while number < fields.upperBound {
      try field(number, scope, &cursor, &visitor)
      number = scope.layout.sibling(after: number)
    }
  }

  /// Walks one field with all its elements.
  @inlinable
  @inline(never)
  func field<Visitor: FieldVisitor & ~Copyable & ~Escapable>(
    _ number: Int, _ scope: WalkScope, _ cursor: inout WalkCursor, _ visitor: inout Visitor
  ) throws(StreamError) {
    let entry = scope.layout.entries[number]
    if !Visitor.visitsPlain, entry.isPlain, scope.depth &+ Int(entry.plainLevels) <= nestingMax {
      cursor.block &+= entry.blockByteCount
      return
    }
    switch entry.shape {
    case .one:
      try element(number, entry, nil, scope, &cursor, &visitor)
    case .fixedArray:
      try elements(number, entry, Int(entry.count), scope, &cursor, &visitor)
    case .countedArray:
      var inner = try openElements(entry, scope, cursor)
      cursor.block &+= 4
      try elements(number, entry, inner.count, scope, &inner.cursor, &visitor)
      cursor.variable = inner.cursor.variable
    }
  }

  /// Finds the elements of a counted array and where their own variable parts begin.
  @inlinable
  func openElements(
    _ entry: FieldEntry, _ scope: WalkScope, _ cursor: WalkCursor
  ) throws(StreamError) -> (count: Int, cursor: WalkCursor) {
    let count = data.integer(at: cursor.block, as: UInt32.self)
    guard count <= entry.count else {
      throw refusal(.badValue, at: cursor.block, expected: UInt64(entry.count), found: UInt64(count))
    }
    // No overflow: both factors have 32 bits.
    let after = try region(cursor.variable, UInt64(count) &* UInt64(entry.width), scope)
    return (Int(count), WalkCursor(block: cursor.variable, variable: after))
  }

  @inlinable
  @inline(never)
  func elements<Visitor: FieldVisitor & ~Copyable & ~Escapable>(
    _ number: Int, _ entry: FieldEntry, _ count: Int, _ scope: WalkScope, _ cursor: inout WalkCursor,
    _ visitor: inout Visitor
  ) throws(StreamError) {
    let start = place(number, nil, scope, at: cursor.block)
    if entry.type.isLeaf {
      let octets = data.extracting(cursor.block..<(cursor.block &+ count &* Int(entry.width)))
      try checkLeaves(entry.type, octets, at: cursor.block)
      try visitor.values(octets, count: count, at: start, of: scope.layout)
      cursor.block &+= octets.byteCount
      return
    }
    try visitor.beginArray(count: count, at: start, of: scope.layout)
    for index in 0..<count {
      try element(number, entry, index, scope, &cursor, &visitor)
    }
    try visitor.endArray(at: start, of: scope.layout)
  }

  /// Walks one element, or a field of shape one.
  @inlinable
  @inline(never)
  func element<Visitor: FieldVisitor & ~Copyable & ~Escapable>(
    _ number: Int, _ entry: FieldEntry, _ index: Int?, _ scope: WalkScope, _ cursor: inout WalkCursor,
    _ visitor: inout Visitor
  ) throws(StreamError) {
    let start = cursor.block
    switch entry.type {
    case .structure:
      let here = place(number, index, scope, at: start)
      let inner = try deeper(scope, at: start)
      try visitor.enter(here, of: scope.layout)
      try walk(scope.layout.subtree(of: number), inner, &cursor, &visitor)
      try visitor.leave(here, of: scope.layout)
    case .countedBytes, .string:
      let octets = try countedOctets(number, entry, scope, &cursor)
      let from = octets.lowerBound
      try visitor.value(
        data.extracting(octets), at: place(number, index, scope, at: from), of: scope.layout)
    case .list:
      try list(number, entry, index, scope, &cursor, &visitor)
    case .union, .optional:
      let here = place(number, index, scope, at: start)
      cursor.block &+= 4
      guard let fields = try present(number, entry, scope, at: start) else {
        return try visitor.absent(here, of: scope.layout)
      }
      let inner = try deeper(scope, at: cursor.variable)
      try visitor.enter(here, of: scope.layout)
      cursor.variable = try part(fields, inner, from: cursor.variable, &visitor)
      try visitor.leave(here, of: scope.layout)
    default:
      let octets = data.extracting(start..<(start &+ Int(entry.width)))
      try checkLeaves(entry.type, octets, at: start)
      try visitor.value(octets, at: place(number, index, scope, at: start), of: scope.layout)
      cursor.block &+= octets.byteCount
    }
  }

  @inlinable
  func place(_ number: Int, _ element: Int?, _ scope: WalkScope, at position: Int) -> FieldPlace {
    FieldPlace(
      layout: scope.number, number: number, element: element,
      offset: base &+ UInt64(truncatingIfNeeded: position))
  }
}

// MARK: - Lists

extension SectionWalker {
  @inlinable
  @inline(never)
  func list<Visitor: FieldVisitor & ~Copyable & ~Escapable>(
    _ number: Int, _ entry: FieldEntry, _ index: Int?, _ scope: WalkScope, _ cursor: inout WalkCursor,
    _ visitor: inout Visitor
  ) throws(StreamError) {
    let start = place(number, index, scope, at: cursor.block)
    let count = try claimedCount(number, entry, scope, at: cursor.block)
    cursor.block &+= 4
    try visitor.beginArray(count: count, at: start, of: scope.layout)
    for position in 0..<count {
      let head = cursor.variable
      let inner = try openListElement(scope, at: head)
      let here = place(number, position, scope, at: head)
      let body = (head &+ 8)..<inner.end
      if layouts.isExternal(inner.number) {
        try visitor.opaqueElement(
          data.extracting(body), at: here, of: scope.layout, number: inner.number)
      } else {
        let elementScope = WalkScope(
          layouts.layout(inner.number), number: inner.number, end: inner.end, depth: scope.depth &+ 1)
        try visitor.enterElement(
          here, of: scope.layout, element: elementScope.layout, number: inner.number)
        let fields = elementScope.layout.subtree(of: nil)
        let end = try part(fields, elementScope, from: body.lowerBound, &visitor)
        try consumed(end, of: body)
        try visitor.leave(here, of: scope.layout)
      }
      cursor.variable = inner.end
    }
    try visitor.endArray(at: start, of: scope.layout)
  }
}
