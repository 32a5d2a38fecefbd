import MigrationStream
import ReferenceReader
import StreamTestKit

/// A section of one layout read by another.
///
/// | relation | says |
/// |---|---|
/// | R1 | the mapping has the verdict and the octets of the reference, which was written from the table alone |
/// | R3 | mapped to its own layout a section stays as it is; what comes out is right by the reader's layout |
/// | R4 | what memory held before changes nothing |
/// | R10 | the way back is judged likewise, from what the way there gave, or from data of its own |
/// | A10 | nothing is left after an allocator refused |
///
/// Every input makes layouts and values, see `RandomSection`, then changes of the layouts, see ``ChangedLayouts``. R1 and
/// what comes out are judged always, the others for one input in four each, as its last octet chooses.
public enum MappingTarget: FuzzTarget {
  public static func check(_ input: [UInt8]) -> FuzzVerdict {
    let sample = RelationSample(octet: input.last ?? 0, count: 4)
    var random = SeededGenerator(choices: input)
    let section = RandomSection(random: &random, claims: false, fieldsMax: 10)
    var changed = ChangedLayouts(section.layouts)
    changed.change(&random)
    do throws(StreamError) {
      let stream = try canonical(section.layouts)
      guard let reader = try? canonical(changed.layouts) else { return .uninteresting }
      var there = MappedSection(stream: stream, reader: reader, data: section.octets)
      there.version = UInt32(random.pick(1...9))
      there.aliases = changed.aliases
      if random.once(in: 2) {
        let local = RandomSection(of: changed.layouts, random: &random).octets
        if there.isRight(local) { there.local = local }
      }
      there.aliases += changed.strangeAliases(section.layouts, &random)
      there.aliases.sort { ($0.layout, $0.entry) < ($1.layout, $1.entry) }
      let found = there.outcome(.system)
      if let violation = there.check(found, sample) { return .violation(violation) }
      if sample.takes(2), let violation = identity(section, stream) { return .violation(violation) }
      guard sample.takes(3) else { return .fine }
      // The way back: of what came over, or of other data when nothing did.
      let mapped =
        if case .result(let octets) = found { octets } else {
          RandomSection(of: changed.layouts, random: &random).octets
        }
      guard there.isRight(mapped) else { return .fine }
      var back = MappedSection(stream: reader, reader: stream, data: mapped)
      back.version = there.version
      if let violation = back.check(back.outcome(.system), sample) {
        return .violation(FuzzViolation("R10", "back: \(violation.detail)"))
      }
      return .fine
    } catch {
      return .violation(FuzzViolation("R3", "a right layout is refused: \(DecodeOracle.describe(error))"))
    }
  }

  private static func canonical(_ layouts: [ModelLayout]) throws(StreamError) -> [[UInt8]] {
    var octets: [[UInt8]] = []
    for layout in layouts { octets.append(try layout.canonical()) }
    return octets
  }

  /// Counted arrays of padding do not come over, as padding is no field.
  private static func identity(_ section: RandomSection, _ stream: [[UInt8]]) -> FuzzViolation? {
    guard !section.layouts.contains(where: { $0.fields.contains(where: \.hasCountedPadding) }) else { return nil }
    let same = MappedSection(stream: stream, reader: stream, data: section.octets).outcome(.system)
    guard same != .result(section.octets) else { return nil }
    return FuzzViolation("R3", "to its own layout: \(same)")
  }
}

extension LayoutField {
  fileprivate var hasCountedPadding: Bool {
    attributes.type == .padding && attributes.shape == .countedArray || children.contains(where: \.hasCountedPadding)
  }
}

/// What a mapping is asked, and what it says.
struct MappedSection {
  enum Outcome: Equatable {
    case result([UInt8])
    case refused(StreamError)
  }

  var stream: [[UInt8]]
  var reader: [[UInt8]]
  var data: [UInt8]
  var version: UInt32 = 1
  var aliases: [MappingScenario.Alias] = []
  var local: [UInt8]?
  /// Octets from the start of the stream to the data, and the data's layout.
  var base: UInt64 = 0
  var layout = 0

  init(stream: [[UInt8]], reader: [[UInt8]], data: [UInt8]) {
    self.stream = stream
    self.reader = reader
    self.data = data
  }

  /// - Parameter found: What came of it.
  func check(_ found: Outcome, _ sample: RelationSample) -> FuzzViolation? {
    if let violation = compare(found) { return violation }
    if case .result(let octets) = found, !isRight(octets) {
      return FuzzViolation("R3", "what was mapped is not right by the reader's layout")
    }
    if sample.takes(0), let violation = overMemory(found) { return violation }
    return sample.takes(1) ? refusingMemory(call: sample.rest % 32) : nil
  }

  /// R4.
  private func overMemory(_ found: Outcome) -> FuzzViolation? {
    for filling in [0x5a, 0xff] as [UInt8] {
      let allocator = CountingAllocator(filling: filling)
      let again = outcome(allocator.allocator)
      guard again == found else { return FuzzViolation("R4", "memory of \(filling): \(again), else \(found)") }
      guard allocator.live == 0 else { return FuzzViolation("A10", "\(allocator.live) octets are left") }
    }
    return nil
  }

  /// A10.
  private func refusingMemory(call: Int) -> FuzzViolation? {
    let allocator = CountingAllocator(refusing: call)
    _ = outcome(allocator.allocator)
    guard allocator.live == 0 else {
      return FuzzViolation("A10", "\(allocator.live) octets are left after call \(call) was refused")
    }
    return nil
  }

  /// R1.
  private func compare(_ found: Outcome) -> FuzzViolation? {
    do throws(ReferenceRefusal) {
      var mapping = try ReferenceMapping(stream: stream, reader: reader)
      mapping.version = UInt64(version)
      mapping.local = local
      mapping.aliases = aliases.map {
        ReferenceMapping.Alias(layout: Int($0.layout), entry: Int($0.entry), name: $0.name)
      }
      let octets = try mapping.map(data, layout: layout, base: base)
      guard found != .result(octets) else { return nil }
      guard case .result(let result) = found else { return FuzzViolation("R1", "\(found), reference takes it") }
      let place = zip(result, octets).enumerated().first { $1.0 != $1.1 }?.offset ?? min(result.count, octets.count)
      return FuzzViolation("R1", "result of \(result.count) octets, reference's of \(octets.count), from octet \(place)")
    } catch {
      if case .refused(let refusal) = found, refusal.code.rawValue == error.code.rawValue,
        refusal.stage.rawValue == error.stage?.rawValue, refusal.offset == error.offset,
        refusal.expected == error.expected, refusal.found == error.found
      {
        return nil
      }
      return FuzzViolation("R1", "\(found), reference \(DecodeOracle.describe(error))")
    }
  }

  func outcome(_ allocator: StreamAllocator) -> Outcome {
    do throws(StreamError) {
      let theirs = try Self.store(stream, allocator)
      let ours = try Self.store(reader, allocator)
      var names = LayoutAliases(allocator: allocator)
      for alias in aliases { try names.add(layout: alias.layout, entry: alias.entry, name: alias.name.span.octets) }
      let layouts = MappingLayouts(stream: theirs.table, reader: ours.table, aliases: names.table)
      var mapping = try LayoutMapping(
        from: UInt32(layout), to: 0, of: layouts, version: version, limits: StreamLimits(), allocator: allocator)
      var place = OwnedBytes(allocator: allocator)
      var nobody = NoReports()
      let local = local ?? []
      let mapped = try mapping.apply(
        data.span.octets, at: base, of: layouts, local: local.span.octets, in: &place, report: &nobody)
      return .result(copied(mapped))
    } catch { return .refused(error) }
  }

  /// Whether the octets are data of the reader's layout.
  func isRight(_ octets: [UInt8]) -> Bool {
    do throws(StreamError) {
      let store = try Self.store(reader, .system)
      let walker = SectionWalker(octets.span.octets, at: 0, layouts: store.table, limits: StreamLimits())
      try walker.check(layout: 0)
      return true
    } catch { return false }
  }

  private static func store(_ layouts: [[UInt8]], _ allocator: StreamAllocator) throws(StreamError) -> LayoutStore {
    var store = LayoutStore(allocator: allocator)
    for layout in layouts { try store.add(canonical: layout.span.octets, at: 0, limits: StreamLimits()) }
    return store
  }
}

private struct NoReports: MappingHandler {}
