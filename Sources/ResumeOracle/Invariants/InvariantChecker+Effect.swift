import MigrationStream
import ResumePath

/// I9, I20 to I22, I28 to I31, I37, I42.
extension InvariantChecker {
  // MARK: Touches

  func checkTouches(_ call: CheckedCall, _ findings: inout Findings) {
    var hasCommitted = false
    var states = call.before.ownStates
    for touch in call.after.touches {
      if endangersPeers(touch, states) {
        findings.add(.permittedTouches, "device \(text(touch.device)) went to \(text(touch.end)) beside peers in \(states)")
      }
      if let device = touch.device, let end = touch.call == .reset ? .running : touch.end, !touch.failed { states[device] = end }
      if !isPermitted(touch), !(isRepeated(call) && touch.call == .commit) {
        findings.add(.permittedTouches, "\(touch.call) of device \(text(touch.device)) in \(text(touch.state))")
      }
      if touch.changedEffect, touch.call != .commit, touch.call != .reset {
        findings.add(.noEarlyEffect, "\(touch.call) of device \(text(touch.device)) changed what a guest sees")
      }
      if touch.call == .prepare, hasCommitted {
        findings.add(.failedCommit, "a device was prepared after another was committed")
      }
      if touch.call == .commit { hasCommitted = true }
    }
    if call.isWrite, call.after.compatibility != .compatible, call.after.touches.contains(where: \.isBulk) {
      findings.add(.earlyVerdict, "bulk reached a device before the verdict")
    }
  }

  /// None stops beside a peer that may begin an access to it, and none begins accesses beside one that stands still.
  ///
  /// Source: Specs/resume-path.md section 4, machines.
  private func endangersPeers(_ touch: DeviceCall, _ states: [MigrationState]) -> Bool {
    guard touch.call == .move, let device = touch.device, let start = touch.state, let end = touch.end else { return false }
    let others = states.indices.filter { $0 != device }
    if !end.isWorking, start.isWorking { return others.contains { mayReachPeers($0, in: states[$0]) } }
    guard mayReachPeers(device, in: end), !mayReachPeers(device, in: start) else { return false }
    return others.contains { !states[$0].isWorking }
  }

  private func mayReachPeers(_ device: Int, in state: MigrationState) -> Bool {
    ReferenceStates.mayReachPeers(state, model.capabilities[device])
  }

  private func isRepeated(_ call: CheckedCall) -> Bool { call.isFinish && call.before.status == .committed }

  private func text<Value>(_ value: Value?) -> String { value.map { "\($0)" } ?? "none" }

  /// Source: Specs/resume-path.md section 3.
  private func isPermitted(_ touch: DeviceCall) -> Bool {
    switch touch.call {
    case .reset: return true
    case .memory, .clear, .byteString, .write, .prepare, .commit: return touch.state == .resuming
    case .save: return touch.state == .stopCopy || touch.state == .preCopy || touch.state == .preCopyP2P
    case .move:
      guard let device = touch.device, let start = touch.state, let end = touch.end else { return false }
      return ReferenceStates.isArc(start, end, model.capabilities[device])
    }
  }

  // MARK: Commit

  func checkCommit(_ call: CheckedCall, _ findings: inout Findings) {
    let (before, after) = (call.before, call.after)
    let committed = after.touches.filter { $0.call == .commit }
    let hasBroken = committed.contains { $0.failed }
    let changes = after.effect != before.effect
    if changes, committed.isEmpty, !call.isReset, !after.touches.contains(where: \.changedEffect) {
      findings.add(.noEarlyEffect, "what a guest sees changed without a commit")
    }
    if call.mayCommit, after.error != nil, !committed.isEmpty, !hasBroken,
      !after.touches.contains(where: { $0.call == .move && $0.failed })
    {
      findings.add(.failedCommit, "the commit was refused, and devices were committed")
    }
    if call.commits { checkCommitted(call, &findings) }
    checkValid(call, &findings)
  }

  func checkCommitted(_ call: CheckedCall, _ findings: inout Findings) {
    var isExclusive = true
    if case .finish(_, let exclusive) = call.operation { isExclusive = exclusive }
    if !witness.isWhole, !witness.isDamaged {
      findings.add(.noPrefix, "committed after \(witness.byteCount) octets, without END")
    } else if isExclusive, hasOfferedMore {
      findings.add(.nothingBehindEnd, "committed with octets behind END")
    } else if witness.isDamaged {
      findings.add(.commitCondition, "a damaged stream was committed")
    } else if call.before.compatibility != .compatible {
      findings.add(.finalVerdict, "committed with the verdict \(call.before.compatibility)")
    }
  }

  /// A stream that must be accepted is.
  private func checkValid(_ call: CheckedCall, _ findings: inout Findings) {
    guard !setup.validStream.isEmpty, !setup.mayFail, isValidSoFar, call.reachesOpenSession, let error = call.after.error
    else { return }
    let isWhole = Int(witness.byteCount) == setup.validStream.count
    if call.isWrite {
      guard case .write(let octets, _) = call.operation, Int(witness.byteCount) + octets.count <= setup.validStream.count,
        setup.validStream.dropFirst(Int(witness.byteCount)).starts(with: octets)
      else { return }
      findings.add(.commitCondition, "a valid stream was refused: \(error.code) at \(error.offset)")
    } else if call.isFinish, isWhole, !hasOfferedMore {
      findings.add(.commitCondition, "a valid stream was not committed: \(error.code) at \(error.offset)")
    }
  }

  // MARK: Resources

  /// Memory of a session whose octets are few: Specs/40-reader-rules.md section 3, with room for layouts and mappings.
  private static var constantByteCount: Int { 1 << 20 }
  private static var byteCountPerOctet: Int { 16 }
  /// Calls that one call may make of a device besides those that octets bring.
  private static var touchesPerDevice: Int { 32 }

  func checkResources(_ call: CheckedCall, _ findings: inout Findings) {
    let memory = call.after.memory
    // What grows takes three times its octets while it moves.
    let allowance = Self.constantByteCount + Self.byteCountPerOctet * offeredByteCount + 3 * frameContentMax
    // A peak of the machine before says nothing of this one.
    if memory.peakByteCount > baseline.peakByteCount, memory.peakByteCount - baseline.liveByteCount > allowance {
      findings.add(.boundedMemory, "\(memory.peakByteCount) octets were held for \(offeredByteCount)")
    }
    if call.isReset, memory.liveByteCount > baseline.liveByteCount {
      findings.add(.returnedResources, "\(memory.liveByteCount - baseline.liveByteCount) octets are held after a reset")
    }
    var octetCount = 0
    if case .write(let octets, _) = call.operation { octetCount = octets.count }
    if call.after.touches.count > Self.touchesPerDevice * (call.after.states.count + 1) + octetCount {
      findings.add(.boundedWork, "\(call.after.touches.count) calls of devices for \(octetCount) octets")
    }
  }
}

extension DeviceCall {
  /// Octets that did not pass through memory of the session.
  fileprivate var isBulk: Bool {
    switch call {
    case .memory, .clear, .byteString, .write: true
    case .move, .reset, .save, .prepare, .commit: false
    }
  }
}
