import ArgumentParser
import MigrationStream
import ReferenceDevices
import ResumeOracle
import StreamReport

/// Which reference machine a command is about.
struct MachineArguments: ParsableArguments {
  @Option(help: ArgumentHelp("The reference device, or machine for all of them; --list-devices shows them.", valueName: "name"))
  var device: String?

  @Option(help: ArgumentHelp("Chooses what the device's guest does; the same seed does the same.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(
    name: .customLong("param"),
    help: ArgumentHelp(
      "A parameter of the device's model, once for each: rx-filter-size=32; of one device of a machine: "
        + "nic.rx-filter-size=32; machine.memory=1048576 is the octets of guest memory.", valueName: "name=value"))
  var parameters: [String] = []

  func validate() throws {
    for parameter in parameters where TraceParameter(parameter) == nil {
      throw ValidationError("--param wants NAME=VALUE, not \(parameter.visible).")
    }
  }

  /// - Throws: for a machine that there is not, or that its parameters do not allow.
  func options(named name: String) throws -> MachineOptions {
    var machine = TraceMachine(name)
    machine.seed = seed
    machine.parameters = parameters.compactMap { TraceParameter($0) }
    do throws(TraceMachineFault) { return try MachineOptions(machine) } catch {
      throw ValidationError(error.message.visible(keeping: "\"\\"))
    }
  }

  /// The table of reference devices.
  static var table: String {
    var table = ""
    for kind in ReferenceKind.allCases { table += ModelOutput.row([(kind.rawValue, 10), (kind.summary, 0)]) }
    return table + ModelOutput.row([("machine", 10), ("all of them in one machine, saved and resumed together", 0)])
  }
}

extension ReferenceMachine {
  /// - Throws: for parameters that the devices' models do not allow.
  static func making(_ options: MachineOptions) throws -> ReferenceMachine {
    do throws(MachineFault) { return try ReferenceMachine(options) } catch {
      throw ValidationError(error.description.visible(keeping: "\"\\"))
    }
  }
}
