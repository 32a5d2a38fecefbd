/// Puts the table of a device together, and checks it.
///
/// Pieces come in the order of the table; what belongs to a piece or to a rule follows it:
///
/// ```swift
/// var builder = SectionRulesBuilder(version: 3, versionMin: 1)
/// let common = try builder.section(SectionRule(layout: 0, version: 1, versionMin: 1), name: commonName)
/// let queues = try builder.section(SectionRule(layout: 1, version: 2, versionMin: 1), name: queuesName)
/// try builder.predecessor(common)
/// try builder.rule(.index(RuleField(1, 4), of: RuleField(1, 0)), of: queues)
/// let rare = SubsectionRule(layout: 2, version: 1, versionMin: 1, owner: queues, target: 0)
/// _ = try builder.subsection(rare, name: rareName)
/// try builder.condition(RuleTerm(RuleField(1, 3), .equals, 5))
/// let rules = try builder.finish(ownLayouts.table)
/// ```
///
/// A table may come from a document that somebody else wrote, so nothing of it is trusted. Errors have the stage `.use`
/// and the number of the piece or rule in `offset`, in the order in which it was added; `found` is the entry.
///
/// Source: Specs/60-section-rules.md section 2.
public struct SectionRulesBuilder: ~Copyable {
  /// What the next call may add to.
  private enum Last: UInt8 { case nothing, section, subsection, rule }

  private var rules: SectionRules
  private var last = Last.nothing

  /// - Parameters:
  ///   - version: Version of the device, and the oldest that the reader loads.
  public init(version: UInt32, versionMin: UInt32, allocator: StreamAllocator = .system) {
    rules = SectionRules(version: version, versionMin: versionMin, allocator: allocator)
  }

  /// Adds a section behind those that there are.
  ///
  /// - Throws: `duplicateName`, `limitExceeded`, `outOfMemory`.
  public mutating func section(_ rule: SectionRule, name: RawSpan) throws(StreamError) -> RulePiece {
    let piece = RulePiece.section(rules.sectionTable.count)
    var added = rule
    added.name = try keep(name, of: piece)
    try rules.sectionTable.append(added)
    last = .section
    return piece
  }

  /// Says that a section comes before the one that was added last.
  ///
  /// - Throws: `wrongCall` for a section that is not before it in the table, so there are no cycles; `outOfMemory`.
  public mutating func predecessor(_ piece: RulePiece) throws(StreamError) {
    let section = rules.sectionTable.count - 1
    guard last == .section, !piece.isSubsection, piece.number < section else { throw misuse(section, piece.number) }
    try rules.orders.append(
      SectionOrder(predecessor: UInt32(piece.number), section: UInt32(section)))
  }

  /// Adds a subsection; what owns it was added before.
  ///
  /// - Throws: `duplicateName`, `limitExceeded`, `outOfMemory`; `wrongCall` for an owner that there is not.
  public mutating func subsection(_ rule: SubsectionRule, name: RawSpan) throws(StreamError) -> RulePiece {
    let piece = RulePiece.subsection(rules.subsectionTable.count)
    guard rules.contains(rule.owner) else { throw misuse(piece.number, rule.owner.number) }
    var added = rule
    added.name = try keep(name, of: piece)
    (added.firstTerm, added.termCount) = (UInt32(rules.terms.count), 0)
    try rules.subsectionTable.append(added)
    last = .subsection
    return piece
  }

  /// Adds a term to the condition of the subsection that was added last.
  ///
  /// - Throws: `wrongCall`, `outOfMemory`.
  public mutating func condition(_ term: RuleTerm) throws(StreamError) {
    let number = rules.subsectionTable.count - 1
    guard last == .subsection, rules.subsectionTable[number].termCount < 64 else {
      throw misuse(number, Int(term.field.entry))
    }
    try rules.terms.append(term)
    rules.subsectionTable[number].termCount += 1
  }

  /// Adds a rule for the data of a piece, behind those that the piece has.
  ///
  /// - Throws: `wrongCall` for a piece that there is not, `limitExceeded`, `outOfMemory`.
  public mutating func rule(_ rule: FieldRule, of piece: RulePiece) throws(StreamError) {
    let number = rules.fieldRules.count
    guard rules.contains(piece) else { throw misuse(number, piece.number) }
    guard number < 65_536 else { throw StreamError(.limitExceeded, .use, at: 65_536, expected: 65_536) }
    try rules.fieldRules.append(
      PlacedRule(rule: rule, piece: piece, number: UInt32(number), firstTerm: UInt32(rules.terms.count)))
    last = .rule
  }

  /// Adds a term to those of the implication that was added last; all that are `when` come first.
  ///
  /// - Throws: `wrongCall`, `outOfMemory`.
  public mutating func when(_ term: RuleTerm) throws(StreamError) {
    let number = try implication(term)
    guard rules.fieldRules[number].thenCount == 0 else { throw misuse(number, Int(term.field.entry)) }
    try rules.terms.append(term)
    rules.fieldRules[number].whenCount += 1
  }

  /// - Throws: `wrongCall`, `outOfMemory`.
  public mutating func then(_ term: RuleTerm) throws(StreamError) {
    let number = try implication(term)
    try rules.terms.append(term)
    rules.fieldRules[number].thenCount += 1
  }

  /// Checks everything against the reader's layouts.
  ///
  /// - Throws: `unknownLayout` for a layout that does not exist or whose fields are not known, `missingField` for an
  ///   entry that does not exist, `typeChanged` for one that the rule cannot be about, `wrongCall` for one that is
  ///   outside the scope or not just one in it, and for whatever else contradicts itself; `outOfMemory`.
  public consuming func finish(_ layouts: LayoutTable) throws(StreamError) -> SectionRules {
    var finished = rules
    try RuleTableChecker(layouts).check(&finished)
    try finished.sortRules()
    return finished
  }
}

extension SectionRulesBuilder {
  private func misuse(_ number: Int, _ found: Int) -> StreamError {
    StreamError(.wrongCall, .use, at: UInt64(max(number, 0)), found: UInt64(found))
  }

  private func implication(_ term: RuleTerm) throws(StreamError) -> Int {
    let number = rules.fieldRules.count - 1
    guard last == .rule, rules.fieldRules[number].rule.kind == .implies,
      rules.fieldRules[number].whenCount + rules.fieldRules[number].thenCount < 64
    else { throw misuse(number, Int(term.field.entry)) }
    return number
  }

  private mutating func keep(_ name: RawSpan, of piece: RulePiece) throws(StreamError) -> TextRange {
    // Announcements have positions of 16 bits, and names lengths of as many.
    guard piece.number < 65_536, name.byteCount < 65_536 else {
      throw StreamError(.limitExceeded, .use, at: UInt64(piece.number), expected: 65_535)
    }
    guard rules.find(name, isSubsection: piece.isSubsection) == nil else {
      throw StreamError(.duplicateName, .use, at: UInt64(piece.number))
    }
    let start = rules.names.count
    try rules.names.append(name)
    return TextRange(start: UInt32(start), count: UInt32(name.byteCount))
  }
}

extension SectionRules {
  /// Puts the rules of a piece side by side, and lists for each entry what looks at it.
  fileprivate mutating func sortRules() throws(StreamError) {
    fieldRules.sort { left, right in
      left.piece != right.piece
        ? left.piece.rawValue < right.piece.rawValue : left.number < right.number
    }
    for position in 0..<fieldRules.count { try watch(position) }
    watches.sort { left, right in
      left.piece != right.piece ? left.piece.rawValue < right.piece.rawValue : left.isBefore(right)
    }
  }

  private mutating func watch(_ position: Int) throws(StreamError) {
    let placed = fieldRules[position]
    let (rule, number) = (placed.rule, UInt32(position))
    if let scope = rule.scope {
      try watches.append(RuleWatch(field: scope, piece: placed.piece, rule: number, role: .scope))
    }
    if let field = rule.field {
      try watches.append(RuleWatch(field: field, piece: placed.piece, rule: number, role: .field))
    }
    if let other = rule.other {
      let role = rule.kind == .index || rule.kind == .count ? RuleWatch.Role.array : .other
      try watches.append(RuleWatch(field: other, piece: placed.piece, rule: number, role: role))
    }
    for index in 0..<(placed.whenCount + placed.thenCount) {
      let term = terms[Int(placed.firstTerm + index)]
      try watches.append(
        RuleWatch(
          field: term.field, piece: placed.piece, rule: number, role: .term,
          term: UInt8(truncatingIfNeeded: index)))
    }
  }
}
