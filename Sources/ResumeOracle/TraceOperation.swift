/// One operation of a trace.
public enum TraceOperation: Equatable, Sendable { case reset }
