/// The rules of section data, one function each.
///
/// Source: Specs/20-layouts.md section 4.
extension SectionWalker {
  /// Steps over `count` octets from `start` and the zero octets after them.
  @usableFromInline
  func region(_ start: Int, _ count: UInt64, _ scope: WalkScope) throws(StreamError) -> Int {
    let left = scope.end &- start
    guard count <= UInt64(truncatingIfNeeded: left) else {
      throw refusal(
        .truncatedData, at: start, expected: count, found: UInt64(truncatingIfNeeded: left))
    }
    let end = start &+ Int(count)
    let next = end &+ (start &- end) & 7
    guard next <= scope.end else {
      throw refusal(
        .truncatedData, at: end, expected: UInt64(next &- end), found: UInt64(scope.end &- end))
    }
    for position in end..<next where data.octet(at: position) != 0 {
      throw refusal(.badPadding, at: position, found: UInt64(data.octet(at: position)))
    }
    return next
  }

  /// Bools are 0 or 1, padding is zero; the other leaves may have any octets.
  @inlinable
  func checkLeaves(_ type: FieldType, _ octets: RawSpan, at start: Int) throws(StreamError) {
    if type == .bool { try checkBools(octets, at: start) }
    if type == .padding { try checkZero(octets, at: start) }
  }

  @usableFromInline
  func checkBools(_ octets: RawSpan, at start: Int) throws(StreamError) {
    for index in 0..<octets.byteCount where octets.octet(at: index) > 1 {
      throw refusal(.badValue, at: start &+ index, expected: 1, found: UInt64(octets.octet(at: index)))
    }
  }

  @usableFromInline
  func checkZero(_ octets: RawSpan, at start: Int) throws(StreamError) {
    guard !octets.isZero else { return }
    for index in 0..<octets.byteCount where octets.octet(at: index) != 0 {
      throw refusal(.badPadding, at: start &+ index, found: UInt64(octets.octet(at: index)))
    }
  }

  /// A number of octets or of list elements, inside the range that the producer claims for it.
  @usableFromInline
  func claimedCount(
    _ number: Int, _ entry: FieldEntry, _ scope: WalkScope, at position: Int
  ) throws(StreamError) -> Int {
    let count = data.integer(at: position, as: UInt32.self)
    guard entry.flags.contains(.range) else { return Int(clamping: count) }
    let attributes = scope.layout.attributes(of: number)
    guard UInt64(count) >= attributes.minimum, UInt64(count) <= attributes.maximum else {
      let nearest = UInt64(count) < attributes.minimum ? attributes.minimum : attributes.maximum
      throw refusal(.badValue, at: position, expected: nearest, found: UInt64(count))
    }
    return Int(clamping: count)
  }

  /// Where the octets of counted bytes or of a string lie.
  @usableFromInline
  func countedOctets(
    _ number: Int, _ entry: FieldEntry, _ scope: WalkScope, _ cursor: inout WalkCursor
  ) throws(StreamError) -> Range<Int> {
    let count = try claimedCount(number, entry, scope, at: cursor.block)
    let start = cursor.variable
    let next = try region(start, UInt64(count), scope)
    let octets = start..<(start &+ count)
    guard entry.type != .string || data.extracting(octets).isUTF8(controlsAllowed: true) else {
      throw refusal(.badText, at: start)
    }
    cursor.block &+= 4
    cursor.variable = next
    return octets
  }

  /// The fields that a union or an optional has; nil for an optional that is absent.
  @usableFromInline
  func present(
    _ number: Int, _ entry: FieldEntry, _ scope: WalkScope, at position: Int
  ) throws(StreamError) -> Range<Int>? {
    let value = data.integer(at: position, as: UInt32.self)
    if entry.type == .union {
      guard let child = scope.layout.child(at: value, of: number) else {
        throw refusal(.badValue, at: position, found: UInt64(value))
      }
      return child..<scope.layout.sibling(after: child)
    }
    guard value <= 1 else { throw refusal(.badValue, at: position, expected: 1, found: UInt64(value)) }
    return value == 0 ? nil : scope.layout.subtree(of: number)
  }

  /// The layout number of a list element and the end of its octets, which follow 8 octets of head.
  @usableFromInline
  func openListElement(
    _ scope: WalkScope, at head: Int
  ) throws(StreamError) -> (number: UInt32, end: Int) {
    _ = try deeper(scope, at: head)
    _ = try region(head, 8, scope)
    let number = data.integer(at: head, as: UInt32.self)
    guard layouts.contains(number) else {
      throw refusal(.unknownLayout, at: head, expected: UInt64(layouts.count), found: UInt64(number))
    }
    let length = data.integer(at: head &+ 4, as: UInt32.self)
    guard length & 7 == 0 else {
      throw refusal(.badValue, at: head &+ 4, expected: 8, found: UInt64(length))
    }
    return (number, try region(head &+ 8, UInt64(length), scope))
  }

  /// One level further in.
  @usableFromInline
  @_lifetime(copy scope)
  func deeper(_ scope: WalkScope, at position: Int) throws(StreamError) -> WalkScope {
    guard scope.depth < nestingMax else {
      throw refusal(
        .limitExceeded, at: position, expected: UInt64(nestingMax), found: UInt64(scope.depth) + 1)
    }
    var inner = scope
    inner.depth &+= 1
    return inner
  }

  /// Nothing may be left between what was consumed and what was declared.
  @usableFromInline
  func consumed(_ end: Int, of declared: Range<Int>) throws(StreamError) {
    guard end == declared.upperBound else {
      throw refusal(
        .unexpectedData, at: end, expected: UInt64(declared.count),
        found: UInt64(end &- declared.lowerBound))
    }
  }
}
