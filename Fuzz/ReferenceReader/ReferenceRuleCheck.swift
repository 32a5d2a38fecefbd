/// What a table of rules may say about the reader's layouts.
///
/// Source: Specs/60-section-rules.md sections 2 and 5; what a fault is called: `SectionRulesBuilder`.
public struct ReferenceRuleCheck {
  public typealias Field = ReferenceRuleTable.Field

  public enum Fault: Hashable, Sendable {
    /// Names of one kind differ.
    case duplicateName
    case unknownLayout
    case missingField
    /// A field that the rule cannot be about.
    case wrongType
    /// Outside the scope, or not just one in it; whatever else contradicts itself.
    case contradiction
  }

  private let layouts: [ReferenceLayout]

  /// - Parameter layouts: canonical layouts of the reader, by number.
  public init(layouts: [[UInt8]]) throws(ReferenceRefusal) { self.layouts = try ReferenceLayout.parse(layouts) }

  /// Everything that is wrong with a table.
  public func faults(_ table: ReferenceRuleTable) -> Set<Fault> {
    var faults: Set<Fault> = []
    for names in [table.sections.map(\.piece.name), table.subsections.map(\.piece.name)]
    where Set(names).count < names.count { faults.insert(.duplicateName) }
    for (number, section) in table.sections.enumerated() {
      faults.formUnion(self.faults(section))
      if section.predecessors.contains(where: { $0 >= number }) { faults.insert(.contradiction) }
    }
    for (number, subsection) in table.subsections.enumerated() {
      let isKnown =
        switch subsection.owner {
        case .section(let owner): owner < table.sections.count
        case .subsection(let owner): owner < number
        }
      guard isKnown else { return faults.union([.contradiction]) }
      faults.formUnion(self.faults(subsection, own: table.piece(subsection.owner).layout))
    }
    return faults
  }

  // MARK: Pieces

  private func faults(_ piece: ReferenceRuleTable.Piece) -> Set<Fault> {
    guard layouts.indices.contains(piece.layout) else { return [.unknownLayout] }
    var faults: Set<Fault> = piece.minimum > piece.version ? [.contradiction] : []
    for rule in piece.rules { faults.formUnion(self.faults(rule, own: piece.layout)) }
    return faults
  }

  private func faults(_ section: ReferenceRuleTable.Section) -> Set<Fault> {
    var faults = faults(section.piece)
    if case .many(let maximum, let key) = section.cardinality {
      if maximum == 0 { faults.insert(.contradiction) }
      if let key { faults.formUnion(number(Field(section.piece.layout, key), in: nil, own: section.piece.layout)) }
    }
    return faults
  }

  private func faults(_ subsection: ReferenceRuleTable.Subsection, own: Int) -> Set<Fault> {
    var faults = faults(subsection.piece)
    guard layouts.indices.contains(own) else { return faults.union([.unknownLayout]) }
    let target = subsection.target.map { Field(own, $0) }
    if let target {
      faults.formUnion(scope(target))
      // A list that is itself in an array is no target.
      if let entry = entry(target), entry.type == .list, entry.shape != 0 { faults.insert(.wrongType) }
    }
    return faults.union(subsection.condition.flatMap { term($0.field, target, own) })
  }

  // MARK: Rules

  public func faults(_ rule: ReferenceRuleTable.FieldRule, own: Int) -> Set<Fault> {
    if case .implies(let scope, let when, let then) = rule {
      if let fault = scope.flatMap({ missing($0) }) { return [fault] }
      // Each term by itself: any that is wrong may be named.
      let terms = Set((when + then).flatMap { term($0.field, scope, own) })
      return self.scope(scope) + terms + (then.isEmpty ? [.contradiction] : [])
    }
    var faults = Set(rule.fields.compactMap { missing($0) })
    guard faults.isEmpty else { return faults }
    switch rule {
    case .index(let scope, let field, let array, _):
      faults = self.scope(scope) + type(isUnsigned(field)) + inside(field, scope, own) + self.array(array, scope, own)
    case .count(let scope, let field, let array):
      faults = self.scope(scope) + type(isUnsigned(field)) + number(field, in: scope, own: own)
      faults += self.array(array, scope, own)
    case .closed(let field): faults = type(entry(field)?.type.hasSymbols == true) + inside(field, nil, own)
    case .subset(let field):
      let kind = entry(field)?.type
      faults = type(kind == .unsigned || kind == .flags || kind == .bitmap) + whole(field, own)
    case .atMost(let field): faults = type(isNumber(field) && entry(field)?.type.isInteger == true) + whole(field, own)
    case .unique(let field): faults = type(isNumber(field)) + inside(field, nil, own)
    case .reference(let field, let key, _):
      faults = type(isNumber(field) && isNumber(key) && isSameSign(field, key))
      faults += inside(field, nil, own) + inside(key, nil, own)
    case .acyclic(let scope, let key, let parent, _):
      faults = self.scope(scope) + number(key, in: scope, own: own) + number(parent, in: scope, own: own)
      faults += type(isSameSign(key, parent)) + (key.layout == parent.layout ? [] : [.contradiction])
    case .above(let scope, let next, let used):
      faults = self.scope(scope) + number(next, in: scope, own: own) + inside(used, scope, own)
      faults += type(isNumber(used) && isSameSign(next, used))
    case .implies: break
    }
    return faults
  }

  private func type(_ isRight: Bool) -> Set<Fault> { isRight ? [] : [.wrongType] }

  private func missing(_ field: Field) -> Fault? {
    guard layouts.indices.contains(field.layout) else { return .unknownLayout }
    return layouts[field.layout].fields.indices.contains(field.entry) ? nil : .missingField
  }

  private func scope(_ scope: Field?) -> Set<Fault> {
    guard let scope else { return [] }
    if let fault = missing(scope) { return [fault] }
    return type(isScope(scope))
  }

  /// *The* field of the scope, and a number.
  private func number(_ field: Field, in scope: Field?, own: Int) -> Set<Fault> {
    if let fault = missing(field) { return [fault] }
    return type(isNumber(field) && entry(field)?.shape == 0) + (isOne(field, scope, own) ? [] : [.contradiction])
  }

  /// Of the scope or else of the piece.
  private func term(_ field: Field, _ scope: Field?, _ own: Int) -> Set<Fault> {
    let inScope = number(field, in: scope, own: own)
    return inScope.isEmpty ? [] : number(field, in: nil, own: own)
  }

  private func inside(_ field: Field, _ scope: Field?, _ own: Int) -> Set<Fault> {
    isInside(field, scope, own) ? [] : [.contradiction]
  }

  private func array(_ field: Field, _ scope: Field?, _ own: Int) -> Set<Fault> {
    type(isArray(field)) + (isOne(field, scope, own) ? [] : [.contradiction])
  }

  /// A field of the piece that is held against the local one, whole.
  private func whole(_ field: Field, _ own: Int) -> Set<Fault> {
    type(entry(field)?.isCountedArray == false) + (isOne(field, nil, own) ? [] : [.contradiction])
  }

  // MARK: Fields

  private func entry(_ field: Field) -> ReferenceLayout.Field? {
    missing(field) == nil ? layouts[field.layout].fields[field.entry] : nil
  }

  public func isScope(_ field: Field) -> Bool { entry(field)?.type.isGroupOrList == true }

  public func isArray(_ field: Field) -> Bool { entry(field).map { $0.shape != 0 || $0.type == .list } == true }

  /// An integer, a bool, mac or pciAddress of up to 8 octets.
  public func isNumber(_ field: Field) -> Bool {
    guard let entry = entry(field) else { return false }
    return entry.width <= 8 && (entry.type.isInteger || [.bool, .mac, .pciAddress].contains(entry.type))
  }

  /// Numbers of elements have no sign.
  public func isUnsigned(_ field: Field) -> Bool {
    guard let entry = entry(field) else { return false }
    return isNumber(field) && entry.type.isInteger && !entry.type.isSigned
  }

  public func isSameSign(_ one: Field, _ other: Field) -> Bool {
    entry(one)?.type.isSigned == entry(other)?.type.isSigned
  }

  /// Whether neither an array nor a list lies between the scope and the field.
  public func isOne(_ field: Field, _ scope: Field?, _ own: Int) -> Bool {
    guard missing(field) == nil else { return false }
    let isElement = scope.map { entry($0)?.type == .list } == true
    guard isElement || field.layout == scope?.layout ?? own else { return false }
    let around = around(field)
    guard let scope, !isElement else { return around.allSatisfy { layouts[field.layout].fields[$0].shape == 0 } }
    guard let start = around.firstIndex(of: scope.entry) else { return false }
    return around[(start + 1)...].allSatisfy { layouts[field.layout].fields[$0].shape == 0 }
  }

  /// Whether values of the field may lie in the scope; elements of a list have any layout.
  public func isInside(_ field: Field, _ scope: Field?, _ own: Int) -> Bool {
    guard missing(field) == nil, layouts.indices.contains(own) else { return false }
    guard let scope else { return field.layout == own || layouts[own].fields.contains { $0.type == .list } }
    guard missing(scope) == nil else { return false }
    let there = layouts[scope.layout].fields[scope.entry]
    let range = scope.entry...(scope.entry + there.descendants)
    if layouts[scope.layout].fields[range].contains(where: { $0.type == .list }) { return true }
    return field.layout == scope.layout && range.contains(field.entry)
  }

  /// The groups that an entry lies in, outermost first.
  private func around(_ field: Field) -> [Int] {
    (0..<field.entry).filter { $0 + layouts[field.layout].fields[$0].descendants >= field.entry }
  }
}

extension Set<ReferenceRuleCheck.Fault> {
  fileprivate static func + (one: Self, other: Self) -> Self { one.union(other) }
  fileprivate static func += (one: inout Self, other: Self) { one.formUnion(other) }
}
