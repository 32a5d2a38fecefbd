/// What a device may do at present: the states of VFIO's second migration protocol, with the kernel's numbers.
///
/// Zero is the error state, so a reply that was never filled in says error.
///
/// Source: Specs/resume-path.md section 2.
@frozen
public enum MigrationState: UInt32, Sendable, BitwiseCopyable, CaseIterable {
  /// Only a reset leaves it.
  case error = 0
  /// The internal state stands still.
  case stop = 1
  /// Where a reset leads.
  case running = 2
  /// Stopped, and gives the rest of its state.
  case stopCopy = 3
  /// Stopped, and takes state from a stream.
  case resuming = 4
  /// Runs, but begins no access to a peer device.
  case runningP2P = 5
  /// Runs, and gives state that may change afterwards.
  case preCopy = 6
  case preCopyP2P = 7
}

/// Which optional states a device has.
///
/// Source: Specs/resume-path.md section 2; `VFIO_DEVICE_FEATURE_MIGRATION`.
@frozen
public struct MigrationCapabilities: OptionSet, Sendable, BitwiseCopyable {
  public let rawValue: UInt64

  @inlinable
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Every device that migrates has it.
  public static var stopCopy: Self { @inlinable get { Self(rawValue: 1 << 0) } }
  public static var p2p: Self { @inlinable get { Self(rawValue: 1 << 1) } }
  public static var preCopy: Self { @inlinable get { Self(rawValue: 1 << 2) } }
}

/// A step between two states that a device takes in one go.
@frozen
public struct MigrationArc: Equatable, Sendable, BitwiseCopyable {
  public var start: MigrationState
  public var end: MigrationState

  @inlinable
  public init(_ start: MigrationState, _ end: MigrationState) { (self.start, self.end) = (start, end) }
}
