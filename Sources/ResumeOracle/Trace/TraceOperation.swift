public import MigrationStream
public import ResumePath

/// One line of a trace: what a caller does to a machine.
///
/// Every sequence of operations is a trace; one for which something is missing does nothing.
///
/// Source: Specs/resume-path.md section 14.
public enum TraceOperation: Equatable, Sendable {
  // MARK: Machines and streams
  case machine(TraceMachine, TraceOptions)
  case stream(String, TraceSource)
  case change(String, TraceChange)

  // MARK: The machine
  /// Any number that a caller may send.
  case request(UInt32)
  case reset
  case recover(UInt32)
  /// nil: all devices.
  case query(device: UInt32?)
  case run(steps: UInt64)
  /// The session that was opened as this one of the machine, from 1; nil: the latest.
  case use(session: UInt64?)
  case write(String, TraceRange, TracePieces, inPlace: Bool)
  case finish(embedded: Bool)
  case abort
  case compatible(String)
  case save(String, precopy: Bool)
  case precopyInfo
  /// A device is told to fail.
  case fail(TraceFailure)

  // MARK: The first protocol's region
  case regionRead(TraceField)
  case regionWrite(TraceField, UInt64)
  case regionData(offset: UInt64, [UInt8])
  /// Writes octets of a stream as one write unit, in the order that the protocol demands.
  case regionPut(String, TraceRange)
  /// Reads one write unit in the order that the protocol demands, to the end of a stream.
  case regionGet(String)

  // MARK: Handing over
  case handover(TraceMachine, precopy: Bool)
  case source(records: UInt64)
  /// nil: all that are on their way.
  case deliver(records: UInt64?)
  case verdict(TraceVerdict)
  /// The owner of a side gives it up.
  case giveUp(TraceSide)
  /// A side notices that the path broke: what is on its way never arrives.
  case linkLost(TraceSide)
  /// What the source sent comes once more, to a new session of a destination that has refused it.
  case again
  case operatorResume
  case operatorRuns

  case expect(TraceExpectation)
}

/// How a machine under test is made.
public struct TraceOptions: Equatable, Sendable {
  public var isStrict = false
  public var allowsMissingDevices = false
  /// Octets that may be staged; nil: the default.
  public var stagedBytesMax: UInt64?
  /// Octets of the data window of the first protocol's region; nil: the machine is not behind one.
  public var windowByteCount: UInt64?

  public init() {}
}

/// Where the octets of a named stream come from.
public enum TraceSource: Equatable, Sendable {
  /// A machine is made and saved.
  case machine(TraceMachine, precopy: Bool)
  case octets([UInt8])
  /// A file beside the trace.
  case file(String, TraceRange)
  case copy(String, TraceRange)
}

/// What is done to the octets of a named stream.
public enum TraceChange: Equatable, Sendable {
  case flip(TracePlace, bit: UInt8)
  case set(TracePlace, [UInt8])
  case insert(TracePlace, [UInt8])
  case splice(TracePlace, String, TraceRange)
  case remove(TraceRange)
  /// Two records, by number.
  case swap(UInt64, UInt64)
  /// Sequence numbers, digests and totals become right for the octets as they are.
  case repair
}

/// How octets are cut into calls.
public enum TracePieces: Equatable, Sendable {
  case whole
  case bytes(UInt64)
  /// Random lengths, from this seed.
  case random(UInt64)
  case records
  case transactions
}

/// An access to the first protocol's region.
public struct TraceField: Equatable, Sendable {
  public var offset: UInt64
  /// Octets: 1, 2, 4 or 8.
  public var width: UInt8

  public init(offset: UInt64, width: UInt8) {
    self.offset = offset
    self.width = width
  }
}

/// Which of the calls that devices get from now on fails.
public struct TraceFailure: Equatable, Sendable {
  public enum Call: String, Sendable, CaseIterable { case move, prepare, commit, save }

  public var call: Call
  /// From 1; 0: none.
  public var number: UInt64
  /// Whether the device no longer knows what state it is in.
  public var isBroken: Bool

  public init(_ call: Call, _ number: UInt64, isBroken: Bool) {
    (self.call, self.number, self.isBroken) = (call, number, isBroken)
  }
}

public enum TraceSide: String, Equatable, Sendable, CaseIterable { case source, destination }

/// What becomes of the oldest verdict on its way.
public enum TraceVerdict: String, Equatable, Sendable, CaseIterable {
  case arrives = ""
  case lose
  case twice
}

/// What the operation before, or the machine after it, must be like.
public enum TraceExpectation: Equatable, Sendable {
  case ok
  /// The operation could not be tried.
  case void
  case code(StreamError.Code, at: UInt64?)
  case failureClass(FailureClass)
  case consumed(UInt64)
  case value(UInt64)
  case state(MigrationState, device: UInt32?)
  case status(TraceStatus)
  case digest(UInt64)
  /// The guest sees what it would see on such a machine that was never stopped.
  case like(TraceMachine)
}

/// ``SessionStatus`` without what belongs to it.
public enum TraceStatus: String, Equatable, Sendable, CaseIterable {
  case none, open, complete, poisoned, committed, aborted

  public init(_ status: SessionStatus) {
    self =
      switch status {
      case .none: .none
      case .open: .open
      case .complete: .complete
      case .poisoned: .poisoned
      case .committed: .committed
      case .aborted: .aborted
      }
  }
}
