public import ReferenceDevices

extension MachineOptions {
  /// What a trace, or a command line, says of a machine.
  ///
  /// A parameter belongs to the machine's only device, or to the kind in front of its first dot: `nic.link-speed=1000`.
  /// `machine.memory` and `machine.byte-string` are the octets of guest memory and of a GPU's firmware.
  public init(_ machine: TraceMachine) throws(TraceMachineFault) {
    guard var options = MachineOptions(named: machine.name) else {
      throw TraceMachineFault(
        "there is no machine \(machine.name); there are \(ReferenceMachine.names.joined(separator: " "))")
    }
    options.seed = machine.seed
    for parameter in machine.parameters { try options.set(parameter) }
    self = options
  }

  private mutating func set(_ parameter: TraceParameter) throws(TraceMachineFault) {
    let parts = parameter.name.split(separator: ".", maxSplits: 1).map { String($0) }
    if parts.count == 2, parts[0] == "machine" {
      guard let value = UInt64(parameter.value), value <= 1 << 40 else {
        throw TraceMachineFault("\(parameter.value) is no number of octets")
      }
      switch parts[1] {
      case "memory": memoryByteCount = value
      case "byte-string": byteStringByteCount = value
      default: throw TraceMachineFault("a machine has memory and byte-string, not \(parts[1])")
      }
    } else if parts.count == 2, let kind = devices.first(where: { $0.rawValue == parts[0] }) {
      parameters[kind, default: []].append("\(parts[1])=\(parameter.value)")
    } else if devices.count == 1 {
      parameters[devices[0], default: []].append("\(parameter.name)=\(parameter.value)")
    } else {
      throw TraceMachineFault("say whose parameter it is: DEVICE.\(parameter.name)=\(parameter.value)")
    }
  }
}

extension ReferenceMachine: TraceDevices {
  public static func make(_ machine: TraceMachine) throws(TraceMachineFault) -> ReferenceMachine {
    let options = try MachineOptions(machine)
    var made: ReferenceMachine
    do throws(MachineFault) { made = try ReferenceMachine(options) } catch {
      throw TraceMachineFault(error.description)
    }
    made.run(steps: Int(clamping: machine.steps))
    return made
  }

  public mutating func run(steps: UInt64) { run(steps: Int(clamping: steps)) }

  public borrowing func visibleDigest() -> UInt64 { digest }

  public mutating func fail(_ failure: TraceFailure) {
    let number = Int(clamping: failure.number)
    switch failure.call {
    case .move: faults = FaultPlan(moveAt: number, isBroken: failure.isBroken)
    case .prepare: faults = FaultPlan(prepareAt: number, isBroken: failure.isBroken)
    case .commit: faults = FaultPlan(commitAt: number, isBroken: failure.isBroken)
    case .save: faults = FaultPlan(saveAt: number, isBroken: failure.isBroken)
    }
  }
}
