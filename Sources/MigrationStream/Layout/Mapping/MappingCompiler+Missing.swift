/// Steps for fields that only the reader has: rows D.
extension MappingCompiler {
  /// - Parameter since: Least `since` of the field: that of the missing structures around it.
  /// - Returns: False when a refusal is always met.
  mutating func missing(
    _ number: Int, at target: UInt32, since: UInt32, of group: Group, _ plan: inout MappingPlan
  ) throws(StreamError) -> Bool {
    let entry = reader.entries[number]
    let attributes = reader.attributes(of: number)
    if attributes.until != 0, attributes.until < version {
      try report(.leave, number, at: group.source, &plan)
      try plan.leaveAlone(readerStart + number, of: readerTotal)
      guard hasEmptiest(number) else { return try lack(number, group, &plan) }
      try emptiest(number, at: target, of: group, &plan)
      return true
    }
    if entry.flags.contains(.verify) { try report(.unverified, number, at: group.source, &plan) }
    let since = max(since, attributes.since)
    if entry.type == .structure, entry.shape != .countedArray {
      return try made(number, at: target, of: group, &plan) { (compiler, inner, plan) throws(StreamError) in
        try compiler.missing(compiler.reader.subtree(of: number), since: since, of: inner, &plan)
      }
    }
    guard since > version, reader.hasDefault(number) else { return try lack(number, group, &plan) }
    var step = MappingStep(.constant)
    (step.source, step.target, step.targetWidth) = (group.source, target, entry.width)
    step.count = entry.shape == .fixedArray ? entry.count : 1
    // What has no default of its own is empty, and its octets in the block are zero.
    if !entry.flags.contains(.hasDefault) { (step.targetWidth, step.count) = (UInt32(entry.blockByteCount), 1) }
    (step.readerEntry, step.first) = (UInt32(number), attributes.defaultValue)
    try plan.steps.append(step)
    return true
  }

  /// What is directly in a missing structure.
  private mutating func missing(
    _ children: Range<Int>, since: UInt32, of group: Group, _ plan: inout MappingPlan
  ) throws(StreamError) -> Bool {
    var target: UInt32 = 0
    var child = children.lowerBound
    while child < children.upperBound {
      let entry = reader.entries[child]
      let next = reader.sibling(after: child)
      if entry.type != .padding, try !missing(child, at: target, since: since, of: group, &plan) {
        try leaveAlone(&plan) { (compiler, plan) throws(StreamError) in
          _ = try compiler.missing(next..<children.upperBound, since: since, of: group, &plan)
        }
        return false
      }
      target &+= UInt32(truncatingIfNeeded: entry.blockByteCount)
      child = next
    }
    return true
  }

  private func lack(
    _ number: Int, _ group: Group, _ plan: inout MappingPlan
  ) throws(StreamError) -> Bool {
    try refuse(
      .missingField, FieldNumbers(reader: number), at: group.source, expected: UInt64(number), found: UInt64(version),
      &plan)
  }

  /// Adds a step for `count` elements with the steps inside that `body` adds.
  private mutating func made(
    _ number: Int, at target: UInt32, of group: Group, _ plan: inout MappingPlan,
    _ body: (inout MappingCompiler, Group, inout MappingPlan) throws(StreamError) -> Bool
  ) throws(StreamError) -> Bool {
    let entry = reader.entries[number]
    var step = MappingStep(.made)
    step.way = entry.type == .union ? .union : .structure
    step.levels = group.levels
    (step.source, step.target, step.targetWidth) = (group.source, target, entry.width)
    step.count = entry.shape == .fixedArray ? entry.count : 1
    if entry.type == .union {
      step.targetPart = UInt32(truncatingIfNeeded: reader.entries[number + 1].blockByteCount)
    }
    let position = plan.steps.count
    try plan.steps.append(step)
    var inner = group
    inner.levels = 0
    let isPassable = try body(&self, inner, &plan)
    plan.close(position)
    return isPassable
  }
}

// MARK: - Fields that are left alone

extension MappingCompiler {
  /// Whether there is a value without elements: not for a list that must have some.
  private func hasEmptiest(_ number: Int) -> Bool {
    let entry = reader.entries[number]
    guard entry.shape != .countedArray else { return true }
    switch entry.type {
    case .list:
      return !entry.flags.contains(.range) || reader.attributes(of: number).minimum == 0
    case .union: return hasEmptiest(number + 1)
    case .structure:
      var child = number + 1
      while child < reader.sibling(after: number) {
        guard hasEmptiest(child) else { return false }
        child = reader.sibling(after: child)
      }
      return true
    default: return true
    }
  }

  /// Row D4: zero octets in the block stay as they are; the rest is what cannot be without elements.
  private mutating func emptiest(
    _ number: Int, at target: UInt32, of group: Group, _ plan: inout MappingPlan
  ) throws(StreamError) {
    let entry = reader.entries[number]
    guard entry.shape != .countedArray else { return }
    switch entry.type {
    case .countedBytes, .string:
      guard entry.flags.contains(.range) else { return }
      var step = MappingStep(.made)
      step.way = .counted
      (step.source, step.target, step.targetWidth) = (group.source, target, entry.width)
      step.count = entry.shape == .fixedArray ? entry.count : 1
      step.first = reader.attributes(of: number).minimum
      if step.first > 0 { try plan.steps.append(step) }
    case .structure, .union:
      _ = try made(number, at: target, of: group, &plan) { (compiler, inner, plan) throws(StreamError) in
        let end = entry.type == .union ? number + 2 : compiler.reader.sibling(after: number)
        var at: UInt32 = 0
        var child = number + 1
        while child < end {
          try compiler.emptiest(child, at: at, of: inner, &plan)
          at &+= UInt32(truncatingIfNeeded: compiler.reader.entries[child].blockByteCount)
          child = compiler.reader.sibling(after: child)
        }
        return true
      }
    default: return
    }
  }
}
