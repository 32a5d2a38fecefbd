import MigrationStream
import ResumePath

/// I11 to I19, I23.
extension InvariantChecker {
  func checkSession(_ call: CheckedCall, _ findings: inout Findings) {
    let (before, after) = (call.before, call.after)
    if call.standing == .latest, let poison = before.status.poison {
      checkPoisoned(call, poison, &findings)
    } else if call.standing != .none, !call.reachesOpenSession, !isRepeatedFinish(call) {
      let isClosed = after.error?.code == .sessionClosed
      if !isClosed || after.consumed != 0 || !after.isUnchanged(since: before) {
        findings.add(.closedHandles, "the handle of a session that ended was answered with \(answer(after))")
      }
    }
    if let first = before.status.poison, let now = after.status.poison, now != first, !call.opens {
      findings.add(.constantReason, "the reason changed from \(first.code) at \(first.offset) to \(now.code) at \(now.offset)")
    }
    if isRepeatedFinish(call), after.error != nil || !after.touches.isEmpty {
      findings.add(.idempotentFinish, "finish after success was answered with \(answer(after))")
    }
    checkOpening(call, &findings)
    checkVerdict(call, &findings)
    if call.isWrite, after.error == nil, call.reachesOpenSession { checkTaken(call, &findings) }
  }

  private func isRepeatedFinish(_ call: CheckedCall) -> Bool {
    call.isFinish && call.standing == .latest && call.before.status == .committed
  }

  private func answer(_ seen: Observation) -> String {
    seen.error.map { "\($0.code) at \($0.offset)" } ?? "success, \(seen.consumed) octets"
  }

  private func checkPoisoned(_ call: CheckedCall, _ poison: StreamError, _ findings: inout Findings) {
    let after = call.after
    guard let error = after.error, after.consumed == 0, error.code == poison.code else {
      findings.add(
        call.isFinish && after.error == nil ? .failedCommit : .poison, "a poisoned session answered with \(answer(after))")
      return
    }
    if error != poison {
      findings.add(.constantReason, "the reason is \(poison.code) at \(poison.offset), and was told as at \(error.offset)")
    }
  }

  private func checkOpening(_ call: CheckedCall, _ findings: inout Findings) {
    guard call.goal == MigrationState.resuming.rawValue, call.before.status.isOpen, !call.isReset else { return }
    if call.opens || !call.after.isUnchanged(since: call.before) {
      findings.add(.oneSession, "a second session was opened")
    }
  }

  private func checkVerdict(_ call: CheckedCall, _ findings: inout Findings) {
    guard !call.opens, !call.isReset else { return }
    if call.isWrite, call.after.error == nil, call.reachesOpenSession, call.after.compatibility == .compatible,
      call.after.offset == witness.byteCount, !witness.hasManifest, !witness.isDamaged
    {
      findings.add(.finalVerdict, "the verdict is compatible before MANIFEST came")
    }
    switch (call.before.compatibility, call.after.compatibility) {
    case (.unknown, _), (.compatible, .compatible), (.compatible, .refused): break
    case (.refused(let first), .refused(let now)) where first == now: break
    case (let first, let now): findings.add(.finalVerdict, "the verdict went from \(first) to \(now)")
    }
  }

  /// What a write that succeeded says.
  private func checkTaken(_ call: CheckedCall, _ findings: inout Findings) {
    guard case .write(let octets, _) = call.operation else { return }
    let after = call.after
    if after.consumed < 0 || after.consumed > octets.count || after.offset != call.before.offset + UInt64(after.consumed) {
      findings.add(
        .consumption, "\(after.consumed) of \(octets.count) octets, from \(call.before.offset) to \(after.offset)")
    } else if witness.isWhole != (after.status == .complete) {
      findings.add(
        .honestNeed, witness.isWhole ? "more octets are wanted behind END" : "no more octets are wanted before END")
    } else if after.consumed < octets.count, after.status != .complete {
      findings.add(.oneClass, "\(after.consumed) of \(octets.count) octets were taken, and no error said why")
    }
  }

  // MARK: Errors

  func checkErrors(_ call: CheckedCall, _ findings: inout Findings) {
    guard let error = call.after.error else { return }
    let (before, after) = (call.before, call.after)
    let isRefusedCall = ReferencePredictor.failureClass(error.code) == .rejectedNoEffect
    let isOtherStatus = before.status != after.status && (before.status.poison == nil || after.status.poison == nil)
    if isRefusedCall, isOtherStatus || before.offset != after.offset {
      findings.add(.rejectedWithoutEffect, "a refused call changed the session from \(before.status) to \(after.status)")
    }
    guard call.reachesOpenSession, call.isWrite || call.isFinish, !isRefusedCall else { return }
    if after.status.poison == nil {
      findings.add(.oneClass, "\(error.code) is fatal, and the session is \(after.status)")
    } else if after.status.poison != error {
      findings.add(.constantReason, "the session keeps another error than it told")
    }
    if case .write(let octets, _) = call.operation,
      after.offset < before.offset || after.offset > before.offset + UInt64(octets.count)
    {
      findings.add(.consumption, "refused, the session went from octet \(before.offset) to \(after.offset)")
    }
  }
}
