import MigrationStream
import ReferenceReader
import StreamTestKit

/// The product: a table, a device and its sections through the calls of the library, in the chapter's order.
struct RulesRun {
  /// What a run showed before it ended.
  struct Seen: Equatable {
    /// Of each announced section its number in the table.
    var numbers: [Int?] = []
    var defaults: [Int] = []
    var error: StreamError?
    /// Whether the table itself was refused.
    var isTableRefused = false
  }

  let table: ReferenceRuleTable
  let layouts: RulesLayouts
  let reader: [[UInt8]]
  let stream: [[UInt8]]
  let sent: RulesStream

  /// - Parameters:
  ///   - shift: Octets by which everything lies further behind in the stream.
  ///   - reuses: Whether a mapping that was made is used again.
  func run(_ allocator: StreamAllocator, shift: Int = 0, reuses: Bool = false) -> Seen {
    var seen = Seen()
    let mappings = RulesMappings(allocator, reuses: reuses)
    do throws(StreamError) {
      let theirs = try store(stream, allocator)
      let ours = try store(reader, allocator)
      var names = LayoutAliases(allocator: allocator)
      for alias in layouts.aliases { try names.add(layout: alias.layout, entry: alias.entry, name: alias.name.span.octets) }
      seen.isTableRefused = true
      let rules = try self.rules(ours.table, allocator)
      seen.isTableRefused = false
      let octets = RawStream([sent.manifest.record, .end]).octets
      var decoder = try PullDecoder(octets.span.octets, limits: StreamLimits())
      _ = try decoder.next()
      var sections = try DeviceSections(
        decoder.state.manifest, device: sent.number, at: UInt64(sent.base + shift), rules: rules, allocator: allocator)
      seen.numbers = sent.manifest.devices[sent.number].sections.indices.map { sections.section($0)?.number }
      seen.defaults = table.sections.indices.filter { sections.isMadeOfDefaults(.section($0), rules: rules) }
      let judged = MappingLayouts(stream: theirs.table, reader: ours.table, aliases: names.table)
      for section in sent.sent { try judge(section, judged, rules, &sections, mappings, shift) }
      try sections.finish()
    } catch { seen.error = error }
    return seen
  }

  private func store(_ layouts: [[UInt8]], _ allocator: StreamAllocator) throws(StreamError) -> LayoutStore {
    var store = LayoutStore(allocator: allocator)
    for layout in layouts { try store.add(canonical: layout.span.octets, at: 0, limits: StreamLimits()) }
    return store
  }

  // MARK: Sections

  private func judge(
    _ section: RulesStream.Sent, _ layouts: MappingLayouts, _ rules: borrowing SectionRules,
    _ sections: inout DeviceSections, _ mappings: RulesMappings, _ shift: Int
  ) throws(StreamError) {
    guard let piece = sections.section(section.position) else { return }
    let body = section.body.span.octets
    let head = SectionHead(body)
    let place = UInt64(section.base + shift) + 24
    let data = body.extracting(24..<(24 + Int(head.dataByteCount)))
    let version = sent.manifest.devices[sent.number].sections[section.position].version
    let ready = try mappings.mapping(from: head.layout, to: rules.layout(of: piece), of: layouts, version: version)
    var made = OwnedBytes(allocator: mappings.allocator)
    var nobody = NoMappingHandler()
    let local = sent.locals[.section(piece.number)] ?? []
    let mapped = try ready.mapping.apply(
      data, at: place, of: layouts, judgedBy: rules, as: piece, local: local.span.octets, in: &made, report: &nobody)
    try sections.keep(
      section.position, mapped, madeBy: ready.mapping, at: place, rules: rules, layouts: layouts.reader)
    let inside = SubsectionReader(
      head.subsections(in: body), at: place + head.dataByteCount, leading: 24 + Int(head.dataByteCount),
      count: head.subsectionCount, numAnnounced: UInt16(sections.announcedSubsections(sent)), limits: StreamLimits())
    try judge(inside, in: piece, mapped, at: place, head.layout, layouts, rules, sections, mappings)
  }

  /// The subsections of a piece, and what lies in each.
  private func judge(
    _ inside: SubsectionReader, in piece: RulePiece, _ data: RawSpan, at place: UInt64, _ layout: UInt32,
    _ layouts: MappingLayouts, _ rules: borrowing SectionRules, _ sections: borrowing DeviceSections,
    _ mappings: RulesMappings
  ) throws(StreamError) {
    try rules.check(inside, in: piece, data, at: place, from: layout, of: layouts, sections)
    var heads = inside
    while let head = try heads.next() {
      guard let piece = sections.subsection(Int(head.number)) else { continue }
      let version = sent.manifest.devices[sent.number].subsections[Int(head.number)].version
      let ready = try mappings.mapping(from: head.layout, to: rules.layout(of: piece), of: layouts, version: version)
      var made = OwnedBytes(allocator: mappings.allocator)
      var nobody = NoMappingHandler()
      let local = sent.locals[.subsection(piece.number)] ?? []
      let mapped = try ready.mapping.apply(
        head.data, at: head.dataOffset, of: layouts, judgedBy: rules, as: piece, local: local.span.octets, in: &made,
        report: &nobody)
      try judge(
        heads.inside(head), in: piece, mapped, at: head.dataOffset, head.layout, layouts, rules, sections, mappings)
    }
  }
}

extension DeviceSections {
  fileprivate func announcedSubsections(_ sent: RulesStream) -> Int { sent.manifest.devices[sent.number].subsections.count }
}

/// The mappings of a run.
private final class RulesMappings {
  final class Ready {
    var mapping: LayoutMapping

    init(_ mapping: consuming LayoutMapping) { self.mapping = mapping }
  }

  private struct Key: Hashable {
    var stream: UInt32
    var reader: UInt32
    var version: UInt32
  }

  let allocator: StreamAllocator
  private let reuses: Bool
  private var made: [Key: Ready] = [:]

  init(_ allocator: StreamAllocator, reuses: Bool) { (self.allocator, self.reuses) = (allocator, reuses) }

  func mapping(
    from number: UInt32, to own: UInt32, of layouts: MappingLayouts, version: UInt32
  ) throws(StreamError) -> Ready {
    let key = Key(stream: number, reader: own, version: version)
    if reuses, let ready = made[key] { return ready }
    let ready = Ready(try LayoutMapping(from: number, to: own, of: layouts, version: version, allocator: allocator))
    made[key] = ready
    return ready
  }
}
