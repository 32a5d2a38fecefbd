/// Rules about values that are compared with each other: sorted, then looked through once.
///
/// Source: Specs/60-section-rules.md section 5.
extension RuleVisitor {
  mutating func judgeItems() throws(StreamError) {
    items.sort { left, right in left.isBefore(right) }
    var start = 0
    while start < items.count {
      let rule = items[start].rule
      var end = start
      while end < items.count, items[end].rule == rule { end += 1 }
      switch rules[rule].rule.kind {
      case .unique: judgeUnique(start..<end)
      case .reference: judgeReferences(start..<end)
      default: try judgeCycles(start..<end)
      }
      start = end
    }
  }

  private mutating func judgeUnique(_ range: Range<Int>) {
    for index in range.dropFirst() where items[index].value == items[index - 1].value {
      let item = items[index]
      first.refuse(item.rule, .duplicateKey, at: item.position, found: item.value)
    }
  }

  /// Keys come first, so that both run upwards together.
  private mutating func judgeReferences(_ range: Range<Int>) {
    var key = range.lowerBound
    for index in range where items[index].isReference {
      let item = items[index]
      while !items[key].isReference, items[key].value < item.value { key += 1 }
      if items[key].isReference || items[key].value != item.value {
        first.refuse(item.rule, .danglingReference, at: item.position, found: item.value)
      }
    }
  }

  /// Follows each chain until it ends or meets an element that was seen: if the same walk saw it, it came back.
  private mutating func judgeCycles(_ range: Range<Int>) throws(StreamError) {
    var seen = OwnedBuffer<Int>(allocator: items.allocator)
    try seen.append(repeating: range.lowerBound - 1, count: range.count)
    for start in range {
      var next: Int? = start
      while let item = next, seen[item - range.lowerBound] < range.lowerBound {
        seen[item - range.lowerBound] = start
        next = parent(of: item, in: range)
      }
      guard let meeting = next, seen[meeting - range.lowerBound] == start else { continue }
      var item = meeting
      repeat {
        first.refuse(
          items[item].rule, .cyclicReference, at: items[item].position, expected: items[item].value,
          found: items[item].other)
        item = parent(of: item, in: range) ?? meeting
      } while item != meeting
    }
  }

  /// The first element whose key is the parent of this one; an element that names itself is its own.
  private func parent(of item: Int, in range: Range<Int>) -> Int? {
    let key = items[item].other
    if key == items[item].value { return item }
    let first = range.first(notBefore: { items[$0].value < key })
    return first < range.upperBound && items[first].value == key ? first : nil
  }
}
