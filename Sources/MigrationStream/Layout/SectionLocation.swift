/// Fields side by side with their data: those of a part, of a structure, or the one child that a union has.
struct FieldGroup: ~Escapable {
  let scope: WalkScope
  /// Numbers of the first of them and after the last of their descendants.
  let fields: Range<Int>
  let cursor: WalkCursor

  @_lifetime(copy scope)
  init(_ scope: WalkScope, fields: Range<Int>, cursor: WalkCursor) {
    self.scope = scope
    self.fields = fields
    self.cursor = cursor
  }
}

/// One field, or one element of it, with the place of its data.
struct FieldSlot: ~Escapable {
  let scope: WalkScope
  let number: Int
  let cursor: WalkCursor
  /// Whether an element of the array was picked.
  let isElement: Bool

  @_lifetime(copy scope)
  init(_ scope: WalkScope, number: Int, cursor: WalkCursor, isElement: Bool) {
    self.scope = scope
    self.number = number
    self.cursor = cursor
    self.isElement = isElement
  }

  var entry: FieldEntry { scope.layout.entries[number] }
}

/// Finding one field instead of visiting all: what stands before it is stepped over, and checked on the way.
extension SectionWalker {
  @_lifetime(copy self)
  func top(_ number: UInt32) throws(StreamError) -> FieldGroup {
    let scope = WalkScope(layouts.layout(number), number: number, end: data.byteCount, depth: 0)
    return try group(scope.layout.subtree(of: nil), scope, from: 0)
  }

  @_lifetime(copy scope)
  private func group(
    _ fields: Range<Int>, _ scope: WalkScope, from start: Int
  ) throws(StreamError) -> FieldGroup {
    let variable = try region(start, UInt64(scope.layout.blockByteCount(of: fields)), scope)
    return FieldGroup(scope, fields: fields, cursor: WalkCursor(block: start, variable: variable))
  }

  /// The field of that number, which is one of `group`.
  @_lifetime(copy group)
  func slot(_ number: Int, in group: FieldGroup) throws(StreamError) -> FieldSlot {
    var nobody = NoVisitor()
    var cursor = group.cursor
    var before = group.fields.lowerBound
    while before < number {
      try field(before, group.scope, &cursor, &nobody)
      before = group.scope.layout.sibling(after: before)
    }
    return FieldSlot(group.scope, number: number, cursor: cursor, isElement: false)
  }

  /// The number of elements of an array or a list, of octets of counted bytes; nil for anything else.
  func count(of slot: FieldSlot) -> Int? {
    let entry = slot.entry
    if !slot.isElement {
      if entry.shape == .fixedArray { return Int(entry.count) }
      if entry.shape == .countedArray { return claim(slot) }
    }
    switch entry.type {
    case .list, .countedBytes, .string: return claim(slot)
    default: return nil
    }
  }

  private func claim(_ slot: FieldSlot) -> Int {
    Int(data.integer(at: slot.cursor.block, as: UInt32.self))
  }

  /// One element of an array; nil when there is none at `index`.
  @_lifetime(copy slot)
  func element(_ index: Int, of slot: FieldSlot) throws(StreamError) -> FieldSlot? {
    let entry = slot.entry
    var cursor = slot.cursor
    var count = Int(clamping: entry.count)
    if entry.shape == .countedArray { (count, cursor) = try openElements(entry, slot.scope, cursor) }
    guard index >= 0, index < count else { return nil }
    if entry.type.isLeaf {
      cursor.block &+= index &* Int(entry.width)
    } else {
      var nobody = NoVisitor()
      try elements(slot.number, entry, index, slot.scope, &cursor, &nobody)
    }
    return FieldSlot(slot.scope, number: slot.number, cursor: cursor, isElement: true)
  }

  /// The fields inside a structure, the one inside a union, or those of an optional; nil when there are none.
  @_lifetime(copy slot)
  func group(in slot: FieldSlot) throws(StreamError) -> FieldGroup? {
    let entry = slot.entry
    guard entry.type.isGroup else { return nil }
    if entry.type == .structure {
      let inner = try deeper(slot.scope, at: slot.cursor.block)
      return FieldGroup(inner, fields: inner.layout.subtree(of: slot.number), cursor: slot.cursor)
    }
    guard let fields = try present(slot.number, entry, slot.scope, at: slot.cursor.block) else {
      return nil
    }
    let inner = try deeper(slot.scope, at: slot.cursor.variable)
    return try group(fields, inner, from: slot.cursor.variable)
  }

  /// The fields of an element of a list; nil when there is none at `index`, or its layout is external.
  @_lifetime(copy self, copy slot)
  func listElement(_ index: Int, of slot: FieldSlot) throws(StreamError) -> FieldGroup? {
    guard index >= 0, index < claim(slot) else { return nil }
    var head = slot.cursor.variable
    var element = try openListElement(slot.scope, at: head)
    for _ in 0..<index {
      head = element.end
      element = try openListElement(slot.scope, at: head)
    }
    guard !layouts.isExternal(element.number) else { return nil }
    let scope = WalkScope(
      layouts.layout(element.number), number: element.number, end: element.end,
      depth: slot.scope.depth + 1)
    return try group(scope.layout.subtree(of: nil), scope, from: head + 8)
  }
}
