import MigrationStream
import StreamTestKit
import Testing

/// Lists whose elements have the layout that the list is in, arrays of what has a variable part, and what a mapping
/// leaves alone: found by FuzzRules.
@Suite struct SectionRulesNestedTests {
  /// Nodes in nodes, with a kind and a ring of two; and elements without these.
  private static let node = [
    RawLayout(
      "node",
      [
        RawField("nodes", .list), RawField("kind", .unsigned, width: 4), RawField("ring", .unsigned, width: 1).array(2),
      ]),
    RawLayout("other", [RawField("value", .unsigned, width: 8)]),
  ]

  private static func node(_ kind: UInt32, _ elements: [[UInt8]] = []) -> [UInt8] {
    .joined(.u32(UInt32(elements.count)), .u32(kind), .zeros(8), elements.flatMap { $0 })
  }

  private static func element(_ layout: UInt32, _ octets: [UInt8]) -> [UInt8] {
    .joined(.u32(layout), .u32(UInt32(octets.count)), octets)
  }

  @Test func numberOfStrings() {
    let layout = RawLayout("names", [RawField("num", .count, width: 2), RawField("names", .string).counted(3)])
    func data(_ num: UInt16) -> [UInt8] {
      .joined(.u16(num), .u32(2), .zeros(2), .u32(1), .u32(0), .text("a").padded())
    }
    let rule = RuleCase([layout], [RuleSample(.count(entry(0), of: entry(1)))])
    #expect(rule.refusal(data(2)) == nil)
    #expect(rule.refusal(data(1)) == RuleRefusal(.ruleViolated, at: 0, expected: 2, found: 1))
  }

  /// A walk comes to elements of the list before the field that lies in front of them.
  @Test func firstOfTheLargest() {
    let rule = RuleCase(Self.node, [RuleSample(.index(entry(1), of: entry(2)))])
    #expect(rule.refusal(Self.node(1, [Self.element(0, Self.node(1))])) == nil)
    let twice = rule.refusal(Self.node(5, [Self.element(0, Self.node(5))]))
    #expect(twice == RuleRefusal(.valueOutOfRange, at: 4, expected: 2, found: 5))
    let inner = rule.refusal(Self.node(5, [Self.element(0, Self.node(6))]))
    #expect(inner == RuleRefusal(.valueOutOfRange, at: 28, expected: 2, found: 6))
  }

  /// The element's own field, although the piece has one of the same layout; the piece's where the element has none.
  @Test func elementsLikeThePiece() {
    let rule = RuleCase(Self.node, [RuleSample(.implies(in: entry(0)), then: [RuleTerm(entry(1), .equals, 0)])])
    #expect(rule.refusal(Self.node(1, [Self.element(0, Self.node(0))])) == nil)
    let own = rule.refusal(Self.node(0, [Self.element(0, Self.node(1))]))
    #expect(own == RuleRefusal(.ruleViolated, at: 28, expected: 0, found: 1))
    #expect(rule.refusal(Self.node(0, [Self.element(1, .u64(3))])) == nil)
    #expect(rule.refusal(Self.node(1, [Self.element(1, .u64(3))])) == RuleRefusal(.ruleViolated, at: 16))
  }

  /// A structure that begins with padding begins where it does in the stream.
  @Test func structureBehindPadding() {
    let maybe = RawField("maybe", .optional, [RawField("value", .unsigned, width: 4)])
    let (before, on) = (RawField("before", .unsigned, width: 4), RawField("on", .unsigned, width: 4))
    let own = RawLayout(
      "l", [before, RawField("inner", .structure, [RawField("pad", .padding, width: 4), maybe]), on])
    let other = RawLayout("l", [on, before, RawField("inner", .structure, [maybe])])
    let rule = RuleCase(
      [own],
      [
        RuleSample(
          .implies(in: entry(1)), when: [RuleTerm(entry(5), .equals, 1)], then: [RuleTerm(entry(4), .atMost, 9)])
      ])
    let refused = refusal { () throws(StreamError) in
      _ = try mapped(other, .joined(.u32(1), .u32(0), .u32(0), .u32(0)), rule)
    }
    #expect(refused == StreamError(.ruleViolated, .rules, at: 1_008))
  }

  /// No rule about a field that is left alone is judged, also where that is behind a refusal which is not met, of what the
  /// stream lacks, has as something else, or lacks a part of.
  @Test func leftAloneBehindARefusal() {
    let lost = RawField("lost", .unsigned, width: 4)
    let was = RawField("was", .unsigned, width: 4)
    let group = RawField("group", .structure, [lost, Self.old])
    #expect(danglesWithoutKeys([Self.old], [], key: 2) == nil)
    #expect(danglesWithoutKeys([lost, Self.old], [], key: 3) == nil)
    #expect(danglesWithoutKeys([was, Self.old], [RawField("was", .bool)], key: 3) == nil)
    #expect(danglesWithoutKeys([group, Self.old], [], key: 4) == nil)
    #expect(danglesWithoutKeys([group, Self.old], [], key: 5) == nil)
    #expect(danglesWithoutKeys([lost, Self.old], [], key: 2)?.code == .danglingReference)
  }

  /// What elements of a section leave alone is judged in the next section.
  @Test func leftAloneInElements() throws {
    let (value, nodes) = (RawField("value", .unsigned, width: 4), RawField("nodes", .list))
    let (root, element) = (RawLayout("l", [value, nodes]), RawLayout("e", [value]))
    let theirs = try MappingCase.store([root.canonical, element.canonical])
    let rule = RuleCase(
      [root, RawLayout("e", [Self.old, value])], [RuleSample(.reference(entry(0), to: entry(0, of: 1)))])
    let ours = try MappingCase.store(rule.layouts)
    let names = LayoutAliases()
    let layouts = MappingLayouts(stream: theirs.table, reader: ours.table, aliases: names.table)
    let rules = try rule.table(ours.table)
    var mapping = try LayoutMapping(from: 0, to: 0, of: layouts, version: 2)
    let empty = [UInt8].joined(.u32(5), .u32(0))
    let some = [UInt8].joined(.u32(5), .u32(1), Self.element(1, .u32(7).padded()))
    for (data, isJudged) in [(empty, true), (some, false), (some, false), (empty, true)] {
      var place = OwnedBytes()
      var nobody = NoMappingHandler()
      let refused = refusal { () throws(StreamError) in
        _ = try mapping.apply(
          data.span.octets, at: 0, of: layouts, judgedBy: rules, as: .section(0), in: &place, report: &nobody)
      }
      #expect(refused?.code == (isJudged ? .danglingReference : nil))
    }
  }

  /// What is inside of something that would be refused is not left alone.
  @Test func insideOfWhatWouldBeRefused() {
    let group = RawField("group", .structure, [Self.old])
    let refused = danglesWithoutKeys([group], [RawField("group", .bool)], key: 3)
    #expect(refused == StreamError(.danglingReference, .rules, at: 1_000, expected: 0, found: 5))
  }

  private static let old = RawField("old", .unsigned, width: 4) { $0.until = 1 }

  /// A reference to a key inside of an optional that is not there.
  private func danglesWithoutKeys(_ ours: [RawField], _ theirs: [RawField], key: Int) -> StreamError? {
    let value = RawField("value", .unsigned, width: 4)
    let own = RawLayout("l", [value, RawField("maybe", .optional, ours)])
    let some = theirs.isEmpty ? [RawField("some", .bool) { $0.mark = 2 }] : theirs
    let other = RawLayout("l", [value, RawField("maybe", .optional, some)])
    let rule = RuleCase([own], [RuleSample(.reference(entry(0), to: entry(UInt32(key))))])
    return refusal { () throws(StreamError) in _ = try mapped(other, .joined(.u32(5), .u32(0)), rule, version: 2) }
  }

  /// The octets of a key that is left alone are no key.
  @Test func keyLeftAlone() throws {
    let value = RawField("value", .unsigned, width: 4)
    let old = RawField("key", .unsigned, width: 4) { $0.until = 1 }
    let theirs = try MappingCase.store([RawLayout("l", [value]).canonical, RawLayout("l", [old, value]).canonical])
    let ours = try MappingCase.store([RawLayout("l", [old, value]).canonical])
    let names = LayoutAliases()
    let layouts = MappingLayouts(stream: theirs.table, reader: ours.table, aliases: names.table)
    var builder = SectionRulesBuilder(version: 2, versionMin: 1)
    var section = SectionRule(layout: 0, version: 2, versionMin: 1)
    (section.cardinality, section.maximumCount, section.keyEntry) = (.many, 2, 0)
    _ = try builder.section(section, name: StaticString("queue").octets)
    let rules = try builder.finish(ours.table)
    let device = RawDevice { $0.sections = [RawAnnouncement("queue"), RawAnnouncement("queue")] }
    let octets = RawStream([RawManifest { $0.devices = [device] }.record, .end]).octets
    var decoder = try PullDecoder(octets.span.octets, limits: StreamLimits())
    _ = try decoder.next()
    for (layout, refused) in [(0, nil), (1, StreamError(.duplicateKey, .rules, at: 2_000, found: 3, device: 0))] {
      var sections = try DeviceSections(decoder.state.manifest, device: 0, at: 128, rules: rules)
      let data = [UInt8].joined(.u32(3), .u32(0))
      for number in 0..<2 {
        var mapping = try LayoutMapping(from: UInt32(layout), to: 0, of: layouts, version: 2)
        var place = OwnedBytes()
        var nobody = NoMappingHandler()
        let mapped = try mapping.apply(
          data.span.octets, at: 0, of: layouts, judgedBy: rules, as: .section(0), in: &place, report: &nobody)
        try sections.keep(
          number, mapped, madeBy: mapping, at: UInt64(1_000 * (1 + number)), rules: rules, layouts: ours.table)
      }
      let error = refusal { () throws(StreamError) in try sections.finish() }
      #expect(error == refused)
    }
  }
}
