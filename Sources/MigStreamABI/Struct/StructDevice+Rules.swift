internal import CMigStream
internal import MigrationStream

/// What the table demands of a stream, besides what its layouts say.
///
/// Source: Specs/60-section-rules.md section 2.
extension StructDevice {
  /// - Throws: `badLayout` for a table that contradicts itself; `outOfMemory`.
  borrowing func rules(allocator: StreamAllocator) throws(StreamError) -> SectionRules {
    let model = unsafe self.model
    do throws(StreamError) {
      var builder = unsafe SectionRulesBuilder(
        version: model.version, versionMin: max(model.version_min, 1), allocator: allocator)
      for index in 0..<pieces.count { try add(index, to: &builder) }
      var seen = OwnedBuffer<Bool>(allocator: allocator)
      for index in 0..<pieces.count {
        seen.removeAll()
        try seen.append(repeating: false, count: layouts.count)
        try addRules(of: UInt32(index), for: rulePiece(index), &seen, to: &builder)
      }
      return try builder.finish(layouts.table)
    } catch {
      guard error.stage == .use, error.code != .outOfMemory, error.code != .badLayout else { throw error }
      throw StreamError(.badLayout, .use, at: 0, expected: error.offset, found: error.found)
    }
  }

  private borrowing func add(_ index: Int, to builder: inout SectionRulesBuilder) throws(StreamError) {
    let piece = pieces[index]
    let given = unsafe piece.table.pointee
    guard !piece.isSubsection else {
      var rule = SubsectionRule(
        layout: UInt32(index), version: piece.version, versionMin: piece.versionMin, owner: rulePiece(piece.owner),
        target: piece.targetEntry)
      rule.since = unsafe given.since
      _ = unsafe try builder.subsection(rule, name: piece.name.bytes)
      return
    }
    var rule = SectionRule(layout: UInt32(index), version: piece.version, versionMin: piece.versionMin)
    rule.since = unsafe given.since
    switch unsafe Int32(given.cardinality) {
    case MGS_CARDINALITY_OPTIONAL: rule.cardinality = .optional
    case MGS_CARDINALITY_MANY:
      rule.cardinality = .many
      rule.maximumCount = unsafe given.max_count
      if unsafe given.key != nil {
        guard let key = unsafe layouts.table.layout(UInt32(index)).child(named: tableText(given.key).bytes, of: nil) else {
          throw StreamError(.badLayout, .use, at: 0, expected: UInt64(index))
        }
        rule.keyEntry = UInt32(key)
      }
    default: break
    }
    _ = unsafe try builder.section(rule, name: piece.name.bytes)
  }

  /// Adds what the fields of a layout, and of the elements of its lists, owe one another.
  private borrowing func addRules(
    of number: UInt32, for piece: RulePiece, _ seen: inout OwnedBuffer<Bool>, to builder: inout SectionRulesBuilder
  ) throws(StreamError) {
    guard !seen[Int(number)] else { return }
    seen[Int(number)] = true
    let layout = layouts.table.layout(number)
    for entry in 0..<layout.entries.count {
      let field = layout.entries[entry]
      if field.type.takesReference, field.reference > 0, field.type == .index || field.shape == .one {
        let array = RuleField(number, field.reference - 1)
        let scope = Self.arrayAround(Int(array.entry), layout).map { RuleField(number, UInt32($0)) }
        let own = RuleField(number, UInt32(entry))
        try builder.rule(field.type == .index ? .index(own, of: array, in: scope) : .count(own, of: array, in: scope), of: piece)
      }
    }
    for index in 0..<closed.count where closed[index] >> 32 == UInt64(number) {
      try builder.rule(.closed(RuleField(number, UInt32(truncatingIfNeeded: closed[index]))), of: piece)
    }
    let range = number < elementBase ? pieces[Int(number)].steps : elementSteps[Int(number - elementBase)]
    for index in range.start..<range.end where steps[index].kind == .list {
      for element in 0..<steps[index].count {
        try addRules(
          of: elementBase + elements[Int(steps[index].first + element)], for: piece, &seen, to: &builder)
      }
    }
  }

  /// The innermost array that an entry lies in.
  private static func arrayAround(_ entry: Int, _ layout: LayoutView) -> Int? {
    var found: Int?
    var group = 0
    while group < entry {
      let next = layout.sibling(after: group)
      if next > entry {
        if layout.entries[group].shape != .one { found = group }
        group += 1
      } else {
        group = next
      }
    }
    return found
  }
}
