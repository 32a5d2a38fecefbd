import MigrationStream
import ReferenceDevices
import ResumeOracle
import ResumePath

/// Plays a program and holds the relations between runs against it that are worth their time.
///
/// | relation | when |
/// |---|---|
/// | invariants, A8 | each operation |
/// | R2, R4, R5: the last session alone, on a fresh machine, cut otherwise, in memory full of another pattern | each session after another, each that was committed; of the others a quarter |
/// | R6: after a reset the machine is as a new one | when a twin was made |
/// | R11: 16 operations of the guest, on both | each commit that a twin repeated |
/// | R3, R4: what it saves loads, goes on alike, and saves alike | a quarter of the commits |
/// | R8: a prefix is incomplete | a quarter of the commits |
/// | A10: nothing is held at the end | each |
///
/// Quarters are chosen by the octet `relations` of the program: 0 chooses all.
public enum ProgramOracle<Base: ProgramDevices & ~Copyable> {
  public static func check(_ program: ResumeProgram) -> FuzzVerdict {
    var run = ProgramRun<Base>(program)
    run.play()
    if let violation = run.violation { return .violation(violation) }
    let held = run.close()
    if held > 0 { return .violation(FuzzViolation("A10", "\(held) octets are held at the end")) }
    return .fine
  }
}
