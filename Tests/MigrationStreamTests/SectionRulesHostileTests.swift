import Foundation
import MigrationStream
import StreamTestKit
import Testing

/// Tables that contradict themselves or the layouts: refused by the builder, never met by data.
@Suite struct SectionRulesHostileTests {
  private static let layouts = [
    RawLayout(
      "all",
      [
        RawField("number", .unsigned, width: 4),
        RawField("signed", .signed, width: 4),
        RawField("wide", .unsigned, width: 16),
        RawField("float", .float, width: 4),
        RawField("mode", .enumeration, width: 1),
        RawField("ring", .unsigned, width: 2).counted(4),
        RawField(
          "queues", .structure, [RawField("x", .unsigned, width: 4), RawField("ring", .unsigned, width: 1).counted(2)]
        ).counted(4),
        RawField("list", .list),
        RawField("lists", .list).array(2),
        RawField("text", .string),
        RawField(
          "inner", .structure, [RawField("y", .unsigned, width: 4), RawField("z", .unsigned, width: 2).array(2)]),
        RawField("union", .union, [RawField("u", .unsigned, width: 4)]),
      ]),
    RawLayout("element", [RawField("y", .unsigned, width: 8), RawField("ring", .unsigned, width: 1).counted(2)]),
  ]
  private static let (number, signed, wide, float, mode, ring) = (
    entry(0), entry(1), entry(2), entry(3), entry(4), entry(5)
  )
  private static let (queues, x, queueRing, list, lists, text) = (
    entry(6), entry(7), entry(8), entry(9), entry(10), entry(11)
  )
  private static let (inner, y, z, union, u) = (entry(12), entry(13), entry(14), entry(15), entry(16))
  private static let (elementY, elementRing) = (entry(0, of: 1), entry(1, of: 1))

  private func fault(_ rule: FieldRule, when: [RuleTerm] = [], then: [RuleTerm] = []) -> StreamError? {
    RuleCase(Self.layouts, [RuleSample(.unique(Self.number)), RuleSample(rule, when: when, then: then)]).fault
  }

  /// Rules that are right, so that those below are refused for what they say they are.
  @Test func rightRules() {
    let right: [FieldRule] = [
      .index(Self.number, of: Self.ring), .index(Self.x, of: Self.queueRing, in: Self.queues),
      .index(Self.x, of: Self.queues), .index(Self.elementY, of: Self.list),
      .index(Self.elementY, of: Self.elementRing, in: Self.list),
      .index(Self.ring, of: Self.lists), .index(Self.number, of: Self.z),
      .count(Self.number, of: Self.list), .count(Self.x, of: Self.queueRing, in: Self.queues),
      .count(Self.y, of: Self.ring), .closed(Self.mode), .subset(Self.number), .subset(Self.z), .subset(Self.wide),
      .atMost(Self.signed), .atMost(Self.z), .unique(Self.x), .unique(Self.elementY), .unique(Self.mode),
      .reference(Self.elementY, to: Self.x), .acyclic(Self.list, key: Self.elementY, parent: Self.elementY),
      .acyclic(Self.queues, key: Self.x, parent: Self.x), .above(Self.number, all: Self.elementY),
      .above(Self.x, all: Self.queueRing, in: Self.queues),
    ]
    for rule in right { #expect(fault(rule) == nil, "\(rule)") }
    #expect(fault(.implies(), then: [RuleTerm(Self.u, .equals, 1), RuleTerm(Self.y, .anyBits, 1)]) == nil)
    let term = RuleTerm(Self.elementY, .equals, 1)
    #expect(fault(.implies(in: Self.lists), when: [term], then: [term]) == nil)
  }

  @Test func wrongTypes() {
    let wrong: [FieldRule] = [
      .index(Self.signed, of: Self.ring), .index(Self.wide, of: Self.ring), .index(Self.number, of: Self.signed),
      .index(Self.number, of: Self.text), .index(Self.number, of: Self.inner), .index(Self.float, of: Self.ring),
      .index(Self.number, of: Self.ring, in: Self.number), .index(Self.queues, of: Self.ring),
      .count(Self.z, of: Self.ring), .count(Self.ring, of: Self.ring), .count(Self.text, of: Self.ring),
      .closed(Self.number), .closed(Self.list), .subset(Self.signed), .subset(Self.ring), .subset(Self.float),
      .subset(Self.inner), .atMost(Self.wide), .atMost(Self.ring), .atMost(Self.text), .unique(Self.wide),
      .unique(Self.float), .unique(Self.text), .unique(Self.queues), .reference(Self.elementY, to: Self.text),
      .reference(Self.number, to: Self.signed), .acyclic(Self.number, key: Self.x, parent: Self.x),
      .acyclic(Self.queues, key: Self.queueRing, parent: Self.x), .above(Self.number, all: Self.signed),
      .above(Self.number, all: Self.list), .above(Self.ring, all: Self.number),
    ]
    for rule in wrong { #expect(fault(rule)?.code == .typeChanged, "\(rule) \(String(describing: fault(rule)))") }
    for field in [Self.ring, Self.wide, Self.text, Self.union] {
      #expect(fault(.implies(), then: [RuleTerm(field, .equals, 0)])?.code == .typeChanged)
    }
    let place = fault(.closed(Self.number))
    #expect(place == StreamError(.typeChanged, .use, at: 1, found: 0))
  }

  /// *The* field of a scope has no array or list around it there, and every field lies inside.
  @Test func outsideOfTheScope() {
    let wrong: [FieldRule] = [
      .index(Self.number, of: Self.queueRing), .index(Self.number, of: Self.elementRing),
      .index(Self.number, of: Self.queueRing, in: Self.queues), .index(Self.x, of: Self.ring, in: Self.queues),
      .index(Self.elementY, of: Self.queueRing, in: Self.queues), .count(Self.x, of: Self.queues),
      .count(Self.number, of: Self.ring, in: Self.inner), .subset(Self.x), .atMost(Self.elementY),
      .acyclic(Self.list, key: Self.elementY, parent: Self.number),
      .acyclic(Self.queues, key: Self.x, parent: Self.elementY), .above(Self.x, all: Self.number),
    ]
    for rule in wrong {
      #expect(fault(rule)?.code == .wrongCall, "\(rule) \(String(describing: fault(rule)))")
    }
    #expect(fault(.implies(), then: [RuleTerm(Self.x, .equals, 0)])?.code == .wrongCall)
    #expect(fault(.implies())?.code == .wrongCall)
  }

  @Test func noSuchEntry() {
    let (gone, nowhere) = (entry(17), entry(0, of: 2))
    for rule in [
      FieldRule.index(gone, of: Self.ring), .index(Self.number, of: gone), .count(Self.number, of: Self.ring, in: gone),
      .unique(entry(.max)), .reference(Self.number, to: gone), .acyclic(gone, key: Self.x, parent: Self.x),
    ] {
      #expect(fault(rule)?.code == .missingField, "\(rule)")
    }
    for rule in [
      FieldRule.index(nowhere, of: Self.ring), .unique(entry(0, of: .max)), .implies(in: nowhere),
      .acyclic(Self.queues, key: Self.x, parent: nowhere),
    ] {
      #expect(fault(rule)?.code == .unknownLayout, "\(rule)")
    }
    #expect(fault(.implies(), then: [RuleTerm(gone, .equals, 0)])?.code == .missingField)
    #expect(fault(.implies(), then: [RuleTerm(nowhere, .equals, 0)])?.code == .unknownLayout)
  }

  // MARK: pieces

  private func build(
    _ body: (inout SectionRulesBuilder) throws(StreamError) -> Void
  ) -> StreamError? {
    refusal { () throws(StreamError) in
      let store = try MappingCase.store(Self.layouts.map(\.canonical))
      var builder = SectionRulesBuilder(version: 1, versionMin: 1)
      try body(&builder)
      _ = try builder.finish(store.table)
    }
  }

  private func section(
    _ name: StaticString, in builder: inout SectionRulesBuilder, _ change: (inout SectionRule) -> Void = { _ in }
  ) throws(StreamError) {
    var rule = SectionRule(layout: 0, version: 2, versionMin: 1)
    change(&rule)
    _ = try builder.section(rule, name: name.octets)
  }

  @Test(arguments: 0..<9)
  func sections(_ number: Int) {
    let changes: [(StreamError.Code?, (inout SectionRule) -> Void)] = [
      (nil, { _ in }), (.unknownLayout, { $0.layout = 2 }), (.wrongCall, { $0.versionMin = 3 }),
      (.wrongCall, { ($0.cardinality, $0.maximumCount) = (.many, 0) }), (.wrongCall, { $0.keyEntry = 0 }),
      (nil, { ($0.cardinality, $0.keyEntry) = (.many, 0) }),
      (.typeChanged, { ($0.cardinality, $0.keyEntry) = (.many, 2) }),
      (.missingField, { ($0.cardinality, $0.keyEntry) = (.many, 17) }),
      (.wrongCall, { ($0.cardinality, $0.keyEntry) = (.many, 7) }),
    ]
    let (code, change) = changes[number]
    let fault = build { (builder) throws(StreamError) in
      try section("a", in: &builder)
      try section("b", in: &builder, change)
    }
    #expect(fault?.code == code)
    #expect(code == nil || fault?.offset == 1)
  }

  /// A cycle of predecessors cannot be said: each is before the section in the table.
  @Test func predecessors() {
    for piece in [RulePiece.section(1), .section(2), .section(-1), .subsection(0)] {
      let fault = build { (builder) throws(StreamError) in
        try section("a", in: &builder)
        try section("b", in: &builder)
        try builder.predecessor(piece)
      }
      #expect(fault?.code == .wrongCall)
    }
    let right = build { (builder) throws(StreamError) in
      try section("a", in: &builder)
      try section("b", in: &builder)
      try builder.predecessor(.section(0))
    }
    #expect(right == nil)
    #expect(build { (builder) throws(StreamError) in try builder.predecessor(.section(0)) }?.code == .wrongCall)
  }

  @Test func names() {
    let twice = build { (builder) throws(StreamError) in
      try section("a", in: &builder)
      try section("b", in: &builder)
      try section("a", in: &builder)
    }
    #expect(twice == StreamError(.duplicateName, .use, at: 2))
    let apart = build { (builder) throws(StreamError) in
      try section("a", in: &builder)
      let rule = SubsectionRule(layout: 1, version: 1, versionMin: 1, owner: .section(0))
      _ = try builder.subsection(rule, name: StaticString("a").octets)
    }
    #expect(apart == nil)
  }

  @Test func subsections() {
    func fault(
      owner: RulePiece = .section(0), target: UInt32? = nil, layout: UInt32 = 0, versionMin: UInt32 = 1,
      _ terms: [RuleTerm] = []
    ) -> StreamError.Code? {
      build { (builder) throws(StreamError) in
        try section("a", in: &builder)
        let rule = SubsectionRule(layout: layout, version: 1, versionMin: versionMin, owner: owner, target: target)
        _ = try builder.subsection(rule, name: StaticString("x").octets)
        for term in terms { try builder.condition(term) }
      }?.code
    }
    #expect(fault() == nil)
    #expect(fault(owner: .subsection(0)) == .wrongCall)
    #expect(fault(owner: .section(1)) == .wrongCall)
    #expect(fault(layout: 2) == .unknownLayout)
    #expect(fault(versionMin: 2) == .wrongCall)
    for target in [6, 9, 12, 15] as [UInt32] { #expect(fault(target: target) == nil) }
    for target in [0, 5, 10, 11] as [UInt32] { #expect(fault(target: target) == .typeChanged) }
    #expect(fault(target: 17) == .missingField)
    let (number, x, item) = (
      RuleTerm(Self.number, .equals, 5), RuleTerm(Self.x, .equals, 5), RuleTerm(Self.elementY, .equals, 5)
    )
    #expect(fault([number]) == nil)
    #expect(fault([x]) == .wrongCall)
    #expect(fault(target: 6, [number, x]) == nil)
    #expect(fault(target: 6, [item]) == .wrongCall)
    #expect(fault(target: 9, [number, item]) == nil)
    #expect(fault(target: 9, [x]) == .wrongCall)
    #expect(fault([RuleTerm(Self.ring, .equals, 5)]) == .typeChanged)
    #expect(fault([RuleTerm(entry(17), .equals, 5)]) == .missingField)
    #expect(fault(Array(repeating: number, count: 64)) == nil)
    #expect(fault(Array(repeating: number, count: 65)) == .wrongCall)
  }

  /// Calls in an order that is none, by number.
  private func misuse(_ number: Int, _ builder: inout SectionRulesBuilder) throws(StreamError) {
    let term = RuleTerm(Self.number, .equals, 0)
    if number >= 6 { try builder.rule(.implies(), of: .section(0)) }
    switch number {
    case 0: try builder.condition(term)
    case 1: try builder.when(term)
    case 2: try builder.then(term)
    case 3: try builder.rule(.unique(Self.number), of: .section(1))
    case 4: try builder.rule(.unique(Self.number), of: .subsection(0))
    case 5:
      try builder.rule(.unique(Self.number), of: .section(0))
      try builder.then(term)
    case 6:
      try builder.then(term)
      try builder.when(term)
    case 7: for _ in 0..<65 { try builder.then(term) }
    default: try builder.condition(term)
    }
  }

  @Test func callsOutOfOrder() {
    for number in 0...8 {
      let fault = build { (builder) throws(StreamError) in
        try section("a", in: &builder)
        try misuse(number, &builder)
      }
      #expect(fault?.code == .wrongCall, "\(number)")
    }
    let term = RuleTerm(Self.number, .equals, 0)
    // 64 terms are as many as there may be, of either kind.
    for count in [0, 1, 32, 63] {
      let fault = build { (builder) throws(StreamError) in
        try section("a", in: &builder)
        try builder.rule(.implies(), of: .section(0))
        for index in 0..<64 { if index < count { try builder.when(term) } else { try builder.then(term) } }
      }
      #expect(fault == nil)
    }
  }

  /// A table asks for the layouts that it was made for.
  @Test func otherLayouts() throws {
    let rule = RuleCase(Self.layouts, [RuleSample(.unique(Self.number))])
    let store = try MappingCase.store(rule.layouts)
    let other = try MappingCase.store([Self.layouts[1].canonical])
    let rules = try rule.table(store.table)
    let data = [UInt8].zeros(16)
    for piece in [RulePiece.section(0), .section(1), .subsection(0)] {
      let fault = refusal { () throws(StreamError) in
        try rules.check(data.span.octets, of: piece, layouts: other.table)
      }
      #expect(fault?.code == .wrongCall)
    }
    let damaged = refusal { () throws(StreamError) in
      try rules.check(data.span.octets, of: .section(0), layouts: store.table)
    }
    #expect(damaged?.stage == .section)
  }

  /// The rules of the specification are those of the code.
  @Test func rulesOfTheSpecification() throws {
    let specs = URL(fileURLWithPath: CorpusFolder.path).deletingLastPathComponent().appendingPathComponent("Specs")
    let chapter = try String(contentsOf: specs.appendingPathComponent("60-section-rules.md"), encoding: .utf8)
    for kind in FieldRule.Kind.allCases { #expect(chapter.contains("| \(kind) | "), "\(kind)") }
    for relation in RuleTerm.Relation.allCases { #expect(chapter.contains("\(relation)"), "\(relation)") }
    let rows = chapter.split(separator: "\n").drop { !$0.hasPrefix("| rule |") }.dropFirst(2)
    #expect(rows.prefix { $0.hasPrefix("|") }.count == FieldRule.Kind.allCases.count)
  }
}
