/// What a table has, for whoever compares it with what it was made from.
///
/// Source: Specs/60-section-rules.md section 2.
extension SectionRules {
  package var fieldRuleCount: Int { fieldRules.count }

  /// A rule by its position: piece by piece, within a piece as they were added.
  package func fieldRule(_ number: Int) -> (piece: RulePiece, rule: FieldRule) {
    (fieldRules[number].piece, fieldRules[number].rule)
  }

  /// The terms of an implication, `when` and behind them `then`.
  package func terms(ofRule number: Int) -> (when: Range<Int>, then: Range<Int>) {
    let placed = fieldRules[number]
    let (first, middle) = (Int(placed.firstTerm), Int(placed.firstTerm + placed.whenCount))
    return (first..<middle, middle..<(middle + Int(placed.thenCount)))
  }

  /// The terms of the condition of a subsection.
  package func terms(ofSubsection number: Int) -> Range<Int> {
    let start = Int(subsectionTable[number].firstTerm)
    return start..<(start + Int(subsectionTable[number].termCount))
  }

  package func term(_ number: Int) -> RuleTerm { terms[number] }

  package var orderCount: Int { orders.count }

  /// That one section comes before another, both by number; as they were added.
  package func order(_ number: Int) -> (predecessor: Int, section: Int) {
    (Int(orders[number].predecessor), Int(orders[number].section))
  }
}
