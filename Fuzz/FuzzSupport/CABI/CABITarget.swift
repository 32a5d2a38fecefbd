public import StreamMutation

/// A program of calls of the C library: nothing that C can pass is a trap, every refusal is a status, nothing leaks, and
/// no call changes a handle that it was not given.
///
/// Oracles: C1 statuses are known; C2 errors are told exactly with a negative status; C3 handles that are NULL, of
/// another kind or freed are refused, and right ones are not; C4 other handles, and one that was given a wrong argument, stay as
/// they were; C5 all memory is given back; C6 a handle in use is busy; C7 nothing is written beside what devices lend; R5 a
/// machine that was used and reset is like one that never was.
public enum CABITarget: FuzzTarget {
  public static func check(_ input: [UInt8]) -> FuzzVerdict {
    guard !input.isEmpty else { return .uninteresting }
    return unsafe CABIWorld.withNew { world in
      var run = unsafe CABIRun(input, world)
      run.run()
      return run.violation.map(FuzzVerdict.violation) ?? .fine
    }
  }

  public static func mutate(_ input: inout [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan) {
    // To know the calls of a program takes as long as an execution.
    guard plan.changesOperations, chance.isOne(in: 4) else { return LeafMutation.mutate(&input, byteCountMax: byteCountMax) }
    var program = CABIProgram(input)
    for _ in 0...chance.below(3) { program.mutate(&chance) { LeafMutation.mutate(&$0, byteCountMax: $1) } }
    input = Array(program.octets.prefix(byteCountMax))
  }

  public static func crossOver(
    _ first: [UInt8], _ second: [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan
  ) -> [UInt8] {
    guard plan.changesOperations, chance.isOne(in: 4) else {
      return OctetMutation.joined(first, second, byteCountMax: byteCountMax, chance: &chance)
    }
    var program = CABIProgram(first)
    program.crossOver(with: CABIProgram(second), &chance)
    return Array(program.octets.prefix(byteCountMax))
  }
}
