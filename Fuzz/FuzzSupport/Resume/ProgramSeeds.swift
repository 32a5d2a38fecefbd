import ReferenceDevices
import ResumeOracle

/// Programs to begin with: each operation, each machine, and what callers do.
public enum ProgramSeeds {
  public struct Seed: Sendable {
    public let name: String
    public let program: ResumeProgram
  }

  private typealias Op = ProgramOperation

  public static var all: [Seed] { machines + writing + sessions + saving + region + handover }

  private static func seed(
    _ name: String, _ operations: [ProgramOperation], machine: Int = 0, options: ProgramOptions = [],
    streams: [[UInt8]]? = nil, steps: UInt8 = 0, seed: UInt8 = 0
  ) -> Seed {
    var program = ResumeProgram()
    program.machine = UInt8(machine)
    program.options = options
    program.steps = steps
    program.seed = seed
    program.operations = operations
    program.streams = streams ?? [ProgramStreams.good[machine % ProgramStreams.good.count]]
    return Seed(name: name, program: program)
  }

  private static func with(_ operation: ProgramOperation, _ change: (inout ProgramOperation) -> Void) -> ProgramOperation {
    var changed = operation
    change(&changed)
    return changed
  }

  private static var resume: [ProgramOperation] { [Op(.write), Op(.finish)] }
  private static var handing: [ProgramOperation] {
    [Op(.handover), Op(.source), Op(.deliver), Op(.verdict), Op(.source), Op(.deliver), Op(.verdict)]
  }
  private static var goOn: [ProgramOperation] { [Op(.request), Op(.run, 7)] }

  private static var machines: [Seed] {
    ReferenceMachine.machines.indices.filter { !ReferenceMachine.hasLongStreams($0) }.map { number in
      seed("machine-\(ReferenceMachine.machines[number].name)", resume + goOn, machine: number, seed: UInt8(number))
    } + [
      seed("machine-gpu", handing + [Op(.run)], machine: 6, streams: []),
      seed("machine-of-all", handing + [Op(.run)], machine: 7, streams: []),
      seed("machine-replaced", resume + [Op(.machine)] + resume),
      seed("machine-missing-devices", resume, machine: 5, options: .allowsMissing, streams: [ProgramStreams.good[0]]),
      seed("machine-that-worked", resume + goOn, steps: 20),
      seed("machine-of-another-kind", resume, machine: 1, streams: [ProgramStreams.good[0]]),
      seed("staged-little", resume, options: .stagesLittle),
      seed(
        "uncompressed", resume + goOn,
        streams: [ProgramStreams.saved(ReferenceMachine.machines[0], steps: 2, compresses: false)]),
    ]
  }

  private static var writing: [Seed] {
    [
      seed("write-strict", resume, options: .strict),
      seed("handover-strict-gpu", handing, machine: 6, options: .strict, streams: []),
      seed("write-in-place", [Op(.write, flags: .inPlace), Op(.finish)]),
      seed("write-split", [with(Op(.write)) { $0.pieces = 1 }, Op(.finish)]),
      seed("write-records", [with(Op(.write)) { $0.pieces = 2 }, Op(.finish)], machine: 1),
      seed("write-transactions", [with(Op(.write)) { $0.pieces = 3 }, Op(.finish)], machine: 1),
      seed("write-halves", [Op(.write, flags: .half), Op(.query, 1), Op(.write), Op(.finish)]),
      seed("write-one-record", [Op(.write, flags: .oneRecord), Op(.write, flags: .oneRecord), Op(.write), Op(.finish)]),
      seed("write-short", [with(Op(.write)) { $0.size = -1 }, Op(.finish)]),
      seed("write-doubled", [Op(.write, flags: .oneRecord), with(Op(.write)) { $0.delta = -8 }, Op(.finish)]),
      seed(
        "write-reordered",
        [Op(.write, flags: .oneRecord), with(Op(.write, flags: [.inRecords, .oneRecord])) { $0.delta = 1 }, Op(.write)]),
      seed("write-behind-the-end", [Op(.write), with(Op(.write)) { $0.delta = -9 }, Op(.finish)]),
      seed(
        "write-behind-the-end-embedded", [Op(.write), with(Op(.write)) { $0.delta = -9 }, Op(.finish, flags: .other)]),
      seed("write-wrong-magic", [with(Op(.write, flags: .oneRecord)) { $0.delta = 1 }]),
      seed("write-nothing", [with(Op(.write)) { $0.size = -32768 }] + resume),
      seed("write-without-session", [Op(.write, flags: .asIs), Op(.finish), Op(.abort)]),
    ]
  }

  private static var sessions: [Seed] {
    [
      seed("session-twice", resume + [Op(.reset)] + resume + goOn),
      seed("session-twice-without-reset", resume + resume),
      seed("session-after-half", [Op(.write, flags: .half), Op(.reset)] + resume + goOn),
      seed("session-requested-again", [Op(.write, flags: .half), Op(.request, 4 + 1)] + resume),
      seed(
        "session-after-refused-request", [Op(.write, flags: .half), with(Op(.request, 99)) { $0.size = 99 }] + resume),
      seed(
        "session-left-after-refusal",
        [Op(.write, flags: .oneRecord), with(Op(.write)) { $0.delta = 3 }, Op(.request, 1 + 1), Op(.query)]),
      seed("session-after-refusal", [Op(.write, flags: .oneRecord), with(Op(.write)) { $0.delta = 3 }, Op(.reset)] + resume),
      seed("session-aborted", [Op(.write, flags: .half), Op(.abort), Op(.write, flags: .asIs), Op(.reset)] + resume),
      seed("session-stale-handle", [Op(.write, flags: .half), Op(.reset), Op(.request), Op(.use, 1), Op(.write), Op(.finish), Op(.use)] + resume),
      seed("session-committed-by-request", [Op(.write), Op(.request, 2 + 1), Op(.query)]),
      seed("session-left-early", [Op(.write, flags: .half), Op(.request, 3), Op(.recover, 3)] + resume),
      seed("session-finished-twice", resume + [Op(.finish), Op(.write, flags: .asIs)]),
      seed("session-of-two-streams", [Op(.write, 1), Op(.finish), Op(.reset)] + resume,
        streams: [ProgramStreams.good[0], ProgramStreams.saved(ReferenceMachine.machines[0], steps: 3)]),
      seed("session-strict-twice", resume + [Op(.reset), Op(.write, flags: .half), Op(.reset)] + resume, options: .strict),
      seed("states", (0..<9).map { Op(.request, UInt8($0) + 1) } + [with(Op(.request, 99)) { $0.delta = -1 }] + resume),
      seed("states-recover", [Op(.recover, 5), Op(.write), Op(.finish), Op(.recover, 9)] + resume),
      seed("compatible", [Op(.compatible), Op(.precopyInfo)] + resume),
    ]
  }

  private static var saving: [Seed] {
    [
      seed("save", [Op(.run, 9), Op(.save), Op(.reset), Op(.write, 1), Op(.finish)] + goOn),
      seed("save-pre-copy", [Op(.run, 9), Op(.save, flags: .other), Op(.reset), Op(.write, 1), Op(.finish)] + goOn, machine: 3),
      seed("resume-save-resume", resume + goOn + [Op(.save), Op(.reset), Op(.write, 1), Op(.finish)] + goOn),
      seed(
        "pre-copy", resume + goOn,
        streams: [ProgramStreams.saved(ReferenceMachine.machines[0], steps: 4, precopy: true)]),
    ]
  }

  private static var region: [Seed] {
    [
      seed("region-resume", [Op(.regionState), Op(.regionPut), Op(.regionState, 1), Op(.regionState, 2)], options: .region),
      seed("region-fields", (0..<9).map { Op(.regionRead, $0) } + [Op(.regionWrite, 3), Op(.regionData)], options: .region),
      seed(
        "region-save",
        [Op(.run), Op(.regionState, 4)] + [Op](repeating: Op(.regionGet), count: 6) + [Op(.regionState, 3)]
          + [Op](repeating: Op(.regionGet), count: 12) + [Op(.regionState, 1)],
        options: .region),
      seed("region-small-window", [Op(.regionState, 5), Op(.regionPut), Op(.regionState, 1)], options: [.region, .smallWindow]),
      seed("region-and-session", [Op(.regionState, 5), Op(.write), Op(.reset)] + resume, options: .region),
    ]
  }

  private static var handover: [Seed] {
    let begin = [Op(.handover), Op(.source), Op(.deliver)]
    return [
      seed("handover", handing + [Op(.run)], streams: []),
      seed("handover-lost-verdict", begin + [Op(.verdict, 2), Op(.source), Op(.operatorResume)], streams: []),
      seed("handover-doubled-verdict", begin + [Op(.verdict, 1), Op(.source), Op(.deliver), Op(.verdict, 1)], streams: []),
      seed("handover-late-verdict", begin + [Op(.source), Op(.verdict), Op(.source, 1), Op(.deliver), Op(.operatorResume), Op(.verdict)], streams: []),
      seed("handover-pre-copy", [Op(.handover, flags: .other), Op(.source), Op(.deliver), Op(.verdict), Op(.source), Op(.deliver), Op(.verdict)], streams: []),
      seed("handover-refused", [Op(.handover, 1), Op(.source), Op(.deliver), Op(.verdict), Op(.operatorResume)], streams: []),
      seed("handover-comes-again", begin + [Op(.giveUp, 1), Op(.verdict), Op(.again), Op(.deliver)], streams: []),
      seed("handover-source-gives-up", begin + [Op(.giveUp), Op(.deliver), Op(.verdict), Op(.again), Op(.deliver)], streams: []),
      seed("handover-link-lost", begin + [Op(.verdict), Op(.source), Op(.linkLost), Op(.operatorResume)], streams: []),
      seed("handover-operator-runs", begin + [Op(.verdict), Op(.source), Op(.deliver), Op(.linkLost, 1), Op(.operatorRuns)], streams: []),
      seed("handover-reset", begin + [Op(.reset), Op(.deliver), Op(.verdict)] + resume),
    ]
  }
}
