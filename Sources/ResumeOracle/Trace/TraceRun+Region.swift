import MigrationStream
import ResumePath

/// The first protocol's region.
extension TraceRun where Devices: ~Copyable {
  func regionRead(_ field: TraceField) throws(TraceStop) -> UInt64 { throw .void("no region") }
  func regionWrite(_ field: TraceField, _ value: UInt64) throws(TraceStop) { throw .void("no region") }
  func regionData(_ offset: UInt64, _ octets: [UInt8]) throws(TraceStop) { throw .void("no region") }
  func regionPut(_ name: String, _ range: TraceRange) throws(TraceStop) -> String { throw .void("no region") }
  func regionGet(_ name: String) throws(TraceStop) -> String { throw .void("no region") }
}
