import MigrationStream

/// Makes the table of section rules of a resolved model.
///
/// Pieces that exist come first, so that their numbers are those of ``ResolvedModel/sections`` and
/// ``ResolvedModel/subsections``; behind them those that do not exist with these parameters.
///
/// Source: Specs/device-models.md section 5.7, Specs/60-section-rules.md.
struct RuleDeriver: ~Copyable {
  let document: ModelDocument
  private let sections: [ResolvedSection]
  private let subsections: [ResolvedSubsection]
  let paths: RulePaths
  private var builder: SectionRulesBuilder
  /// JSON pointers to what the rules of the table come from, by number, and to its subsections.
  private var rulePointers: [String] = []
  private var subsectionPointers: [String] = []
  /// Fields that were looked at so far.
  var fieldCount = 0

  /// Comparisons of a condition or a rule at most.
  static var termsMax: Int { 64 }

  private init(_ document: ModelDocument, _ resolver: ModelResolver) {
    self.document = document
    sections = resolver.sections
    subsections = resolver.subsections
    paths = RulePaths(resolver.readerLayouts, elements: resolver.elements)
    builder = SectionRulesBuilder(version: document.version, versionMin: document.versionMin)
  }

  /// - Parameter table: The reader's layouts.
  static func rules(
    _ document: ModelDocument, _ parameters: ParameterSet, _ resolver: ModelResolver, _ table: LayoutTable
  ) throws(DocumentFault) -> SectionRules {
    // Errors of a table name a number: of a subsection in one without rules, of a rule in the other.
    var pieces = RuleDeriver(document, resolver)
    try pieces.addPieces(parameters)
    _ = try finish(pieces.builder, table, pieces.subsectionPointers, "its target or condition")
    var all = RuleDeriver(document, resolver)
    try all.addPieces(parameters)
    for number in all.sections.indices { try all.addRules(of: .section(number), layout: all.sections[number].layout) }
    for number in all.subsections.indices {
      try all.addRules(of: .subsection(number), layout: all.subsections[number].layout)
    }
    return try finish(all.builder, table, all.rulePointers, "it")
  }

  private static func finish(
    _ builder: consuming SectionRulesBuilder, _ table: LayoutTable, _ pointers: [String], _ subject: String
  ) throws(DocumentFault) -> SectionRules {
    do throws(StreamError) {
      return try builder.finish(table)
    } catch {
      let number = Int(clamping: error.offset)
      throw fault(error, subject, pointer: number < pointers.count ? pointers[number] : "")
    }
  }

  private static func fault(_ error: StreamError, _ subject: String, pointer: String) -> DocumentFault {
    let why =
      switch error.code {
      case .limitExceeded: "a table of rules has at most \(error.expected) of these"
      case .duplicateName: "two sections, or two subsections, have one name"
      case .typeChanged: "\(subject) names a field of a type for which chapter 60 has no such rule"
      case .outOfMemory: "no memory is left"
      default: "\(subject) names a field that is not there just once where it is looked at"
      }
    return DocumentFault(why, pointer: pointer, line: 0)
  }
}

// MARK: - Pieces

extension RuleDeriver {
  private mutating func addPieces(_ parameters: ParameterSet) throws(DocumentFault) {
    for section in sections { try add(section) }
    var disabled = document.sections.filter { !parameters.enables($0.piece.enabledBy) }
    for section in disabled {
      var rule = SectionRule(layout: 0, version: document.version, versionMin: 1)
      rule.isEnabled = false
      try building("/sections") { (builder) throws(StreamError) in
        _ = try builder.section(rule, name: section.piece.name.utf8.span.octets)
      }
    }
    for subsection in subsections { try add(subsection) }
    // Those of an existing section in front, as its number is.
    disabled = document.sections.filter { parameters.enables($0.piece.enabledBy) } + disabled
    var enabledCount = 0
    for (number, section) in disabled.enumerated() {
      try addDisabled(
        section.piece.subsections, parameters, owner: .section(number), isEnabled: number < sections.count, &enabledCount)
    }
  }

  private mutating func add(_ section: ResolvedSection) throws(DocumentFault) {
    var rule = SectionRule(layout: section.layout, version: document.version, versionMin: 1)
    rule.since = section.section.piece.since
    rule.maximumCount = section.maximumCount
    rule.keyEntry = section.keyEntry
    rule.cardinality =
      switch section.section.cardinality {
      case .one: section.section.isDemanded ? .one : .optional
      case .optional: .optional
      case .many: .many
      }
    try building("/sections") { (builder) throws(StreamError) in
      _ = try builder.section(rule, name: section.name.utf8.span.octets)
      for predecessor in section.predecessors { try builder.predecessor(.section(predecessor)) }
    }
  }

  private mutating func add(_ subsection: ResolvedSubsection) throws(DocumentFault) {
    let owner: RulePiece =
      switch subsection.owner {
      case .section(let number): .section(number)
      case .subsection(let number): .subsection(number)
      }
    var rule = SubsectionRule(
      layout: subsection.layout, version: document.version, versionMin: 1, owner: owner, target: subsection.target)
    rule.since = subsection.subsection.piece.since
    let terms = try condition(of: subsection)
    subsectionPointers.append(subsection.pointer)
    try building(subsection.pointer) { (builder) throws(StreamError) in
      _ = try builder.subsection(rule, name: subsection.name.utf8.span.octets)
      for term in terms { try builder.condition(term) }
    }
  }

  /// Subsections that do not exist, and all that lies in them.
  private mutating func addDisabled(
    _ list: [ModelSubsection], _ parameters: ParameterSet, owner: RulePiece, isEnabled: Bool, _ enabledCount: inout Int
  ) throws(DocumentFault) {
    for subsection in list {
      let exists = isEnabled && parameters.enables(subsection.piece.enabledBy)
      let piece: RulePiece
      if exists {
        piece = .subsection(enabledCount)
        enabledCount += 1
      } else {
        var rule = SubsectionRule(layout: 0, version: document.version, versionMin: 1, owner: owner)
        rule.isEnabled = false
        piece = .subsection(subsectionPointers.count)
        subsectionPointers.append("/sections")
        try building("/sections") { (builder) throws(StreamError) in
          _ = try builder.subsection(rule, name: subsection.piece.name.utf8.span.octets)
        }
      }
      try addDisabled(subsection.piece.subsections, parameters, owner: piece, isEnabled: exists, &enabledCount)
    }
  }

  private func condition(of subsection: ResolvedSubsection) throws(DocumentFault) -> [RuleTerm] {
    let layout =
      switch subsection.owner {
      case .section(let number): sections[number].layout
      case .subsection(let number): subsections[number].layout
      }
    var terms: [RuleTerm] = []
    guard subsection.subsection.when?.count ?? 0 <= Self.termsMax else {
      throw DocumentFault(
        "its condition has more than \(Self.termsMax) comparisons", pointer: subsection.pointer + "/when", line: 0)
    }
    for (number, comparison) in (subsection.subsection.when ?? []).enumerated() {
      let pointer = subsection.pointer + "/when/\(number)"
      guard let found = find(comparison.field, from: subsection.target, in: layout) else {
        throw DocumentFault(
          "its condition names \(comparison.field), which does not exist with these parameters", pointer: pointer, line: 0)
      }
      terms.append(try paths.term(comparison, found.field, pointer))
    }
    return terms
  }

  private func find(_ path: String, from target: UInt32?, in layout: UInt32) -> RulePaths.Found? {
    guard let target else { return paths.find(path, from: RulePaths.Scope(layout: Int(layout))) }
    let group = RuleField(layout, target)
    return paths.field(group).field.type.type == .list
      ? paths.find(path, fromElementsOf: group)
      : paths.find(path, from: RulePaths.Scope(layout: Int(layout), group: Int(target)))
  }

  private mutating func building(
    _ pointer: String, _ body: (inout SectionRulesBuilder) throws(StreamError) -> Void
  ) throws(DocumentFault) {
    do throws(StreamError) { try body(&builder) } catch { throw Self.fault(error, "it", pointer: pointer) }
  }

  /// Adds a rule, with its terms if it is an implication.
  mutating func add(
    _ rule: FieldRule, of piece: RulePiece, _ pointer: String, when: [RuleTerm] = [], then: [RuleTerm] = []
  ) throws(DocumentFault) {
    rulePointers.append(pointer)
    try building(pointer) { (builder) throws(StreamError) in
      try builder.rule(rule, of: piece)
      for term in when { try builder.when(term) }
      for term in then { try builder.then(term) }
    }
  }
}
