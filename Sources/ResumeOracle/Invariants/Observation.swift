public import MigrationStream
public import ResumePath

/// What can be seen of a system after an operation, and what the operation said.
public struct Observation: Sendable {
  // MARK: What lasts

  /// The number that is reported for each device, and the state that the device itself was last moved to.
  public var states: [UInt32]
  public var ownStates: [MigrationState]
  public var status: SessionStatus
  public var compatibility: Compatibility
  /// Octets of the latest session's stream that were taken.
  public var offset: UInt64
  /// Digest over what a guest can see: applied state, without memory that is in place and not yet committed.
  public var effect: UInt64
  /// Octets that the allocator gave out and did not get back; most ever.
  public var memory = MemoryCount()
  /// Whether octets of a stream that did not become effective are found in the devices' memory.
  public var hasResidue = false

  // MARK: What the operation said

  public var error: StreamError?
  /// The session that it opened.
  public var openedSession = false
  /// Of a write.
  public var consumed = 0
  /// Of a recover.
  public var didReset = false
  /// What devices were asked to do meanwhile.
  public var touches: [DeviceCall]

  /// Nothing that lasts differs.
  func isUnchanged(since before: Observation) -> Bool {
    states == before.states && status == before.status && compatibility == before.compatibility
      && offset == before.offset && effect == before.effect
  }
}

/// Octets held from an allocator.
public struct MemoryCount: Equatable, Sendable {
  public var liveByteCount = 0
  public var peakByteCount = 0

  public init(liveByteCount: Int = 0, peakByteCount: Int = 0) {
    self.liveByteCount = liveByteCount
    self.peakByteCount = peakByteCount
  }
}

/// A call that a device got.
public struct DeviceCall: Equatable, Sendable {
  public enum Call: UInt8, Sendable {
    case move, reset, save, memory, clear, byteString, write, prepare, commit
  }

  public var call: Call
  /// nil for memory of the machine.
  public var device: Int?
  /// The state that the device was in; the state of all devices for memory of the machine, nil when they differ.
  public var state: MigrationState?
  /// The arc's end, of a move.
  public var end: MigrationState?
  public var failed: Bool
  /// Whether what a guest can see changed by it.
  public var changedEffect: Bool
}
