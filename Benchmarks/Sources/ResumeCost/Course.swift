import Glibc
import MigrationStream
import ReferenceDevices
import ResumeOracle
import ResumePath

/// What is done with one machine.
struct Course {
  let name: String
  let options: MachineOptions
  /// Of a machine of this kind that has worked for a while.
  let stream: [UInt8]

  static func all() throws -> [Course] {
    [try Course("serial", [.serial]), try Course("serial+blk", [.serial, .blk]), try Course("nic", [.nic])]
  }

  private init(_ name: String, _ devices: [ReferenceKind]) throws {
    self.name = name
    var options = MachineOptions(devices)
    options.memoryByteCount = UInt64(4096 + 65536 * devices.count)
    self.options = options
    var source = try MigrationControl(ReferenceMachine(options))
    source.devices.run(steps: 24)
    stream = try Self.save(&source)
  }

  /// - Throws: also when the machine refuses the stream, or an invariant does not hold.
  func execute(_ clock: inout PartClock) throws {
    clock.begin()
    let machine = try ReferenceMachine(options)
    clock.end(.machine)
    var run = CheckedRun(try ObservedControl(machine))
    clock.end(.checkedRun)
    _ = run.perform(.request(MigrationState.resuming.rawValue))
    clock.end(.resuming)
    let cuts = [0, 64, stream.count / 3, stream.count / 3 * 2, stream.count]
    for (start, end) in zip(cuts, cuts.dropFirst()) { _ = run.perform(.write(stream[start..<end])) }
    clock.end(.write)
    _ = run.perform(.finish())
    clock.end(.finish)
    _ = run.perform(.query)
    _ = run.perform(.request(MigrationState.running.rawValue))
    _ = run.perform(.request(99))
    _ = run.perform(.query)
    clock.end(.requests)
    var twin = try ReferenceMachine(options)
    clock.end(.twin)
    run.subject.control.devices.base.run(steps: 16)
    run.subject.control.devices.lookAgain()
    twin.run(steps: 16)
    clock.end(.steps)
    let digests = (run.subject.control.devices.base.digest, twin.digest)
    clock.end(.digests)
    let again = try Self.save(&run.subject.control)
    clock.end(.save)
    _ = run.perform(.reset)
    clock.end(.reset)
    guard run.violations.isEmpty, digests.0 != digests.1, again.count >= 64, run.handles.count == 1 else {
      throw CourseFault(text: "\(name): \(run.violations), \(String(describing: run.latest.error))")
    }
  }

  private static func save<Devices: MigratingDevices & ~Copyable>(
    _ control: inout MigrationControl<Devices>
  ) throws -> [UInt8] {
    var session = try SaveSession(&control, OctetLog(), SaveOptions(uuid: StreamUUID(low: 7, high: 9)))
    try session.stop(&control)
    while try session.step(&control) != .done {}
    try session.finish(&control)
    return session.withSink { $0.octets }
  }
}

struct CourseFault: Error {
  let text: String
}

/// What a source sent.
private struct OctetLog: OctetSink {
  var octets: [UInt8] = []

  mutating func write(_ gathered: borrowing GatherList) {
    for part in 0..<gathered.count {
      let span = gathered[part]
      unsafe span.withUnsafeBytes { unsafe octets.append(contentsOf: $0) }
    }
  }
}
