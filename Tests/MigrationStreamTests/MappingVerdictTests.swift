import MigrationStream
import StreamTestKit
import Testing

/// What the table says of layouts alone, against what a load does.
@Suite struct MappingVerdictTests {
  private static func verdicts(
    from number: UInt32, to own: UInt32, _ tables: MappingLayouts, version: UInt32 = 1
  ) throws(StreamError) -> [MappingVerdict] {
    var verdicts: [MappingVerdict] = []
    try LayoutMapping.judge(from: number, to: own, of: tables, version: version) { verdicts.append($0) }
    return verdicts
  }

  /// Whether a load may do this, by the verdicts on layouts without lists.
  private static func isForeseen(_ verdicts: [MappingVerdict], _ load: StreamError.Code?) -> Bool {
    let sure = verdicts.filter { $0.outcome == .refused && $0.isAlwaysThere }
    guard let load else { return sure.isEmpty }
    return verdicts.contains { $0.outcome != .taken && $0.code == load }
  }

  /// Every pair of the samples that the table is tested with.
  @Test func samplesDoWhatTheirVerdictsSay() throws {
    let samples = FieldSample.all
    let layouts = samples.map { RawLayout("l", [$0.field]).canonical } + FieldSample.elements
    let held = try HeldLayouts(layouts)
    let none = LayoutAliases()
    let tables = MappingLayouts(stream: held.store.table, reader: held.store.table, aliases: none.table)
    let data = samples.map { $0.data(elementsFrom: UInt32(samples.count)) }
    for (theirs, stream) in samples.enumerated() where stream.type != .list {
      for (ours, reader) in samples.enumerated() {
        let verdicts = try Self.verdicts(from: UInt32(theirs), to: UInt32(ours), tables)
        let refused = MappingTableTests.refusal(of: data[theirs], from: theirs, to: ours, tables)
        #expect(Self.isForeseen(verdicts, refused?.code), "\(stream) to \(reader): \(verdicts), \(refused as Any)")
      }
    }
  }

  /// A layout mapped to itself is taken whole but for what a reader verifies.
  @Test func sameLayoutIsTaken() throws {
    for seed in UInt64(0)..<200 {
      let section = RandomSection(seed: seed, claims: true)
      let held = try HeldLayouts(section.layouts.map { try $0.canonical() })
      let none = LayoutAliases()
      let tables = MappingLayouts(stream: held.store.table, reader: held.store.table, aliases: none.table)
      let verdicts = try Self.verdicts(from: 0, to: 0, tables)
      let told = verdicts.filter { $0.outcome != .taken && $0.row != .verify }
      #expect(told.isEmpty, "seed \(seed): \(told)")
    }
  }

  /// Fields that went, came and changed, behind one another: all are told, where a load stops at the first.
  @Test func allRefusalsAreTold() throws {
    var gone = RawField("gone", .unsigned, width: 4)
    gone.since = 1
    var late = RawField("late", .unsigned, width: 4)
    (late.since, late.flags, late.defaultValue) = (2, 4, 7)
    var early = late
    (early.name, early.since) = (Array("early".utf8), 1)
    var dropped = RawField("dropped", .unsigned, width: 4)
    dropped.mark = 2
    let narrow = RawField("n", .unsigned, width: 2)
    let wide = RawField("n", .unsigned, width: 4)
    let text = RawField("t", .signed, width: 4)
    let stream = RawLayout("l", [gone, wide, dropped, RawField("t", .unsigned, width: 4)])
    let reader = RawLayout("l", [late, early, narrow, text])
    let held = try HeldLayouts([stream.canonical, reader.canonical])
    let none = LayoutAliases()
    let tables = MappingLayouts(stream: held.store.table, reader: held.store.table, aliases: none.table)
    let verdicts = try Self.verdicts(from: 0, to: 1, tables)
    #expect(verdicts.map(\.row) == [.defaulted, .lacking, .width, .changed, .unknown, .skipped])
    #expect(verdicts.map(\.outcome) == [.taken, .refused, .depends, .refused, .refused, .taken])
    #expect(verdicts.map(\.streamEntry) == [nil, nil, 1, 3, 0, 2])
    #expect(verdicts.map(\.readerEntry) == [0, 1, 2, 3, nil, nil])
    #expect(verdicts[1].code == .missingField && verdicts[2].code == .valueTooLarge)
    #expect(verdicts[3].code == .signChanged && verdicts[4].code == .unknownRequired)
    let areAlwaysThere = verdicts.filter { !$0.isAlwaysThere }.isEmpty
    #expect(areAlwaysThere)
  }

  /// The reader's range against that which the stream claims.
  @Test(arguments: [
    (0...100, 0...100, nil), (0...100, 0...200, nil), (0...100, 50...200, .depends), (0...100, 101...200, .refused),
    (nil, 0...200, .depends), (10...20, nil, nil),
  ] as [(ClosedRange<UInt64>?, ClosedRange<UInt64>?, MappingVerdict.Outcome?)])
  func rangesAreComparedWithClaims(
    _ claim: ClosedRange<UInt64>?, _ range: ClosedRange<UInt64>?, _ outcome: MappingVerdict.Outcome?
  ) throws {
    func layout(_ range: ClosedRange<UInt64>?) -> [UInt8] {
      var field = RawField("n", .unsigned, width: 4)
      if let range { (field.flags, field.min, field.max) = (2, range.lowerBound, range.upperBound) }
      return RawLayout("l", [field]).canonical
    }
    let held = try HeldLayouts([layout(claim), layout(range)])
    let none = LayoutAliases()
    let tables = MappingLayouts(stream: held.store.table, reader: held.store.table, aliases: none.table)
    let told = try Self.verdicts(from: 0, to: 1, tables).filter { $0.row == .range }.map(\.outcome)
    let wanted = outcome.map { [$0] } ?? []
    #expect(told == wanted)
  }
}
