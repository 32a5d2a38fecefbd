import MigrationStream
import StreamTestKit
import Testing

/// Mapping of random layouts and data.
@Suite struct MappingPropertyTests {
  private func mapping(_ section: RandomSection, to reader: [ModelLayout]) throws -> MappingCase {
    MappingCase(
      stream: try section.layouts.map { try $0.canonical() }, data: section.octets,
      reader: try reader.map { try $0.canonical() })
  }

  /// A section without counted arrays of padding: padding is no field, so its elements do not come over.
  private func section(_ seed: UInt64, claims: Bool = false) -> RandomSection {
    func hasPadding(_ fields: [LayoutField]) -> Bool {
      fields.contains {
        ($0.attributes.type == .padding && $0.attributes.shape == .countedArray) || hasPadding($0.children)
      }
    }
    var seed = seed
    while true {
      let section = RandomSection(seed: seed, claims: claims)
      if !section.layouts.contains(where: { hasPadding($0.fields) }) { return section }
      seed += 1_000
    }
  }

  /// The same layouts but for a radix, which plays no part: so everything is mapped and nothing may change.
  private func alike(_ layouts: [ModelLayout]) -> [ModelLayout] {
    layouts.map { layout in
      var layout = layout
      layout.fields[0].attributes.radix = layout.fields[0].attributes.radix == 2 ? 8 : 2
      return layout
    }
  }

  @Test func toTheSameLayoutIsIdentity() throws {
    for seed in UInt64(0)..<200 {
      let section = section(seed)
      let same = try mapping(section, to: section.layouts).outcome
      #expect(same.result == section.octets, "seed \(section.seed)")
      let alike = try mapping(section, to: alike(section.layouts)).outcome
      #expect(alike.result == section.octets, "seed \(section.seed)")
    }
  }

  /// Integers made twice as wide and back again.
  @Test func wideningAndNarrowingGivesTheOctetsBack() throws {
    for seed in UInt64(0)..<200 {
      let section = section(seed)
      let wide = section.layouts.map { ModelLayout($0.name, $0.fields.map(Self.widened)) }
      let there = try mapping(section, to: wide)
      let widened = try #require(there.outcome.result, "seed \(seed) \(there.outcome)")
      #expect(try there.isDataOfReader(widened), "seed \(seed)")
      let back = MappingCase(stream: there.reader, data: widened, reader: there.stream)
      #expect(back.outcome.result == section.octets, "seed \(seed) \(back.outcome)")
    }
  }

  private static func widened(_ field: LayoutField) -> LayoutField {
    var attributes = field.attributes
    attributes.flags = FieldFlags(rawValue: attributes.flags.rawValue & ~FieldFlags.hasDefault.rawValue)
    attributes.defaultValue = 0
    switch attributes.type {
    case .unsigned, .signed: attributes.width = min(attributes.width * 2, 16)
    case .enumeration, .flags, .size, .count, .index: attributes.width = min(attributes.width * 2, 8)
    case .guestAddress: attributes.width = 8
    default: break
    }
    var wide = LayoutField(field.name, attributes, children: field.children.map(widened))
    (wide.unit, wide.symbols) = (field.unit, field.symbols)
    return wide
  }

  /// Damaged data is refused, or what comes out is data of the reader's layout, even with nothing in common.
  @Test func damagedDataNeverTraps() throws {
    var random = SeededGenerator(seed: 20_26)
    for seed in UInt64(0)..<30 {
      let section = RandomSection(seed: seed)
      let wide = section.layouts.map { layout in
        ModelLayout(layout.name, layout.fields.map { Self.widened($0.withoutClaims) })
      }
      let others = [alike(section.layouts), wide, RandomSection(seed: seed + 1).layouts]
      for other in others {
        var mapping = try mapping(section, to: other)
        mapping.version = UInt32(random.pick(0...9))
        for trial in 0..<20 {
          var damaged = section.octets
          if trial < 10, !damaged.isEmpty {
            damaged[random.pick(0...(damaged.count - 1))] ^= UInt8(1 << random.pick(0...7))
          } else {
            damaged.removeLast(random.pick(0...damaged.count))
          }
          mapping.data = damaged
          mapping.local = trial % 4 == 0 ? section.octets : nil
          guard let result = mapping.outcome.result else { continue }
          #expect(try mapping.isDataOfReader(result), "seed \(seed) trial \(trial)")
        }
      }
    }
  }

  @Test func everyRefusedAllocation() throws {
    for seed in [3, 8, 21, 34] as [UInt64] {
      let section = section(seed)
      let mapping = try mapping(section, to: alike(section.layouts))
      let whole = CountingAllocator()
      var reports = MappingReports()
      #expect(try mapping.map(&reports, allocator: whole.allocator) == section.octets)
      #expect(whole.live == 0 && whole.calls > 10)
      for call in 0..<whole.calls {
        let allocator = CountingAllocator(refusing: call)
        var reports = MappingReports()
        let refusal = refusal { () throws(StreamError) in
          _ = try mapping.map(&reports, allocator: allocator.allocator)
        }
        #expect(refusal?.code == .outOfMemory, "seed \(seed) call \(call)")
        #expect(allocator.live == 0, "seed \(seed) call \(call)")
      }
    }
  }

  /// A mapping that ran out of memory goes on as if nothing had been.
  @Test func mappingGoesOnAfterARefusedAllocation() throws {
    let section = section(8)
    let stream = try section.layouts.map { try $0.canonical() }
    let reader = try alike(section.layouts).map { try $0.canonical() }
    let theirs = try HeldLayouts(stream)
    let ours = try HeldLayouts(reader)
    let octets = section.octets
    for call in 0..<40 {
      let allocator = CountingAllocator(refusing: call)
      let names = LayoutAliases()
      let layouts = MappingLayouts(stream: theirs.store.table, reader: ours.store.table, aliases: names.table)
      var place = OwnedBytes(allocator: allocator.allocator)
      var report = NoMappingHandler()
      guard
        var mapping = try? LayoutMapping(
          from: 0, to: 0, of: layouts, version: 1, allocator: allocator.allocator)
      else { continue }
      _ = try? mapping.apply(octets.span.octets, at: 0, of: layouts, in: &place, report: &report)
      let mapped = array(try mapping.apply(octets.span.octets, at: 0, of: layouts, in: &place, report: &report))
      #expect(mapped == octets, "call \(call)")
    }
  }
}
