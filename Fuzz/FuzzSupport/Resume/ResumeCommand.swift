import Glibc
import MigrationStream
import ReferenceDevices
import ResumeOracle
import StreamMutation

/// What FuzzResume does with inputs besides running them.
///
///     FuzzResume --trace FILE               prints it as a trace, which streamtool replay plays to the same violation
///     FuzzResume --minimise FILE -o OUT     writes a smaller one that breaks the same rule
///     FuzzResume --reach COUNT PATH ...     says how many of the programs, and of COUNT mutants of each, pass the
///                                           manifest and are committed
public enum ResumeCommand {
  /// - Returns: The exit status: 1 when a program breaks a rule, 2 for usage and files; nil when no such thing was asked.
  public static func run(_ arguments: [String]) -> Int32? {
    switch (arguments.first, arguments.count) {
    case ("--trace", 2): return trace(arguments[1])
    case ("--minimise", 4) where arguments[2] == "-o": return minimise(arguments[1], to: arguments[3])
    case ("--reach", 3...): return reach(Int(arguments[1]) ?? 0, Array(arguments.dropFirst(2)))
    case ("--trace", _), ("--minimise", _), ("--reach", _):
      print("usage: FuzzResume --trace FILE | --minimise FILE -o OUT | --reach COUNT PATH ...")
      return 2
    default: return nil
    }
  }

  private static func program(_ path: String) -> ResumeProgram? {
    guard let octets = Replay.contents(of: path), let program = ResumeProgram(octets) else {
      print("\(path) is no program of version \(ResumeProgram.version)")
      return nil
    }
    return program
  }

  private static func trace(_ path: String) -> Int32 {
    guard let program = program(path) else { return 2 }
    let report = ProgramOracle<ReferenceMachine>.check(program, keepsLines: true)
    print(Trace(report.lines).text, terminator: "")
    guard case .violation(let violation) = report.verdict else { return 0 }
    print("# \(violation.oracle): \(violation.detail)")
    return 1
  }

  private static func minimise(_ path: String, to target: String) -> Int32 {
    guard let program = program(path) else { return 2 }
    func oracle(_ program: ResumeProgram) -> String? {
      ProgramMinimiser.oracle(of: ProgramOracle<ReferenceMachine>.check(program).verdict)
    }
    guard let broken = oracle(program) else {
      print("\(path) breaks no rule")
      return 0
    }
    let smallest = ProgramMinimiser.minimise(program) { oracle($0) == broken }
    let octets = smallest.octets
    print("\(broken): \(program.octets.count) octets became \(octets.count), \(smallest.operations.count) operations")
    return write(octets, to: target) ? 1 : 2
  }

  private static func reach(_ mutantCount: Int, _ paths: [String]) -> Int32 {
    var (count, compatible, committed) = (0, 0, 0)
    var chance = Chance(1)
    for path in paths.flatMap({ Replay.files($0) }) {
      guard let octets = Replay.contents(of: path) else { return 2 }
      for number in 0...mutantCount {
        var input = octets
        if number > 0 {
          ResumeTarget.mutate(&input, byteCountMax: ResumeProgram.byteCountMax, chance: &chance, plan: MutationPlan())
        }
        guard let program = ResumeProgram(input) else { continue }
        let report = ProgramOracle<ReferenceMachine>.check(program)
        count += 1
        if report.compatibleCount > 0 { compatible += 1 }
        if report.commitCount > 0 { committed += 1 }
      }
    }
    guard count > 0 else { return 2 }
    print("\(count) programs: \(compatible * 100 / count) % pass the manifest, \(committed * 100 / count) % are committed")
    return 0
  }

  private static func write(_ octets: [UInt8], to path: String) -> Bool {
    guard let file = unsafe fopen(path, "wb") else {
      print("cannot write \(path)")
      return false
    }
    let count = unsafe octets.withUnsafeBufferPointer { unsafe fwrite($0.baseAddress, 1, $0.count, file) }
    return unsafe fclose(file) == 0 && count == octets.count
  }
}
