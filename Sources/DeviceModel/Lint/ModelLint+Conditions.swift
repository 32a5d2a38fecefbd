internal import MigrationStream

/// Comparisons that can never hold.
///
/// Source: Specs/device-models.md section 5.3.
extension ModelLint {
  mutating func checkRules(_ rules: [ModelRule], at place: DocumentPlace, _ scope: FieldScope) {
    for (rule, inside) in zip(rules, place.elements) {
      checkWords(rule.description, at: inside["description"])
      checkComparisons(rule.when, at: inside["when"], scope)
      checkComparisons(rule.then, at: inside["then"], scope)
    }
  }

  mutating func checkComparisons(_ comparisons: [Comparison], at place: DocumentPlace, _ scope: FieldScope) {
    var possible: [String: PossibleValues] = [:]
    for comparison in comparisons {
      guard var values = possible[comparison.field] ?? scope.find(comparison.field, through: .structures).map({ PossibleValues($0.field) }) else {
        continue
      }
      values.narrow(to: comparison)
      possible[comparison.field] = values
    }
    for (field, values) in possible.sorted(by: { $0.key < $1.key }) where values.isEmpty {
      add(.conditionImpossible, "No value that \(field) can have fulfils what is compared here.", at: place)
    }
  }
}

/// What an integer field can be, narrowed by comparisons.
struct PossibleValues {
  private var lowest: Int128
  private var highest: Int128
  /// Values with a symbol; nil: all are legal.
  private var named: [Int128]?
  /// Bits that may be set.
  private var bits: UInt64
  /// Of each `any_bits`.
  private var wanted: [UInt64] = []
  private var excluded: Set<Int128> = []

  /// By type, range and symbols of the field; ends that follow from parameters are not known here.
  init(_ field: ModelField) {
    let width = Int128(min(field.type.width, 8)) * 8
    lowest = 0
    highest = (Int128(1) << width) - 1
    bits = UInt64(truncatingIfNeeded: highest)
    switch field.type.type {
    case .bool: highest = 1
    case .signed, .duration:
      lowest = -(Int128(1) << (width - 1))
      highest = (Int128(1) << (width - 1)) - 1
    case .enumeration where !field.isOpen: named = field.symbols.map { Int128($0.value) }
    case .flags where !field.isOpen: bits = field.symbols.reduce(0) { $0 | $1.value }
    default: break
    }
    if case .constant(let low) = field.range?.lowest { lowest = max(lowest, low) }
    if case .constant(let high) = field.range?.highest { highest = min(highest, high) }
  }

  mutating func narrow(to comparison: Comparison) {
    let mask = UInt64(truncatingIfNeeded: comparison.value)
    switch comparison.relation {
    case .equals:
      lowest = max(lowest, comparison.value)
      highest = min(highest, comparison.value)
    case .notEquals: excluded.insert(comparison.value)
    case .atLeast: lowest = max(lowest, comparison.value)
    case .atMost: highest = min(highest, comparison.value)
    case .anyBits: wanted.append(mask)
    case .noBits: bits &= ~mask
    }
  }

  /// Whether certainly none is left; what only a search could tell counts as some.
  var isEmpty: Bool {
    if lowest > highest || wanted.contains(where: { $0 & bits == 0 }) { return true }
    if let named { return !named.contains { $0 >= lowest && $0 <= highest && allows($0) } }
    return lowest == highest && !allows(lowest)
  }

  private func allows(_ value: Int128) -> Bool {
    let octets = UInt64(truncatingIfNeeded: value)
    return !excluded.contains(value) && octets & ~bits == 0 && !wanted.contains { $0 & octets == 0 }
  }
}
