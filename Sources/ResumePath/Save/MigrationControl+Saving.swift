internal import MigrationStream

/// Which save holds a machine.
struct SavingClaim: BitwiseCopyable {
  /// Of the save that holds it; nil: none does.
  var handle: SessionHandle?
  /// Where its devices were, and go back to.
  var home = MigrationState.running
}

/// What a save needs of a machine.
extension MigrationControl where Devices: ~Copyable {
  /// - Throws: `sessionBusy`; `stateRefused`, found: the state, unless all devices run, or all are stopped.
  mutating func beginSave() throws(StreamError) -> SessionHandle {
    guard saving.handle == nil, status != .open else { throw StreamError(.sessionBusy, .resume, at: 0) }
    let home = devices.deviceCount == 0 ? MigrationState.running : state(of: 0)
    for device in 0..<devices.deviceCount {
      let state = state(of: device)
      guard state == home, state == .running || state == .stop else {
        throw StreamError(
          .stateRefused, .resume, at: 0, expected: UInt64(home.rawValue), found: UInt64(state.rawValue),
          device: UInt32(device))
      }
    }
    let handle = SessionHandle(number: 1)
    saving = SavingClaim(handle: handle, home: home)
    return handle
  }

  func isSaving(_ handle: SessionHandle) -> Bool { saving.handle == handle }

  /// Takes all devices back to where they were; one that fails does not keep the others from it.
  mutating func endSave() throws(StreamError) {
    saving.handle = nil
    var first: StreamError?
    for device in 0..<devices.deviceCount where state(of: device) != .error {
      do throws(StreamError) {
        while state(of: device) != saving.home { try moveOnce(device, saving.home) }
      } catch {
        if first == nil { first = error }
      }
    }
    if let first { throw first }
  }

  /// Only devices that have it: the others go on running.
  mutating func walkToPreCopy() throws(StreamError) {
    for device in 0..<devices.deviceCount where devices.traits(of: device).capabilities.contains(.preCopy) {
      try moveOnce(device, .preCopy)
    }
  }

  mutating func walkToStopCopy() throws(StreamError) {
    var isThere = false
    while !isThere {
      isThere = true
      for device in 0..<devices.deviceCount where state(of: device) != .stopCopy {
        try moveOnce(device, .stopCopy)
        isThere = false
      }
    }
  }

  private mutating func moveOnce(_ device: Int, _ goal: MigrationState) throws(StreamError) {
    let hasP2P = devices.traits(of: device).capabilities.contains(.p2p)
    let now = state(of: device)
    let next: MigrationState =
      switch (now, goal) {
      case (.running, .preCopy): .preCopy
      case (.preCopy, .stopCopy): hasP2P ? .preCopyP2P : .stopCopy
      case (.running, .stopCopy): hasP2P ? .runningP2P : .stop
      case (.runningP2P, .stopCopy): .stop
      case (.stopCopy, _): .stop
      case (.stop, .running): hasP2P ? .runningP2P : .running
      case (.preCopyP2P, .running): .runningP2P
      default: goal
      }
    do throws(DeviceFailure) {
      try devices.move(device, along: MigrationArc(now, next))
      states.set(device, next)
    } catch {
      if error.isBroken { states.set(device, .error) }
      throw StreamError(.deviceFailed, .resume, at: 0, found: UInt64(error.reason), device: UInt32(device))
    }
  }
}
