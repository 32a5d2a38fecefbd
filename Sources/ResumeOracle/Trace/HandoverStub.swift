import ResumePath
final class TraceHandover<Devices: TraceDevices & ~Copyable> {}
extension TraceRun where Devices: ~Copyable {
  func startHandover(_ machine: TraceMachine, precopy: Bool) throws(TraceStop) -> String { throw .void("no handover") }
  func runSource(_ count: UInt64) throws(TraceStop) -> String { throw .void("no handover") }
  func deliver(_ count: UInt64?) throws(TraceStop) -> String { throw .void("no handover") }
  func deliverVerdict(_ fate: TraceVerdict) throws(TraceStop) -> String { throw .void("no handover") }
  func operatorResume() throws(TraceStop) -> String { throw .void("no handover") }
}
