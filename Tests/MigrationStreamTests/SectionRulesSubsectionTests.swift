import MigrationStream
import StreamTestKit
import Testing

/// Subsections of one section by the steps of Specs/60-section-rules.md section 4.
@Suite struct SectionRulesSubsectionTests {
  /// A subsection of the table: name, and what it is.
  private struct Known: Sendable {
    var name: String
    var rule: SubsectionRule
    var terms: [RuleTerm] = []

    init(
      _ name: String, target: UInt32? = nil, _ terms: [RuleTerm] = [],
      _ change: (inout SubsectionRule) -> Void = { _ in }
    ) {
      (self.name, self.terms) = (name, terms)
      rule = SubsectionRule(layout: 2, version: 3, versionMin: 2, owner: .section(0), target: target)
      change(&rule)
    }
  }

  /// Fields of the reader: mode, up to 4 queues with x and a list, an extra.
  private static let own = [
    RawLayout(
      "device",
      [
        RawField("mode", .unsigned, width: 4),
        RawField("queues", .structure, [RawField("x", .unsigned, width: 4), RawField("list", .list)]).counted(4),
        RawField("list", .list),
      ]),
    RawLayout("element", [RawField("y", .unsigned, width: 8)]),
    RawLayout("sub", [RawField("value", .unsigned, width: 8)]),
  ]

  /// The stream has the queues first, under an older name, and narrower fields.
  private static let stream = [
    RawLayout(
      "device",
      [
        RawField("rings", .structure, [RawField("x", .unsigned, width: 2), RawField("list", .list)]).counted(4),
        RawField("list", .list), RawField("mode", .unsigned, width: 1),
      ]),
    RawLayout("element", [RawField("y", .unsigned, width: 8)]),
    RawLayout("sub", [RawField("value", .unsigned, width: 8)]),
  ]

  private static func data(_ mode: UInt32, _ queues: [UInt32], list: [UInt64] = []) -> [UInt8] {
    var octets: [UInt8] = .joined(.u32(mode), .u32(UInt32(queues.count)), .u64(UInt64(list.count)))
    for x in queues { octets.put(.u32(x), .u32(0)) }
    for y in list { octets.put(.u32(1), .u32(8), .u64(y)) }
    return octets
  }

  private static func old(_ mode: UInt8, _ queues: [UInt16], list: [UInt64] = []) -> [UInt8] {
    var octets: [UInt8] = .joined(.u32(UInt32(queues.count)), .u32(UInt32(list.count)), [mode] + .zeros(7))
    octets += queues.flatMap { [UInt8].u16($0) + .u32(0) }.padded()
    for y in list { octets.put(.u32(1), .u32(8), .u64(y)) }
    return octets
  }

  /// Judges the heads of a section with data at 1000 of a stream; the heads come directly behind it.
  private func judge(
    _ known: [Known], _ data: [UInt8], _ heads: [RawSubsection], announced: [RawAnnouncement]? = nil,
    stream: [RawLayout] = own, deviceVersion: UInt32 = 5, piece: RulePiece = .section(0),
    allocator: StreamAllocator = .system
  ) throws(StreamError) {
    let theirs = try MappingCase.store(stream.map(\.canonical))
    let ours = try MappingCase.store(Self.own.map(\.canonical))
    var names = LayoutAliases()
    try names.add(layout: 0, entry: 1, name: StaticString("rings").octets)
    let layouts = MappingLayouts(stream: theirs.table, reader: ours.table, aliases: names.table)
    var builder = SectionRulesBuilder(version: 5, versionMin: 1, allocator: allocator)
    _ = try builder.section(SectionRule(layout: 0, version: 1, versionMin: 1), name: StaticString("state").octets)
    for subsection in known {
      _ = try builder.subsection(subsection.rule, name: [UInt8](subsection.name.utf8).span.octets)
      for term in subsection.terms { try builder.condition(term) }
    }
    let rules = try builder.finish(ours.table)
    let device = RawDevice {
      $0.version = deviceVersion
      $0.subsections = announced ?? known.map { RawAnnouncement($0.name, 3) }
    }
    let octets = RawStream([RawManifest { $0.devices = [device] }.record, .end]).octets
    var decoder = try PullDecoder(octets.span.octets, limits: StreamLimits())
    _ = try decoder.next()
    let sections = try DeviceSections(
      decoder.state.manifest, device: 0, at: 128, rules: rules, allocator: allocator)
    let body = RawSection(data: data, heads).record.body
    let head = SectionHead(body.span.octets)
    let reader = SubsectionReader(
      head.subsections(in: body.span.octets), at: 1_000 + head.dataByteCount, leading: 0, count: head.subsectionCount,
      numAnnounced: UInt16(device.subsections.count), limits: StreamLimits())
    var mapping = try LayoutMapping(from: 0, to: 0, of: layouts, version: 1)
    var place = OwnedBytes()
    var report = NoMappingHandler()
    let mapped = try mapping.apply(
      data.span.octets, at: 1_000, of: layouts, judgedBy: rules, as: .section(0), in: &place, report: &report)
    try rules.check(reader, in: piece, mapped, at: 1_000, from: 0, of: layouts, sections)
  }

  private func refused(_ body: () throws(StreamError) -> Void) -> RuleRefusal? {
    refusal(body).map { RuleRefusal($0) }
  }

  private static func head(_ position: UInt16, _ target: [(UInt32, UInt32)] = []) -> RawSubsection {
    RawSubsection(position, target: target.map { (field: $0.0, element: $0.1) }, data: .u64(0)) { $0.layout = 2 }
  }

  /// M64: unknown, and required or not.
  @Test func unknown() {
    let data = Self.data(0, [])
    let there = [Self.head(0), Self.head(1)]
    #expect(refused { () throws(StreamError) in try judge([Known("a"), Known("b")], data, there) } == nil)
    let names = [RawAnnouncement("a", 3), RawAnnouncement("z", 3)]
    let unknown = refused { () throws(StreamError) in try judge([Known("a")], data, there, announced: names) }
    #expect(unknown == RuleRefusal(.unknownRequired, at: 1_016 + 32 + 4, found: 1))
    let absent = refused { () throws(StreamError) in
      try judge([Known("a")], data, [Self.head(0)], announced: names)
    }
    #expect(absent == nil)
    let skipped = [RawAnnouncement("a", 3), RawAnnouncement("z", 3, flags: RawFlag.skippable)]
    #expect(refused { () throws(StreamError) in try judge([Known("a")], data, there, announced: skipped) } == nil)
  }

  /// M65: known with another version; refused only when it comes.
  @Test func versions() {
    let data = Self.data(0, [])
    for (version, versionMin, refusal) in [
      (9, 4, RuleRefusal(.versionTooNew, at: 1_020, expected: 3, found: 4)),
      (1, 1, RuleRefusal(.versionTooOld, at: 1_020, expected: 2, found: 1)), (9, 3, nil), (2, 1, nil),
    ] as [(UInt32, UInt32, RuleRefusal?)] {
      var name = RawAnnouncement("a", version)
      name.versionMin = versionMin
      let came = refused { () throws(StreamError) in try judge([Known("a")], data, [Self.head(0)], announced: [name]) }
      #expect(came == refusal, "version \(version)")
      #expect(refused { () throws(StreamError) in try judge([Known("a")], data, [], announced: [name]) } == nil)
    }
  }

  @Test func notEnabledAndOwner() {
    let data = Self.data(0, [])
    let off = [Known("a"), Known("b") { $0.isEnabled = false }]
    #expect(refused { () throws(StreamError) in try judge(off, data, [Self.head(0)]) } == nil)
    let enabled = refused { () throws(StreamError) in try judge(off, data, [Self.head(0), Self.head(1)]) }
    #expect(enabled == RuleRefusal(.notEnabled, at: 1_016 + 32 + 4, found: 1))
    let inside = [Known("a"), Known("b") { $0.owner = .subsection(0) }]
    let owner = refused { () throws(StreamError) in try judge(inside, data, [Self.head(1)]) }
    #expect(owner == RuleRefusal(.badTarget, at: 1_020, found: 1))
  }

  @Test func targets() {
    let known = [Known("whole"), Known("queue", target: 1), Known("item", target: 4)]
    let data = Self.data(0, [1, 2], list: [5, 6])
    let right = [Self.head(0), Self.head(1, [(1, 0)]), Self.head(1, [(1, 1)]), Self.head(2, [(4, 1)])]
    #expect(refused { () throws(StreamError) in try judge(known, data, right) } == nil)
    // In the stream the queues are entry 0, and the list entry 3.
    let old = [Self.head(0), Self.head(1, [(0, 0)]), Self.head(1, [(0, 1)]), Self.head(2, [(3, 1)])]
    let oldData = Self.old(0, [1, 2], list: [5, 6])
    #expect(refused { () throws(StreamError) in try judge(known, oldData, old, stream: Self.stream) } == nil)
    let start = 1_000 + UInt64(data.count)
    for (head, refusal) in [
      (Self.head(1), RuleRefusal(.badTarget, at: start + 12, found: 1)),
      (Self.head(0, [(1, 0)]), RuleRefusal(.badTarget, at: start + 24, found: 0)),
      (Self.head(1, [(4, 0)]), RuleRefusal(.badTarget, at: start + 24, found: 1)),
      (Self.head(2, [(1, 0)]), RuleRefusal(.badTarget, at: start + 24, found: 2)),
    ] {
      #expect(refused { () throws(StreamError) in try judge(known, data, [head]) } == refusal)
    }
  }

  /// M66: the case of X = 5, both ways.
  @Test func conditionOfTheOwner() {
    let known = [Known("free"), Known("five", [RuleTerm(entry(0), .equals, 5)])]
    for data in [Self.data(5, [1]), Self.data(4, [1])] {
      let isFive = data[0] == 5
      let without = refused { () throws(StreamError) in try judge(known, data, [Self.head(0)]) }
      let missing = RuleRefusal(.conditionMismatch, at: 1_000, expected: 1, found: UInt64(none32))
      #expect(without == (isFive ? missing : nil))
      let with = refused { () throws(StreamError) in try judge(known, data, [Self.head(0), Self.head(1)]) }
      let place = UInt64(1_000 + data.count + 32 + 4)
      #expect(with == (isFive ? nil : RuleRefusal(.conditionMismatch, at: place, expected: UInt64(none32), found: 1)))
      // Not announced, or of a device that was before it.
      let names = [RawAnnouncement("free", 3)]
      let unannounced = refused { () throws(StreamError) in try judge(known, data, [], announced: names) }
      #expect(unannounced == (isFive ? missing : nil))
      let later = [known[0], Known("five", known[1].terms) { $0.since = 6 }]
      #expect(refused { () throws(StreamError) in try judge(later, data, []) } == nil)
      let off = [known[0], Known("five", known[1].terms) { $0.isEnabled = false }]
      #expect(refused { () throws(StreamError) in try judge(off, data, []) } == nil)
    }
  }

  /// Each element by itself; a term may be about the owner as well.
  @Test func conditionOfAnElement() {
    let known = [
      Known("queue", target: 1, [RuleTerm(entry(2), .atLeast, 5), RuleTerm(entry(0), .equals, 1)]),
      Known("free", target: 1),
      Known("item", target: 4, [RuleTerm(entry(0, of: 1), .anyBits, 6)]),
    ]
    let data = Self.data(1, [5, 4, 9], list: [4, 1, 3])
    let right = [
      Self.head(0, [(1, 0)]), Self.head(1, [(1, 1)]), Self.head(0, [(1, 2)]), Self.head(2, [(4, 0)]),
      Self.head(2, [(4, 2)]),
    ]
    #expect(refused { () throws(StreamError) in try judge(known, data, right) } == nil)
    let old = [
      Self.head(0, [(0, 0)]), Self.head(1, [(0, 1)]), Self.head(0, [(0, 2)]), Self.head(2, [(3, 0)]),
      Self.head(2, [(3, 2)]),
    ]
    let oldData = Self.old(1, [5, 4, 9], list: [4, 1, 3])
    #expect(refused { () throws(StreamError) in try judge(known, oldData, old, stream: Self.stream) } == nil)
    func missing(_ number: UInt64) -> RuleRefusal {
      RuleRefusal(.conditionMismatch, at: 1_000, expected: number, found: UInt64(none32))
    }
    for (index, refusal) in [missing(0), nil, missing(0), missing(2), missing(2)].enumerated() {
      var fewer = right
      fewer.remove(at: index)
      #expect(refused { () throws(StreamError) in try judge(known, data, fewer) } == refusal, "without \(index)")
    }
    // The owner's term does not hold, so no queue has one.
    let none = Self.data(0, [5, 4, 9], list: [4, 1, 3])
    let place = UInt64(1_000 + data.count + 4)
    let refusal = refused { () throws(StreamError) in try judge(known, none, right) }
    #expect(refusal == RuleRefusal(.conditionMismatch, at: place, expected: UInt64(none32), found: 0))
    let rest = Array(right[3...])
    #expect(refused { () throws(StreamError) in try judge(known, none, rest) } == nil)
    let wrong = refused { () throws(StreamError) in
      try judge(known, none, [Self.head(2, [(4, 0)]), Self.head(2, [(4, 1)]), Self.head(2, [(4, 2)])])
    }
    #expect(
      wrong == RuleRefusal(.conditionMismatch, at: place + 40, expected: UInt64(none32), found: 2))
  }

  /// Elements of a list that have the owner's layout: a target is none of theirs, and a term is about them.
  @Test func elementsLikeTheOwner() {
    let inner = Self.data(4, [7])
    let data: [UInt8] = .joined(.u32(5), .u32(0), .u64(1), .u32(0), .u32(UInt32(inner.count)), inner)
    let through = Self.head(0, [(4, 0), (1, 0)])
    let refusal = refused { () throws(StreamError) in try judge([Known("queue", target: 1)], data, [through]) }
    #expect(refusal == RuleRefusal(.badTarget, at: 1_000 + UInt64(data.count) + 24, found: 0))
    let known = [Known("item", target: 4, [RuleTerm(entry(0), .equals, 5)])]
    #expect(refused { () throws(StreamError) in try judge(known, data, []) } == nil)
    let four = [Known("item", target: 4, [RuleTerm(entry(0), .equals, 4)])]
    #expect(refused { () throws(StreamError) in try judge(four, data, [Self.head(0, [(4, 0)])]) } == nil)
    let missing = RuleRefusal(.conditionMismatch, at: 1_000, expected: 0, found: UInt64(none32))
    #expect(refused { () throws(StreamError) in try judge(four, data, []) } == missing)
  }

  @Test func wrongCalls() {
    let data = Self.data(0, [])
    for piece in [RulePiece.section(1), .subsection(0), .section(-1)] {
      let error = refusal { () throws(StreamError) in try judge([], data, [], piece: piece) }
      #expect(error?.code == .wrongCall)
    }
  }

  @Test func everyRefusedAllocation() throws {
    let known = [Known("queue", target: 1, [RuleTerm(entry(2), .atLeast, 5)])]
    let data = Self.data(1, [5])
    let heads = [Self.head(0, [(1, 0)])]
    let whole = CountingAllocator()
    try judge(known, data, heads, allocator: whole.allocator)
    #expect(whole.live == 0 && whole.calls > 5)
    for call in 0..<whole.calls {
      let allocator = CountingAllocator(refusing: call)
      let error = refusal { () throws(StreamError) in try judge(known, data, heads, allocator: allocator.allocator) }
      #expect(error?.code == .outOfMemory, "call \(call)")
      #expect(allocator.live == 0, "call \(call)")
    }
  }
}

extension RawAnnouncement {
  fileprivate init(_ name: String, _ version: UInt32, flags: UInt16 = RawFlag.required) {
    self.init(name, flags: flags)
    self.version = version
  }
}
