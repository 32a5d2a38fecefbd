public import MigrationStream
public import ResumePath

/// Devices that a trace can make, let run and look at.
public protocol TraceDevices: MigratingDevices, ~Copyable {
  /// Makes the machine that a trace asks for, with its steps done.
  ///
  /// - Throws: when there is none of that name, or a parameter is wrong.
  static func make(_ machine: TraceMachine) throws(TraceMachineFault) -> Self

  /// Does steps of the workload; devices that stand still do nothing.
  mutating func run(steps: UInt64)

  /// Over everything that the guest sees.
  borrowing func visibleDigest() -> UInt64

  /// From now on only that call fails.
  mutating func fail(_ failure: TraceFailure)
}

/// Why a machine was not made.
public struct TraceMachineFault: Error, Equatable, Sendable {
  /// For people; may quote the trace.
  public var message: String

  public init(_ message: String) { self.message = message }
}

/// A call that a trace made to the machine under test.
public enum TraceCall: Sendable {
  case request(UInt32)
  case reset
  case recover(UInt32)
  case write(ArraySlice<UInt8>)
  /// Octets that were read to where they belong.
  case writeInPlace(ArraySlice<UInt8>)
  case finish(exclusive: Bool)
  case abort
  case run(steps: UInt64)
  case save
  /// What `device_state` read before and after it; the octets of the window that the session took.
  case region(before: UInt32, after: UInt32, taken: ArraySlice<UInt8>)
  /// A destination ended its session by itself, for what it promised or was told.
  case promise
}

/// Looks on while a trace runs: where invariants are checked.
public struct TraceObserver<Devices: TraceDevices & ~Copyable> {
  /// A machine took the place of the one before, if there was one.
  public var made: (inout MigrationControl<Devices>) -> Void
  /// A call came back.
  ///
  /// - Parameters:
  ///   - session: Its number among those of the machine, from 1, where the call is one to a session.
  ///   - result: What it said; octets consumed for a write, else 0.
  /// - Returns: What is wrong, which makes the trace fail.
  public var called:
    (
      _ call: TraceCall, _ session: Int?, _ result: Result<UInt64, StreamError>,
      _ control: inout MigrationControl<Devices>
    ) -> String?

  /// Sees nothing wrong, until it is told how to look.
  public init() {
    made = { _ in }
    called = { _, _, _, _ in nil }
  }
}
