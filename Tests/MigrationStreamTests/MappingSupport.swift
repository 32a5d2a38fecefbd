import MigrationStream
import StreamTestKit
import Testing

/// What a mapping gives and reports.
struct MappedOutcome: Equatable {
  var outcome: MappingScenario.Outcome
  var skipped: [MappingScenario.Place] = []
  var left: [MappingScenario.Place] = []
  var unverified: [MappingScenario.Place] = []

  var result: [UInt8]? {
    guard case .result(let octets) = outcome else { return nil }
    return octets
  }

  var refusal: MappingScenario.Refusal? {
    guard case .refused(let refusal) = outcome else { return nil }
    return refusal
  }
}

/// Keeps what a mapping reports.
struct MappingReports: MappingHandler {
  var skipped: [MappingScenario.Place] = []
  var left: [MappingScenario.Place] = []
  var unverified: [MappingScenario.Place] = []

  private func place(_ place: FieldPlace) -> MappingScenario.Place {
    MappingScenario.Place(layout: place.layout, entry: UInt32(place.number), offset: place.offset)
  }

  mutating func skipped(_ place: FieldPlace, of stream: LayoutView) { skipped.append(self.place(place)) }
  mutating func leftAlone(_ place: FieldPlace, of reader: LayoutView) { left.append(self.place(place)) }
  mutating func unverified(_ place: FieldPlace, of reader: LayoutView) { unverified.append(self.place(place)) }
}

/// A section with its layouts on one side, a reader's layouts on the other.
struct MappingCase: Sendable {
  var stream: [[UInt8]]
  var data: [UInt8]
  var base: UInt64 = 0
  var reader: [[UInt8]]
  var version: UInt32 = 1
  var aliases: [MappingScenario.Alias] = []
  var local: [UInt8]?
  var limits = StreamLimits()
  /// Layout of the section.
  var layout: UInt32 = 0

  init(stream: [[UInt8]], data: [UInt8], reader: [[UInt8]]) {
    self.stream = stream
    self.data = data
    self.reader = reader
  }

  static func store(
    _ layouts: [[UInt8]], allocator: StreamAllocator = .system
  ) throws(StreamError) -> LayoutStore {
    var store = LayoutStore(allocator: allocator)
    for layout in layouts { try store.add(canonical: layout.span.octets, at: 0, limits: StreamLimits()) }
    return store
  }

  func names(allocator: StreamAllocator = .system) throws(StreamError) -> LayoutAliases {
    var names = LayoutAliases(allocator: allocator)
    for alias in aliases {
      try names.add(layout: alias.layout, entry: alias.entry, name: alias.name.span.octets)
    }
    return names
  }

  /// Maps with stores made of `allocator`, and gives the result.
  func map(
    _ reports: inout MappingReports, allocator: StreamAllocator = .system
  ) throws(StreamError) -> [UInt8] {
    let theirs = try Self.store(stream, allocator: allocator)
    let ours = try Self.store(reader, allocator: allocator)
    let names = try names(allocator: allocator)
    let layouts = MappingLayouts(stream: theirs.table, reader: ours.table, aliases: names.table)
    var mapping = try LayoutMapping(
      from: layout, to: 0, of: layouts, version: version, limits: limits, allocator: allocator)
    var place = OwnedBytes(allocator: allocator)
    let local = local ?? []
    let mapped = try mapping.apply(
      data.span.octets, at: base, of: layouts, local: local.span.octets, in: &place, report: &reports)
    return array(mapped)
  }

  var outcome: MappedOutcome {
    var reports = MappingReports()
    do throws(StreamError) {
      var mapped = MappedOutcome(outcome: .result(try map(&reports)))
      (mapped.skipped, mapped.left, mapped.unverified) = (reports.skipped, reports.left, reports.unverified)
      return mapped
    } catch {
      return MappedOutcome(
        outcome: .refused(
          MappingScenario.Refusal(
            error.code, error.stage, at: error.offset, expected: error.expected, found: error.found)))
    }
  }

  /// Whether the octets are data of the reader's layout.
  func isDataOfReader(_ octets: [UInt8]) throws -> Bool {
    let store = try Self.store(reader)
    let walker = SectionWalker(octets.span.octets, at: 0, layouts: store.table, limits: StreamLimits())
    return (try? walker.check(layout: 0)) != nil
  }
}

extension MappingCase {
  /// The section of a scenario's stream, with the layouts sent before it.
  init(_ scenario: MappingScenario) throws {
    var found: MappingCase?
    let octets = scenario.stream
    var decoder = try PullDecoder(octets.span.octets, limits: StreamLimits())
    while true {
      guard let item = try decoder.next() else { break }
      guard item.record.header.kind == RecordKind.section.rawValue else { continue }
      let head = SectionHead(item.record.body)
      let data = item.record.body.extracting(
        SectionHead.byteCount..<(SectionHead.byteCount + Int(head.dataByteCount)))
      var made = MappingCase(stream: [], data: array(data), reader: scenario.reader)
      made.base = item.record.bodyOffset + UInt64(SectionHead.byteCount)
      made.layout = head.layout
      found = made
    }
    try decoder.finish()
    var made = try #require(found, "\(scenario) has no section")
    let table = decoder.state.layouts.table
    for number in 0..<table.count { made.stream.append(array(table.layout(UInt32(number)).octets)) }
    made.version = decoder.state.manifest.section(0, of: decoder.state.manifest.devices[0]).version
    (made.aliases, made.local, made.limits) = (
      scenario.aliases, scenario.local, try scenario.streamLimits
    )
    self = made
  }
}
