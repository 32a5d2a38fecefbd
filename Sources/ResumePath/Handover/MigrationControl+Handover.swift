internal import MigrationStream

/// What handing over needs of a machine.
extension MigrationControl where Devices: ~Copyable {
  /// Whether no device has left ``MigrationState/stop``.
  var isStopped: Bool { states.isAll(in: .stop) }

  /// A device of the stream whose initial data was loaded since the last call.
  mutating func takeInitialLoaded() -> UInt32? {
    let count = core.initialLoaded.count
    guard count > 0 else { return nil }
    let device = core.initialLoaded[count - 1]
    core.initialLoaded.truncate(to: count - 1)
    return device
  }
}
