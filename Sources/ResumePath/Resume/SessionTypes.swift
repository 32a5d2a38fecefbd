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

/// Whether the devices of a stream fit those of the machine; known once its MANIFEST came, before any bulk.
///
/// Within a session it never becomes more permissive.
@frozen
public enum Compatibility: Equatable, Sendable, BitwiseCopyable {
  case unknown
  case compatible
  /// Also when the stream was refused before MANIFEST was there.
  case refused(StreamError)
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
