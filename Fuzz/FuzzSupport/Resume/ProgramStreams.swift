import MigrationStream
import ReferenceDevices
public import ResumeOracle
import ResumePath

/// Streams that reference machines saved, for seeds and mutators.
public enum ProgramStreams {
  /// A good stream for each machine of ``ReferenceDevices/ReferenceMachine/machines``, by its number; where those are too
  /// long for a program, one of the first machine: they are reached by handing over and by saving.
  public static let good: [[UInt8]] = ofMachines.map { $0.first ?? ofMachines[0][0] }

  /// Good streams of each of these machines, of one that has just begun and of one that has been at work; none where they
  /// are too long.
  public static let ofMachines: [[[UInt8]]] = ReferenceMachine.machines.enumerated().map { number, machine in
    ReferenceMachine.hasLongStreams(number) ? [] : [6, 40].map { saved(machine, steps: $0) }
  }

  /// What a machine gives after some steps, with layouts and bulk compressed so that a program stays short.
  public static func saved(
    _ machine: TraceMachine, steps: Int, precopy: Bool = false, compresses: Bool = true
  ) -> [UInt8] {
    do {
      var control = try MigrationControl(try ReferenceMachine.make(machine))
      control.devices.run(steps: steps)
      var options = SaveOptions(uuid: StreamUUID(low: 0x7365_6564, high: UInt64(steps)))
      options.compresses = compresses
      options.usesPreCopy = precopy
      var session = try SaveSession(&control, OctetKeeper(), options)
      var passes = precopy ? 2 : 0
      while passes > 0 {
        if try session.step(&control) == .more { continue }
        passes -= 1
        control.devices.run(steps: 2)
      }
      try session.stop(&control)
      while try session.step(&control) == .more {}
      try session.finish(&control)
      return try session.withSink { (sink) throws(StreamError) in sink.octets }
    } catch {
      preconditionFailure("a reference machine does not save: \(error)")
    }
  }
}

/// Keeps all octets.
struct OctetKeeper: ~Copyable, OctetSink {
  private(set) var octets: [UInt8] = []

  mutating func write(_ list: borrowing GatherList) throws(StreamError) {
    octets.append(list)
  }
}
