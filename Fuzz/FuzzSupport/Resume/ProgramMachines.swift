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
  /// Single devices first; those with a GPU give long streams. The last two have what is off by default.
  public static let machines: [TraceMachine] = {
    let names = ["serial", "external", "nic", "blk", "sound", "serial-external", "gpu", "machine", "nic-sound", "blk-external"]
    return names.enumerated().map { number, name in
      var machine = TraceMachine(name)
      machine.seed = 1
      if hasLongStreams(number) { machine.parameters = [TraceParameter("machine.byte-string", "65536")] }
      if number >= 8 { machine.parameters = allOn[number - 8] }
      return machine
    }
  }()

  /// Whether streams of that machine are too long for a program.
  static func hasLongStreams(_ number: Int) -> Bool { number == 6 || number == 7 }

  private static let allOn = [
    [("nic.rx-filter-size", "32"), ("nic.interrupt-moderation", "on"), ("nic.ring-size", "64"), ("sound.output-channels", "6")],
    [("blk.queues", "3"), ("blk.msix-vectors", "4"), ("blk.cache-mode", "on"), ("blk.discard", "on")],
  ].map { $0.map { TraceParameter($0.0, $0.1) } }

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
