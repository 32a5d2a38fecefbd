/// Looks whether a subsection is there exactly where its condition holds.
///
/// Both the walk and the heads of one subsection go through the elements of the target in the same order.
///
/// Source: Specs/60-section-rules.md section 4.
struct ConditionVisitor: FieldVisitor, ~Copyable, ~Escapable {
  private let number: Int
  private let target: UInt32?
  private let layout: UInt32
  private let isDue: Bool
  private let base: UInt64
  private let announced: Int?
  private let device: UInt32
  private let terms: Span<RuleTerm>
  private let layouts: LayoutTable
  private var heads: SubsectionReader
  /// The next head of this subsection; none after the last.
  private var pending: Subsection

  /// Which terms hold: those about the owner, and those about the element at hand as well.
  private var outer: UInt64 = 0
  private var held: UInt64 = 0
  private var path = InlineArray<8, UInt32>(repeating: 0)
  private var depth = 0
  private var lists = 0
  /// List elements around the fields of the element at hand; nil outside of the target.
  private var open: Int?

  @_lifetime(copy heads, copy terms, copy layouts)
  init(
    _ table: borrowing SectionRules, _ number: Int, _ heads: SubsectionReader, _ sections: borrowing DeviceSections,
    terms: Span<RuleTerm>, _ layouts: LayoutTable, at base: UInt64
  ) {
    let subsection = table.subsectionTable[number]
    self.number = number
    target = subsection.target
    layout = table.layout(of: subsection.owner)
    isDue = subsection.since <= sections.version
    self.base = base
    announced = sections.position(of: number)
    device = sections.device
    self.terms = terms
    self.layouts = layouts
    self.heads = heads
    pending = Subsection.none(of: heads.octets)
  }

  mutating func judge(_ walker: SectionWalker, layout number: UInt32) throws(StreamError) {
    try advance()
    for index in 0..<terms.count {
      let field = terms[index].field
      // A term about the element has its field inside of the target, or in another layout.
      guard field.layout == number, !isInside(field.entry) else { continue }
      if let value = try walker.number(Int(field.entry), of: number) { outer |= bit(of: index, value) }
    }
    guard target != nil else {
      held = outer
      return try judge()
    }
    try walker.walk(layout: number, visitor: &self)
    if !pending.isNone { throw refusal(.badTarget, at: pending.targetOffset) }
  }

  private func isInside(_ entry: UInt32) -> Bool {
    guard let target else { return false }
    return layouts.layout(layout).subtree(of: Int(target)).contains(Int(entry))
  }

  /// The bit of a term if it holds, else 0.
  private func bit(of term: Int, _ value: UInt64) -> UInt64 {
    let field = terms[term].field
    let isSigned = layouts.layout(field.layout).entries[Int(field.entry)].type.isSigned
    return terms[term].holds(value, isSigned: isSigned) ? 1 << UInt64(term) : 0
  }

  private func refusal(_ code: StreamError.Code, at offset: UInt64) -> StreamError {
    StreamError(code, .rules, at: offset, found: UInt64(number), device: device)
  }

  /// Goes on to the next head of this subsection.
  @_lifetime(self: copy self)
  private mutating func advance() throws(StreamError) {
    while let head = try heads.next() {
      guard Int(head.number) == announced else { continue }
      pending = head
      return
    }
    pending = Subsection.none(of: heads.octets)
  }

  /// Judges the element at hand, or the owner.
  private mutating func judge() throws(StreamError) {
    let holds = held == (UInt64(1) << UInt64(terms.count)) &- 1
    let isThere = !pending.isNone && leadsHere
    if isThere {
      guard holds else {
        var mismatch = refusal(.conditionMismatch, at: pending.offset &+ 4)
        mismatch.expected = UInt64(Format.none32)
        throw mismatch
      }
      try advance()
    } else if holds, isDue {
      var mismatch = refusal(.conditionMismatch, at: base)
      (mismatch.expected, mismatch.found) = (UInt64(number), UInt64(Format.none32))
      throw mismatch
    }
  }

  /// Whether the next head is that of the element at hand. That it is of the target was judged before.
  private var leadsHere: Bool {
    guard pending.targetStepCount == depth else { return false }
    for index in 0..<depth where pending.targetStep(index).element != path[index] { return false }
    return true
  }
}

// MARK: - The walk

extension ConditionVisitor {
  mutating func value(_ octets: RawSpan, at place: FieldPlace, of layout: LayoutView) {
    guard open == lists else { return }
    let field = RuleField(place.layout, UInt32(truncatingIfNeeded: place.number))
    for index in 0..<terms.count where terms[index].field == field {
      held |= bit(of: index, layout.entries[place.number].number(in: octets, at: 0))
    }
  }

  mutating func enter(_ place: FieldPlace, of layout: LayoutView) {
    path[depth] = UInt32(truncatingIfNeeded: place.element ?? 0)
    depth += 1
    guard isTarget(place, layout) else { return }
    (open, held) = (lists, outer)
  }

  mutating func enterElement(
    _ place: FieldPlace, of layout: LayoutView, element: LayoutView, number: UInt32
  ) {
    lists += 1
    enter(place, of: layout)
    guard open == lists else { return }
    // What the element has itself is not the owner's.
    for index in 0..<terms.count where terms[index].field.layout == number { held &= ~(1 << UInt64(index)) }
  }

  mutating func leave(_ place: FieldPlace, of layout: LayoutView) throws(StreamError) {
    if isTarget(place, layout) {
      try judge()
      open = nil
    }
    depth -= 1
    if layout.entries[place.number].type == .list { lists -= 1 }
  }

  /// Whether the target's element begins or ends here: what lies in elements of other lists is not the owner's.
  private func isTarget(_ place: FieldPlace, _ layout: LayoutView) -> Bool {
    guard let target, place.layout == self.layout, place.number == Int(target) else { return false }
    return lists == (layout.entries[place.number].type == .list ? 1 : 0)
  }
}
