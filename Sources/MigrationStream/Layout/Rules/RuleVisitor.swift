/// Follows a walk over the data of a piece and judges its rules.
///
/// A rule that needs one look keeps what it saw of a scope in a frame, which is judged when the scope ends; values that
/// are compared with each other are kept until the end and sorted.
///
/// Source: Specs/60-section-rules.md section 5; memory: Specs/40-reader-rules.md section 3.
struct RuleVisitor: FieldVisitor, ~Copyable, ~Escapable {
  private let addressOnly = AddressOnly()
  /// Those of the piece; the first has this number in the table.
  let rules: Span<PlacedRule>
  private let firstRule: Int
  /// The layout of the piece.
  private let own: UInt32
  private let watches: Span<RuleWatch>
  private let terms: Span<RuleTerm>
  private let layouts: LayoutTable
  private let left: Span<Bool>
  private let local: RawSpan

  /// One bit for entries that may be looked at: by number, modulo 64.
  private var watched: UInt64 = 0
  /// For each rule its innermost open frame, or where its local value lies.
  private var slots: OwnedBuffer<Int>
  private var frames: OwnedBuffer<RuleFrame>
  var items: OwnedBuffer<RuleItem>
  var first = FirstRefusal()
  /// List elements around the walk.
  private var lists = 0
  /// For each rule the terms that hold outside of its scope; empty where no rule has such terms.
  private var around: OwnedBuffer<UInt64>
  /// The walk only looks for these terms.
  private var isScouting = false

  private static var nothing: Int { -1 }
  /// In place of a slot: the rule names a field that was left alone.
  private static var unjudged: Int { -2 }

  @_lifetime(borrow table, copy layouts, copy local, copy left)
  init(
    _ table: borrowing SectionRules, rules: Range<Int>, watches: Range<Int>, layout: UInt32, layouts: LayoutTable,
    local: RawSpan, left: Span<Bool>, allocator: StreamAllocator
  ) {
    self.rules = table.fieldRules.span.extracting(rules)
    firstRule = rules.lowerBound
    own = layout
    self.watches = table.watches.span.extracting(watches)
    terms = table.terms.span
    self.layouts = layouts
    self.local = local
    self.left = left
    slots = OwnedBuffer(allocator: allocator)
    frames = OwnedBuffer(allocator: allocator)
    items = OwnedBuffer(allocator: allocator)
    around = OwnedBuffer(allocator: allocator)
    for index in 0..<self.watches.count { watched |= 1 << UInt64(self.watches[index].field.entry & 63) }
  }

  /// Finds the terms about fields that lie outside of the scopes of their rules.
  mutating func scout(_ walker: SectionWalker) throws(StreamError) {
    guard hasTermsAround else { return }
    try around.append(repeating: 0, count: rules.count)
    isScouting = true
    try walker.walk(layout: own, visitor: &self)
    isScouting = false
  }

  private var hasTermsAround: Bool {
    for index in 0..<watches.count where isAround(watches[index]) { return true }
    return false
  }

  private func isAround(_ watch: RuleWatch) -> Bool {
    guard watch.role == .term, let scope = rules[Int(watch.rule) - firstRule].rule.scope else { return false }
    let layout = layouts.layout(scope.layout)
    // An element that has not the field may have another layout than the piece.
    if layout.entries[Int(scope.entry)].type == .list { return watch.field.layout == own }
    return watch.field.layout != scope.layout || !layout.subtree(of: Int(scope.entry)).contains(Int(watch.field.entry))
  }

  /// Begins the scopes that are all of the data, and finds the local values.
  mutating func open(_ limits: StreamLimits) throws(StreamError) {
    let walker = SectionWalker(local, at: 0, layouts: layouts, limits: limits)
    let hasLocal = local.byteCount > 0
    if hasLocal {
      do throws(StreamError) { try walker.check(layout: own) } catch {
        throw StreamError(.wrongCall, .use, at: error.offset)
      }
    }
    try slots.append(repeating: Self.nothing, count: rules.count)
    for index in 0..<watches.count {
      if layouts.isLeft(watches[index].field, left) { slots[Int(watches[index].rule) - firstRule] = Self.unjudged }
    }
    for number in 0..<rules.count where slots[number] != Self.unjudged {
      let rule = rules[number].rule
      if rule.comparesLocal, hasLocal, let field = rule.field {
        slots[number] = try walker.only(Int(field.entry), of: own)?.block ?? Self.nothing
      }
      if rule.hasFrame, rule.scope == nil { try push(number, at: 0) }
    }
  }

  /// Uses memory that an earlier visitor had, or gives it back.
  mutating func exchange(_ memory: inout RuleMemory) {
    swap(&slots, &memory.slots)
    swap(&frames, &memory.frames)
    slots.removeAll()
    frames.removeAll()
  }

  /// Judges what is left when all of the data was seen.
  mutating func finish() throws(StreamError) {
    while frames.count > 0 { try pop() }
    try judgeItems()
    if let refusal = first.refusal { throw refusal }
  }
}

// MARK: - The walk

extension RuleVisitor {
  mutating func value(_ octets: RawSpan, at place: FieldPlace, of layout: LayoutView) throws(StreamError) {
    try values(octets, count: 1, at: place, of: layout)
  }

  mutating func values(
    _ octets: RawSpan, count: Int, at place: FieldPlace, of layout: LayoutView
  ) throws(StreamError) {
    for index in watches(of: place) {
      let watch = watches[index]
      let number = Int(watch.rule) - firstRule
      if isScouting {
        note(octets, watch, layout.entries[place.number])
        continue
      }
      guard slots[number] != Self.unjudged else { continue }
      if watch.role == .array {
        // Counted octets in an array come one by one.
        if place.element == nil { meet(UInt64(count), of: number) }
      } else if rules[number].rule.comparesLocal {
        compare(octets, with: slots[number], of: number, at: place, layout)
      } else {
        let entry = layout.entries[place.number]
        for element in 0..<count {
          let position = element * Int(entry.width)
          try meet(
            entry.number(in: octets, at: position), watch, entry.type, layout,
            at: Int(truncatingIfNeeded: place.offset) + position)
        }
      }
    }
  }

  mutating func beginArray(count: Int, at place: FieldPlace, of layout: LayoutView) {
    // A list in an array is not the array.
    guard place.element == nil, !isScouting else { return }
    for index in watches(of: place) where watches[index].role == .array {
      meet(UInt64(count), of: Int(watches[index].rule) - firstRule)
    }
  }

  mutating func enter(_ place: FieldPlace, of layout: LayoutView) throws(StreamError) { try enter(place, element: nil) }

  mutating func enterElement(
    _ place: FieldPlace, of layout: LayoutView, element: LayoutView, number: UInt32
  ) throws(StreamError) {
    lists += 1
    try enter(place, element: number)
  }

  /// - Parameter layout: Of an element of a list.
  private mutating func enter(_ place: FieldPlace, element layout: UInt32?) throws(StreamError) {
    guard !isScouting else { return }
    for index in watches(of: place) where watches[index].role == .scope {
      let number = Int(watches[index].rule) - firstRule
      guard slots[number] != Self.unjudged else { continue }
      try push(number, at: Int(truncatingIfNeeded: place.offset))
      guard layout == own, around.count > 0 else { continue }
      // What the element has itself is not the piece's.
      let placed = rules[number]
      for term in 0..<(placed.whenCount + placed.thenCount) where terms[Int(placed.firstTerm + term)].field.layout == own {
        frames[frames.count - 1].held &= ~(1 << UInt64(term))
      }
    }
  }

  mutating func leave(_ place: FieldPlace, of layout: LayoutView) throws(StreamError) {
    for index in watches(of: place) where watches[index].role == .scope && !isScouting {
      if slots[Int(watches[index].rule) - firstRule] != Self.unjudged { try pop() }
    }
    if layout.entries[place.number].type == .list { lists -= 1 }
  }

  /// What looks at an entry.
  private func watches(of place: FieldPlace) -> Range<Int> {
    guard watched >> UInt64(place.number & 63) & 1 == 1 else { return 0..<0 }
    let field = RuleField(place.layout, UInt32(truncatingIfNeeded: place.number))
    let start = (0..<watches.count).first(notBefore: { watches[$0].field.isBefore(field) })
    var end = start
    while end < watches.count, watches[end].field == field { end += 1 }
    return start..<end
  }

  private mutating func push(_ number: Int, at position: Int) throws(StreamError) {
    var frame = RuleFrame(rule: number, outer: slots[number], lists: lists, start: position)
    if around.count > 0 { frame.held = around[number] }
    try frames.append(frame)
    slots[number] = frames.count - 1
  }

  /// Ends the innermost scope. Those that begin together are judged in any order: the first refusal is found by rule.
  private mutating func pop() throws(StreamError) {
    let frame = frames[frames.count - 1]
    frames.truncate(to: frames.count - 1)
    slots[frame.rule] = frame.outer
    try judge(frame)
  }
}

// MARK: - Values

extension RuleVisitor {
  /// The number of elements of the array that a rule is about.
  private mutating func meet(_ count: UInt64, of number: Int) {
    let slot = slots[number]
    guard slot >= 0, frames[slot].lists == lists else { return }
    frames[slot].count = count
  }

  private mutating func meet(
    _ value: UInt64, _ watch: RuleWatch, _ type: FieldType, _ layout: LayoutView, at position: Int
  ) throws(StreamError) {
    let number = Int(watch.rule) - firstRule
    let rule = rules[number].rule
    switch rule.kind {
    case .closed:
      judgeSymbols(value, Int(watch.field.entry), layout, of: number, at: position)
    case .unique, .reference:
      let isReference = rule.kind == .reference && watch.role == .field
      if isReference, value == rule.none { return }
      try items.append(
        RuleItem(rule: number, isReference: isReference, value: value, other: 0, position: position))
    default:
      guard slots[number] >= 0 else { return }
      var frame = frames[slots[number]]
      note(value, watch, type, in: &frame, of: rules[number], at: position)
      frames[slots[number]] = frame
    }
  }

  /// Keeps whether a term holds that is about *the* field of the piece.
  private mutating func note(_ octets: RawSpan, _ watch: RuleWatch, _ entry: FieldEntry) {
    guard isAround(watch), lists == 0 else { return }
    let number = Int(watch.rule) - firstRule
    let term = terms[Int(rules[number].firstTerm) + Int(watch.term)]
    guard term.holds(entry.number(in: octets, at: 0), isSigned: entry.type.isSigned) else { return }
    around[number] |= 1 << UInt64(watch.term)
  }

  /// Keeps in a frame what the rule has to know of its scope.
  private func note(
    _ value: UInt64, _ watch: RuleWatch, _ type: FieldType, in frame: inout RuleFrame, of placed: PlacedRule,
    at position: Int
  ) {
    // Of the index and of used numbers all count, of everything else the scope's own.
    let isOwn = frame.lists == lists
    switch (placed.rule.kind, watch.role) {
    case (.index, .field):
      // Not always in the order of the data: what lies in lists comes before a field behind them.
      guard value != placed.rule.none,
        frame.value.map({ value > $0 || value == $0 && position < frame.position }) ?? true
      else { return }
      (frame.value, frame.position) = (value, position)
    case (.above, .other):
      let turned: UInt64 = type.isSigned ? 1 << 63 : 0
      if frame.other.map({ value ^ turned > $0 ^ turned }) ?? true { frame.other = value }
    case (.acyclic, .other):
      if isOwn { (frame.other, frame.position) = (value, position) }
    case (.acyclic, .field):
      if isOwn { frame.value = value }
    case (.implies, .term):
      guard isOwn else { return }
      let term = terms[Int(placed.firstTerm) + Int(watch.term)]
      if term.holds(value, isSigned: type.isSigned) {
        frame.held |= 1 << UInt64(watch.term)
      } else if watch.term >= placed.whenCount, frame.other == nil || position < frame.position {
        (frame.value, frame.other, frame.position) = (value, term.number, position)
      }
    default:
      if isOwn { (frame.value, frame.position) = (value, position) }
    }
  }

  private mutating func judge(_ frame: RuleFrame) throws(StreamError) {
    let placed = rules[frame.rule]
    switch placed.rule.kind {
    case .index:
      guard let value = frame.value, value >= frame.count else { return }
      first.refuse(frame.rule, .valueOutOfRange, at: frame.position, expected: frame.count, found: value)
    case .count:
      guard let value = frame.value, value != frame.count else { return }
      first.refuse(frame.rule, .ruleViolated, at: frame.position, expected: frame.count, found: value)
    case .above:
      guard let next = frame.value, let used = frame.other else { return }
      let turned: UInt64 = isSigned(placed.rule.field) ? 1 << 63 : 0
      guard next ^ turned <= used ^ turned else { return }
      first.refuse(frame.rule, .ruleViolated, at: frame.position, expected: used, found: next)
    case .acyclic:
      guard let key = frame.value, let parent = frame.other, parent != placed.rule.none else { return }
      try items.append(
        RuleItem(rule: frame.rule, isReference: false, value: key, other: parent, position: frame.position))
    default:
      // A shift by 64 leaves nothing.
      let when = (UInt64(1) << UInt64(placed.whenCount)) &- 1
      let all = (UInt64(1) << UInt64(placed.whenCount + placed.thenCount)) &- 1
      guard frame.held & when == when, frame.held != all else { return }
      first.refuse(
        frame.rule, .ruleViolated, at: frame.position, expected: frame.other ?? 0, found: frame.value ?? 0)
    }
  }

  private func isSigned(_ field: RuleField?) -> Bool {
    guard let field else { return false }
    return layouts.layout(field.layout).entries[Int(field.entry)].type.isSigned
  }

  private mutating func judgeSymbols(
    _ value: UInt64, _ entry: Int, _ layout: LayoutView, of number: Int, at position: Int
  ) {
    let isFlags = layout.entries[entry].type == .flags
    var unnamed = value
    var symbol = layout.firstSymbol(of: entry)
    while !symbol.isAtEnd {
      if isFlags { unnamed &= ~symbol.value } else if symbol.value == value { return }
      symbol.advance()
    }
    guard !isFlags || unnamed != 0 else { return }
    first.refuse(number, .symbolChanged, at: position, found: unnamed)
  }

  /// Rules *subset* and *atMost*: a whole field with the local one.
  private mutating func compare(
    _ octets: RawSpan, with start: Int, of number: Int, at place: FieldPlace, _ layout: LayoutView
  ) {
    guard start >= 0, lists == 0 else { return }
    let entry = layout.entries[place.number]
    let position = Int(truncatingIfNeeded: place.offset)
    var index = 0
    while index < octets.byteCount {
      let element = index - index % Int(entry.width)
      if rules[number].rule.kind == .subset {
        guard octets.octet(at: index) & ~local.octet(at: start + index) == 0 else {
          let isOne = entry.shape == .one && entry.width <= 8
          return first.refuse(
            number, .verifyMismatch, at: position + element,
            expected: isOne ? entry.number(in: local, at: start) : 0,
            found: isOne ? entry.number(in: octets, at: 0) : 0)
        }
        index += 1
      } else {
        let turned: UInt64 = entry.type.isSigned ? 1 << 63 : 0
        let (own, value) = (entry.number(in: local, at: start + element), entry.number(in: octets, at: element))
        guard value ^ turned <= own ^ turned else {
          return first.refuse(number, .verifyMismatch, at: position + element, expected: own, found: value)
        }
        index += Int(entry.width)
      }
    }
  }
}

extension FieldRule {
  var comparesLocal: Bool { kind == .subset || kind == .atMost }

  /// Whether what it saw of a scope is judged at the scope's end.
  var hasFrame: Bool {
    switch kind {
    case .index, .count, .above, .acyclic, .implies: true
    default: false
    }
  }
}
