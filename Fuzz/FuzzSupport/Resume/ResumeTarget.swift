import ReferenceDevices
public import StreamMutation

/// Programs of operations against the reference devices, with every invariant and relation held against them.
public enum ResumeTarget: FuzzTarget {
  /// A program with the longest of the good streams, and room for what is changed in it.
  public static var usualByteCountMax: Int { 10_240 }

  public static func check(_ input: [UInt8]) -> FuzzVerdict {
    guard input.count <= ResumeProgram.byteCountMax, let program = ResumeProgram(input) else { return .uninteresting }
    return ProgramOracle<ReferenceMachine>.check(program).verdict
  }

  public static func mutate(_ input: inout [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan) {
    ProgramMutator.mutate(&input, byteCountMax: byteCountMax, chance: &chance, plan: plan, good: ProgramStreams.ofMachines)
  }

  public static func crossOver(
    _ first: [UInt8], _ second: [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan
  ) -> [UInt8] {
    ProgramMutator.crossOver(first, second, byteCountMax: byteCountMax, chance: &chance, plan: plan)
  }
}
