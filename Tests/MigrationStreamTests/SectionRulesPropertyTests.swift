import MigrationStream
import StreamTestKit
import Testing

/// Random rules over random layouts and data: no trap, a refusal that lies in the data, the same one each time.
@Suite struct SectionRulesPropertyTests {
  private struct Maker {
    var random: SeededGenerator
    let counts: [Int]

    mutating func field() -> RuleField {
      let layout = random.once(in: 4) ? random.pick(0...(counts.count - 1)) : 0
      return RuleField(UInt32(layout), UInt32(random.pick(0...(counts[layout] - 1))))
    }

    mutating func scope() -> RuleField? { random.once(in: 2) ? nil : field() }
    mutating func none() -> UInt64? { random.once(in: 2) ? nil : UInt64(random.pick(0...255)) }

    mutating func term(_ field: RuleField) -> RuleTerm {
      let relation = RuleTerm.Relation.allCases[random.pick(0...5)]
      return RuleTerm(field, relation, random.once(in: 2) ? random.next() : UInt64(random.pick(0...3)))
    }

    mutating func sample() -> RuleSample {
      switch random.pick(0...9) {
      case 0: RuleSample(.index(field(), of: field(), in: scope(), none: none()))
      case 1: RuleSample(.count(field(), of: field(), in: scope()))
      case 2: RuleSample(.closed(field()))
      case 3: RuleSample(.subset(field()))
      case 4: RuleSample(.atMost(field()))
      case 5: RuleSample(.unique(field()))
      case 6: RuleSample(.reference(field(), to: field(), none: none()))
      case 7: RuleSample(.acyclic(field(), key: field(), parent: field(), none: none()))
      case 8: RuleSample(.above(field(), all: field(), in: scope()))
      default: implication()
      }
    }

    /// About one field: that several are *the* fields of one scope is too rare.
    private mutating func implication() -> RuleSample {
      let field = field()
      return RuleSample(.implies(in: scope()), when: [term(field)], then: [term(field), term(field)])
    }
  }

  /// Rules that the builder takes.
  private func samples(_ section: RandomSection, _ maker: inout Maker) throws -> [RuleSample] {
    let layouts = try section.layouts.map { try $0.canonical() }
    var samples: [RuleSample] = []
    for _ in 0..<100 {
      let sample = maker.sample()
      if RuleCase(layouts, [sample]).fault == nil { samples.append(sample) }
    }
    return samples
  }

  @Test func noDataTraps() throws {
    var kinds: Set<UInt8> = []
    var refused: Set<UInt8> = []
    for seed in UInt64(0)..<25 {
      let section = RandomSection(seed: seed)
      let layouts = try section.layouts.map { try $0.canonical() }
      let counts = layouts.map { Int($0.span.octets.integer(at: 0, as: UInt32.self)) }
      var maker = Maker(random: SeededGenerator(seed: seed ^ 0xf00d), counts: counts)
      let samples = try samples(section, &maker)
      for sample in samples {
        kinds.insert(sample.rule.kind.rawValue)
        var rule = RuleCase(layouts, [sample])
        rule.local = section.octets
        for trial in 0..<8 {
          rule.data = section.octets
          if trial > 3, !rule.data.isEmpty {
            rule.data[maker.random.pick(0...(rule.data.count - 1))] ^= 1 << UInt8(trial)
          }
          if trial == 7 { rule.data.removeLast(maker.random.pick(0...rule.data.count)) }
          let error = refusal { () throws(StreamError) in try rule.judge() }
          let again = refusal { () throws(StreamError) in try rule.judge() }
          #expect(error == again, "seed \(seed) \(sample.rule)")
          guard let error else { continue }
          #expect(error.stage == .rules || error.stage == .section, "seed \(seed) \(sample.rule) \(error)")
          #expect(error.offset <= UInt64(rule.data.count), "seed \(seed) \(sample.rule) \(error)")
          if error.stage == .rules { refused.insert(sample.rule.kind.rawValue) }
        }
      }
      // All together: the refusal is that of the first rule that refuses.
      var all = RuleCase(layouts, samples)
      all.data = section.octets
      let first = samples.lazy.compactMap { sample in
        RuleCase(layouts, [sample]).refusal(section.octets)
      }.first
      #expect(all.refusal(section.octets) == first, "seed \(seed)")
    }
    #expect(kinds.count == FieldRule.Kind.allCases.count, "kinds of rules that were tried: \(kinds.sorted())")
    #expect(refused.count >= 6, "kinds of rules that refused: \(refused.sorted())")
  }

  @Test func everyRefusedAllocation() throws {
    for seed in [2, 5, 11] as [UInt64] {
      let section = RandomSection(seed: seed)
      let layouts = try section.layouts.map { try $0.canonical() }
      let counts = layouts.map { Int($0.span.octets.integer(at: 0, as: UInt32.self)) }
      var maker = Maker(random: SeededGenerator(seed: seed), counts: counts)
      var rule = RuleCase(layouts, try samples(section, &maker))
      (rule.data, rule.local) = (section.octets, section.octets)
      let whole = CountingAllocator()
      let verdict = refusal { () throws(StreamError) in try rule.judge(allocator: whole.allocator) }
      #expect(whole.live == 0 && whole.calls > 10)
      for call in 0..<whole.calls {
        let allocator = CountingAllocator(refusing: call)
        let error = refusal { () throws(StreamError) in try rule.judge(allocator: allocator.allocator) }
        #expect(error?.code == .outOfMemory || error == verdict, "seed \(seed) call \(call)")
        #expect(error?.code == .outOfMemory, "seed \(seed) call \(call)")
        #expect(allocator.live == 0, "seed \(seed) call \(call)")
      }
    }
  }

  /// Values of the rules that compare them take the memory that Specs/40-reader-rules.md section 3 says, and a walk of
  /// the rest takes none.
  @Test func memory() throws {
    let layout = RawLayout("l", [RawField("id", .unsigned, width: 4).counted(100_000), RawField("n", .count)])
    let count = 50_000
    let data: [UInt8] = .joined(.u32(UInt32(count)), .u32(UInt32(count)))
      + (0..<count).flatMap { [UInt8].u32(UInt32($0)) }
    let layouts = [layout.canonical]
    let store = try MappingCase.store(layouts)
    for (sample, most) in [
      (RuleSample(.index(entry(0), of: entry(0))), 1_024), (RuleSample(.unique(entry(0))), 3 * 40 * count),
    ] {
      let allocator = CountingAllocator()
      let rules = try RuleCase(layouts, [sample]).table(store.table, allocator: allocator.allocator)
      let held = allocator.live
      try rules.check(data.span.octets, of: .section(0), layouts: store.table)
      #expect(allocator.peak - held <= most, "\(sample.rule)")
      #expect(allocator.live == held)
    }
  }
}
