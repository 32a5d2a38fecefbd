import ArgumentParser
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

  @Flag(name: .shortAndLong, help: "Print nothing about good streams.")
  var silent = false

  func validate() throws {
    if quick && deep { throw ValidationError("--quick and --deep exclude each other; give one of them.") }
    if !further.channels.isEmpty, input.files.count > 1 {
      throw ValidationError("--channel goes with one FILE, which holds channel 0.")
    }
  }

  func run() throws {
    let writer = output.writer(command: "verify")
    try reportFiles(input.names(), writer, isSilent: silent) { (input) throws(IOFailure) in
      let tally = input.tally
      let outcome = try verify(input, writer)
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

  private var checked: [String] {
    quick ? ["framing"] : deep ? ["framing", "digests", "data (self-described)"] : ["framing", "digests"]
  }

  private func verify(
    _ input: consuming InputFile, _ writer: ToolWriter
  ) throws(IOFailure) -> FileOutcome {
    if QEMUDump.recognises(input) {
      try input.spool()
      return QEMUDump.overview(FileOctets(input), writer, showsNodes: false)
    }
    if !further.channels.isEmpty { return try verifyChannels(input, writer) }
    var tally = StreamTally()
    var decoder = try makeDecoder(options(wantsContent: input.wantsContent))
    var refusal = try decode(&input, with: &decoder, to: &tally, showing: "verifying")
    if refusal == nil, !quick {
      refusal = try checkAreas(of: input, decoder.state, showing: "verifying areas")
    }
    if let refusal {
      let path = ReportText.path(of: refusal, decoder.state)
      writer.fault(ReportFault(refusal, path: path, window: input.window(around: refusal.offset)))
    }
    let verdict = ReportVerdict(
      refusal == nil ? .good : .refused, octets: decoder.offset, records: tally.records, checked: checked,
      notes: tally.notes)
    return FileOutcome(verdict, ToolStatus(refusal))
  }

  private func verifyChannels(
    _ input: consuming InputFile, _ writer: ToolWriter
  ) throws(IOFailure) -> FileOutcome {
    var tally = StreamTally()
    var run = try ChannelRun(input, others: further.channels, options: options(wantsContent: false))
    let refusal = try run.decode(to: &tally)
    var notes = tally.notes
    if let refusal {
      let (fault, file) = run.fault(refusal)
      writer.fault(fault)
      if let file { notes.append("the fault is in \(file)") }
    }
    let verdict = ReportVerdict(
      refusal == nil ? .good : .refused, octets: run.octets, records: tally.records, checked: checked, notes: notes)
    return FileOutcome(verdict, ToolStatus(refusal))
  }
}
