import ArgumentParser
import DeviceModel
import MigrationStream
import ReferenceDevices
import ResumeOracle
import ResumePath
import StreamIO
import StreamReport

struct ResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Resumes a stream on the reference device that it asks for: from a file, or over a Unix socket.",
    discussion: """
      Makes the machine that the manifest describes, takes the stream, and shows the states that every device went through, \
      what was applied, and what the guest sees; or where the stream was refused, why, and what to do. Nothing of a refused \
      stream is ever visible to the guest.

        streamtool save --device blk --steps 500 -o blk.mgs
        streamtool resume blk.mgs --steps 500       # sees what "save --device blk --steps 1000" sees

      With --device it is that device whatever the stream says: how a stream for another device is refused.

      Exit status: 0 resumed; 1 refused; 2 usage, input or output.
      """)

  @Argument(help: ArgumentHelp("File to read; - is standard input.", valueName: "file"))
  var file: String?

  @Option(help: ArgumentHelp("Make this Unix socket, and take the stream that comes; verdicts go back.", valueName: "path"))
  var listen: String?

  @OptionGroup var machine: MachineArguments

  @Option(help: ArgumentHelp("Steps that the guest does after it was resumed.", valueName: "number"))
  var steps: UInt64 = 0

  @Flag(help: "Hand each transaction of the source over as one write, as strict readers demand.")
  var strict = false

  @Flag(help: "Devices that the stream lacks stay as they are.")
  var allowMissing = false

  @OptionGroup var link: LinkArguments

  @Flag(help: "Print one JSON document.")
  var json = false

  @Option(help: ArgumentHelp("When to use colour: auto, always or never.", valueName: "when"))
  var color = ColourChoice.auto

  func validate() throws {
    if file != nil, listen != nil { throw ValidationError("Give a FILE or --listen, not both.") }
    if file == nil, listen == nil, Descriptor.standardInput().isTerminal {
      throw ValidationError("Name a FILE, - for standard input, or a socket with --listen.")
    }
    if machine.device == nil, !machine.parameters.isEmpty { throw ValidationError("--param goes with --device.") }
    guard steps <= 1 << 32 else { throw ValidationError("--steps is at most 4294967296.") }
  }

  func run() throws {
    let outcome: ResumeOutcome
    if let listen {
      outcome = try SocketResume(listen, link).resume(self)
    } else {
      outcome = try FileResume(file ?? "-").resume(self)
    }
    var output = ToolOutput()
    output.write(json ? outcome.json.text + "\n" : outcome.text(ReportColour(isOn: color.isOn)))
    output.flush()
    if let failure = output.failure { throw failure }
    if outcome.status != .good { throw outcome.status }
  }

  // MARK: Parts that both ways share

  /// The machine for a stream, and its session.
  func makeRun(_ finder: borrowing ManifestFinder) throws -> ResumeRun {
    var options: MachineOptions
    if let name = machine.device {
      options = try machine.options(named: name)
    } else {
      options = try finder.withManifest { (manifest) throws in
        do throws(MachineFault) { return try MachineOptions(resuming: manifest) } catch {
          throw MachineUnknown(message: error.description)
        }
      }
    }
    var resume = ResumeOptions()
    resume.isStrict = strict
    resume.allowsMissingDevices = allowMissing
    return try ResumeRun(options, resume, stream: finder.uuid, journal: link.journal)
  }

  /// Lets the guest do its steps, and takes down what it saw before and after.
  func runOn(_ run: inout ResumeRun, _ outcome: inout ResumeOutcome) throws {
    outcome.steps = run.control.devices.machine.operationCount
    outcome.digest = run.control.devices.machine.visibleDigest()
    guard steps > 0 else { return }
    try run.guest.run(steps, &run.control.devices.machine)
    outcome.later = (steps, run.control.devices.machine.visibleDigest())
  }
}

/// No reference machine is what a stream asks for.
struct MachineUnknown: Error {
  var message: String

  func report() -> ToolStatus {
    ToolStatus.complain(message)
    ToolStatus.complain(
      "next: resume wants streams of the reference devices (save --list-devices); --device NAME tries one of them all the same")
    return .refused
  }
}
