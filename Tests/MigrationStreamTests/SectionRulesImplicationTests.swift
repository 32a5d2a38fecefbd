import MigrationStream
import StreamTestKit
import Testing

/// Implications and their terms, the place that a refusal names in the stream, and rules about fields left alone.
@Suite struct SectionRulesImplicationTests {
  /// A status, a level, an optional limit, and queues that are enabled and have a ready mark.
  private static let device = RawLayout(
    "device",
    [
      RawField("status", .unsigned, width: 1), RawField("level", .signed, width: 1),
      RawField("ready", .unsigned, width: 2).array(1),
      RawField("limit", .optional, [RawField("limit", .unsigned, width: 4)]),
      RawField(
        "queues", .structure, [RawField("enabled", .bool), RawField("size", .unsigned, width: 1)]
      ).array(4),
    ])

  private static func device(
    _ status: UInt8, _ level: Int8 = 0, limit: UInt32? = nil, queues: [(UInt8, UInt8)] = []
  ) -> [UInt8] {
    var octets: [UInt8] = .joined([status, UInt8(bitPattern: level)], .u16(0), .u32(limit == nil ? 0 : 1))
    for index in 0..<4 { octets += index < queues.count ? [queues[index].0, queues[index].1] : [0, 0] }
    return octets + (limit.map { [UInt8].u32($0).padded() } ?? [])
  }

  /// M79: no queue runs while the device is in reset.
  @Test func wholeSection() {
    let layout = RawLayout(
      "device", [RawField("status", .unsigned, width: 4), RawField("running", .unsigned, width: 4)])
    let rule = RuleCase(
      [layout],
      [
        RuleSample(
          .implies(), when: [RuleTerm(entry(0), .noBits, 4)], then: [RuleTerm(entry(1), .equals, 0)])
      ])
    #expect(rule.refusal(.u32(0) + .u32(0)) == nil)
    #expect(rule.refusal(.u32(4) + .u32(1)) == nil)
    let running = rule.refusal(.u32(3) + .u32(1))
    #expect(running == RuleRefusal(.ruleViolated, at: 4, expected: 0, found: 1))
  }

  @Test func eachElement() {
    let rule = RuleCase(
      [Self.device],
      [
        RuleSample(
          .implies(in: entry(5)), when: [RuleTerm(entry(6), .equals, 1)],
          then: [RuleTerm(entry(7), .atLeast, 2), RuleTerm(entry(7), .noBits, 1)])
      ])
    #expect(rule.refusal(Self.device(0, queues: [(0, 1), (1, 2), (1, 8)])) == nil)
    let refusal = rule.refusal(Self.device(0, queues: [(0, 1), (1, 2), (1, 9), (1, 1)]))
    #expect(refusal == RuleRefusal(.ruleViolated, at: 13, expected: 1, found: 9))
  }

  @Test(arguments: RuleTerm.Relation.allCases)
  func everyRelation(_ relation: RuleTerm.Relation) {
    let holding: (UInt8, UInt8) -> Bool = { value, number in
      switch relation {
      case .equals: value == number
      case .notEquals: value != number
      case .atLeast: value >= number
      case .atMost: value <= number
      case .anyBits: value & number != 0
      case .noBits: value & number == 0
      }
    }
    let signed: (Int8, Int8) -> Bool = { value, number in
      switch relation {
      case .atLeast: value >= number
      case .atMost: value <= number
      default: holding(UInt8(bitPattern: value), UInt8(bitPattern: number))
      }
    }
    for number in [0, 1, 5, 128, 255] as [UInt8] {
      let unsignedRule = RuleCase(
        [Self.device], [RuleSample(.implies(), then: [RuleTerm(entry(0), relation, UInt64(number))])])
      let wide = UInt64(bitPattern: Int64(Int8(bitPattern: number)))
      let signedRule = RuleCase(
        [Self.device], [RuleSample(.implies(), then: [RuleTerm(entry(1), relation, wide)])])
      for value in [0, 1, 4, 5, 6, 127, 128, 254, 255] as [UInt8] {
        let level = Int8(bitPattern: value)
        let refused = unsignedRule.refusal(Self.device(value))
        let expected = RuleRefusal(.ruleViolated, at: 0, expected: UInt64(number), found: UInt64(value))
        #expect(refused == (holding(value, number) ? nil : expected), "\(value) \(relation) \(number)")
        let own = signedRule.refusal(Self.device(0, level))
        #expect((own == nil) == signed(level, Int8(bitPattern: number)), "\(level) \(relation) \(number)")
      }
    }
  }

  /// A term about a field that is not there does not hold.
  @Test func absentField() {
    let then = RuleCase(
      [Self.device],
      [RuleSample(.implies(), when: [RuleTerm(entry(0), .equals, 1)], then: [RuleTerm(entry(4), .notEquals, 7)])])
    #expect(then.refusal(Self.device(0)) == nil)
    #expect(then.refusal(Self.device(1, limit: 6)) == nil)
    #expect(then.refusal(Self.device(1)) == RuleRefusal(.ruleViolated, at: 0))
    let seven = then.refusal(Self.device(1, limit: 7))
    #expect(seven == RuleRefusal(.ruleViolated, at: 16, expected: 7, found: 7))
    let when = RuleCase(
      [Self.device],
      [RuleSample(.implies(), when: [RuleTerm(entry(4), .notEquals, 7)], then: [RuleTerm(entry(0), .equals, 1)])])
    #expect(when.refusal(Self.device(0)) == nil)
    #expect(when.refusal(Self.device(0, limit: 6)) == RuleRefusal(.ruleViolated, at: 0, expected: 1, found: 0))
  }

  /// A field of the piece itself counts in each element of the scope, wherever it lies.
  @Test func aroundTheScope() {
    let rule = RuleCase(
      [Self.device],
      [
        RuleSample(.implies(in: entry(5)), when: [RuleTerm(entry(0), .equals, 0)], then: [RuleTerm(entry(6), .equals, 0)]),
        RuleSample(.implies(in: entry(5)), when: [RuleTerm(entry(6), .equals, 1)], then: [RuleTerm(entry(4), .atMost, 7)]),
      ])
    #expect(rule.refusal(Self.device(0, queues: [(0, 1)])) == nil)
    #expect(rule.refusal(Self.device(1, limit: 7, queues: [(1, 1), (0, 1)])) == nil)
    let reset = rule.refusal(Self.device(0, queues: [(0, 1), (1, 2)]))
    #expect(reset == RuleRefusal(.ruleViolated, at: 10, expected: 0, found: 1))
    #expect(rule.refusal(Self.device(1, queues: [(0, 1), (1, 2)])) == RuleRefusal(.ruleViolated, at: 10))
    #expect(rule.refusal(Self.device(1, limit: 8, queues: [(1, 2)])) == RuleRefusal(.ruleViolated, at: 8))
  }

  @Test func aroundAndBehindTheScope() {
    let node = RawLayout("node", [RawField("kind", .unsigned, width: 4)])
    let root = RawLayout("root", [RawField("nodes", .list), RawField("status", .unsigned, width: 4)])
    let rule = RuleCase(
      [root, node],
      [
        RuleSample(
          .implies(in: entry(0)), when: [RuleTerm(entry(1), .equals, 0)], then: [RuleTerm(entry(0, of: 1), .equals, 5)])
      ])
    func data(_ status: UInt32, _ kinds: [UInt32]) -> [UInt8] {
      .u32(UInt32(kinds.count)) + .u32(status) + kinds.flatMap { .u32(1) + .u32(8) + .u64(UInt64($0)) }
    }
    #expect(rule.refusal(data(1, [5, 6])) == nil)
    #expect(rule.refusal(data(0, [5, 5])) == nil)
    #expect(rule.refusal(data(0, [5, 6])) == RuleRefusal(.ruleViolated, at: 32, expected: 5, found: 6))
  }

  /// What lies in list elements inside of a list element is not the element's own.
  @Test func nestedElements() {
    let layouts = [
      RawLayout("root", [RawField("nodes", .list)]),
      RawLayout(
        "node",
        [RawField("kind", .unsigned, width: 4), RawField("nodes", .list), RawField("size", .unsigned, width: 8)]),
    ]
    let rule = RuleCase(
      layouts,
      [
        RuleSample(
          .implies(in: entry(0)), when: [RuleTerm(entry(0, of: 1), .equals, 1)],
          then: [RuleTerm(entry(2, of: 1), .equals, 3)])
      ])
    func node(_ kind: UInt32, _ size: UInt64, _ inner: [[UInt8]] = []) -> [UInt8] {
      let part: [UInt8] = .joined(.u32(kind), .u32(UInt32(inner.count)), .u64(size), inner.flatMap { $0 })
      return .joined(.u32(1), .u32(UInt32(part.count)), part)
    }
    #expect(rule.refusal(.u64(1) + node(1, 3, [node(2, 9)])) == nil)
    // The inner list is another entry, in another layout: its elements are no scope of this rule.
    #expect(rule.refusal(.u64(1) + node(1, 3, [node(1, 9)])) == nil)
    let refusal = rule.refusal(.u64(1) + node(1, 4, [node(1, 3)]))
    #expect(refusal == RuleRefusal(.ruleViolated, at: 24, expected: 3, found: 4))
    let inner = RuleCase(
      layouts,
      [
        RuleSample(
          .implies(in: entry(1, of: 1)), when: [RuleTerm(entry(0, of: 1), .equals, 1)],
          then: [RuleTerm(entry(2, of: 1), .equals, 3)])
      ])
    #expect(inner.refusal(.u64(1) + node(1, 4, [node(1, 3, [node(1, 3)])])) == nil)
    let deepest = inner.refusal(.u64(1) + node(1, 4, [node(1, 3, [node(1, 5)])]))
    #expect(deepest == RuleRefusal(.ruleViolated, at: 72, expected: 3, found: 5))
  }

  // MARK: mapped data

  /// A refusal names the octets of the stream, also where the mapping put them elsewhere.
  @Test func refusalNamesTheStream() {
    let own = RawLayout("l", [RawField("num", .count, width: 8), RawField("ring", .unsigned, width: 4).counted(9)])
    let other = RawLayout("l", [RawField("ring", .unsigned, width: 2).counted(5), RawField("num", .count, width: 2)])
    let rule = RuleCase(
      [own], [RuleSample(.count(entry(0), of: entry(1))), RuleSample(.unique(entry(1)))])
    func data(_ num: UInt16, _ ring: [UInt16]) -> [UInt8] {
      let block: [UInt8] = .joined(.u32(UInt32(ring.count)), .u16(num))
      return block.padded() + ring.flatMap { [UInt8].u16($0) }.padded()
    }
    var refused = refusal { () throws(StreamError) in _ = try mapped(other, data(3, [1, 2]), rule) }
    #expect(refused == StreamError(.ruleViolated, .rules, at: 1_004, expected: 2, found: 3))
    refused = refusal { () throws(StreamError) in _ = try mapped(other, data(3, [5, 1, 5]), rule) }
    #expect(refused == StreamError(.duplicateKey, .rules, at: 1_012, found: 5))
    refused = refusal { () throws(StreamError) in _ = try mapped(own, .u64(1) + .u64(0), rule) }
    #expect(refused == StreamError(.ruleViolated, .rules, at: 1_000, expected: 0, found: 1))
    refused = refusal { () throws(StreamError) in
      let octets: [UInt8] = .joined(.u64(2), .u64(2), .u32(5), .u32(1))
      #expect(try mapped(other, data(2, [5, 1]), rule) == octets)
    }
    #expect(refused == nil)
  }

  /// The scope's first octet, where the field that is wanted is not there: also when the reader begins it with one that
  /// is left alone.
  @Test func scopeOfTheStream() {
    let maybe = RawField("maybe", .optional, [RawField("value", .unsigned, width: 4)])
    func queues(_ fields: [RawField]) -> RawLayout {
      RawLayout("l", [RawField("queues", .structure, fields).counted(3)])
    }
    let gone = RawField("gone", .unsigned, width: 4) { $0.until = 1 }
    let own = queues([gone, RawField("on", .unsigned, width: 4), maybe])
    let other = queues([maybe, RawField("on", .unsigned, width: 2)])
    let rule = RuleCase(
      [own],
      [
        RuleSample(
          .implies(in: entry(0)), when: [RuleTerm(entry(2), .equals, 1)], then: [RuleTerm(entry(4), .atMost, 9)])
      ])
    // Elements of 6 octets at 8.
    func data(_ queues: [(on: UInt16, value: UInt32?)]) -> [UInt8] {
      let block = queues.flatMap { [UInt8].u32($0.value == nil ? 0 : 1) + .u16($0.on) }
      let parts = queues.compactMap(\.value).flatMap { [UInt8].u32($0).padded() }
      return .u64(UInt64(queues.count)) + block.padded() + parts
    }
    func refused(_ queues: [(on: UInt16, value: UInt32?)]) -> StreamError? {
      refusal { () throws(StreamError) in _ = try mapped(other, data(queues), rule, version: 2) }
    }
    #expect(refused([(0, nil), (1, 9), (1, 0)]) == nil)
    #expect(refused([(0, nil), (1, 3), (1, nil)]) == StreamError(.ruleViolated, .rules, at: 1_020))
    #expect(refused([(0, nil), (1, 10), (1, nil)]) == StreamError(.ruleViolated, .rules, at: 1_020))
    let high = StreamError(.ruleViolated, .rules, at: 1_032, expected: 9, found: 10)
    #expect(refused([(0, nil), (1, 10), (1, 9)]) == high)
  }

  /// A field that streams of this version no longer have means nothing, and no rule is judged that names it.
  @Test func leftAlone() {
    let own = RawLayout(
      "l",
      [
        RawField("old", .structure, [RawField("value", .unsigned, width: 4)]) { $0.until = 2 },
        RawField("new", .unsigned, width: 4),
      ])
    let other = RawLayout("l", [RawField("new", .unsigned, width: 4)])
    let rule = RuleCase(
      [own], [RuleSample(.implies(), then: [RuleTerm(entry(1), .equals, 7), RuleTerm(entry(2), .equals, 1)])])
    let refused = refusal { () throws(StreamError) in
      #expect(try mapped(other, .u64(5), rule, version: 3) == .u32(0) + .u32(5))
    }
    #expect(refused == nil)
    let judged = refusal { () throws(StreamError) in _ = try mapped(own, .u32(0) + .u32(1), rule) }
    #expect(judged == StreamError(.ruleViolated, .rules, at: 1_000, expected: 7, found: 0))
  }
}
