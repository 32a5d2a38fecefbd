/// What a rule has seen of a scope that the walk is in.
struct RuleFrame: BitwiseCopyable {
  /// Number of the rule among those of its piece.
  let rule: Int
  /// The frame of the same rule around this one.
  let outer: Int
  /// List elements around the fields of the scope.
  let lists: Int
  /// Where the scope begins in the data.
  let start: Int
  /// Elements of the array.
  var count: UInt64 = 0
  /// The rule's field, and the position of what a refusal names.
  var value: UInt64?
  var position: Int
  /// The parent, the largest used number, or the number of a term that does not hold.
  var other: UInt64?
  /// Which terms hold.
  var held: UInt64 = 0

  init(rule: Int, outer: Int, lists: Int, start: Int) {
    self.rule = rule
    self.outer = outer
    self.lists = lists
    self.start = start
    position = start
  }
}

/// What each judging of the rules of a piece needs, and whose size they set; kept from one to the next.
struct RuleMemory: ~Copyable {
  private let addressOnly = AddressOnly()
  var slots: OwnedBuffer<Int>
  var frames: OwnedBuffer<RuleFrame>

  init(allocator: StreamAllocator) {
    slots = OwnedBuffer(allocator: allocator)
    frames = OwnedBuffer(allocator: allocator)
  }

  /// Called on each way out of what holds one; its code is not repeated there.
  @inline(never)
  deinit {}
}

/// A value that is judged when all are there.
struct RuleItem: BitwiseCopyable {
  let rule: Int
  /// Whether it refers to a value instead of being one.
  let isReference: Bool
  let value: UInt64
  /// The parent of an element.
  let other: UInt64
  let position: Int

  func isBefore(_ item: RuleItem) -> Bool {
    if rule != item.rule { return rule < item.rule }
    if isReference != item.isReference { return !isReference }
    return value != item.value ? value < item.value : position < item.position
  }
}

/// The refusal that comes first: by rule, then by place.
struct FirstRefusal: BitwiseCopyable {
  private(set) var rule = Int.max
  private(set) var refusal: StreamError?

  mutating func refuse(
    _ rule: Int, _ code: StreamError.Code, at position: Int, expected: UInt64 = 0, found: UInt64 = 0
  ) {
    guard rule < self.rule || (rule == self.rule && UInt64(position) < refusal?.offset ?? UInt64.max) else { return }
    self.rule = rule
    refusal = StreamError(code, .rules, at: UInt64(position), expected: expected, found: found)
  }
}
