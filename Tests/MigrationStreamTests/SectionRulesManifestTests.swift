import MigrationStream
import StreamTestKit
import Testing

/// A table of sections, and a device that announces some.
private struct ManifestCase {
  struct Section {
    var name: String
    var rule = SectionRule(layout: 0, version: 3, versionMin: 2)
    /// Names of sections before it.
    var after: [Int] = []

    init(_ name: String, after: [Int] = [], _ change: (inout SectionRule) -> Void = { _ in }) {
      (self.name, self.after) = (name, after)
      change(&rule)
    }
  }

  var sections: [Section]
  var subsections: [String] = []
  var device = RawDevice()

  static let layouts = [
    RawLayout("plain", [RawField("key", .unsigned, width: 8)]).canonical,
    RawLayout(
      "defaults",
      [
        RawField("a", .unsigned, width: 2) { ($0.flags, $0.defaultValue) = (4, 0x0102) }.array(2),
        RawField("pad", .padding, width: 3),
        RawField(
          "inner", .structure, [RawField("b", .unsigned, width: 1) { ($0.flags, $0.defaultValue) = (4, 9) }]
        ).array(2),
        RawField("list", .list), RawField("ring", .unsigned, width: 1).counted(3),
        RawField("maybe", .optional, [RawField("c", .unsigned)]),
      ]
    ).canonical,
  ]

  init(_ sections: [Section], _ announced: [RawAnnouncement]) {
    self.sections = sections
    device.sections = announced
    (device.version, device.versionMin) = (5, 4)
  }

  func table(_ layouts: LayoutTable, allocator: StreamAllocator = .system) throws(StreamError) -> SectionRules {
    var builder = SectionRulesBuilder(version: 5, versionMin: 3, allocator: allocator)
    for section in sections {
      _ = try builder.section(section.rule, name: section.name.utf8.array.span.octets)
      for number in section.after { try builder.predecessor(.section(number)) }
    }
    for name in subsections {
      _ = try builder.subsection(
        SubsectionRule(layout: 0, version: 3, versionMin: 2, owner: .section(0)), name: name.utf8.array.span.octets)
    }
    return try builder.finish(layouts)
  }

  /// Makes the table and judges the device, which is the second of the stream.
  func judge<Value>(
    allocator: StreamAllocator = .system,
    _ body: (inout DeviceSections, borrowing SectionRules, LayoutTable) throws(StreamError) -> Value
  ) throws(StreamError) -> Value {
    let store = try MappingCase.store(Self.layouts, allocator: allocator)
    let rules = try table(store.table, allocator: allocator)
    let manifest = RawManifest { $0.devices = [RawDevice { $0.path = .text("/a") }, device] }
    let stream = RawStream([manifest.record, .end]).octets
    var decoder = try PullDecoder(stream.span.octets, limits: StreamLimits())
    _ = try decoder.next()
    var sections = try DeviceSections(
      decoder.state.manifest, device: 1, at: 128, rules: rules, allocator: allocator)
    return try body(&sections, rules, store.table)
  }

  /// The pieces of the announced sections, or the refusal.
  var outcome: Result<[Int?], StreamError> {
    do throws(StreamError) {
      return .success(
        try judge { (sections, _, _) throws(StreamError) in
          device.sections.indices.map { sections.section($0)?.number }
        })
    } catch { return .failure(error) }
  }

  func error(
    _ code: StreamError.Code, at offset: UInt64, expected: UInt64 = 0, found: UInt64 = 0
  ) -> Result<[Int?], StreamError> {
    .failure(StreamError(code, .rules, at: offset, expected: expected, found: found, device: 1))
  }
}

extension String.UTF8View {
  fileprivate var array: [UInt8] { [UInt8](self) }
}

private func announced(
  _ name: String, _ version: UInt32 = 3, _ versionMin: UInt32 = 1, flags: UInt16 = RawFlag.required
) -> RawAnnouncement {
  var announcement = RawAnnouncement(name, flags: flags)
  (announcement.version, announcement.versionMin) = (version, versionMin)
  return announcement
}

/// Announcements of a device by the steps of Specs/60-section-rules.md section 3.
@Suite struct SectionRulesManifestTests {
  /// The manifest's head takes 24 octets and its texts 16; the device before 48, 8 and an announcement of 24.
  private static let device: UInt64 = 128 + 40 + 80
  /// Of announcements whose names have at most 8 octets.
  private static func place(_ position: UInt64) -> UInt64 { device + 48 + 8 + 24 * position }

  private static func many(_ name: String) -> ManifestCase.Section {
    ManifestCase.Section(name) { ($0.cardinality, $0.maximumCount, $0.keyEntry) = (.many, 2, 0) }
  }

  private static func optional(_ name: String, after: [Int] = []) -> ManifestCase.Section {
    ManifestCase.Section(name, after: after) { $0.cardinality = .optional }
  }

  @Test func known() {
    let sections = [ManifestCase.Section("a"), Self.optional("b"), Self.many("c")]
    let all = ManifestCase(sections, [announced("a"), announced("b"), announced("c"), announced("c")])
    #expect(all.outcome == .success([0, 1, 2, 2]))
    #expect(ManifestCase(sections, [announced("c"), announced("a")]).outcome == .success([2, 0]))
    let unknown = ManifestCase(sections, [announced("x", flags: RawFlag.skippable), announced("a")])
    #expect(unknown.outcome == .success([nil, 0]))
  }

  @Test func versionsOfTheDevice() {
    var old = ManifestCase([], [])
    #expect(old.outcome == .success([]))
    (old.device.version, old.device.versionMin) = (9, 5)
    #expect(old.outcome == .success([]))
    (old.device.version, old.device.versionMin) = (9, 6)
    #expect(old.outcome == old.error(.versionTooNew, at: Self.device + 28, expected: 5, found: 6))
    (old.device.version, old.device.versionMin) = (3, 1)
    #expect(old.outcome == .success([]))
    (old.device.version, old.device.versionMin) = (2, 1)
    #expect(old.outcome == old.error(.versionTooOld, at: Self.device + 24, expected: 3, found: 2))
  }

  @Test func versionsOfASection() {
    let table = [ManifestCase.Section("a")]
    let new = ManifestCase(table, [announced("a", 9, 4)])
    #expect(new.outcome == new.error(.versionTooNew, at: Self.place(0) + 8, expected: 3, found: 4))
    #expect(ManifestCase(table, [announced("a", 9, 3)]).outcome == .success([0]))
    let old = ManifestCase(table, [announced("a", 1, 1)])
    #expect(old.outcome == old.error(.versionTooOld, at: Self.place(0) + 4, expected: 2, found: 1))
    #expect(ManifestCase(table, [announced("a", 2, 1)]).outcome == .success([0]))
  }

  @Test func unknownRequired() {
    let unknown = ManifestCase([ManifestCase.Section("a")], [announced("a"), announced("b")])
    #expect(unknown.outcome == unknown.error(.unknownRequired, at: Self.place(1), found: 1))
  }

  /// M67, both ways.
  @Test func notEnabled() {
    let off = ManifestCase.Section("b") { $0.isEnabled = false }
    let there = ManifestCase([ManifestCase.Section("a"), off], [announced("a"), announced("b")])
    #expect(there.outcome == there.error(.notEnabled, at: Self.place(1), found: 1))
    #expect(ManifestCase([ManifestCase.Section("a"), off], [announced("a")]).outcome == .success([0]))
    let missing = ManifestCase([ManifestCase.Section("a"), ManifestCase.Section("b")], [announced("a")])
    #expect(missing.outcome == missing.error(.missingSection, at: Self.device, expected: 1 << 32 | 1))
  }

  @Test func cardinality() {
    let sections = [Self.optional("b"), Self.many("c"), ManifestCase.Section("a")]
    let names = { (names: String...) in ManifestCase(sections, names.map { announced($0) }) }
    #expect(names("a", "c", "c").outcome == .success([2, 1, 1]))
    #expect(names("a", "a").outcome == names().error(.duplicateSection, at: Self.place(1), found: 2))
    #expect(names("a", "b", "b").outcome == names().error(.duplicateSection, at: Self.place(2), found: 0))
    #expect(
      names("c", "a", "c", "c").outcome == names().error(.countAboveMaximum, at: Self.place(3), expected: 2, found: 3))
  }

  @Test func order() {
    let sections = [
      Self.optional("a"), Self.many("b"), Self.optional("c", after: [0]), Self.optional("d", after: [1, 2]),
    ]
    let names = { (names: String...) in ManifestCase(sections, names.map { announced($0) }) }
    #expect(names("a", "b", "c", "b", "d").outcome == .success([0, 1, 2, 1, 3]))
    #expect(names("d").outcome == .success([3]))
    #expect(names("c", "b", "d").outcome == .success([2, 1, 3]))
    #expect(names("c", "a").outcome == names().error(.sectionOutOfOrder, at: Self.place(1), expected: 2, found: 0))
    #expect(
      names("b", "d", "b").outcome == names().error(.sectionOutOfOrder, at: Self.place(2), expected: 3, found: 1))
  }

  /// A section that the device of the stream did not have yet is made of defaults, if it can be.
  @Test func madeOfDefaults() throws {
    let later = ManifestCase.Section("b") { ($0.since, $0.layout) = (6, 1) }
    let made = ManifestCase([ManifestCase.Section("a"), later], [announced("a")])
    let octets = try made.judge { (sections, rules, layouts) throws(StreamError) in
      let isMade = [0, 1].map { sections.isMadeOfDefaults(.section($0), rules: rules) }
      #expect(isMade == [false, true])
      var place = OwnedBytes()
      try layouts.layout(1).defaults(in: &place)
      try SectionWalker(place.bytes, at: 0, layouts: layouts, limits: StreamLimits()).check(layout: 1)
      return array(place.bytes)
    }
    #expect(octets == [2, 1, 2, 1, 0, 0, 0, 9, 9] + .zeros(15))
    let known = ManifestCase.Section("b") { ($0.since, $0.layout) = (5, 1) }
    let refused = ManifestCase([known], [])
    #expect(refused.outcome == refused.error(.missingSection, at: Self.device, expected: 1 << 32))
    let without = ManifestCase([ManifestCase.Section("b") { ($0.since, $0.layout) = (6, 0) }], [])
    #expect(without.outcome == refused.error(.missingSection, at: Self.device, expected: 1 << 32))
  }

  @Test func subsections() throws {
    var made = ManifestCase([ManifestCase.Section("a")], [announced("a")])
    made.subsections = ["x", "y"]
    made.device.subsections = [
      announced("z"), announced("y"), announced("z"), announced("x", 9, 4), announced("w", flags: RawFlag.skippable),
    ]
    let numbers = try made.judge { (sections, _, _) throws(StreamError) in
      made.device.subsections.indices.map { sections.subsection($0)?.number }
    }
    #expect(numbers == [nil, 1, nil, nil, nil])
    made.device.subsections.append(announced("y"))
    #expect(made.outcome == made.error(.duplicateName, at: Self.place(6), found: 5))
  }

  @Test func keys() throws {
    let announcements = [announced("c"), announced("d"), announced("c"), announced("d")]
    let made = ManifestCase([Self.many("c"), Self.many("d")], announcements)
    func finish(_ keys: [(Int, UInt64)]) -> StreamError? {
      refusal { () throws(StreamError) in
        try made.judge { (sections, rules, layouts) throws(StreamError) in
          for (index, key) in keys.enumerated() {
            let data = [UInt8].u64(key.1)
            try sections.keep(key.0, data.span.octets, at: UInt64(100 * index), rules: rules, layouts: layouts)
          }
          try sections.finish()
        }
      }
    }
    #expect(finish([]) == nil)
    #expect(finish([(0, 7), (1, 7), (2, 8), (3, 8)]) == nil)
    let twice = StreamError(.duplicateKey, .rules, at: 200, found: 7, device: 1)
    #expect(finish([(0, 7), (1, 7), (2, 7), (3, 7)]) == twice)
    #expect(finish([(0, 7), (1, 9), (2, 7), (3, 9)]) == twice)
    // A later pass takes the key back; keys may change places.
    #expect(finish([(0, 7), (1, 9), (2, 7), (3, 1), (2, 8)]) == nil)
    #expect(finish([(0, 7), (2, 8), (0, 8), (2, 7)]) == nil)
  }

  @Test func noSuchDevice() throws {
    let stream = RawStream([RawManifest { $0.devices = [RawDevice()] }.record, .end]).octets
    var decoder = try PullDecoder(stream.span.octets, limits: StreamLimits())
    _ = try decoder.next()
    let store = try MappingCase.store(ManifestCase.layouts)
    let rules = try ManifestCase([], []).table(store.table)
    for number in [-1, 1, Int.max] {
      let error = refusal { () throws(StreamError) in
        _ = try DeviceSections(decoder.state.manifest, device: number, at: 128, rules: rules)
      }
      #expect(error?.code == .wrongCall)
    }
  }

  @Test func everyRefusedAllocation() throws {
    var made = ManifestCase(
      [ManifestCase.Section("a"), Self.many("c"), Self.optional("d", after: [0, 1])],
      [announced("a"), announced("c"), announced("c"), announced("d")])
    made.subsections = ["x", "y"]
    made.device.subsections = [announced("x"), announced("w")]
    func run(_ allocator: StreamAllocator) throws(StreamError) {
      try made.judge(allocator: allocator) { (sections, rules, layouts) throws(StreamError) in
        let data = [UInt8].u64(5)
        try sections.keep(1, data.span.octets, at: 0, rules: rules, layouts: layouts)
        try sections.finish()
      }
    }
    let whole = CountingAllocator()
    try run(whole.allocator)
    #expect(whole.live == 0 && whole.calls > 10)
    for call in 0..<whole.calls {
      let allocator = CountingAllocator(refusing: call)
      let error = refusal { () throws(StreamError) in try run(allocator.allocator) }
      #expect(error?.code == .outOfMemory, "call \(call)")
      #expect(allocator.live == 0, "call \(call)")
    }
  }
}
