extension SectionRules {
  /// Judges the data of a piece by the field rules.
  ///
  /// - Parameters:
  ///   - data: Section data in the reader's layout of the piece.
  ///   - local: The reader's local values, section data in the same layout; empty when it has none.
  ///   - left: ``LayoutMapping/left`` of the mapping that made the data.
  /// - Throws: in stage `.rules` what a rule refuses, with the position in `data` as offset: ``LayoutMapping`` tells
  ///   the octets of the stream; what ``SectionWalker/check(layout:)`` throws for `data`; `wrongCall` for a piece or
  ///   layouts that are not the table's, and for local values that are not right; `outOfMemory`.
  ///
  /// Source: Specs/60-section-rules.md section 5.
  public func check(
    _ data: RawSpan, of piece: RulePiece, layouts: LayoutTable, local: RawSpan = RawSpan(),
    left: Span<Bool> = Span(), limits: StreamLimits = StreamLimits()
  ) throws(StreamError) {
    var memory = RuleMemory(allocator: names.allocator)
    try check(data, of: piece, layouts: layouts, local: local, left: left, limits: limits, in: &memory)
  }

  /// The same in memory that is used again.
  func check(
    _ data: RawSpan, of piece: RulePiece, layouts: LayoutTable, local: RawSpan, left: Span<Bool>, limits: StreamLimits,
    in memory: inout RuleMemory
  ) throws(StreamError) {
    try demand(piece, layouts)
    let (rules, watches) = (ruleRange(of: piece), watchRange(of: piece))
    guard rules.count > 0 else { return }
    let layout = layout(of: piece)
    var visitor = RuleVisitor(
      self, rules: rules, watches: watches, layout: layout, layouts: layouts, local: local, left: left,
      allocator: names.allocator)
    visitor.exchange(&memory)
    defer { visitor.exchange(&memory) }
    let walker = SectionWalker(data, at: 0, layouts: layouts, limits: limits)
    try visitor.scout(walker)
    try visitor.open(limits)
    try walker.walk(layout: layout, visitor: &visitor)
    try visitor.finish()
  }

  /// Whether rules of a piece compare its data with local values; without these they are not judged.
  public func comparesLocal(_ piece: RulePiece) -> Bool {
    for number in ruleRange(of: piece) where fieldRules[number].rule.comparesLocal { return true }
    return false
  }

  private func ruleRange(of piece: RulePiece) -> Range<Int> {
    let all = 0..<fieldRules.count
    let start = all.first(notBefore: { fieldRules[$0].piece.rawValue < piece.rawValue })
    return start..<all.first(notBefore: { fieldRules[$0].piece.rawValue <= piece.rawValue })
  }

  private func watchRange(of piece: RulePiece) -> Range<Int> {
    let all = 0..<watches.count
    let start = all.first(notBefore: { watches[$0].piece.rawValue < piece.rawValue })
    return start..<all.first(notBefore: { watches[$0].piece.rawValue <= piece.rawValue })
  }
}

// MARK: - With a mapping

extension LayoutMapping {
  /// For each entry of all of the reader's layouts, whether the last mapping left it alone; empty when none was.
  public var left: Span<Bool> {
    @_lifetime(borrow self)
    get { plan.left.span }
  }

  /// Judges the data of a section by the mapping table and then by the rules of `piece`, and gives it in the reader's
  /// layout, as ``apply(_:at:of:local:in:report:)`` does.
  ///
  /// - Throws: what the two throw, at the octets of the stream.
  @_lifetime(copy data, &place)
  public mutating func apply<Report: MappingHandler & ~Copyable & ~Escapable>(
    _ data: RawSpan, at base: UInt64, of layouts: MappingLayouts, judgedBy rules: borrowing SectionRules,
    as piece: RulePiece, local: RawSpan = RawSpan(), in place: inout OwnedBytes, report: inout Report
  ) throws(StreamError) -> RawSpan {
    guard rules.contains(piece), rules.layout(of: piece) == readerNumber else {
      throw StreamError(.wrongCall, .use, at: 0, found: UInt64(readerNumber))
    }
    _ = try apply(data, at: base, of: layouts, local: local, in: &place, report: &report)
    var memory = RuleMemory(allocator: slots.allocator)
    swap(&memory, &ruleMemory)
    defer { swap(&memory, &ruleMemory) }
    do throws(StreamError) {
      guard !isInPlace else {
        try rules.check(
          data, of: piece, layouts: layouts.reader, local: local, left: Span(), limits: limits, in: &memory)
        return data
      }
      try rules.check(
        place.bytes, of: piece, layouts: layouts.reader, local: local, left: plan.left.span, limits: limits,
        in: &memory)
    } catch {
      throw try traced(error, data, at: base, of: layouts, in: &place)
    }
    return place.bytes
  }
}
