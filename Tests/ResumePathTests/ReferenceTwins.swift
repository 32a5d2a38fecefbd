import MigrationStream
import ReferenceDevices
import ResumePath
import StreamTestKit

/// What a source sent, and where its records begin.
struct OctetLog: OctetSink {
  var octets: [UInt8] = []
  /// Ends of the transactions.
  var ends: [Int] = []
  private var isOpen = false

  mutating func write(_ gathered: borrowing GatherList) {
    for part in 0..<gathered.count {
      let span = gathered[part]
      for index in 0..<span.byteCount { octets.append(span.octet(at: index)) }
    }
    if !isOpen { ends.append(octets.count) }
  }

  mutating func beginTransaction() { isOpen = true }

  mutating func endTransaction() {
    isOpen = false
    ends.append(octets.count)
  }
}

/// Machines that are saved and resumed, for tests.
enum ReferenceTwins {
  typealias Control = MigrationControl<ReferenceMachine>

  static func control(_ options: MachineOptions, _ resume: ResumeOptions = ResumeOptions()) throws -> Control {
    try Control(ReferenceMachine(options), options: resume)
  }

  /// Saves the machine, which does `steps` operations between pieces of pre-copy while there are any.
  static func save(_ control: inout Control, preCopy: Bool = false, steps: Int = 0) throws -> OctetLog {
    var options = SaveOptions(uuid: StreamUUID(low: 7, high: 9))
    options.usesPreCopy = preCopy
    var session = try SaveSession(&control, OctetLog(), options)
    var left = steps
    while preCopy {
      let step = try session.step(&control)
      if left > 0 {
        control.devices.step()
        left -= 1
      }
      if left == 0, step != .more { break }
    }
    while left > 0 {
      control.devices.step()
      left -= 1
    }
    try session.stop(&control)
    while try session.step(&control) != .done {}
    try session.finish(&control)
    return session.withSink { $0 }
  }

  /// Feeds a stream in segments of `byteCount`, or transaction by transaction.
  static func resume(
    _ control: inout Control, _ log: OctetLog, byteCount: Int? = nil
  ) throws(StreamError) {
    let handle = try control.open()
    var start = 0
    var ends = log.ends[...]
    while start < log.octets.count {
      let end = byteCount.map { min(start + $0, log.octets.count) } ?? ends.popFirst() ?? log.octets.count
      _ = try control.write(log.octets.span.octets.extracting(start..<end), handle)
      start = end
    }
    try control.finish(handle)
    _ = try control.request(MigrationState.running.rawValue)
  }
}
