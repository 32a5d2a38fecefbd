/// The field rules of one piece.
///
/// Source: Specs/60-section-rules.md section 5.
struct ReferenceFieldRules {
  typealias Field = ReferenceRuleTable.Field
  typealias Term = ReferenceRuleTable.Term
  typealias Leaf = ReferenceRuleData.Leaf

  let data: ReferenceRuleData
  let layouts: [ReferenceLayout]
  /// The reader's own values.
  let local: ReferenceRuleData?

  /// A refusal, with where it lies in the reader's data.
  private struct Found {
    var place: Int
    var code: ReferenceCode
    var expected: UInt64 = 0
    var found: UInt64 = 0

    init(_ leaf: Leaf, _ code: ReferenceCode, expected: UInt64 = 0, found: UInt64) {
      (place, self.code, self.expected, self.found) = (leaf.place, code, expected, found)
    }

    init(_ element: ReferenceRuleData.Element, _ code: ReferenceCode) { (place, self.code) = (element.place, code) }
  }

  /// The first rule that refuses, and of its refusals the lowest.
  func judge(_ rules: [ReferenceRuleTable.FieldRule]) throws(ReferenceRefusal) {
    for rule in rules where !rule.fields.contains(where: data.isLeft) {
      var lowest: Found?
      for found in refusals(rule) where found.place < lowest?.place ?? .max { lowest = found }
      guard let lowest else { continue }
      throw ReferenceRefusal(
        lowest.code, at: data.origin(lowest.place), expected: lowest.expected, found: lowest.found)
    }
  }

  private func refusals(_ rule: ReferenceRuleTable.FieldRule) -> [Found] {
    switch rule {
    case .index(let scope, let field, let array, let none):
      data.scopes(scope).compactMap { index(field, array, none, in: $0) }
    case .count(let scope, let field, let array): data.scopes(scope).compactMap { count(field, array, in: $0) }
    case .closed(let field): closed(field)
    case .subset(let field): subset(field)
    case .atMost(let field): atMost(field)
    case .unique(let field): unique(field)
    case .reference(let field, let key, let none): dangling(field, key, none)
    case .acyclic(let scope, let key, let parent, let none): cycles(scope, key, parent, none)
    case .above(let scope, let next, let used): data.scopes(scope).compactMap { above(next, used, in: $0) }
    case .implies(let scope, let when, let then): data.scopes(scope).compactMap { implied(when, then, in: $0) }
    }
  }

  // MARK: Arrays

  private func index(_ field: Field, _ array: Field, _ none: UInt64?, in scope: Int) -> Found? {
    let values = data.values(field, in: scope).filter { $0.bits != none }
    let count = UInt64(data.count(array, of: scope))
    guard let largest = values.map(\.bits).max(), largest >= count else { return nil }
    return values.first { $0.bits == largest }.map { Found($0, .valueOutOfRange, expected: count, found: largest) }
  }

  private func count(_ field: Field, _ array: Field, in scope: Int) -> Found? {
    let count = data.count(array, of: scope)
    guard let leaf = data.the(field, of: scope), leaf.value != Int128(count) else { return nil }
    return Found(leaf, .ruleViolated, expected: UInt64(count), found: leaf.named)
  }

  private func above(_ next: Field, _ used: Field, in scope: Int) -> Found? {
    guard let next = data.the(next, of: scope),
      let largest = data.values(used, in: scope).max(by: { $0.value < $1.value }), next.value <= largest.value
    else { return nil }
    return Found(next, .ruleViolated, expected: largest.named, found: next.named)
  }

  // MARK: Values

  private func closed(_ field: Field) -> [Found] {
    let entry = layouts[field.layout].fields[field.entry]
    return data.values(field).compactMap { leaf in
      if entry.type == .flags {
        let strange = entry.symbols.reduce(leaf.bits) { $0 & ~$1.value }
        return strange == 0 ? nil : Found(leaf, .symbolChanged, found: strange)
      }
      return entry.symbols.contains { $0.value == leaf.bits } ? nil : Found(leaf, .symbolChanged, found: leaf.bits)
    }
  }

  private func unique(_ field: Field) -> [Found] {
    var seen: Set<Int128> = []
    return data.values(field).compactMap { seen.insert($0.value).inserted ? nil : Found($0, .duplicateKey, found: $0.named) }
  }

  /// A value of the field with the local one of each element.
  private func pairs(_ field: Field) -> [(value: Leaf, local: Leaf)] {
    guard let local else { return [] }
    let theirs = local.all(field, of: 0)
    return data.all(field, of: 0).compactMap { leaf in
      theirs.first { $0.number == leaf.number }.map { (leaf, $0) }
    }
  }

  private func subset(_ field: Field) -> [Found] {
    pairs(field).compactMap { value, local in
      guard zip(value.octets, local.octets).contains(where: { $0 & ~$1 != 0 }) else { return nil }
      let isNamed = value.isAlone && value.octets.count <= 8
      return Found(value, .verifyMismatch, expected: isNamed ? local.named : 0, found: isNamed ? value.named : 0)
    }
  }

  private func atMost(_ field: Field) -> [Found] {
    pairs(field).compactMap { value, local in
      value.value <= local.value ? nil : Found(value, .verifyMismatch, expected: local.named, found: value.named)
    }
  }

  // MARK: Keys

  private func dangling(_ field: Field, _ key: Field, _ none: UInt64?) -> [Found] {
    let keys = Set(data.values(key).map(\.value))
    return data.values(field).compactMap { leaf in
      let isNone = none.map { leaf.signed($0) == leaf.value } ?? false
      return isNone || keys.contains(leaf.value) ? nil : Found(leaf, .danglingReference, found: leaf.named)
    }
  }

  /// Every element from which the chain of parents comes back to it.
  private func cycles(_ scope: Field, _ key: Field, _ parent: Field, _ none: UInt64?) -> [Found] {
    var chained: [(key: Leaf, parent: Leaf)] = []
    for element in data.scopes(scope) {
      if let key = data.the(key, of: element), let parent = data.the(parent, of: element) { chained.append((key, parent)) }
    }
    chained.sort { $0.parent.place < $1.parent.place }
    func next(_ number: Int) -> Int? {
      let parent = chained[number].parent
      if let none, parent.signed(none) == parent.value { return nil }
      if parent.value == chained[number].key.value { return number }
      return chained.firstIndex { $0.key.value == parent.value }
    }
    return chained.indices.compactMap { start in
      var here = next(start)
      for _ in chained where here != start { here = here.flatMap(next) }
      guard here == start else { return nil }
      return Found(
        chained[start].parent, .cyclicReference, expected: chained[start].key.named, found: chained[start].parent.named)
    }
  }

  // MARK: Terms

  /// The lowest field of the scope, or the scope itself.
  private func implied(_ when: [Term], _ then: [Term], in scope: Int) -> Found? {
    guard when.allSatisfy({ data.holds($0, data.leaf($0, scope)) }) else { return nil }
    let failing = then.filter { !data.holds($0, data.leaf($0, scope)) }
    guard !failing.isEmpty else { return nil }
    var lowest: Found?
    for term in failing {
      guard let leaf = data.the(term.field, of: scope), leaf.place < lowest?.place ?? .max else { continue }
      lowest = Found(leaf, .ruleViolated, expected: term.number, found: leaf.named)
    }
    return lowest ?? Found(data.elements[scope], .ruleViolated)
  }
}
