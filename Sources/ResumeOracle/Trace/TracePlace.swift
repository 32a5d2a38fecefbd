/// A place in a named stream.
public enum TracePlace: Equatable, Sendable {
  /// Octets from the start.
  case offset(UInt64)
  /// Octets from the start of a record, which is found by the lengths in the headers before it.
  case record(UInt64, plus: UInt64)
  /// Octets from the end.
  case end(minus: UInt64)
}

/// Octets of a named stream.
public struct TraceRange: Equatable, Sendable {
  public var start: TracePlace
  public var end: TracePlace

  public init(_ start: TracePlace, _ end: TracePlace) { (self.start, self.end) = (start, end) }

  /// The whole stream.
  public static var whole: TraceRange { TraceRange(.offset(0), .end(minus: 0)) }
}

/// A machine of reference devices, as a trace asks for one.
public struct TraceMachine: Equatable, Sendable {
  /// Its name among the reference machines.
  public var name: String
  public var seed: UInt64 = 0
  /// Steps of its workload that are done before anything else.
  public var steps: UInt64 = 0
  public var parameters: [TraceParameter] = []

  public init(_ name: String) { self.name = name }
}

/// A parameter of a machine and its value, as they are spelled on command lines.
public struct TraceParameter: Equatable, Sendable {
  public var name: String
  public var value: String

  public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
}
