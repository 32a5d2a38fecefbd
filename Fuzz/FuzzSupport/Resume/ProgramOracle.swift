import MigrationStream
import ReferenceDevices
public import ResumeOracle
import ResumePath

/// What a program came to.
public struct ProgramReport {
  public var verdict = FuzzVerdict.fine
  /// A trace that shows the same; empty when no lines were asked for.
  public var lines: [TraceOperation] = []
  /// Sessions that passed their manifest, and that were committed.
  public var compatibleCount = 0
  public var commitCount = 0

  var hasViolation: Bool { if case .violation = verdict { true } else { false } }
}

/// Plays a program and holds the relations between runs against it that are worth their time.
///
/// | relation | when |
/// |---|---|
/// | invariants, A7, A8 | each operation |
/// | R1: the reference reader judges the last session's octets alike | 1 in 32 |
/// | R1: a second judge of the manifest says of the last session what the machine says | 1 in 4 |
/// | R2, R4, R5: the last session alone, on a fresh machine, cut otherwise, in memory full of another pattern | of each session after another, and of each that was committed, 1 in 8; of the others 1 in 32 |
/// | R6: after a reset the machine is as a new one | when a twin was made |
/// | R11: 16 operations of the guest, on both | each commit that a twin repeated |
/// | R3: what it took it gives | of the commits 1 in 16 |
/// | R3: what it saves loads, and goes on alike | of the commits 1 in 32, of these 1 in 4 after a long life |
/// | R4: that is saved alike twice, also by who loaded it | of the commits 1 in 256 |
/// | R8: a prefix is incomplete | of the commits 1 in 32 |
/// | A10: nothing is held at the end | each |
///
/// Fractions are chosen by the octet `relations` of the program, which a mutator draws anew: ``RelationChoice``.
public enum ProgramOracle<Base: ProgramDevices & ~Copyable> {
  typealias Run = ProgramRun<Base>

  public static func check(_ program: ResumeProgram, keepsLines: Bool = false) -> ProgramReport {
    var report = ProgramReport()
    var run = Run(program, keepsLines: keepsLines)
    run.play()
    settle(&run, &report)
    (report.compatibleCount, report.commitCount) = (run.checker.compatibleCount, run.checker.commitCount)
    if !report.hasViolation { relate(&run, &report) }
    close(&run, &report)
    return report
  }

  /// Takes over the lines and the violation of a run.
  static func settle(_ run: inout Run, _ report: inout ProgramReport) {
    report.lines += run.lines
    run.lines.removeAll()
    if !report.hasViolation, let violation = run.violation { report.verdict = .violation(violation) }
  }

  static func close(_ run: inout Run, _ report: inout ProgramReport) {
    let held = run.close()
    guard held > 0, !report.hasViolation else { return }
    report.verdict = .violation(FuzzViolation("A10", "\(held) octets are held at the end"))
  }

  // MARK: Relations

  /// R6 of a machine whose devices failed.
  private static func checkReset(_ run: inout Run, _ report: inout ProgramReport) {
    var new = Run(twinOf: run, [], filling: 0x44)
    run.relation = "R6"
    run.perform(.reset)
    run.perform(.expect(.digest(new.digest)))
    settle(&run, &report)
    close(&new, &report)
  }

  private static func relate(_ run: inout Run, _ report: inout ProgramReport) {
    let choice = RelationChoice(run.program.relations)
    guard let session = run.checker.session, !session.isClosed || session.status == .committed || session.status.isPoisoned
    else { return }
    if run.hasFailures { return checkReset(&run, &report) }
    let isCommitted = session.status == .committed
    if choice.hasVerdict, let violation = checkVerdict(session, of: run) {
      report.verdict = .violation(violation)
      return
    }
    if choice.hasReference, let violation = checkReference(session, of: run) {
      report.verdict = .violation(violation)
      return
    }
    guard isCommitted || run.checker.openedCount > 1 ? choice.hasTwin : choice.hasTwinOfAny else { return }
    let isStrict = run.options.isStrict || run.options.windowByteCount != nil
    var twin = makeTwin(of: run, session, isStrict: isStrict)
    let fresh = twin.run.withMachine { $0.devices.visibleDigest() } ?? 0
    compare(session, isStrict: isStrict, &twin)
    settle(&twin, &report)
    if isCommitted, !report.hasViolation {
      if !session.hasMovedOn { goOn(session, &run, &twin, &report) }
      if choice.hasPrefix, !isStrict { checkPrefix(of: session, run, &report) }
    }
    if !report.hasViolation {
      run.relation = "R6"
      run.perform(.reset)
      run.perform(.expect(.digest(fresh)))
      settle(&run, &report)
    }
    close(&twin, &report)
  }

  /// A strict machine needs the same cuts, unless this is about what a stream machine makes of them.
  private static func makeTwin(of run: borrowing Run, _ session: SessionRecord, isStrict: Bool) -> Run {
    var options = run.options
    if isStrict, session.status == .committed, run.program.seed & 1 == 1 {
      options.isStrict = false
      options.windowByteCount = nil
    }
    return Run(twinOf: run, session.offered, filling: 0x5a, options: options)
  }

  /// R2, R4, R5.
  private static func compare(_ session: SessionRecord, isStrict: Bool, _ twin: inout Run) {
    twin.relation = twin.options.isStrict == isStrict || !isStrict ? "R5" : "I27"
    twin.perform(.request(MigrationState.resuming.rawValue))
    let count = session.offered.count
    if isStrict, twin.options.isStrict || twin.options.windowByteCount != nil {
      var start = 0
      for end in session.cuts {
        twin.perform(.write(Run.names[0], TraceRange(.offset(UInt64(start)), .offset(UInt64(end))), .whole, inPlace: false))
        start = end
      }
    } else if count > 0 {
      twin.perform(.write(Run.names[0], .whole, twin.otherPieces(of: count), inPlace: twin.program.seed & 8 != 0))
    }
    if let isExclusive = session.finishedExclusively, twin.status.isOpenStill { twin.perform(.finish(embedded: !isExclusive)) }
    switch session.status {
    case .poisoned(let error): twin.perform(.expect(.code(error.code, at: error.offset)))
    case .committed:
      twin.perform(.expect(.status(.committed)))
      if session.isFresh { twin.perform(.expect(.digest(session.digest))) }
      // A device that the stream may lack keeps the state that its history gave it.
      let hasOwnHistory = !session.isFresh && twin.options.allowsMissingDevices
      if twin.violation == nil, !hasOwnHistory, twin.checker.latest?.effect != session.effect {
        twin.report(FuzzViolation("R5", "a fresh machine shows another effect than one with a history"))
      }
    case .complete: twin.perform(.expect(.status(.complete)))
    case .open: twin.perform(.expect(.status(.open)))
    case .none, .aborted: break
    }
  }

  /// R11, then R3 and R4.
  private static func goOn(
    _ session: SessionRecord, _ run: inout Run, _ twin: inout Run, _ report: inout ProgramReport
  ) {
    guard run.digest == twin.digest else { return }
    continueTwins(&run, &twin, &report)
    let choice = RelationChoice(run.program.relations)
    if !report.hasViolation, choice.hasTaken { checkTaken(session, like: run, &report) }
    guard !report.hasViolation, choice.hasSaved else { return }
    checkSaved(&run, &twin, &report)
  }

  /// Lets both guests do 16 operations, and compares what can be seen of each.
  ///
  /// - Parameter second: The machine that the lines so far ended with.
  static func continueTwins(_ first: inout Run, _ second: inout Run, _ report: inout ProgramReport) {
    guard first.startGuest(), second.startGuest() else { return }
    var different: Int?
    for number in 0..<16 where different == nil && first.operate() != second.operate() { different = number }
    let count = UInt64(different.map { $0 + 1 } ?? 16)
    first.looked(steps: count)
    second.looked(steps: count)
    first.lines.removeAll()
    second.relation = "R11"
    second.perform(.expect(.digest(first.digest)))
    settle(&second, &report)
    guard let different, !report.hasViolation else { return }
    report.verdict = .violation(
      FuzzViolation("R11", "operation \(different) of the guest does something else on the twin"))
  }

  /// Lets both guests work for long: counters run past what they count, rings go round, buffers fill.
  static func live(_ run: inout Run, _ twin: inout Run, _ report: inout ProgramReport) {
    run.perform(.run(steps: 2048))
    twin.relation = "R11"
    twin.perform(.run(steps: 2048))
    twin.perform(.expect(.digest(run.digest)))
    settle(&run, &report)
    settle(&twin, &report)
  }

  /// A machine that took a stream that must be taken: what a machine saved, whatever options that one has.
  static func load(
    _ stream: [UInt8], like run: borrowing Run, filling: UInt8, options: TraceOptions = TraceOptions()
  ) -> Run {
    var loaded = Run(twinOf: run, stream, filling: filling, options: options)
    loaded.relation = "R3"
    loaded.perform(.request(MigrationState.resuming.rawValue))
    loaded.perform(.write(Run.names[0], .whole, .whole, inPlace: false))
    loaded.perform(.finish(embedded: false))
    loaded.perform(.expect(.ok))
    return loaded
  }

  /// R8.
  private static func checkPrefix(of session: SessionRecord, _ run: borrowing Run, _ report: inout ProgramReport) {
    // Octets behind END that were offered are no part of the stream.
    let whole = Int(session.offset)
    guard whole > 1, whole <= session.offered.count else { return }
    let count = 1 + (Int(run.program.seed) &* 9176 &+ Int(session.offered[whole - 1]) &* 31) % (whole - 1)
    var short = Run(twinOf: run, Array(session.offered.prefix(count)), filling: 0x77)
    short.relation = "R8"
    short.perform(.request(MigrationState.resuming.rawValue))
    short.perform(.write(Run.names[0], .whole, .whole, inPlace: false))
    short.perform(.expect(.ok))
    short.perform(.finish(embedded: false))
    short.perform(.expect(.code(.truncated, at: UInt64(count))))
    settle(&short, &report)
    close(&short, &report)
  }
}

/// Which of the relations that play a stream once more a program is held to: their number is what an execution costs.
///
/// The octet modulo 8 is 0 for a twin; modulo 32 it is 0 for what the twin saves, 8 for a prefix, 1 for the reference; modulo 4 it is 0 for the second judge of the manifest.
struct RelationChoice {
  private let octet: UInt8

  /// - Parameter octet: 0 chooses all.
  init(_ octet: UInt8) { self.octet = octet }

  /// Of a session that came after another, or was committed; of any.
  var hasTwin: Bool { octet & 7 == 0 }
  var hasTwinOfAny: Bool { octet & 31 == 0 }
  var hasVerdict: Bool { octet & 3 == 0 }
  var hasReference: Bool { octet == 0 || octet & 31 == 1 }
  var hasTaken: Bool { octet & 15 == 0 }
  var hasSaved: Bool { octet & 31 == 0 }
  var hasLongLife: Bool { octet & 127 == 32 }
  var hasSavedAgain: Bool { octet == 0 }
  var hasPrefix: Bool { octet == 0 || octet & 31 == 8 }
}

extension SessionStatus {
  var isOpenStill: Bool { self == .open || self == .complete }
  var isPoisoned: Bool { if case .poisoned = self { true } else { false } }
}

/// What relations do with a machine besides lines of a trace.
extension ProgramRun where Base: ~Copyable {
  var digest: UInt64 { run.withMachine { $0.devices.visibleDigest() } ?? 0 }

  /// Pieces that are not those in which the octets came first: few enough that a run ends soon.
  func otherPieces(of count: Int) -> TracePieces {
    switch program.seed & 3 {
    case 0: .whole
    case 1: .records
    default: .bytes(UInt64(max(Int(program.seed >> 2), count / 32) + 1))
    }
  }

  /// - Returns: Whether the guest executes.
  mutating func startGuest() -> Bool {
    perform(.request(MigrationState.running.rawValue)) == .done
  }

  mutating func operate() -> UInt64 { run.withMachine { $0.devices.base.operate() } ?? 0 }

  /// Steps that were done by ``operate()`` become a line.
  mutating func looked(steps: UInt64) {
    _ = run.withMachine { $0.devices.lookAgain() }
    if keepsLines { lines.append(.run(steps: steps)) }
  }
}
