import MigrationStream
import StreamTestKit
import Testing

/// A field rule with its terms.
struct RuleSample: Sendable {
  var rule: FieldRule
  var when: [RuleTerm] = []
  var then: [RuleTerm] = []

  init(_ rule: FieldRule, when: [RuleTerm] = [], then: [RuleTerm] = []) {
    (self.rule, self.when, self.then) = (rule, when, then)
  }
}

/// Code, offset, expected and found of a refusal by the rules.
struct RuleRefusal: Equatable, Sendable, CustomStringConvertible {
  var code: StreamError.Code
  var offset: UInt64
  var expected: UInt64
  var found: UInt64

  init(_ code: StreamError.Code, at offset: UInt64, expected: UInt64 = 0, found: UInt64 = 0) {
    (self.code, self.offset, self.expected, self.found) = (code, offset, expected, found)
  }

  init(_ error: StreamError) {
    #expect(error.stage == .rules, "\(error)")
    self.init(error.code, at: error.offset, expected: error.expected, found: error.found)
  }

  var description: String { "\(code) at \(offset), expected \(expected), found \(found)" }
}

/// Data of one section whose layout is the first of the reader's, and the rules it is judged by.
struct RuleCase: Sendable {
  var layouts: [[UInt8]]
  var samples: [RuleSample]
  var data: [UInt8] = []
  var local: [UInt8] = []

  init(_ layouts: [RawLayout], _ samples: [RuleSample]) {
    self.init(layouts.map(\.canonical), samples)
  }

  init(_ layouts: [[UInt8]], _ samples: [RuleSample]) { (self.layouts, self.samples) = (layouts, samples) }

  func table(
    _ layouts: LayoutTable, allocator: StreamAllocator = .system
  ) throws(StreamError) -> SectionRules {
    var builder = SectionRulesBuilder(version: 1, versionMin: 1, allocator: allocator)
    let piece = try builder.section(
      SectionRule(layout: 0, version: 1, versionMin: 1), name: StaticString("state").octets)
    for sample in samples {
      try builder.rule(sample.rule, of: piece)
      for term in sample.when { try builder.when(term) }
      for term in sample.then { try builder.then(term) }
    }
    return try builder.finish(layouts)
  }

  func judge(allocator: StreamAllocator = .system) throws(StreamError) {
    let store = try MappingCase.store(layouts, allocator: allocator)
    let rules = try table(store.table, allocator: allocator)
    try rules.check(
      data.span.octets, of: .section(0), layouts: store.table, local: local.span.octets)
  }

  /// What is refused in these data; nil: nothing.
  func refusal(_ data: [UInt8], local: [UInt8] = []) -> RuleRefusal? {
    var judged = self
    (judged.data, judged.local) = (data, local)
    do throws(StreamError) { try judged.judge() } catch { return RuleRefusal(error) }
    return nil
  }

  /// What the builder refuses.
  var fault: StreamError? {
    MigrationStreamTests.refusal { () throws(StreamError) in
      let store = try MappingCase.store(layouts)
      _ = try table(store.table)
    }
  }
}

func entry(_ number: UInt32, of layout: UInt32 = 0) -> RuleField { RuleField(layout, number) }

/// Data at 1000 of a stream of another layout, mapped and judged by a rule.
func mapped(
  _ stream: RawLayout, _ data: [UInt8], _ rule: RuleCase, version: UInt32 = 1
) throws(StreamError) -> [UInt8] {
  let theirs = try MappingCase.store([stream.canonical])
  let ours = try MappingCase.store(rule.layouts)
  let names = LayoutAliases()
  let layouts = MappingLayouts(stream: theirs.table, reader: ours.table, aliases: names.table)
  let rules = try rule.table(ours.table)
  var mapping = try LayoutMapping(from: 0, to: 0, of: layouts, version: version)
  var place = OwnedBytes()
  var report = NoMappingHandler()
  return array(
    try mapping.apply(
      data.span.octets, at: 1_000, of: layouts, judgedBy: rules, as: .section(0), in: &place, report: &report))
}
