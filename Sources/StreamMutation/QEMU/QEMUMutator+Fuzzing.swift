internal import ForeignStreams

/// Mutation and crossover for fuzzers of readers, which look at all that a destination steps over.
extension QEMUMutator {
  /// More than that of anything is left alone: the work of one mutation is bounded.
  private static var fuzzingLimits: ForeignLimits {
    var limits = ForeignLimits()
    limits.sections = 1_024
    limits.listedRecords = 4_096
    limits.describedFields = 20_000
    limits.weightlessLeaves = 20_000
    limits.treeNodes = 50_000
    return limits
  }

  /// Changes one thing of a QEMU stream; octets that are none are the leaf's alone.
  ///
  /// - Parameters:
  ///   - octets: Any octets; replaced by the changed ones.
  ///   - byteCountMax: The result has no more octets.
  ///   - chance: The only source of chance.
  ///   - repairs: false: the length of a description that grew stays as it was.
  ///   - leaf: Changes octets that have no structure; the result has at most so many.
  /// - Returns: What was broken; nil when octets were changed without regard to structure.
  @discardableResult
  public static func mutate(
    _ octets: inout [UInt8], byteCountMax: Int, chance: inout Chance, repairs: Bool,
    leaf: (inout [UInt8], Int) -> Void
  ) -> QEMUMutation? {
    guard octets.count <= byteCountMax, !chance.isOne(in: 8),
      let mutator = try? QEMUMutator(octets, limits: fuzzingLimits)
    else {
      leaf(&octets, byteCountMax)
      return nil
    }
    if chance.isOne(in: 4), let changed = mutator.changedLeaf(&chance, repairs: repairs, leaf: leaf),
      changed.count <= byteCountMax
    {
      octets = changed
      return nil
    }
    if chance.isOne(in: 16), let edit = mutator.furtherPages(&chance), let changed = [edit].applied(to: octets),
      changed.count <= byteCountMax
    {
      octets = changed
      return nil
    }
    for _ in 0..<8 {
      let all = QEMUOperator.allCases
      let operation = chance.isOne(in: 2) ? QEMUOperator.pick(&chance) : all[chance.below(all.count)]
      guard let (result, note) = mutator.mutate(operation, &chance), result.count <= byteCountMax else { continue }
      octets = result
      return note
    }
    leaf(&octets, byteCountMax)
    return nil
  }

  /// The octets of a section's state, or of the description, changed by `leaf`.
  private func changedLeaf(
    _ chance: inout Chance, repairs: Bool, leaf: (inout [UInt8], Int) -> Void
  ) -> [UInt8]? {
    let text = stream.descriptionText.map { Int($0.lowerBound)..<Int($0.upperBound) }
    let records = stream.records.filter { $0.section != nil && $0.payloadLength > 0 }
    let range: Range<Int>
    if let text, records.isEmpty || chance.isOne(in: 2) {
      range = text
    } else {
      guard !records.isEmpty else { return nil }
      range = records[chance.below(records.count)].payload
    }
    var changed = slice(range)
    leaf(&changed, range == text ? changed.count + 64 : changed.count)
    var edits = [OctetEdit(range, changed)]
    if repairs, let text, range == text, text.lowerBound >= 4 { edits.append(descriptionLength(text, UInt64(changed.count))) }
    return edits.applied(to: octets)
  }

  /// The first stream with a section of the second in front of its end.
  public static func crossOver(
    _ first: [UInt8], _ second: [UInt8], byteCountMax: Int, chance: inout Chance
  ) -> [UInt8] {
    guard let host = try? QEMUMutator(first, limits: fuzzingLimits),
      let guest = try? QEMUMutator(second, limits: fuzzingLimits)
    else { return OctetMutation.joined(first, second, byteCountMax: byteCountMax, chance: &chance) }
    let records = guest.stream.records.filter { $0.section != nil || $0.kind == .command }
    let hosts = host.stream.records.filter { $0.kind != .description }
    guard !records.isEmpty, !hosts.isEmpty else { return OctetMutation.joined(first, second, byteCountMax: byteCountMax, chance: &chance) }
    let record = guest.slice(records[chance.below(records.count)].range)
    let target = hosts[chance.below(hosts.count)]
    // In front of a record, or in its place.
    let isReplaced = target.section != nil && chance.isOne(in: 2)
    let edit = OctetEdit(Int(target.offset), isReplaced ? Int(target.length) : 0, record)
    let result = [edit].applied(to: first) ?? first
    return result.count <= byteCountMax ? result : OctetMutation.joined(first, second, byteCountMax: byteCountMax, chance: &chance)
  }
}
