import MigrationStream
import ReferenceDevices
import ReferenceReader
import ResumeOracle
public import StreamMutation

/// Machines that save: in passes, with sinks and devices that fail, given up anywhere, handed over or not.
///
/// | relation | looked at |
/// |---|---|
/// | R13: the guest sees what it would see without the save; what is given up is back where it was | after each operation |
/// | I1, I2, I5, I12, I14, I16, I45, A7 | after each operation |
/// | R14: what is announced at the stop is at least what is given then | of each stream that came to its end |
/// | R1: it is a right stream | of these 1 in 8 |
/// | R1: requests to log pages are judged as the chapter says | each |
/// | R4: the same again in memory full of another pattern | of these 1 in 8 |
/// | R3, R11: it loads, and the guest goes on as one that was never saved | of these 1 in 4 |
/// | A10: nothing is held after a reset | each |
///
/// Fractions are chosen by the octet `relations` of the program, which a mutator draws anew; 0 chooses all.
public enum SaveTarget: FuzzTarget {
  public static func check(_ input: [UInt8]) -> FuzzVerdict {
    guard let program = SaveProgram(input), var run = try? SaveRun(program, filling: 0xa5) else { return .uninteresting }
    if let violation = run.play() ?? judge(&run, program) { return .violation(violation) }
    run.close()
    guard run.heldByteCount == 0 else {
      return .violation(FuzzViolation("A10", "\(run.heldByteCount) octets are held after a reset"))
    }
    return .fine
  }

  private static func judge(_ run: inout SaveRun, _ program: SaveProgram) -> FuzzViolation? {
    guard !run.whole.isEmpty else { return nil }
    let choice = program.relations
    if choice & 7 == 0 {
      var reader = ReferenceReader()
      if let refusal = reader.read(run.whole) {
        return FuzzViolation("R1", "what was saved is refused with \(refusal.code) at \(refusal.offset)")
      }
    }
    if choice == 0 || choice & 7 == 1 {
      guard var second = try? SaveRun(program, filling: 0x5a) else { return nil }
      if second.play() != nil || second.whole != run.whole { return FuzzViolation("R4", "the same save gives other octets") }
      second.close()
    }
    return choice == 0 || choice & 3 == 2 ? load(&run, program) : nil
  }

  /// R3, R11.
  private static func load(_ run: inout SaveRun, _ program: SaveProgram) -> FuzzViolation? {
    var resume = ResumeProgram()
    resume.machine = program.machine
    resume.seed = program.seed
    resume.streams = [run.whole]
    resume.operations = [ProgramOperation(.write), ProgramOperation(.finish)]
    var loaded = ProgramRun<ReferenceMachine>(resume)
    loaded.play()
    if let violation = loaded.violation { return violation }
    guard loaded.checker.commitCount == 1 else { return FuzzViolation("R3", "what was saved does not load: \(loaded.status)") }
    guard loaded.digest == run.wholeDigest else { return FuzzViolation("R3", "what was saved loads as something else") }
    if let violation = run.continues(as: &loaded) { return violation }
    return loaded.close() == 0 ? nil : FuzzViolation("A10", "octets are held at the end")
  }

  // MARK: Mutation

  public static func mutate(_ input: inout [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan) {
    var program = SaveProgram(input) ?? SaveProgram()
    if plan.changesOperations {
      shorten(&program, &chance)
      for _ in 0...chance.below(2) { change(&program, &chance) }
    } else {
      changeHead(&program, &chance)
    }
    program.relations = UInt8(chance.below(256))
    input = Array(program.octets.prefix(byteCountMax))
  }

  public static func crossOver(
    _ first: [UInt8], _ second: [UInt8], byteCountMax: Int, chance: inout Chance, plan: MutationPlan
  ) -> [UInt8] {
    guard var program = SaveProgram(first), let other = SaveProgram(second), plan.changesOperations else {
      return Array(first.prefix(byteCountMax))
    }
    let head = chance.below(program.operations.count + 1)
    let start = chance.below(other.operations.count + 1)
    program.operations = Array((program.operations.prefix(head) + other.operations[start...]).prefix(SaveProgram.operationsMax))
    shorten(&program, &chance)
    program.relations = UInt8(chance.below(256))
    return Array(program.octets.prefix(byteCountMax))
  }

  /// More operations than these say little that fewer do not, and each costs its time.
  private static var operationsLiked: Int { 20 }

  private static func shorten(_ program: inout SaveProgram, _ chance: inout Chance) {
    guard program.operations.count > operationsLiked, !chance.isOne(in: 8) else { return }
    let first = chance.below(program.operations.count - operationsLiked / 2)
    program.operations.removeSubrange(first..<(first + operationsLiked / 2))
  }

  private static func changeHead(_ program: inout SaveProgram, _ chance: inout Chance) {
    switch chance.below(8) {
    case 0, 1: program.machine = UInt8([0, 1, 2, 3, 4, 5, 8, 9, 6, 7][chance.below(chance.isOne(in: 4) ? 10 : 8)])
    case 2, 3: program.options = SaveProgram.Options(rawValue: program.options.rawValue ^ 1 << UInt8(chance.below(8)))
    case 4: program.steps = UInt8(chance.below(32))
    case 5: program.sinkFailsAt = chance.isOne(in: 2) ? 0 : UInt8(1 + chance.below(24))
    case 6: program.deviceFailsAt = chance.isOne(in: 2) ? 0 : UInt8(1 + chance.below(12))
    default: program.seed = UInt8(chance.below(256))
    }
  }

  private static func change(_ program: inout SaveProgram, _ chance: inout Chance) {
    let kinds = SaveProgram.Kind.allCases
    let place = chance.below(program.operations.count + 1)
    switch chance.below(8) {
    case 0, 1: changeHead(&program, &chance)
    case 2, 3:
      program.operations.insert(SaveProgram.Operation(kinds[chance.below(kinds.count)], UInt8(chance.below(chance.isOne(in: 4) ? 256 : 16))), at: place)
    case 4: program.operations.insert(contentsOf: SaveSeeds.toTheEnd, at: place)
    case 5 where !program.operations.isEmpty: program.operations.remove(at: chance.below(program.operations.count))
    case 6 where !program.operations.isEmpty:
      program.operations.swapAt(chance.below(program.operations.count), chance.below(program.operations.count))
    default:
      if !program.operations.isEmpty { program.operations[chance.below(program.operations.count)].argument = UInt8(chance.below(64)) }
    }
    if program.operations.count > SaveProgram.operationsMax {
      program.operations.removeLast(program.operations.count - SaveProgram.operationsMax)
    }
  }
}

/// Programs to begin with.
public enum SaveSeeds {
  public struct Seed: Sendable {
    public let name: String
    public let program: SaveProgram
  }

  private typealias Op = SaveProgram.Operation

  static var toTheEnd: [SaveProgram.Operation] { [Op(.stop), Op(.step), Op(.finish)] }

  public static var all: [Seed] {
    let devices = (0..<ReferenceMachine.machines.count).map { number in
      seed("save-\(ReferenceMachine.machines[number].name)", toTheEnd + [Op(.handOver)], machine: number)
    }
    let passes = [Op(.step), Op(.run, 3), Op(.step, 2), Op(.run, 3), Op(.estimate)]
    return devices + [
      seed("save-pre-copy", passes + toTheEnd + [Op(.handOver)], options: .preCopy),
      seed("save-pre-copy-gpu", passes + toTheEnd + [Op(.handOver)], options: [.preCopy, .shortTurns], machine: 6),
      seed("save-compressed", toTheEnd, options: .compresses),
      seed("save-stopped", [Op(.run)] + toTheEnd + [Op(.resumeHere)], options: .stopped),
      seed("save-single-device", toTheEnd, options: .singleDevice),
      seed("save-promised", toTheEnd, options: .promises),
      seed("save-cancelled", [Op(.step, 2), Op(.cancel), Op(.run, 3), Op(.begin)] + toTheEnd, options: .preCopy),
      seed("save-cancelled-stopped", [Op(.stop), Op(.step, 3), Op(.cancel), Op(.run), Op(.begin)] + toTheEnd),
      seed("save-limbo", toTheEnd + [Op(.cancel), Op(.run), Op(.request, 2), Op(.resumeHere, 1), Op(.run, 5)]),
      seed("save-limbo-refused", toTheEnd + [Op(.resumeHere), Op(.run), Op(.begin)] + toTheEnd),
      seed("save-sink-fails", toTheEnd, sinkFailsAt: 4),
      seed("save-sink-fails-at-the-end", toTheEnd + [Op(.resumeHere)], sinkFailsAt: 8),
      seed("save-device-fails", toTheEnd, deviceFailsAt: 1),
      seed("save-device-breaks", [Op(.step), Op(.run)] + toTheEnd, options: [.preCopy, .breaks, .failsMoving], deviceFailsAt: 2),
      seed("save-reset", [Op(.step), Op(.reset), Op(.step), Op(.run), Op(.begin)] + toTheEnd, options: .preCopy),
      seed("save-and-log", [Op(.log), Op(.log, 1), Op(.log, 2), Op(.log, 3)] + toTheEnd, options: .preCopy),
      seed("save-out-of-order", [Op(.finish), Op(.handOver), Op(.resumeHere), Op(.begin), Op(.request, 4)] + toTheEnd),
    ]
  }

  private static func seed(
    _ name: String, _ operations: [SaveProgram.Operation], options: SaveProgram.Options = [], machine: Int = 0,
    sinkFailsAt: UInt8 = 0, deviceFailsAt: UInt8 = 0
  ) -> Seed {
    var program = SaveProgram()
    program.machine = UInt8(machine)
    program.options = options
    program.steps = 9
    (program.sinkFailsAt, program.deviceFailsAt) = (sinkFailsAt, deviceFailsAt)
    program.operations = operations
    return Seed(name: name, program: program)
  }
}
