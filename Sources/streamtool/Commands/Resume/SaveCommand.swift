import ArgumentParser
import DeviceModel
import MigrationStream
import ReferenceDevices
import ResumePath
import StreamIO
import StreamReport

struct SaveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "save",
    abstract: "Lets a reference device work, and saves it: to a file, or to another machine over a Unix socket.",
    discussion: """
      The reference devices are small and real: a guest drives them with work that only depends on the seed. What is saved \
      after N steps and resumed does what it would have done without: "resume F --steps M" sees what "save --steps N+M" sees.

        streamtool save --device serial --steps 500 -o serial.mgs
        streamtool resume serial.mgs --steps 500

      Over a socket the destination decides, and says so; "resume --listen SOCKET" is the other end:

        streamtool save --device gpu --pre-copy --socket /tmp/s

      Exit status: 0 saved, or handed over; 1 the destination refused or went away, or the machine \
      is in limbo; 2 usage, input or output.
      """)

  @OptionGroup var machine: MachineArguments

  @Flag(help: "Print the reference devices.")
  var listDevices = false

  @Option(help: ArgumentHelp("Steps of the guest before it is saved.", valueName: "number"))
  var steps: UInt64 = 1000

  @Option(name: .shortAndLong, help: ArgumentHelp("File to write; - is standard output.", valueName: "file"))
  var output: String?

  @Option(help: ArgumentHelp("Unix socket of the destination.", valueName: "path"))
  var socket: String?

  @Flag(help: "Save while the guest works, in passes; it stops for the rest only.")
  var preCopy = false

  @Flag(help: "Compress layouts and bulk with zstd where that is shorter.")
  var compress = false

  @Option(help: ArgumentHelp("Identity of the stream; if not given, a random one.", valueName: "uuid"))
  var uuid: String?

  @OptionGroup var link: LinkArguments

  @Option(
    help: ArgumentHelp("With --socket and --pre-copy: how long the guest may stand still.", valueName: "milliseconds"))
  var downtime: UInt64 = 300

  @Flag(help: "Print one JSON document.")
  var json = false

  func validate() throws {
    if listDevices { return }
    guard machine.device != nil else { throw ValidationError("Name a --device; --list-devices shows them.") }
    guard (output == nil) != (socket == nil) else { throw ValidationError("Give one of --output and --socket.") }
    if let uuid, StreamUUID(uuid) == nil { throw ValidationError("--uuid wants 32 hexadecimal digits.") }
    if output == "-", Descriptor.standardOutput().isTerminal {
      throw ValidationError("A stream is no text; name a file, or send it to another program.")
    }
    guard downtime <= 86_400_000 else { throw ValidationError("--downtime is at most 86400000.") }
    guard steps <= 1 << 32 else { throw ValidationError("--steps is at most 4294967296.") }
  }

  func run() throws {
    if listDevices { return try ModelOutput.write(text: MachineArguments.table) }
    let name = machine.device ?? ""
    var made = try ReferenceMachine.making(machine.options(named: name))
    var options = SaveOptions(uuid: uuid.flatMap { StreamUUID($0) } ?? .random())
    options.usesPreCopy = preCopy
    options.compresses = compress
    let guest = try GuestRun(.source, options.uuid, journal: link.journal)
    if let socket {
      try guest.run(steps, &made)
      let outcome = try SocketSave(socket, link, downtimeMilliseconds: downtime).save(made, options, guest)
      return try report(outcome, name)
    }
    // Before the guest's work: nobody wants to hear after an hour that there is no place for the file.
    let path = output ?? ""
    let target = FileTarget(file: try AtomicOutputFile(path: path))
    // What is left of the steps is done while the machine is saved.
    let later = preCopy ? steps / 2 : 0
    try guest.run(steps - later, &made)
    var run = try SaveRun(made, to: target, options, guest, hasReversePath: false)
    try run.saveToFile(stepsWhileSaving: later, usesPreCopy: preCopy)
    try report(SaveOutcome(.saved(path == "-" ? "standard output" : path), run.saved()), name)
  }

  private func report(_ outcome: SaveOutcome, _ name: String) throws {
    // The stream may be on standard output: then words go to standard error.
    var writer = DescriptorWriter(output == "-" ? .standardError() : .standardOutput())
    try writer.write(json ? outcome.json(device: name, seed: machine.seed).text + "\n" : outcome.text)
    try writer.flush()
    if outcome.status != .good { throw outcome.status }
  }
}

/// How two ends reach each other.
struct LinkArguments: ParsableArguments {
  @Option(
    name: .customLong("time-out"),
    help: ArgumentHelp("With a socket: the longest wait for the other end.", valueName: "seconds"))
  var timeOut: Double = 30

  @Option(
    help: ArgumentHelp(
      "Append a line for every burst of steps that the guest does here: SIDE UUID FIRST LAST.", valueName: "file"))
  var journal: String?

  func validate() throws {
    guard timeOut > 0, timeOut <= 86_400 else { throw ValidationError("--time-out is more than 0 and at most 86400.") }
  }

  var patience: Int32 { Int32(timeOut * 1000) }
}
