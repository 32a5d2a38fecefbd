import MigrationStream
import ResumePath

/// Holds what is seen after an operation against what was seen before it, by the rules of Specs/resume-path.md.
///
/// Each finding names one invariant: the one that says most about what went wrong.
struct InvariantChecker {
  let setup: RunSetup
  let model: ReferencePredictor
  /// After the operation before.
  var before: Observation
  let baseline: MemoryCount
  /// What the latest session took.
  var witness = StreamWitness()
  /// Whether it took nothing but the start of the stream that must be accepted.
  var isValidSoFar = true
  /// Octets were offered that were not taken, because END was before them.
  var hasOfferedMore = false
  /// Octets offered to all sessions.
  var offeredByteCount = 0
  /// The largest content of a frame that they claimed.
  var frameContentMax = 0

  init(_ first: Observation, _ capabilities: [MigrationCapabilities], _ setup: RunSetup) {
    self.setup = setup
    model = ReferencePredictor(capabilities: capabilities)
    before = first
    baseline = first.memory
  }

  mutating func check(_ operation: ResumeOperation, _ standing: HandleStanding, _ after: Observation) -> [Violation] {
    follow(operation, after)
    var findings = Findings()
    let call = CheckedCall(operation: operation, standing: standing, before: before, after: after)
    if call.isEmptyWrite {
      checkEmptyWrite(call, &findings)
    } else {
      checkStates(call, &findings)
      checkSession(call, &findings)
      checkErrors(call, &findings)
      checkTouches(call, &findings)
      checkCommit(call, &findings)
      checkResources(call, &findings)
    }
    if call.opens || call.isReset { forget() }
    before = after
    return findings.violations
  }

  /// Remembers what the session took.
  private mutating func follow(_ operation: ResumeOperation, _ after: Observation) {
    guard case .write(let octets, _) = operation else { return }
    offeredByteCount += octets.count
    guard after.error == nil, after.consumed <= octets.count else {
      // A frame may turn out damaged when memory for its content was taken.
      var ahead = witness
      ahead.take(octets[...])
      frameContentMax = max(frameContentMax, ahead.frameContentMax)
      return
    }
    let taken = octets.prefix(after.consumed)
    let start = Int(witness.byteCount)
    isValidSoFar = isValidSoFar && setup.validStream.dropFirst(start).starts(with: taken)
    witness.take(taken)
    frameContentMax = max(frameContentMax, witness.frameContentMax)
    if after.consumed < octets.count { hasOfferedMore = true }
  }

  mutating func forget() {
    witness = StreamWitness()
    isValidSoFar = true
    hasOfferedMore = false
  }
}

/// An operation with what was seen before and after it.
struct CheckedCall {
  let operation: ResumeOperation
  let standing: HandleStanding
  let before: Observation
  let after: Observation

  /// All devices were brought back to how they are after power-on.
  var isReset: Bool { operation == .reset || after.didReset }

  var opens: Bool { after.openedSession }

  var isEmptyWrite: Bool {
    guard case .write(let octets, _) = operation else { return false }
    return octets.isEmpty
  }

  var isWrite: Bool {
    guard case .write = operation else { return false }
    return true
  }

  var isFinish: Bool {
    guard case .finish = operation else { return false }
    return true
  }

  /// The state that was asked for.
  var goal: UInt32? {
    switch operation {
    case .request(let goal), .recover(let goal): goal
    default: nil
    }
  }

  /// It may end a session with effect.
  var mayCommit: Bool { isFinish || goal != nil }

  /// The session was committed by this operation.
  var commits: Bool { after.status == .committed && before.status != .committed }

  /// The handle is that of the session that goes on.
  var reachesOpenSession: Bool { standing == .latest && before.status.isOpen }
}

extension SessionStatus {
  var isOpen: Bool { self == .open || self == .complete }

  var poison: StreamError? {
    guard case .poisoned(let error) = self else { return nil }
    return error
  }
}

/// Violations that one operation showed; of one cause only the first is kept.
struct Findings {
  private(set) var violations: [Violation] = []

  var isEmpty: Bool { violations.isEmpty }

  mutating func add(_ invariant: Invariant, _ finding: @autoclosure () -> String) {
    guard !violations.contains(where: { $0.invariant == invariant }) else { return }
    violations.append(Violation(invariant, finding()))
  }
}
