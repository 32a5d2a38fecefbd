import MigrationStream
import StreamTestKit
import Testing

/// Trees of nodes in lists of lists, judged by the rules and by plain loops over the tree.
@Suite struct SectionRulesOracleTests {
  private struct Node {
    var id: UInt8
    var parent: UInt8
    var next: UInt8
    var ring: [UInt8]
    var children: [Node] = []
    /// Of the id in the data; the parent is 1 behind, the next 2.
    var position = 0

    /// The node and all below, in the order of the data.
    var all: [Node] { [self] + children.flatMap(\.all) }
  }

  private static let layouts = [
    RawLayout("root", [RawField("nodes", .list)]),
    RawLayout(
      "node",
      [
        RawField("id", .unsigned, width: 1), RawField("parent", .unsigned, width: 1),
        RawField("next", .index, width: 1), RawField("ring", .unsigned, width: 1).counted(9),
        RawField("children", .list),
      ]),
  ]
  private static let (id, parent, next, ring) = (entry(0, of: 1), entry(1, of: 1), entry(2, of: 1), entry(3, of: 1))
  private static let (tops, children) = (entry(0), entry(4, of: 1))

  private func nodes(_ random: inout SeededGenerator, depth: Int) -> [Node] {
    (0..<random.pick(0...(depth == 0 ? 6 : 2))).map { _ in
      Node(
        id: UInt8(random.pick(0...20)), parent: UInt8(random.pick(0...9)), next: UInt8(random.pick(0...6)),
        ring: random.octets(random.pick(0...9)), children: depth < 3 ? nodes(&random, depth: depth + 1) : [])
    }
  }

  private func append(_ node: inout Node, to octets: inout [UInt8]) {
    let head = octets.count
    octets.put(.u32(1), .u32(0))
    node.position = octets.count
    octets.put([node.id, node.parent, node.next], .u32(UInt32(node.ring.count)), .u32(UInt32(node.children.count)))
    octets += .zeros(5) + node.ring.padded()
    for index in node.children.indices { append(&node.children[index], to: &octets) }
    octets.set(.u32(UInt32(octets.count - head - 8)), at: head + 4)
  }

  // MARK: the rules once more

  private func unique(_ nodes: [Node]) -> RuleRefusal? {
    for (index, node) in nodes.enumerated() where nodes[..<index].contains(where: { $0.id == node.id }) {
      return RuleRefusal(.duplicateKey, at: UInt64(node.position), found: UInt64(node.id))
    }
    return nil
  }

  private func reference(_ nodes: [Node]) -> RuleRefusal? {
    for node in nodes where node.parent != 0 && !nodes.contains(where: { $0.id == node.parent }) {
      return RuleRefusal(.danglingReference, at: UInt64(node.position + 1), found: UInt64(node.parent))
    }
    return nil
  }

  /// Every next below a top node, against the ring of that node.
  private func index(_ tops: [Node]) -> RuleRefusal? {
    tops.compactMap { top -> RuleRefusal? in
      let largest = top.all.map(\.next).max() ?? 0
      guard Int(largest) >= top.ring.count, let node = top.all.first(where: { $0.next == largest }) else { return nil }
      return RuleRefusal(
        .valueOutOfRange, at: UInt64(node.position + 2), expected: UInt64(top.ring.count), found: UInt64(largest))
    }.min { $0.offset < $1.offset }
  }

  /// Each child by itself: of an odd id, the next is at most 3.
  private func implies(_ tops: [Node]) -> RuleRefusal? {
    for node in tops.flatMap(\.children).flatMap(\.all) where node.id & 1 == 1 && node.next > 3 {
      return RuleRefusal(.ruleViolated, at: UInt64(node.position + 2), expected: 3, found: UInt64(node.next))
    }
    return nil
  }

  private func acyclic(_ nodes: [Node]) -> RuleRefusal? {
    let elements = nodes.filter { $0.parent != 0 }
    for node in elements {
      var parent = node.parent
      for _ in 0...elements.count {
        let isFirst = elements.first { $0.id == node.id }?.position == node.position
        if parent == node.id, parent == node.parent || isFirst {
          return RuleRefusal(
            .cyclicReference, at: UInt64(node.position + 1), expected: UInt64(node.id), found: UInt64(node.parent))
        }
        guard let above = elements.first(where: { $0.id == parent }) else { break }
        parent = above.parent
      }
    }
    return nil
  }

  @Test func treesOfNodes() {
    let rules: [FieldRule] = [
      .unique(Self.id), .reference(Self.parent, to: Self.id, none: 0),
      .index(Self.next, of: Self.ring, in: Self.tops),
      .acyclic(Self.tops, key: Self.id, parent: Self.parent, none: 0),
    ]
    var cases = rules.map { RuleCase(Self.layouts, [RuleSample($0)]) }
    cases.append(
      RuleCase(
        Self.layouts,
        [
          RuleSample(
            .implies(in: Self.children), when: [RuleTerm(Self.id, .anyBits, 1)],
            then: [RuleTerm(Self.next, .atMost, 3)])
        ]))
    var refused = [Int](repeating: 0, count: cases.count)
    for seed in UInt64(0)..<300 {
      var random = SeededGenerator(seed: seed)
      var tops = nodes(&random, depth: 0)
      var data: [UInt8] = .u64(UInt64(tops.count))
      for index in tops.indices { append(&tops[index], to: &data) }
      let all = tops.flatMap(\.all)
      let expected = [unique(all), reference(all), index(tops), acyclic(tops), implies(tops)]
      for (number, rule) in cases.enumerated() {
        let refusal = rule.refusal(data)
        #expect(refusal == expected[number], "seed \(seed) rule \(number)")
        if refusal != nil { refused[number] += 1 }
      }
    }
    #expect(refused.allSatisfy { (20...280).contains($0) }, "\(refused)")
  }
}
