/// What to do to map data of one layout of the stream to one of the reader's; steps of several pairs of layouts.
///
/// Source: Specs/20-layouts.md sections 5 and 6.
struct MappingPlan: ~Copyable {
  private let addressOnly = AddressOnly()
  var steps: OwnedBuffer<MappingStep>
  /// Values that the symbols of the two sides name differently, ascending within each enumeration.
  var conflicts: OwnedBuffer<UInt64>
  /// For each entry of all of the reader's layouts, whether it is left alone; empty while none is.
  var left: OwnedBuffer<Bool>
  /// Those of the section's own layouts: what elements of lists leave alone counts in the section that has them.
  private var ownLeft: OwnedBuffer<Bool>
  /// How many were left alone so far.
  private(set) var leftCount = 0

  /// Number of the first step of the block at hand that is not inside another step.
  private var blockStart = 0

  init(allocator: StreamAllocator) {
    steps = OwnedBuffer(allocator: allocator)
    conflicts = OwnedBuffer(allocator: allocator)
    left = OwnedBuffer(allocator: allocator)
    ownLeft = OwnedBuffer(allocator: allocator)
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}

  mutating func truncate(steps count: Int, conflicts conflictCount: Int) {
    steps.truncate(to: count)
    conflicts.truncate(to: conflictCount)
  }

  mutating func leaveAlone(_ entry: Int, of total: Int) throws(StreamError) {
    if left.count == 0 { try left.append(repeating: false, count: total) }
    left[entry] = true
    leftCount += 1
  }

  /// All that is left alone so far is so in every section.
  mutating func keepLeft() throws(StreamError) {
    for entry in 0..<left.count { try ownLeft.append(left[entry]) }
  }

  /// Another section has other elements.
  mutating func forgetElements() {
    for entry in 0..<left.count { left[entry] = entry < ownLeft.count && ownLeft[entry] }
  }

  /// Adds octets to copy; those that lie behind the last ones of the same block on both sides become one with them.
  mutating func copy(_ step: MappingStep) throws(StreamError) {
    if let last = steps.count > blockStart ? steps[steps.count - 1] : nil, last.kind == .copy,
      last.source &+ last.count == step.source, last.target &+ last.count == step.target
    {
      return steps[steps.count - 1].count = last.count &+ step.count
    }
    try steps.append(step)
  }

  /// Steps so far belong to other blocks than those that follow.
  mutating func beginBlock() { blockStart = steps.count }

  /// Says how many steps are inside of the one at `number`: all that were added since.
  mutating func close(_ number: Int) {
    steps[number].inner = UInt32(steps.count - number - 1)
    beginBlock()
  }
}

/// Symbols of an enumeration or of flags that only one side has, or both with different names.
struct SymbolConflicts: ~Escapable {
  private var theirs: SymbolCursor
  private var ours: SymbolCursor

  @_lifetime(copy theirs, copy ours)
  init(_ theirs: SymbolCursor, _ ours: SymbolCursor) {
    self.theirs = theirs
    self.ours = ours
  }

  /// The next value, ascending.
  @_lifetime(self: copy self)
  mutating func next() -> UInt64? {
    while !theirs.isAtEnd || !ours.isAtEnd {
      if ours.isAtEnd || (!theirs.isAtEnd && theirs.value < ours.value) {
        defer { theirs.advance() }
        return theirs.value
      }
      if theirs.isAtEnd || ours.value < theirs.value {
        defer { ours.advance() }
        return ours.value
      }
      let value = ours.value
      let isSame = theirs.name.compare(to: ours.name) == 0
      theirs.advance()
      ours.advance()
      if !isSame { return value }
    }
    return nil
  }
}
