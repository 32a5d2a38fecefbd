import ResumePath

/// I1 to I8.
extension InvariantChecker {
  func checkStates(_ call: CheckedCall, _ findings: inout Findings) {
    checkGoal(call, &findings)
    checkLeaving(call, &findings)
    guard findings.isEmpty else { return }
    for device in call.after.states.indices {
      let number = call.after.states[device]
      guard let state = MigrationState(rawValue: number) else {
        findings.add(.truthfulState, "device \(device) is in \(number), which is no state")
        continue
      }
      guard let start = MigrationState(rawValue: call.before.states[device]) else { continue }
      if !model.predicted(device, from: start, call).contains(number) {
        findings.add(named(device, start, state, call), "device \(device) went from \(start) to \(state)")
      } else if state != .error, state != call.after.ownStates[device] {
        findings.add(.truthfulState, "device \(device) is reported in \(state) and is in \(call.after.ownStates[device])")
      }
    }
    if call.isReset { checkReset(call, &findings) }
  }

  /// A request that must be refused was not.
  private func checkGoal(_ call: CheckedCall, _ findings: inout Findings) {
    guard case .request(let goal) = call.operation, call.after.error == nil, model.mustRefuse(goal, call.before.states)
    else { return }
    let hasError = call.before.states.contains(MigrationState.error.rawValue)
    let isLacking = MigrationState(rawValue: goal).map { $0 != .error && !isSupported($0) } ?? false
    if hasError {
      findings.add(.stickyError, "a request for \(goal) was taken in error")
    } else if isLacking {
      findings.add(.hiddenStates, "a request for \(goal) was taken, which no device has")
    } else {
      findings.add(.forbiddenGoals, "a request for \(goal) was taken")
    }
  }

  /// RESUMING was left by request, and nothing was committed.
  private func checkLeaving(_ call: CheckedCall, _ findings: inout Findings) {
    guard let goal = call.goal, goal != MigrationState.resuming.rawValue, !call.isReset, call.after.error == nil,
      call.before.states.contains(MigrationState.resuming.rawValue), !call.commits
    else { return }
    findings.add(.noRunWithoutCommit, "RESUMING was left for \(goal) without a commit")
  }

  private func isSupported(_ state: MigrationState) -> Bool {
    model.capabilities.contains { ReferenceStates.supports(state, $0) }
  }

  /// Which rule a step that no rule allows breaks.
  private func named(
    _ device: Int, _ start: MigrationState, _ end: MigrationState, _ call: CheckedCall
  ) -> Invariant {
    if call.isReset { return .completeReset }
    if start == .error { return .stickyError }
    if !ReferenceStates.supports(end, model.capabilities[device]) { return .hiddenStates }
    if call.isWrite { return .dataMovesNothing }
    if start == .stopCopy, end == .preCopy || end == .preCopyP2P { return .forbiddenGoals }
    if start == .resuming, end == .running || end == .runningP2P, !call.commits { return .noRunWithoutCommit }
    if call.goal != nil, call.after.error != nil { return .refusedRequest }
    return .truthfulState
  }

  /// A reset leaves nothing of the session and of its octets.
  private func checkReset(_ call: CheckedCall, _ findings: inout Findings) {
    let after = call.after
    if after.didReset ? after.status.isOpen : after.status != .none {
      findings.add(.completeReset, "after a reset the session is \(after.status)")
    }
    if after.offset != 0 || after.compatibility != .unknown {
      findings.add(.completeReset, "after a reset \(after.offset) octets count as taken, and they are \(after.compatibility)")
    }
    if after.hasResidue { findings.add(.completeReset, "after a reset octets of the stream are left in a device") }
  }

  /// Nothing comes of no octets.
  func checkEmptyWrite(_ call: CheckedCall, _ findings: inout Findings) {
    let after = call.after
    let isRefused = after.error != nil
    if !after.isUnchanged(since: call.before) || after.consumed != 0 || !after.touches.isEmpty {
      findings.add(.emptyWrites, "a write of no octets changed something")
    } else if call.reachesOpenSession, isRefused {
      findings.add(.emptyWrites, "a write of no octets was refused: \(String(describing: after.error))")
    }
  }
}
