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
  /// - Throws: `sessionBusy`; `stateRefused` unless all devices run, or all are stopped, and all can walk to
  ///   ``MigrationState/stopCopy``.
  mutating func beginSave() throws(StreamError) -> SessionHandle {
    guard saving.handle == nil, !isOpen else { throw StreamError(.sessionBusy, .resume, at: 0, found: number) }
    let home = core.devices.deviceCount == 0 ? MigrationState.running : state(of: 0)
    for device in 0..<core.devices.deviceCount {
      let state = state(of: device)
      guard state == home, state == .running || state == .stop else {
        throw StreamError(
          .stateRefused, .resume, at: 0, expected: UInt64(home.rawValue), found: UInt64(state.rawValue),
          device: UInt32(device))
      }
    }
    _ = try states.check(MigrationState.stopCopy.rawValue, of: core.devices)
    number += 1
    let handle = SessionHandle(number: number)
    saving = SavingClaim(handle: handle, home: home)
    return handle
  }

  func isSaving(_ handle: SessionHandle) -> Bool { saving.handle == handle }

  /// With devices that have it: the others go on running.
  mutating func walkToPreCopy() throws(StreamError) {
    try states.walk(to: MigrationState.preCopy.rawValue, of: &core.devices)
  }

  mutating func walkToStopCopy() throws(StreamError) {
    try states.walk(to: MigrationState.stopCopy.rawValue, of: &core.devices)
  }

  /// Takes all devices back to where they were; one that fails does not keep the others from it.
  mutating func endSave() throws(StreamError) {
    let home = saving.home
    saving.handle = nil
    if let failure = states.walkBack(to: home, of: &core.devices) { throw failure }
  }
}
