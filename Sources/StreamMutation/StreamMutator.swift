/// What a mutation of a stream is about.
public enum MutationFocus: Sendable {
  case everything
  /// Mostly values in sections: what devices judge, and readers of streams do not.
  case sections
  /// One value, or one item, of the sections, and nothing else: the rest of the stream is as good as it was.
  case sectionValues
}

/// Changes streams as their structure is.
///
/// One constraint is broken at a time, and what follows from the change is repaired: lengths, padding, sequence numbers,
/// digests, totals. So readers get as far as the check that the change is about. Now and then the repair is left out.
public enum StreamMutator {
  /// Mutations tried before octets are changed without structure: not every stream has what each of them wants.
  private static let triesMax = 12

  /// Changes one thing of a stream, and repairs what follows from it.
  ///
  /// - Parameters:
  ///   - octets: Any octets; replaced by the changed ones.
  ///   - byteCountMax: The result has no more octets.
  ///   - chance: The only source of chance.
  ///   - repairs: false: lengths and digests stay as the mutation left them.
  ///   - focus: What changes.
  ///   - leaf: Changes octets that have no structure; the result has at most so many.
  /// - Returns: What was broken.
  @discardableResult
  public static func mutate(
    _ octets: inout [UInt8], byteCountMax: Int, chance: inout Chance, repairs: Bool, focus: MutationFocus = .everything,
    leaf: (inout [UInt8], Int) -> Void
  ) -> MutationNote? {
    if octets.count < 64, chance.isOne(in: 2), RecordTree.smallest.count <= byteCountMax { octets = RecordTree.smallest }
    var run = MutationRun(taking: &octets, byteCountMax: byteCountMax, chance: chance)
    if focus != .sectionValues { run.mend() }
    run.isAboutSections = focus == .sectionValues || focus == .sections && !run.chance.isOne(in: 3)
    let mutations = run.isAboutSections ? Mutation.weightedValues : Mutation.weighted
    var note: MutationNote?
    for _ in 0..<triesMax {
      note = run.apply(mutations[run.chance.below(mutations.count)], leaf: leaf)
      if note != nil { break }
    }
    if note == nil { note = run.apply(.octets, leaf: leaf) }
    let extent = !repairs ? .none : focus == .sectionValues ? .all : run.usualRepair()
    if note != nil { run.finish(&note!, extent) }
    chance = run.chance
    swap(&run.tree.octets, &octets)
    return note
  }

  /// A stream with one thing broken, for readers that are tested as they are: all digests are right, or one is wrong on
  /// purpose. Unlike ``mutate(_:byteCountMax:chance:repairs:focus:leaf:)`` nothing besides is changed.
  ///
  /// - Parameter breaksDigests: Breaks a digest, or leaves digests as they were before a change.
  /// - Returns: nil when the octets have nothing to break.
  public static func mutant(
    of octets: [UInt8], byteCountMax: Int, breaksDigests: Bool, chance: inout Chance
  ) -> (octets: [UInt8], note: MutationNote)? {
    for _ in 0..<256 {
      var changed = octets
      var run = MutationRun(taking: &changed, byteCountMax: byteCountMax, chance: chance)
      let mutation = Mutation.weighted[run.chance.below(Mutation.weighted.count)]
      let isFit = breaksDigests ? run.chance.isOne(in: 4) || mutation.isAboutDigests : !mutation.isAboutDigests
      var leafChance = Chance(run.chance.next())
      var note: MutationNote?
      if isFit, mutation != .octets {
        note = run.apply(mutation) { OctetMutation.mutate(&$0, byteCountMax: $1, chance: &leafChance) }
      }
      if note != nil {
        let leavesDigests = breaksDigests && !mutation.isAboutDigests
        run.finish(&note!, leavesDigests ? .none : .all)
      }
      chance = run.chance
      if let note, run.tree.octets != octets { return (run.tree.octets, note) }
    }
    return nil
  }
}

extension MutationRun {
  /// - Returns: nil when the stream has nothing that the mutation is about; it is unchanged then.
  mutating func apply(_ mutation: Mutation, leaf: (inout [UInt8], Int) -> Void) -> MutationNote? {
    switch mutation {
    case .octets: changeOctets(leaf)
    case .bodyOctets: changeBody(leaf)
    case .fieldOctets: changeFieldOctets(leaf)
    case .payloadOctets: changePayload(leaf)
    case .paddingOctets: dirtyPadding()
    case .fieldLimit, .fieldStep, .fieldBit, .version, .flags, .device, .fixedOctets: changeField(mutation)
    case .fieldCopied, .fieldsEqual, .fieldsSwapped, .fieldsZero, .fieldsMoved: changeTwoFields(mutation)
    case .rangeWrap: wrapRange()
    case .sumWrap: wrapSum()
    case .tailResized: resizeTail()
    case .tailLie: lieAboutTail()
    case .lengthLie: lieAboutLength()
    case .itemDoubled, .itemDropped, .itemsSwapped, .itemMoved, .itemLie, .itemNested: changeItems(mutation)
    case .elementDropped, .elementDoubled, .elementsSwapped: changeElements(mutation)
    case .bodyZeroed: zeroBody()
    case .recordDoubled, .recordDropped, .recordsSwapped, .recordsRotated, .recordMoved: changeOrder(mutation)
    case .sectionReplaced: replaceSection()
    case .recordUnknown: makeUnknown()
    case .unknownInserted: insertUnknown()
    case .sequenceGap: leaveSequenceGap()
    case .endEarly, .endDoubled, .endMissing, .aborted: changeEnd(mutation)
    case .trailingOctets: appendOctets()
    case .truncated: cut()
    case .digestWrong: breakDigest()
    case .digestStale: leaveDigestStale()
    case .framePlain: changePlain(leaf)
    case .frameStored: changeStored(leaf)
    case .frameSizeForged: forgeFrameSize()
    case .framed: compressPayload()
    case .unframed: unpackPayload()
    case .spliced: nil
    }
  }
}
