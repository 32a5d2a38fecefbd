import ReferenceDevices
import StreamMutation

/// Programs of operations against the reference devices, with every invariant and relation held against them.
public enum ResumeTarget: FuzzTarget {
  public static func check(_ input: [UInt8]) -> FuzzVerdict {
    guard input.count <= ResumeProgram.byteCountMax, let program = ResumeProgram(input) else { return .uninteresting }
    return ProgramOracle<ReferenceMachine>.check(program).verdict
  }
}
