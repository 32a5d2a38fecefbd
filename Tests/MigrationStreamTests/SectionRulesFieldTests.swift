import MigrationStream
import StreamTestKit
import Testing

/// Every field rule both ways, with the refusal by hand from Specs/60-section-rules.md section 5.
@Suite struct SectionRulesFieldTests {
  private typealias Row = (data: [UInt8], refusal: RuleRefusal?)

  private func expect(_ rule: RuleCase, _ rows: [Row], _ name: String = #function) {
    for (number, row) in rows.enumerated() {
      let refusal = rule.refusal(row.data)
      #expect(refusal == row.refusal, "\(name) row \(number)")
    }
  }

  // MARK: index and count

  /// head, num, and a ring of up to 8 values of 2 octets.
  private static let ring = RawLayout(
    "ring",
    [
      RawField("head", .index, width: 2), RawField("num", .count, width: 2),
      RawField("ring", .unsigned, width: 2).counted(8),
    ])

  private static func ring(_ head: UInt16, _ num: UInt16, _ values: [UInt16]) -> [UInt8] {
    let block: [UInt8] = .joined(.u16(head), .u16(num), .u32(UInt32(values.count)))
    return block + values.flatMap { [UInt8].u16($0) }.padded()
  }

  @Test func index() {
    let head = RuleCase([Self.ring], [RuleSample(.index(entry(0), of: entry(2)))])
    expect(
      head,
      [
        (Self.ring(2, 0, [0, 0, 0]), nil),
        (Self.ring(3, 0, [0, 0, 0]), RuleRefusal(.valueOutOfRange, at: 0, expected: 3, found: 3)),
        (Self.ring(0xffff, 0, []), RuleRefusal(.valueOutOfRange, at: 0, expected: 0, found: 0xffff)),
      ])
    let none = RuleCase([Self.ring], [RuleSample(.index(entry(0), of: entry(2), none: 0xffff))])
    expect(
      none,
      [
        (Self.ring(0xffff, 0, []), nil),
        (Self.ring(0xfffe, 0, [1]), RuleRefusal(.valueOutOfRange, at: 0, expected: 1, found: 0xfffe)),
      ])
    // Values of an array, into the array itself: the largest, the first of these.
    let own = RuleCase([Self.ring], [RuleSample(.index(entry(2), of: entry(2)))])
    expect(
      own,
      [
        (Self.ring(9, 9, [2, 0, 1]), nil),
        (Self.ring(9, 9, [2, 3, 7, 7]), RuleRefusal(.valueOutOfRange, at: 12, expected: 4, found: 7)),
      ])
  }

  @Test func count() {
    let count = RuleCase([Self.ring], [RuleSample(.count(entry(1), of: entry(2)))])
    expect(
      count,
      [
        (Self.ring(0, 3, [0, 0, 0]), nil), (Self.ring(0, 0, []), nil),
        (Self.ring(0, 4, [0, 0, 0]), RuleRefusal(.ruleViolated, at: 2, expected: 3, found: 4)),
      ])
  }

  /// Up to 4 queues: next, used, and up to 4 slots of 1 octet.
  private static let queues = RawLayout(
    "queues",
    [
      RawField(
        "queues", .structure,
        [
          RawField("next", .index, width: 2), RawField("used", .count, width: 2),
          RawField("slots", .unsigned, width: 1).counted(4),
        ]
      ).counted(4)
    ])

  private static func queues(_ queues: [(next: UInt16, used: UInt16, slots: [UInt8])]) -> [UInt8] {
    var octets: [UInt8] = .u64(UInt64(queues.count))
    for queue in queues { octets.put(.u16(queue.next), .u16(queue.used), .u32(UInt32(queue.slots.count))) }
    for queue in queues { octets += queue.slots.padded() }
    return octets
  }

  @Test func insideElements() {
    let rule = RuleCase(
      [Self.queues],
      [
        RuleSample(.index(entry(1), of: entry(3), in: entry(0))),
        RuleSample(.count(entry(2), of: entry(3), in: entry(0))),
        RuleSample(.index(entry(1), of: entry(0))),
      ])
    expect(
      rule,
      [
        (Self.queues([(0, 1, [5]), (1, 2, [5, 6])]), nil),
        // Below the slots of the other queue, not of its own.
        (
          Self.queues([(1, 1, [5]), (1, 2, [5, 6])]),
          RuleRefusal(.valueOutOfRange, at: 8, expected: 1, found: 1)
        ),
        (
          Self.queues([(0, 1, [5]), (1, 3, [5, 6])]),
          RuleRefusal(.ruleViolated, at: 18, expected: 2, found: 3)
        ),
        // A queue of its own slots, but not of the two queues.
        (
          Self.queues([(2, 3, [1, 1, 1]), (0, 1, [1])]),
          RuleRefusal(.valueOutOfRange, at: 8, expected: 2, found: 2)
        ),
        // Both first rules refuse: the first of the table counts, then the lowest place.
        (
          Self.queues([(0, 9, [1]), (7, 1, [1]), (8, 1, [1])]),
          RuleRefusal(.valueOutOfRange, at: 16, expected: 1, found: 7)
        ),
      ])
  }

  // MARK: symbols

  @Test func closed() {
    let layout = RawLayout(
      "symbols",
      [
        RawField("state", .enumeration, width: 1) { $0.symbols = [RawSymbol(0, "off"), RawSymbol(5, "on")] }.array(4),
        RawField("bits", .flags, width: 4) { $0.symbols = [RawSymbol(1, "a"), RawSymbol(0x30, "mode")] },
      ])
    let rule = RuleCase([layout], [RuleSample(.closed(entry(0))), RuleSample(.closed(entry(1)))])
    expect(
      rule,
      [
        (.joined([0, 5, 5, 0], .u32(0x21)), nil), (.joined([0, 0, 0, 0], .u32(0)), nil),
        (.joined([0, 5, 4, 1], .u32(0x80)), RuleRefusal(.symbolChanged, at: 2, found: 4)),
        (.joined([0, 5, 5, 0], .u32(0x8000_0003)), RuleRefusal(.symbolChanged, at: 4, found: 0x8000_0002)),
      ])
  }

  // MARK: local values

  @Test func localValues() {
    let layout = RawLayout(
      "features",
      [
        RawField("features", .flags, width: 4), RawField("words", .unsigned, width: 2).array(2),
        RawField("map", .bitmap, width: 16), RawField("level", .signed, width: 4),
        RawField("sizes", .size, width: 2).array(2),
      ])
    func data(
      _ features: UInt32 = 3, _ words: (UInt16, UInt16) = (1, 1), _ map: (UInt64, UInt64) = (0, 0),
      _ level: Int32 = -1, _ sizes: (UInt16, UInt16) = (1, 1)
    ) -> [UInt8] {
      .joined(
        .u32(features), .u16(words.0), .u16(words.1), .u64(map.0), .u64(map.1), .integer(level), .u16(sizes.0),
        .u16(sizes.1))
    }
    let rule = RuleCase(
      [layout],
      [
        RuleSample(.subset(entry(0))), RuleSample(.subset(entry(1))), RuleSample(.subset(entry(2))),
        RuleSample(.atMost(entry(3))), RuleSample(.atMost(entry(4))),
      ])
    let local = data(7, (3, 1), (1, 1 << 63), 0, (4, 1))
    let rows: [Row] = [
      (data(), nil), (local, nil), (data(7, (0, 0), (1, 1 << 63), -9, (0, 0)), nil),
      (data(8 | 1), RuleRefusal(.verifyMismatch, at: 0, expected: 7, found: 9)),
      (data(3, (1, 2)), RuleRefusal(.verifyMismatch, at: 6)),
      (data(3, (1, 1), (0, 1 << 62)), RuleRefusal(.verifyMismatch, at: 8)),
      (data(3, (1, 1), (0, 0), 1), RuleRefusal(.verifyMismatch, at: 24, expected: 0, found: 1)),
      (data(3, (1, 1), (0, 0), 0, (4, 2)), RuleRefusal(.verifyMismatch, at: 30, expected: 1, found: 2)),
    ]
    for (number, row) in rows.enumerated() {
      #expect(rule.refusal(row.data, local: local) == row.refusal, "row \(number)")
      #expect(rule.refusal(row.data) == nil, "row \(number) without local values")
    }
    var wrong = rule
    (wrong.data, wrong.local) = (data(), [1, 2, 3])
    let error = MigrationStreamTests.refusal { () throws(StreamError) in try wrong.judge() }
    #expect(error?.code == .wrongCall)
  }

  // MARK: keys and references

  /// A next number and a list of nodes with id and parent.
  private static let tree = [
    RawLayout("tree", [RawField("next", .unsigned, width: 4), RawField("nodes", .list)]),
    RawLayout("node", [RawField("id", .unsigned, width: 4), RawField("parent", .unsigned, width: 4)]),
  ]

  /// The id of node n lies at 16 + 16 n, its parent 4 behind.
  private static func tree(_ next: UInt32, _ nodes: [(id: UInt32, parent: UInt32)]) -> [UInt8] {
    var octets: [UInt8] = .joined(.u32(next), .u32(UInt32(nodes.count)))
    for node in nodes { octets.put(.u32(1), .u32(8), .u32(node.id), .u32(node.parent)) }
    return octets
  }

  @Test func unique() {
    expect(
      RuleCase(Self.tree, [RuleSample(.unique(entry(0, of: 1)))]),
      [
        (Self.tree(0, []), nil), (Self.tree(0, [(1, 1), (2, 1), (3, 1)]), nil),
        (Self.tree(0, [(3, 0), (1, 0), (2, 0), (1, 0), (3, 0), (1, 0)]), RuleRefusal(.duplicateKey, at: 64, found: 1)),
      ])
  }

  @Test func reference() {
    expect(
      RuleCase(Self.tree, [RuleSample(.reference(entry(1, of: 1), to: entry(0, of: 1), none: 0))]),
      [
        (Self.tree(0, [(1, 0), (2, 1), (3, 3), (4, 2)]), nil), (Self.tree(0, []), nil),
        (Self.tree(0, [(1, 0), (2, 9), (3, 7)]), RuleRefusal(.danglingReference, at: 36, found: 9)),
        (Self.tree(0, [(5, 4)]), RuleRefusal(.danglingReference, at: 20, found: 4)),
      ])
    expect(
      RuleCase(Self.tree, [RuleSample(.reference(entry(1, of: 1), to: entry(0, of: 1)))]),
      [(Self.tree(0, [(1, 0)]), RuleRefusal(.danglingReference, at: 20, found: 0))])
  }

  @Test func acyclic() {
    let rule = RuleCase(
      Self.tree,
      [RuleSample(.acyclic(entry(1), key: entry(0, of: 1), parent: entry(1, of: 1), none: 0))])
    expect(
      rule,
      [
        (Self.tree(0, []), nil), (Self.tree(0, [(1, 0), (2, 1), (3, 2), (4, 2)]), nil),
        (Self.tree(0, [(4, 9), (9, 8)]), nil),
        (Self.tree(0, [(1, 0), (2, 2)]), RuleRefusal(.cyclicReference, at: 36, expected: 2, found: 2)),
        // 7 leads into the cycle and is not on it.
        (
          Self.tree(0, [(7, 3), (5, 4), (3, 5), (4, 3), (8, 8)]),
          RuleRefusal(.cyclicReference, at: 36, expected: 5, found: 4)
        ),
        // None is a value like another for the key.
        (Self.tree(0, [(0, 1), (1, 0)]), nil),
      ])
  }

  @Test func longChainsAreLinear() {
    let rule = RuleCase(
      Self.tree, [RuleSample(.acyclic(entry(1), key: entry(0, of: 1), parent: entry(1, of: 1), none: 0))])
    let count: UInt32 = 4_000
    var nodes = (1...count).map { (id: $0, parent: $0 - 1) }
    #expect(rule.refusal(Self.tree(0, nodes.reversed())) == nil)
    nodes[0].parent = count
    let refusal = rule.refusal(Self.tree(0, nodes))
    #expect(refusal == RuleRefusal(.cyclicReference, at: 20, expected: 1, found: UInt64(count)))
  }

  @Test func above() {
    expect(
      RuleCase(Self.tree, [RuleSample(.above(entry(0), all: entry(0, of: 1)))]),
      [
        (Self.tree(0, []), nil), (Self.tree(4, [(3, 0), (1, 0)]), nil),
        (Self.tree(3, [(1, 0), (3, 0), (2, 0)]), RuleRefusal(.ruleViolated, at: 0, expected: 3, found: 3)),
      ])
    let signed = RawLayout(
      "signed", [RawField("next", .signed, width: 4), RawField("used", .signed, width: 4).array(3)])
    func data(_ values: Int32...) -> [UInt8] { values.flatMap { [UInt8].integer($0) } }
    expect(
      RuleCase([signed], [RuleSample(.above(entry(0), all: entry(1)))]),
      [
        (data(1, -4, 0, -1), nil),
        (
          data(-5, -4, -7, -9),
          RuleRefusal(.ruleViolated, at: 0, expected: UInt64(bitPattern: -4), found: UInt64(bitPattern: -5))
        ),
      ])
  }
}
