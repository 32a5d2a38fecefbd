import MigrationStream
import ResumePath

/// Which states devices may be in after an operation, written from the text.
///
/// Source: Specs/resume-path.md sections 2, 4, 5, 6, 7.
struct ReferencePredictor {
  let capabilities: [MigrationCapabilities]

  /// What a device that was in `start` may be in after the call.
  func predicted(_ device: Int, from start: MigrationState, _ call: CheckedCall) -> StateSet {
    switch call.operation {
    case .query: return StateSet(start)
    case .reset: return StateSet(.running)
    case .recover(let goal): return call.after.didReset ? StateSet(.running) : requested(device, from: start, goal, call)
    case .request(let goal): return requested(device, from: start, goal, call)
    case .write: return call.after.error == nil || isHarmless(call) ? StateSet(start) : StateSet(.error)
    case .finish:
      guard call.after.error == nil else { return isHarmless(call) ? StateSet(start) : StateSet(.error) }
      return call.before.status.isOpen ? StateSet(.stop) : StateSet(start)
    case .abort: return StateSet(start, .error)
    }
  }

  /// The call was refused as a call; no octet was.
  private func isHarmless(_ call: CheckedCall) -> Bool {
    call.standing != .latest || call.after.error.map { ReferencePredictor.failureClass($0.code) } == .rejectedNoEffect
      || !call.before.status.isOpen
  }

  private func requested(_ device: Int, from start: MigrationState, _ goal: UInt32, _ call: CheckedCall) -> StateSet {
    var allowed = StateSet()
    guard let error = call.after.error, call.after.didReset == false else {
      guard let goal = MigrationState(rawValue: goal) else { return allowed }
      allowed.insert(ReferenceStates.aim(goal, capabilities[device]))
      return allowed
    }
    let leavesResuming =
      goal != MigrationState.resuming.rawValue && call.before.states.contains(MigrationState.resuming.rawValue)
    if error.code == .stateRefused || error.code == .sessionBusy { return StateSet(start) }
    // What fails behind the commit does not take it back: all devices went on from `stop`.
    if leavesResuming, !call.commits { return StateSet(.error) }
    guard error.code == .deviceFailed, let goal = MigrationState(rawValue: goal) else { return allowed }
    let start = leavesResuming ? .stop : start
    allowed = StateSet(start, .error)
    let aim = ReferenceStates.aim(goal, capabilities[device])
    for passed in ReferenceStates.walk(from: start, to: aim, capabilities[device]) ?? [] { allowed.insert(passed) }
    return allowed
  }

  /// Whether the machine must refuse to be asked for `goal`.
  func mustRefuse(_ goal: UInt32, _ states: [UInt32]) -> Bool {
    guard let goal = MigrationState(rawValue: goal), goal != .error else { return true }
    for (device, number) in states.enumerated() {
      guard let state = MigrationState(rawValue: number),
        ReferenceStates.walk(from: state, to: ReferenceStates.aim(goal, capabilities[device]), capabilities[device]) != nil
      else { return true }
    }
    return !capabilities.isEmpty && !capabilities.contains { ReferenceStates.supports(goal, $0) }
  }

  enum FailureClass: UInt8 { case needMore = 1, noDataNow, rejectedNoEffect, fatalSession, fatalDevice }

  /// Source: Specs/resume-path.md section 5.
  static func failureClass(_ code: StreamError.Code) -> FailureClass {
    switch code {
    case .noDataNow: .noDataNow
    case .stateRefused, .sessionBusy, .wrongCall, .badAccess, .accessOutOfOrder, .badRange, .rangeOverflow, .tooManyRanges:
      .rejectedNoEffect
    case .deviceFailed: .fatalDevice
    default: .fatalSession
    }
  }
}
