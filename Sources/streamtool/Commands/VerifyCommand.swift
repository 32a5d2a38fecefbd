import ArgumentParser
import DeviceModel
import MigrationStream
import StreamIO
import StreamReport

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Says whether streams are whole and obey the format.",
    discussion: "Without a flag: framing and digests.")

  @OptionGroup var input: InputOptions
  @OptionGroup var further: ChannelOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var statistics: StatisticsOptions

  @Flag(help: "Framing only: headers, order, totals.")
  var quick = false

  @Flag(help: "The data of sections too: layouts, ranges, references, by what the stream says of itself.")
  var deep = false

  @Option(
    help: ArgumentHelp(
      "With --deep: judge devices by their models, which lie at DOMAIN/PATH.json in this folder.", valueName: "dir"))
  var models: String?

  @Flag(name: .shortAndLong, help: "Print nothing about good streams.")
  var silent = false

  func validate() throws {
    if quick && deep { throw ValidationError("--quick and --deep exclude each other; give one of them.") }
    if models != nil, !deep { throw ValidationError("--models goes with --deep.") }
    if !further.channels.isEmpty, input.files.count > 1 {
      throw ValidationError("--channel goes with one FILE, which holds channel 0.")
    }
  }

  func run() throws {
    let writer = output.writer(command: "verify")
    let library = try models.map { try ModelLibrary($0) }
    try reportFiles(input.names(), writer, isSilent: silent) { (input) throws(IOFailure) in
      let tally = input.tally
      let outcome = try verify(input, writer, library)
      statistics.report(tally)
      return outcome
    }
  }

  /// - Parameter wantsContent: Whether memory has to be followed to say whether the areas or an index are right.
  private func options(wantsContent: Bool) -> DecoderOptions {
    var options = DecoderOptions()
    options.collectsContent = wantsContent && !quick
    options.checksDigests = !quick
    options.checksSections = deep
    return options
  }

  private func checked(_ data: String) -> [String] {
    quick ? ["framing"] : deep ? ["framing", "digests", data] : ["framing", "digests"]
  }

  private func verify(
    _ input: consuming InputFile, _ writer: ToolWriter, _ library: ModelLibrary?
  ) throws(IOFailure) -> FileOutcome {
    if QEMUDump.recognises(input) {
      try input.spool()
      return QEMUDump.overview(FileOctets(input), writer, showsNodes: false)
    }
    let models = library.map { ModelShelf($0) }
    var verifier = DeepVerifier(models: models.map { shelf in { shelf.document($0) } })
    if !further.channels.isEmpty { return try verifyChannels(input, writer, &verifier, models) }
    var decoder = try makeDecoder(options(wantsContent: input.wantsContent))
    var refusal = try decode(&input, with: &decoder, to: &verifier, showing: "verifying")
    if refusal == nil, !quick {
      refusal = try checkAreas(of: input, decoder.state, showing: "verifying areas")
    }
    if let trouble = models?.trouble { return Self.failed(trouble) }
    if let refusal {
      writer.fault(verifier.fault(refusal, decoder.state, input.window(around: refusal.offset)))
    }
    let verdict = ReportVerdict(
      refusal == nil ? .good : .refused, octets: decoder.offset, records: verifier.tally.records,
      checked: checked(verifier.checkedData), notes: verifier.notes(decoder.state))
    return FileOutcome(verdict, ToolStatus(refusal))
  }

  private func verifyChannels(
    _ input: consuming InputFile, _ writer: ToolWriter, _ verifier: inout DeepVerifier, _ models: ModelShelf?
  ) throws(IOFailure) -> FileOutcome {
    var run = try ChannelRun(input, others: further.channels, options: options(wantsContent: false))
    let refusal = try run.decode(to: &verifier)
    if let trouble = models?.trouble { return Self.failed(trouble) }
    var notes = run.notes(of: verifier)
    if let refusal {
      let (fault, file) = run.fault(refusal)
      writer.fault(verifier.explained(fault))
      if let file { notes.append("the fault is in \(file)") }
    }
    let verdict = ReportVerdict(
      refusal == nil ? .good : .refused, octets: run.octets, records: verifier.tally.records,
      checked: checked(verifier.checkedData), notes: notes)
    return FileOutcome(verdict, ToolStatus(refusal))
  }

  /// A model that was needed cannot be read: nothing can be said of the stream.
  private static func failed(_ trouble: ModelTrouble) -> FileOutcome {
    ToolStatus.complain(trouble.message)
    return FileOutcome(ReportVerdict(.failed, notes: [trouble.message]), .trouble)
  }
}
