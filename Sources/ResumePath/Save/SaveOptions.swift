public import MigrationStream

/// How a source makes a stream.
@frozen
public struct SaveOptions: Equatable, Sendable, BitwiseCopyable {
  /// Chosen anew for each save.
  public var uuid: StreamUUID
  /// Devices that can give state while they run do.
  public var usesPreCopy = false
  /// Stores layouts and bulk as zstd frames where that is shorter.
  public var compresses = false
  /// The form for embedding; the machine's manifest must have one device and name no machine.
  public var isSingleDevice = false
  /// Walks each section by its layout before it is sent.
  public var checksSections = true
  /// Octets of the largest record, promised in the preamble and kept; 0: no promise.
  public var recordByteCountMax: UInt64 = 0
  /// Octets after which another device has its turn, whatever the first one expects to give in a pass.
  public var turnByteCountMax: UInt64 = 256 << 20

  @inlinable
  public init(uuid: StreamUUID) { self.uuid = uuid }
}

/// How far a save is.
@frozen
public enum SaveSessionPhase: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  /// The devices run.
  case preCopy = 1
  /// They stand still, and give the rest.
  case stopCopy = 2
  /// An octet of END may have been delivered: nothing here runs until it is known whether the destination does.
  case limbo = 3
  /// The destination runs; this machine never does again without a reset.
  case handedOver = 4
  /// The save failed, or the destination refused it. The devices are back where they were, unless they cannot be.
  case failed = 5
  /// Given up by its owner, likewise.
  case cancelled = 6
}

/// What a step of a save has done.
@frozen
public enum SaveStep: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  /// About one record was handed over.
  case more = 1
  /// Nothing: no device has anything at present. Not the end; zero octets in all of pre-copy are right.
  case noDataNow = 2
  /// A pass was closed: the time to decide whether to stop the devices.
  case passEnded = 3
  /// The devices have given everything of this phase.
  case done = 4
}

/// Who says that a machine in limbo may run again.
@frozen
public enum ResumeHereReason: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  /// The destination: its verdict is that it never will run.
  case refusedByDestination = 1
  /// The operator, who has made sure that the destination never will.
  case saidByOperator = 2
}

/// Reasons in an ABORT record.
///
/// Source: Specs/10-stream-format.md section 10.
@frozen
public enum AbortReason: UInt32, Sendable, BitwiseCopyable, CaseIterable {
  case cancelled = 1
  case deviceFailed = 2
  case outOfMemory = 3
  case timeExceeded = 4
  case refusedByDestination = 5
  case internalError = 6

  init(of error: StreamError) {
    switch error.code {
    case .deviceFailed: self = .deviceFailed
    case .outOfMemory: self = .outOfMemory
    default: self = .internalError
    }
  }

  /// What happened, for people.
  var text: StaticString {
    switch self {
    case .cancelled: "cancelled"
    case .deviceFailed: "a device failed"
    case .outOfMemory: "out of memory"
    case .timeExceeded: "time exceeded"
    case .refusedByDestination: "refused by the destination"
    case .internalError: "internal error"
    }
  }
}
