import MigrationStream
import ReferenceReader
import StreamTestKit

/// What is held against a run of the library.
struct RulesOracle {
  let run: RulesRun
  let sample: RelationSample

  func violation() throws(ReferenceRefusal) -> FuzzViolation? {
    let seen = run.run(.system)
    if let violation = try compare(seen) { return violation }
    if sample.takes(0), let violation = elsewhere(seen) { return violation }
    if sample.takes(1), let violation = overMemory(seen) { return violation }
    if sample.takes(2), let violation = refusingMemory() { return violation }
    return sample.takes(3) ? usedBefore(seen) : nil
  }

  // MARK: R1

  private func compare(_ seen: RulesRun.Seen) throws(ReferenceRefusal) -> FuzzViolation? {
    let faults = try ReferenceRuleCheck(layouts: run.reader).faults(run.table)
    if seen.isTableRefused {
      guard let error = seen.error, error.stage == .use, let fault = Self.fault(error.code), faults.contains(fault) else {
        return FuzzViolation("R1", "table: \(seen.error.map { "\($0)" } ?? "taken"), reference \(faults)")
      }
      return nil
    }
    guard faults.isEmpty else { return FuzzViolation("R1", "the table is taken, reference \(faults)") }
    let sent = run.sent
    let device = ReferenceRules.Device(sent.number, of: sent.manifest.record.body, at: sent.base)
    var judge = try ReferenceRules(run.table, layouts: run.reader, device: device)
    judge.locals = sent.locals
    judge.aliases = run.layouts.aliases.map {
      ReferenceMapping.Alias(layout: Int($0.layout), entry: Int($0.entry), name: $0.name)
    }
    do throws(ReferenceRefusal) {
      try judge.judgeManifest()
      let reports = (numbers: judge.numbers, defaults: judge.report.defaults)
      guard reports == (seen.numbers, seen.defaults) || seen.error != nil && seen.numbers.isEmpty else {
        return FuzzViolation("R1", "\(seen.numbers), defaults \(seen.defaults), reference \(reports)")
      }
      for number in reports.defaults {
        if let violation = compareDefaults(number, try judge.defaults(number)) { return violation }
      }
      for section in sent.sent {
        try judge.judgeSection(section.position, section.body, at: section.base, stream: run.stream)
      }
      try judge.judgeEnd()
    } catch {
      if let refusal = seen.error, Self.isSame(refusal, error) { return nil }
      let found = seen.error.map { "\($0)" } ?? "taken"
      return FuzzViolation("R1", "\(found), reference \(DecodeOracle.describe(error))")
    }
    return seen.error.map { FuzzViolation("R1", "\($0), reference takes it") }
  }

  private static func fault(_ code: StreamError.Code) -> ReferenceRuleCheck.Fault? {
    switch code {
    case .duplicateName: .duplicateName
    case .unknownLayout: .unknownLayout
    case .missingField: .missingField
    case .typeChanged: .wrongType
    case .wrongCall: .contradiction
    default: nil
    }
  }

  private static func isSame(_ error: StreamError, _ refusal: ReferenceRefusal) -> Bool {
    error.code.rawValue == refusal.code.rawValue && error.stage.rawValue == refusal.stage?.rawValue
      && error.offset == refusal.offset && error.expected == refusal.expected && error.found == refusal.found
  }

  private func compareDefaults(_ number: Int, _ octets: [UInt8]) -> FuzzViolation? {
    do throws(StreamError) {
      var store = LayoutStore()
      let canonical = run.reader[run.table.sections[number].piece.layout]
      try store.add(canonical: canonical.span.octets, at: 0, limits: StreamLimits())
      var place = OwnedBytes()
      try store.table.layout(0).defaults(in: &place)
      let made = copied(place.bytes)
      return made == octets ? nil : FuzzViolation("R1", "defaults \(made), reference \(octets)")
    } catch { return FuzzViolation("R1", "no defaults: \(error)") }
  }

  // MARK: The same in other circumstances

  /// R2.
  private func elsewhere(_ seen: RulesRun.Seen) -> FuzzViolation? {
    let shift = 8 * (1 + sample.rest)
    var again = run.run(.system, shift: shift)
    if !again.isTableRefused { again.error?.offset &-= UInt64(shift) }
    return again == seen ? nil : FuzzViolation("R2", "\(shift) octets further: \(again), else \(seen)")
  }

  /// R4.
  private func overMemory(_ seen: RulesRun.Seen) -> FuzzViolation? {
    let allocator = CountingAllocator(filling: sample.rest % 2 == 0 ? 0x5a : 0xff)
    let again = run.run(allocator.allocator)
    guard again == seen else { return FuzzViolation("R4", "other memory: \(again), else \(seen)") }
    return allocator.live == 0 ? nil : FuzzViolation("A10", "\(allocator.live) octets are left")
  }

  /// R5.
  private func usedBefore(_ seen: RulesRun.Seen) -> FuzzViolation? {
    let again = run.run(.system, reuses: true)
    return again == seen ? nil : FuzzViolation("R5", "mappings used again: \(again), else \(seen)")
  }

  /// A10.
  private func refusingMemory() -> FuzzViolation? {
    let allocator = CountingAllocator(refusing: sample.rest)
    _ = run.run(allocator.allocator)
    guard allocator.live == 0 else {
      return FuzzViolation("A10", "\(allocator.live) octets are left after call \(sample.rest) was refused")
    }
    return nil
  }
}
