public import MigrationStream
public import ResumePath

/// What an operation of a trace led to, and what the machine is like afterwards.
public struct TraceResult: Equatable, Sendable {
  public enum Outcome: Equatable, Sendable {
    case done
    case refused(StreamError)
    /// Something was missing, so that nothing happened.
    case void(String)
    /// An expectation does not hold, or an observer saw something wrong.
    case failed(String)
    /// The trace asks for more than a run does.
    case stopped(String)
  }

  public var outcome = Outcome.done
  /// Octets that `write` took; what `v1 read` gave.
  public var consumed: UInt64?
  public var value: UInt64?
  /// What else there is to say.
  public var note = ""
  /// Of the machine under test, by device number; empty without one.
  public var states: [MigrationState] = []
  public var status = TraceStatus.none

  init(_ outcome: Outcome = .done, note: String = "") {
    self.outcome = outcome
    self.note = note
  }

  public var isGood: Bool {
    switch outcome {
    case .done, .refused, .void: true
    case .failed, .stopped: false
    }
  }
}

/// Work that a run has left.
struct TraceBudget {
  private var left = TraceLimits.workMax

  /// Units of a call, and of a step of a device.
  static var call: UInt64 { 64 }
  static var step: UInt64 { 1024 }

  mutating func spend(_ units: UInt64, each: UInt64 = 1) throws(TraceStop) {
    let (product, overflow) = units.multipliedReportingOverflow(by: each)
    guard !overflow, product <= left else {
      left = 0
      throw .stopped("the trace asks for more than \(TraceLimits.workMax) units of work")
    }
    left -= product
  }

  mutating func spend(octets: Int) throws(TraceStop) { try spend(UInt64(octets)) }
}

/// Why an operation came to nothing, or to a refusal.
enum TraceStop: Error {
  case refused(StreamError)
  case void(String)
  case failed(String)
  case stopped(String)

  var outcome: TraceResult.Outcome {
    switch self {
    case .refused(let error): .refused(error)
    case .void(let why): .void(why)
    case .failed(let why): .failed(why)
    case .stopped(let why): .stopped(why)
    }
  }
}

/// Runs a call of the codec rooms, and takes its error as a refusal.
func refusing<Result: ~Copyable>(_ body: () throws(StreamError) -> Result) throws(TraceStop) -> Result {
  do throws(StreamError) { return try body() } catch { throw .refused(error) }
}
