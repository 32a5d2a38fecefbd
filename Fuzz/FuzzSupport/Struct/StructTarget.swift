public import StreamMutation
import CFuzzStructs

/// A struct of C, saved and loaded through its field table.
///
/// ```
///   table | state | choice | stream of any octets; none: what the struct of `choice`'s table saves
/// ```
///
/// | rule | held against the library |
/// |---|---|
/// | A9 | a refusal has its status, and an offset inside the stream |
/// | C5, C7 | memory is given back, and nothing is written beside the struct and what it points to |
/// | I20 | a stream that is refused changes not one octet |
/// | R1 | what a manifest writes that was used before, an encoder writes too, and the verifier takes it |
/// | R3 | loaded, saved and loaded again it is the same |
/// | R5 | a manifest that was used before comes to the same as a new one, also after its allocator refused |
/// | R8 | a prefix of what is taken is not taken |
public enum StructTarget: FuzzTarget {
  static let headCount = 3
  /// What a struct with every type saves takes most of it.
  public static var usualByteCountMax: Int { 1 << 14 }

  public static func check(_ input: [UInt8]) -> FuzzVerdict {
    guard input.count >= headCount else { return .uninteresting }
    return unsafe CABIWorld.withNew { world in
      var run = unsafe StructRun(
        table: UInt32(input[0]) % UInt32(FUZZ_STRUCTS), state: UInt32(input[1]), choice: input[2], world)
      run.run(Array(input.dropFirst(headCount)))
      return run.violation.map(FuzzVerdict.violation) ?? (run.isTaken ? .fine : .uninteresting)
    }
  }

  public static func mutate(_ input: inout [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan) {
    guard plan.usesStructure, input.count >= headCount, byteCountMax > headCount else {
      return LeafMutation.mutate(&input, byteCountMax: byteCountMax)
    }
    var head = Array(input.prefix(headCount))
    var stream = Array(input.dropFirst(headCount))
    if chance.isOne(in: 8) || stream.isEmpty {
      head[chance.below(headCount)] = UInt8(truncatingIfNeeded: chance.next())
      // What another table saves, to begin with.
      if chance.isOne(in: 4) || stream.isEmpty { stream = StructRun.saved(by: chance.next()) }
    } else {
      // The beginning of a stream is known octet for octet, or it goes another way: mostly it stays.
      StreamMutator.mutate(
        &stream, byteCountMax: byteCountMax - headCount, chance: &chance, repairs: plan.repairs,
        focus: chance.isOne(in: 3) ? .everything : .sectionValues,
        leaf: { LeafMutation.mutate(&$0, byteCountMax: $1) })
    }
    input = Array((head + stream).prefix(byteCountMax))
  }

  public static func crossOver(
    _ first: [UInt8], _ second: [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan
  ) -> [UInt8] {
    guard plan.usesStructure, first.count > headCount, second.count > headCount, byteCountMax > headCount else {
      return Array(first.prefix(byteCountMax))
    }
    let stream = StreamMutator.crossOver(
      Array(first.dropFirst(headCount)), Array(second.dropFirst(headCount)), byteCountMax: byteCountMax - headCount,
      chance: &chance, repairs: plan.repairs)
    return first.prefix(headCount) + stream
  }
}
