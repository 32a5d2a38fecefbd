import MigrationStream
public import ReferenceDevices
public import ResumeOracle
import ResumePath

/// Devices that programs are played on: the reference devices, and those that a VMM brings.
public protocol ProgramDevices: ObservableDevices, TraceDevices, ~Copyable {
  /// The machines that a program can choose from, the least first.
  static var machines: [TraceMachine] { get }

  /// Does one operation of the guest, where the devices run.
  ///
  /// - Returns: A digest of what could be seen of it from outside.
  mutating func operate() -> UInt64

  /// What is wrong with the devices' state, which no guest could have brought about; nil: nothing.
  borrowing func malformation() -> String?
}

extension ReferenceMachine: ProgramDevices {
  /// Single devices first; streams of the last two are long.
  public static let machines: [TraceMachine] = {
    var machines = ["serial", "external", "nic", "blk", "sound", "serial-external", "gpu", "machine"].map(TraceMachine.init)
    for index in machines.indices {
      machines[index].seed = 1
      if index >= 6 { machines[index].parameters = [TraceParameter("machine.byte-string", "65536")] }
    }
    return machines
  }()

  public mutating func operate() -> UInt64 {
    guard let operation = step() else { return 0 }
    return Digest.chain(effectsDigest, operation.number << 8 | UInt64(operation.device))
  }

  public borrowing func malformation() -> String? { wellFormedFault()?.description }
}

extension ResumeProgram {
  func traceMachine(_ machines: [TraceMachine], _ choice: UInt8) -> TraceMachine { machines[Int(choice) % machines.count] }

  var traceOptions: TraceOptions {
    var traced = TraceOptions()
    traced.isStrict = options.contains(.strict)
    traced.allowsMissingDevices = options.contains(.allowsMissing)
    if options.contains(.stagesLittle) { traced.stagedBytesMax = 256 }
    if options.contains(.region) { traced.windowByteCount = options.contains(.smallWindow) ? 1024 : 65536 }
    return traced
  }
}
