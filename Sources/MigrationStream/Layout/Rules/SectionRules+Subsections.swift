extension SectionRules {
  /// Judges the subsections that lie directly in a piece: what they are, where they hang, and whether each is there
  /// exactly when its condition holds. What is in them is judged by a call for each.
  ///
  /// - Parameters:
  ///   - subsections: At the first of them.
  ///   - data: The data of the piece in the reader's layout, right by it.
  ///   - base: Octets from the start of the stream to the data of the piece there.
  ///   - layout: Number of the piece's layout among those of the stream.
  ///   - sections: What the device announced.
  /// - Throws: in stage `.rules`, at the head or, for one that is not there, at `base`: `unknownRequired`,
  ///   `versionTooNew`, `versionTooOld`, `notEnabled`, `badTarget`, `conditionMismatch`; what
  ///   ``SubsectionReader/next()`` throws; `wrongCall` for what is not the table's; `outOfMemory`.
  ///
  /// Source: Specs/60-section-rules.md section 4.
  public func check(
    _ subsections: SubsectionReader, in piece: RulePiece, _ data: RawSpan, at base: UInt64, from layout: UInt32,
    of layouts: MappingLayouts, _ sections: borrowing DeviceSections, limits: StreamLimits = StreamLimits()
  ) throws(StreamError) {
    try demand(piece, layouts.reader)
    guard sections.fits(self), layouts.stream.contains(layout), !layouts.stream.isExternal(layout) else {
      throw StreamError(.wrongCall, .use, at: 0, found: UInt64(layout))
    }
    let own = self.layout(of: piece)
    var targets = OwnedBuffer<UInt32>(allocator: names.allocator)
    try targets.append(repeating: Format.none32, count: subsectionTable.count)
    for number in 0..<subsectionTable.count where subsectionTable[number].owner == piece {
      guard let target = subsectionTable[number].target else { continue }
      targets[number] = layouts.counterpart(of: Int(target), in: own, from: layout) ?? Format.none32
    }
    var heads = subsections
    let theirs = layouts.stream.layout(layout)
    while let head = try heads.next() { try judge(head, in: piece, targets, of: theirs, sections) }
    for number in 0..<subsectionTable.count where subsectionTable[number].owner == piece {
      let subsection = subsectionTable[number]
      guard subsection.isEnabled, subsection.termCount > 0 else { continue }
      var visitor = ConditionVisitor(
        self, number, subsections, sections, terms: terms.span.extracting(subsection.terms), layouts.reader, at: base)
      try visitor.judge(SectionWalker(data, at: 0, layouts: layouts.reader, limits: limits), layout: own)
    }
  }

  private func judge(
    _ head: Subsection, in piece: RulePiece, _ targets: borrowing OwnedBuffer<UInt32>, of layout: LayoutView,
    _ sections: borrowing DeviceSections
  ) throws(StreamError) {
    let place = head.offset &+ 4
    guard Int(head.number) < sections.subsections.count else {
      throw sections.refusal(
        .unknownSection, at: place, expected: UInt64(sections.subsections.count), found: UInt64(head.number))
    }
    let announced = sections.subsections[Int(head.number)]
    switch announced.verdict {
    case .skipped: return
    case .unknown: throw sections.refusal(.unknownRequired, at: place, found: UInt64(head.number))
    case .tooNew, .tooOld:
      let isNew = announced.verdict == .tooNew
      throw sections.refusal(
        isNew ? .versionTooNew : .versionTooOld, at: place, expected: UInt64(announced.bound),
        found: UInt64(announced.version))
    case .known: break
    }
    let subsection = subsectionTable[Int(announced.number)]
    let found = UInt64(announced.number)
    guard subsection.isEnabled else { throw sections.refusal(.notEnabled, at: place, found: found) }
    guard subsection.owner == piece else { throw sections.refusal(.badTarget, at: place, found: found) }
    let steps = head.targetStepCount
    let isRight = subsection.target == nil ? steps == 0 : head.leads(to: targets[Int(announced.number)], of: layout)
    guard isRight else {
      throw sections.refusal(.badTarget, at: steps > 0 ? head.targetOffset : head.offset &+ 12, found: found)
    }
  }
}

extension SubsectionRule {
  /// Positions of its terms among all of the table.
  var terms: Range<Int> { Int(firstTerm)..<Int(firstTerm + termCount) }
}

extension Subsection {
  /// Whether the target's steps are those to an entry of the layout itself: elements of lists have their own.
  fileprivate func leads(to entry: UInt32, of layout: LayoutView) -> Bool {
    var (fields, step) = (layout.subtree(of: nil), 0)
    while step < targetStepCount {
      let next = targetStep(step).field
      guard next <= entry, fields.contains(Int(next)) else { return false }
      step += 1
      fields = layout.subtree(of: Int(next))
      if next == entry { return step == targetStepCount }
    }
    return false
  }
}

extension MappingLayouts {
  /// The entry of a stream's layout that the mapping pairs with one of the reader's.
  fileprivate func counterpart(of entry: Int, in own: UInt32, from number: UInt32) -> UInt32? {
    let (ours, theirs) = (reader.layout(own), stream.layout(number))
    var children = ours.subtree(of: nil)
    var parent: Int?
    while true {
      var child = children.lowerBound
      while ours.sibling(after: child) <= entry { child = ours.sibling(after: child) }
      var twin = theirs.child(named: ours.name(of: child), of: parent)
      for alias in aliases.aliases(of: child, in: own) where twin == nil {
        twin = theirs.child(named: aliases.name(alias), of: parent)
      }
      guard let twin else { return nil }
      if child == entry { return UInt32(twin) }
      (children, parent) = (ours.subtree(of: child), twin)
    }
  }
}
