public import MigrationStream

/// A session that was opened, and that nobody can take for a later one.
///
/// Every session of a machine has another number; a handle whose session ended is refused with `sessionClosed`.
@frozen
public struct SessionHandle: Equatable, Sendable, BitwiseCopyable {
  @usableFromInline let number: UInt64

  @usableFromInline
  init(number: UInt64) { self.number = number }
}

/// What became of the latest session.
@frozen
public enum SessionStatus: Equatable, Sendable, BitwiseCopyable {
  /// None was opened since the start or the last reset.
  case none
  /// Takes octets.
  case open
  /// END came: ``MigrationControl/finish(_:exclusive:)`` may commit.
  case complete
  /// Refused: every call says the same error again and takes nothing.
  case poisoned(StreamError)
  case committed
  /// Given up by its owner.
  case aborted
}

/// How a destination takes a stream.
@frozen
public struct ResumeOptions: Equatable, Sendable, BitwiseCopyable {
  /// Each write must be one transaction of the source: the preamble, a record, or the records of one write unit.
  public var isStrict = false
  /// Devices of this machine that the stream lacks stay as they are; otherwise they are refused.
  public var allowsMissingDevices = false
  /// Octets that staged sections and byte strings of all devices may take together.
  public var stagedBytesMax: UInt64 = 64 << 20

  @inlinable
  public init() {}
}

/// The devices of a machine and everything that migration may do with them: states, a session, reset.
///
/// ```
///  request(resuming) ─► handle ─► write ... write ─► finish or request(stop) ─► request(running)
///        │                          │ refused
///        └──────────── reset ◄──────┴─ error
/// ```
///
/// Source: Specs/resume-path.md.
public struct MigrationControl<Devices: MigratingDevices & ~Copyable>: ~Copyable {
  public var devices: Devices
  var states: MachineStates
  var saving = SavingClaim()
  public private(set) var status = SessionStatus.none

  public init(
    _ devices: consuming Devices, options: ResumeOptions = ResumeOptions(), limits: StreamLimits = StreamLimits(),
    allocator: StreamAllocator = .system
  ) throws(StreamError) {
    states = try MachineStates(count: devices.deviceCount, allocator: allocator)
    self.devices = devices
  }

  // MARK: States

  /// The truth: the state before a refused request, the last step that was completed, or error.
  public func state(of device: Int) -> MigrationState { states.state(of: device) }

  /// Asks all devices for a state, over as many steps as it takes.
  ///
  /// - Parameter goal: Any number that a caller may send.
  /// - Returns: The session that was opened on entering ``MigrationState/resuming``.
  /// - Throws: `stateRefused`, `deviceFailed`; on leaving ``MigrationState/resuming`` what
  ///   ``finish(_:exclusive:)`` throws.
  public mutating func request(_ goal: UInt32) throws(StreamError) -> SessionHandle? {
    throw StreamError(.notImplemented, .resume, at: 0)
  }

  /// Brings all devices to ``MigrationState/running``, ends the session, and leaves nothing of what it brought.
  public mutating func reset() {}

  /// Tries `goal`, else resets; the error that made it necessary stays the first one in ``status``.
  ///
  /// - Returns: Whether it was reset.
  public mutating func recover(to goal: UInt32) -> Bool { true }

  // MARK: Destination

  /// Takes a segment of the stream.
  ///
  /// - Returns: Octets consumed: all, unless the stream ended before the segment did.
  public mutating func write(_ octets: RawSpan, _ handle: SessionHandle) throws(StreamError) -> Int {
    throw StreamError(.notImplemented, .resume, at: 0)
  }

  /// Lets the caller read the next payload octets straight to where they belong.
  ///
  /// - Parameter fill: Gets the memory, at most `byteCount` octets, and returns how many it has filled.
  /// - Returns: What `fill` returned; nil, without calling it, when the next octets must go through ``write(_:_:)``.
  public mutating func writeInPlace(
    byteCount: Int, _ handle: SessionHandle, _ fill: (inout MutableRawSpan) -> Int
  ) throws(StreamError) -> Int? {
    throw StreamError(.notImplemented, .resume, at: 0)
  }

  /// Prepares all devices, commits all, and leaves them in ``MigrationState/stop``: the only thing that says success.
  ///
  /// - Parameter exclusive: Octets that were written after END are refused.
  /// - Throws: the same again when it is called again; a second success has no second effect.
  public mutating func finish(_ handle: SessionHandle, exclusive: Bool = true) throws(StreamError) {
    throw StreamError(.notImplemented, .resume, at: 0)
  }

  /// Gives the session up. Its devices are in error until they are reset, once an octet was written.
  public mutating func abort(_ handle: SessionHandle) throws(StreamError) {
    throw StreamError(.notImplemented, .resume, at: 0)
  }
}
